"""What is held for an order, as stock knows it: whoever keeps orders says for whom, and loses it.

A hold has the id of the order's line that it is for, and nothing else of the order: stock is asked
for with every cart and order, and knows neither.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spindel.commerce.stock.actions.holds import Missing
    from spindel.commerce.stock.models import Hold


@dataclass(frozen=True, slots=True)
class NamedOrder:
    """An order, as pages name it: by its number, and the address where people here see it."""

    number: str
    page: str


@dataclass(frozen=True, slots=True)
class Ordered:
    """What the room above does for holds of order lines.

    `holders` answers for whom they are, and `orders` for which orders, by the holds' ids.
    `not_found` is done instead of `holds.not_found`, as the order has to go on.
    """

    holders: Callable[[Collection[int]], dict[int, int]]
    orders: Callable[[Collection[Hold]], dict[int, NamedOrder]]
    not_found: Callable[[int, str], Missing]


_REGISTERED: list[Ordered] = []


def register(ordered: Ordered) -> None:
    """Have stock ask there."""
    _REGISTERED[:] = [ordered]


def registered() -> Ordered:
    """Where stock asks."""
    (ordered,) = _REGISTERED
    return ordered
