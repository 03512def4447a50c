"""What can come back and what for, worked out without a database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from spindel.commerce.orders.rules import Agreed
from spindel.kit.money import pieces
from spindel.kit.refusal import Refusal

# --- what comes back ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Came:
    """So many of a product came back, each of which had cost the amount."""

    product: str
    quantity: int
    amount: int


def came_of(line: Agreed, product: str, many: int) -> list[Came]:
    """The next so many of the line that come back; those that had cost the same together."""
    parts = pieces(line.total, line.quantity, line.returned, many)
    return [Came(product, number, amount) for number, amount in parts]


def value_of(came: Iterable[Came]) -> int:
    """What counts for them: the prices then paid."""
    return sum(one.quantity * one.amount for one in came)


@dataclass(frozen=True, slots=True)
class Asked:
    """So many of a product are wanted for them, at today's price; None: it is not sold any more."""

    product: str
    quantity: int
    amount: int | None


class NotSold(Refusal):
    """There is no price today for something that is wanted. `index` says which."""

    code = "not_sold_now"

    def __init__(self, index: int) -> None:
        super().__init__()
        self.index = index


def evened(came: Sequence[Came], asked: Sequence[Asked]) -> list[list[tuple[int, int]]]:
    """What each of those asked for costs: so many at a price each.

    Another size or colour of what came back is even: it costs what was then paid, piece by piece.
    Anything else, and more than came back, costs today's price. Raises NotSold.
    """
    left = [one.quantity for one in came]
    found = []
    for index, one in enumerate(asked):
        prices: list[tuple[int, int]] = []
        missing = one.quantity
        for number, back in enumerate(came):
            many = min(missing, left[number]) if back.product == one.product else 0
            if many:
                prices.append((many, back.amount))
                left[number] -= many
                missing -= many
        if missing:
            if one.amount is None:
                raise NotSold(index)
            prices.append((missing, one.amount))
        found.append(prices)
    return found


@dataclass(frozen=True, slots=True)
class Balance:
    """What an exchange comes to: what counts for what came back, and what the new goods cost."""

    value: int
    total: int

    @property
    def credited(self) -> int:
        """What of the value pays for the new goods."""
        return min(self.value, self.total)

    @property
    def to_pay(self) -> int:
        """What she pays on top."""
        return self.total - self.credited

    @property
    def to_refund(self) -> int:
        """What she gets back."""
        return self.value - self.credited


def came(line: Agreed, product: str, many: int) -> list[Came]:
    """The next so many of the line that come back; those that had cost the same together."""
    parts = pieces(line.total, line.quantity, line.returned, many)
    return [Came(product, number, amount) for number, amount in parts]
