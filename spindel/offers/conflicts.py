"""Offers that would tell one customer different things in the same week. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import combinations

from spindel.offers.basket import BasketLine, Offer
from spindel.offers.eligible import covers
from spindel.offers.terms import Stacking, Terms

Week = tuple[datetime, datetime]  # from, until


class Why(StrEnum):
    """Why two offers are in each other's way."""

    CHANGES = "changes"  # on the same goods, and one begins or ends while the other holds
    HIDES = "hides"  # one of them counts alone in a basket, so the other one does not
    SAME_NAME = "same_name"  # customers read one name, and get two things


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two offers, and from when on one customer is told different things; `on` are some of the
    goods that both are on: their places in what was asked with.
    """

    why: Why
    first: Offer
    second: Offer
    at: datetime
    on: tuple[int, ...] = ()


def conflicts(offers: Sequence[Offer], week: Week, goods: Sequence[BasketLine]) -> list[Conflict]:
    """All pairs of the offers that are in each other's way for somebody in the week. `goods` has
    one line of each kind that offers may tell apart. Those that need a code are left out: whoever
    enters one is told in her cart.
    """
    open = [one for one in offers if not one.terms.needs_code and _span(one.terms, week)]
    on = {
        one.id: {n for n, line in enumerate(goods) if covers(one.terms.goods, line)} for one in open
    }
    found: list[Conflict] = []
    for first, second in combinations(sorted(open, key=lambda one: one.id), 2):
        if _meet(first.terms, second.terms, week):
            found += _between(first, second, week, sorted(on[first.id] & on[second.id]))
    return sorted(found, key=lambda one: (one.at, one.first.id, one.second.id))


def _between(first: Offer, second: Offer, week: Week, shared: Sequence[int]) -> Iterator[Conflict]:
    one, two = first.terms, second.terms
    begins = _together(one, two, week)[0]
    if Stacking.ALONE in (one.stacking, two.stacking):
        yield Conflict(Why.HIDES, first, second, begins, tuple(shared[:_SOME]))
    elif (
        shared
        and one.stacking == two.stacking == Stacking.BEST
        and (at := _changes(one, two, week)) is not None
    ):
        yield Conflict(Why.CHANGES, first, second, at, tuple(shared[:_SOME]))
    if one.benefit != two.benefit and any(
        two.names.get(language) == name for language, name in one.names.items()
    ):
        yield Conflict(Why.SAME_NAME, first, second, begins, tuple(shared[:_SOME]))


_SOME = 5
_NEVER = datetime.max.replace(tzinfo=UTC)
_EVER = datetime.min.replace(tzinfo=UTC)


def _span(terms: Terms, week: Week) -> Week | None:
    """From when until when it holds in the week; None: it does not."""
    since, until = max(terms.since or _EVER, week[0]), min(terms.until or _NEVER, week[1])
    return (since, until) if since < until else None


def _together(one: Terms, two: Terms, week: Week) -> Week:
    (a, b), (c, d) = _span(one, week) or week, _span(two, week) or week
    return max(a, c), min(b, d)


def _meet(one: Terms, two: Terms, week: Week) -> bool:
    """Whether one customer may have both, at one time."""
    markets = not one.markets or not two.markets or not one.markets.isdisjoint(two.markets)
    people = not one.audience or not two.audience or not one.audience.isdisjoint(two.audience)
    since, until = _together(one, two, week)
    return markets and people and since < until


def _changes(one: Terms, two: Terms, week: Week) -> datetime | None:
    """When in the week the first of them begins or ends while the other one holds."""
    moments = []
    for this, other in ((one, two), (two, one)):
        span = _span(other, week)
        assert span is not None
        moments += [
            at for at in (this.since, this.until) if at is not None and span[0] < at < span[1]
        ]
    return min(moments, default=None)
