"""What can be said of lines of goods and of money without a database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from spindel.identity.rules import normalise
from spindel.kit.refusal import Refusal

MOST = 1_000_000  # of one variant at once; more is a mistake


@dataclass(frozen=True, slots=True)
class Line:
    """So many of a variant in a place."""

    variant: int
    place: int
    quantity: int


def summed(lines: Collection[Line]) -> list[Line]:
    """The lines in the order of variant and place, those of the same added up. Raises Refusal."""
    sums: Counter[tuple[int, int]] = Counter()
    for one in lines:
        if one.quantity < 1:
            raise Refusal("no_quantity")
        sums[one.variant, one.place] += one.quantity
    if not sums:
        raise Refusal("no_lines")
    if max(sums.values()) > MOST:
        raise Refusal("quantity_too_large", most=MOST)
    return [Line(variant, place, sums[variant, place]) for variant, place in sorted(sums)]


class NotEnough(Refusal):
    """There is too little for all of it, so nothing is done. `available` is what there is of the
    lines that lack; the place is 0 where they would be sent from anywhere.
    """

    code = "not_enough"

    def __init__(self, available: Iterable[Line]) -> None:
        super().__init__()
        self.available = list(available)


# --- money ----------------------------------------------------------------------------------------


def lowest(amount: int, percent: int) -> int:
    """The least that may be asked of what costs so much, going so many percent below it."""
    return -(-amount * (100 - percent) // 100)


class Incomplete(Refusal):
    """Something is needed to order, of a contact, an address or a payment; `field` says which part
    of it, where it is one.
    """

    def __init__(self, code: str, field: str = "", /, **values: object) -> None:
        super().__init__(code, **values)
        self.field = field


def contact_keys(
    contact: Mapping[str, str], address: Mapping[str, str], market: str
) -> dict[str, str]:
    """The address and the number in a contact by kind, in their normal forms, the address first.

    A number without its country's code is of the country that she has given an address in, or of
    the market. What can't be read is left out.
    """
    country = address.get("country") or market
    forms = {kind: normalise(kind, contact.get(kind) or "", country) for kind in ("email", "phone")}
    return {kind: form for kind, form in forms.items() if form is not None}


def check_market(market: str, stores: Collection[str], sent_to: str) -> None:
    """Whether what has the prices of the market is had there: the countries of the stores where it
    is collected, and the one that it is sent to, "" where it is not told.

    Raises Refusal.
    """
    if any(country != market for country in stores):
        raise Refusal("not_collected_in_market")
    if sent_to and sent_to.upper() != market:
        raise Refusal("not_sent_in_market")
