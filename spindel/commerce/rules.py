"""What can be said of lines of goods and of money without a database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Priced:
    """So many at a price each, in minor units with VAT included; the rate in hundredths of 1 %."""

    quantity: int
    amount: int
    vat_rate: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What lines come to, VAT included, and the VAT in it by rate; minor units."""

    total: int
    vat_by_rate: dict[int, int]

    @property
    def vat(self) -> int:
        """All the VAT in it."""
        return sum(self.vat_by_rate.values())


def totals(lines: Iterable[Priced]) -> Totals:
    """What the lines come to. The one place where prices are added up, for every channel.

    VAT is taken of the sum of a rate's lines, not line by line, so that rounding is done once.
    """
    sums: Counter[int] = Counter()
    for one in lines:
        sums[one.vat_rate] += one.quantity * one.amount
    return Totals(sums.total(), {rate: vat_in(sums[rate], rate) for rate in sorted(sums)})


def vat_in(amount: int, rate: int) -> int:
    """The VAT in an amount that includes it, rounded half up to whole minor units."""
    whole = 10_000 + rate
    return (2 * amount * rate + whole) // (2 * whole)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line of a cart as far as it may have changed since she saw it.

    `amount` is what one costs now and None where it is not sold any more; `seen` is what it cost
    when she last touched the line, `available` how many can come the way she wants.
    """

    quantity: int
    amount: int | None
    seen: int | None
    available: int


def notes(line: Wanted) -> list[str]:
    """What she has to know of a line: `gone`, `sold_out`, `short`, `dearer` or `cheaper`."""
    if line.amount is None:
        return ["gone"]
    found = []
    if line.available <= 0:
        found.append("sold_out")
    elif line.available < line.quantity:
        found.append("short")
    if line.seen is not None and line.seen != line.amount:
        found.append("dearer" if line.seen < line.amount else "cheaper")
    return found


# --- where goods are sent from --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Parcel:
    """So many of a line's variant from a place."""

    variant: int
    place: int
    quantity: int


def allocate(wanted: dict[int, int], there: dict[tuple[int, int], int]) -> list[Parcel] | None:
    """From where to send so many of each variant; None where there is too little.

    `there` says how many of a variant can be sent from a place. One place that has all is best, so
    that she gets one parcel; else as few places a variant as can be, those with the most first.
    """
    places = sorted({place for _, place in there})
    for place in places:
        if all(there.get((variant, place), 0) >= many for variant, many in wanted.items()):
            return [Parcel(variant, place, many) for variant, many in sorted(wanted.items())]
    parcels = []
    for variant, left in sorted(wanted.items()):
        stocked = [(there.get((variant, place), 0), place) for place in places]
        for has, place in sorted(stocked, key=lambda one: (-one[0], one[1])):
            take = min(left, has)
            if take > 0:
                parcels.append(Parcel(variant, place, take))
                left -= take
        if left:
            return None
    return parcels
