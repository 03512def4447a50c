"""What can be said of lines of goods without a database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
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
