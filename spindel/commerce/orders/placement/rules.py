"""Where goods are sent from, worked out without a database."""

from __future__ import annotations

from dataclasses import dataclass

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
