"""What can be said of lines of goods and of money without a database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from spindel.identity.rules import normalise

MOST = 1_000_000  # of one variant at once; more is a mistake


class Refused(ValueError):
    """It can't be done; the message says why, to a person."""


@dataclass(frozen=True, slots=True)
class Line:
    """So many of a variant in a place."""

    variant: int
    place: int
    quantity: int


def summed(lines: Collection[Line]) -> list[Line]:
    """The lines in the order of variant and place, those of the same added up. Raises Refused."""
    sums: Counter[tuple[int, int]] = Counter()
    for one in lines:
        if one.quantity < 1:
            raise Refused("A quantity is 1 or more.")
        sums[one.variant, one.place] += one.quantity
    if not sums:
        raise Refused("There are no lines.")
    if max(sums.values()) > MOST:
        raise Refused(f"A quantity is at most {MOST:,}.")
    return [Line(variant, place, sums[variant, place]) for variant, place in sorted(sums)]


class NotEnough(ValueError):
    """There is too little for all of it, so nothing is done. `available` is what there is of the
    lines that lack; the place is 0 where they would be sent from anywhere.
    """

    def __init__(self, available: Iterable[Line]) -> None:
        super().__init__("There is not enough.")
        self.available = list(available)


# --- money ----------------------------------------------------------------------------------------


def lowest(amount: int, percent: int) -> int:
    """The least that may be asked of what costs so much, going so many percent below it."""
    return -(-amount * (100 - percent) // 100)


class Incomplete(Refused):
    """Something is needed to order; `code` says what: contact, address or payment; `field` which
    part of it, where it is one.
    """

    def __init__(self, code: str, message: str, field: str = "") -> None:
        super().__init__(message)
        self.code = code
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

    Raises Refused.
    """
    if any(country != market for country in stores):
        raise Refused(
            "Goods are collected in the country whose prices they have: choose a store there, or"
            " change the country, and so the prices."
        )
    if sent_to and sent_to.upper() != market:
        raise Refused(
            "Goods are sent within the country whose prices they have: give an address there, or"
            " change the country, and so the prices."
        )
