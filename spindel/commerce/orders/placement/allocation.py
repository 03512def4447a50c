"""Where an order's goods are taken from, with the levels locked."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils import timezone

from spindel.catalogue.closing_times import closing_after
from spindel.catalogue.models import Place
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.common.rules import Line, NotEnough
from spindel.commerce.orders.placement.draft import Draft, Item, check_items
from spindel.commerce.orders.placement.rules import Parcel, allocate
from spindel.commerce.stock import ledger, reservation_facts
from spindel.commerce.stock.facts import ReservationCollected
from spindel.commerce.stock.ledger import Where
from spindel.commerce.stock.models import Hold, Movement
from spindel.kit import sql
from spindel.kit.clock import NEVER
from spindel.kit.refusal import Refusal

# For so many days goods are kept that are paid when they are collected.
_KEPT_DAYS = 7


@dataclass(frozen=True, slots=True)
class Taken:
    """Goods for a line of the order, by its number: kept in the place, or gone at once."""

    line: int
    variant: int
    place: int
    quantity: int
    until: datetime | None


def take(draft: Draft) -> tuple[list[Taken], list[int]]:
    """Lock the levels that the order needs, and say from where each line comes.

    What was held for her counts as there, and is used up: which holds that were. Raises NotEnough,
    and Refusal.
    """
    _check_stores(draft.items)
    found, used = _allot(draft.items, _holds(draft), draft.actor.by, Hold.State.HANDED_OVER)
    return _by_line(draft, found), used


def _check_stores(items: Sequence[Item]) -> None:
    """Raises Refusal where nothing is collected in one of the places: it may be closed by now."""
    collected = [one.place for one in items if one.fulfilment == Fulfilment.PICK_UP]
    places = {one for one in collected if one is not None}
    if not places:
        return
    open_ = Place.objects.filter(pk__in=places, hands_over=True, closed_at=None)
    if open_.count() < len(places):
        raise Refusal("nothing_collected_there")


def parcels(items: Sequence[Item], instead: Sequence[Hold], by: str) -> list[Parcel]:
    """Lock the levels that the items need, and say how many of what to take from where.

    Whoever calls holds or sells that. What is held already, `instead`, is let go of first. Raises
    Refusal, and NotEnough.
    """
    check_items(items)
    found, _used = _allot(items, instead, by, Hold.State.RELEASED)
    return [one for stack in found.values() for one in stack]


def levels(draft: Draft) -> set[Where]:
    """Which levels the order may need, for whoever has others to lock together with them."""
    return _wanted(draft.items, _holds(draft)).levels


def _holds(draft: Draft) -> list[Hold]:
    return list(Hold.objects.filter(pk__in=list(draft.holds))) if draft.holds else []


# --- the levels -----------------------------------------------------------------------------------

# That may send it: where some is kept for her, then those with the most; one or two are enough.
_PLACES_A_VARIANT = 20

# Not locked: whoever reads this locks what it names, and asks again.
_SENDING = """
SELECT wanted.id, l.place_id
FROM unnest(%(variants)s::bigint[]) AS wanted (id)
CROSS JOIN LATERAL (
    SELECT l.place_id FROM catalogue_place p
    JOIN stock_level l ON l.variant_id = wanted.id AND l.place_id = p.id
    WHERE p.ships AND p.closed_at IS NULL AND l.on_hand > 0
    ORDER BY l.place_id = ANY(%(kept)s::bigint[]) DESC, l.on_hand - l.held DESC, l.place_id
    LIMIT %(places)s
) l
"""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """How many are sent, from the levels that may send them, and how many fetched where. `levels`
    are those, and where something is held for her.
    """

    sent: Counter[int]
    fetched: Counter[Where]
    sending: list[Where]
    levels: set[Where]


def _wanted(items: Sequence[Item], holds: Sequence[Hold]) -> _Wanted:
    sent: Counter[int] = Counter()
    fetched: Counter[Where] = Counter()
    for one in items:
        if one.place is None:
            sent[one.variant] += one.quantity
        else:
            fetched[one.variant, one.place] += one.quantity
    kept = {(one.variant_id, one.place_id) for one in holds}
    sending = _sending(sent, kept) if sent else []
    return _Wanted(sent, fetched, sending, {*sending, *fetched, *kept})


def _sending(variants: Collection[int], kept: Collection[Where]) -> list[Where]:
    words = {
        "variants": sorted(variants),
        "places": _PLACES_A_VARIANT,
        "kept": sorted({place for _, place in kept}),
    }
    return [(variant, place) for variant, place in sql.prepared_rows(_SENDING, words)]


# Where what is held ends by itself it is not seen above: it counts as held until it is taken back.
_ENDED = """
SELECT DISTINCT h.variant_id, h.place_id
FROM stock_hold h JOIN catalogue_place p ON p.id = h.place_id
WHERE h.variant_id = ANY(%(variants)s) AND h.state = 'active' AND h.until <= statement_timestamp()
  AND p.ships AND p.closed_at IS NULL
ORDER BY h.variant_id, h.place_id LIMIT %(most)s
"""
_MOST_ENDED = 100


def _with_ended(wanted: _Wanted) -> _Wanted:
    """With the levels, too, that may send it once the holds there that have ended are taken back.

    They are locked after the others: should two wait for each other, one begins again.
    """
    words = {"variants": sorted(wanted.sent), "most": _MOST_ENDED}
    ended = [(variant, place) for variant, place in sql.rows(_ENDED, words)] if wanted.sent else []
    more = [one for one in ended if one not in wanted.sending]
    if not more:
        return wanted
    ledger.lock(more)
    return replace(wanted, sending=[*wanted.sending, *more], levels=wanted.levels | set(more))


# What a line may be taken from: its variant, and its place where it is fetched, else None.
_Parcels = dict[tuple[int, int | None], list[Parcel]]


def _allot(
    items: Sequence[Item], holds: Sequence[Hold], by: str, become: Hold.State
) -> tuple[_Parcels, list[int]]:
    wanted = _wanted(items, holds)
    there = ledger.lock(wanted.levels)
    used = _use_up(holds, by, become)
    if used:
        there = ledger.lock(wanted.levels)
    found = _parcels(wanted, there)
    if found is None:
        wanted = _with_ended(wanted)
        if ledger.expire(wanted.levels):
            there = ledger.lock(wanted.levels)
            found = _parcels(wanted, there)
    if found is None:
        raise NotEnough(_available(wanted, there))
    return found, used


def _use_up(holds: Sequence[Hold], by: str, become: Hold.State) -> list[int]:
    """Free what was held for her, whose levels are locked; which holds that were."""
    now = timezone.now()
    found = Hold.objects.in_bulk([one.pk for one in holds])  # as they are behind the lock
    used = []
    for one in found.values():
        if one.state == Hold.State.ACTIVE and one.until > now:
            ledger.end(one, become, Movement.Kind.RELEASE, by)
            if become == Hold.State.HANDED_OVER:
                reservation_facts.record_hold(ReservationCollected, one)
            used.append(one.pk)
    return used


def _parcels(wanted: _Wanted, there: Mapping[Where, int]) -> _Parcels | None:
    """How many of what from where; None where there is too little."""
    fetched = wanted.fetched
    if any(there.get(level, 0) < many for level, many in fetched.items()):
        return None
    # What is fetched from a place that also sends is not sent from there as well.
    free = {level: there.get(level, 0) - fetched[level] for level in wanted.sending}
    allocated = allocate(dict(wanted.sent), free) if wanted.sent else []
    if allocated is None:
        return None
    found: _Parcels = defaultdict(list)
    for parcel in allocated:
        found[parcel.variant, None].append(parcel)
    for (variant, place), many in fetched.items():
        found[variant, place].append(Parcel(variant, place, many))
    return found


def _available(wanted: _Wanted, there: Mapping[Where, int]) -> list[Line]:
    """What there is of that which there is too little of; the place is 0 for what is sent."""
    found = []
    for (variant, place), many in wanted.fetched.items():
        has = max(0, there.get((variant, place), 0))
        if has < many:
            found.append(Line(variant, place, has))
    for variant, many in wanted.sent.items():
        has = sum(max(0, there.get(level, 0)) for level in wanted.sending if level[0] == variant)
        if has < many:
            found.append(Line(variant, 0, has))
    return found


# --- the lines ------------------------------------------------------------------------------------


def _by_line(draft: Draft, parcels: _Parcels) -> list[Taken]:
    """Which of the goods are for which line."""
    taken = []
    for number, (item, until) in enumerate(zip(draft.items, _untils(draft), strict=True)):
        left, stack = item.quantity, parcels[item.variant, item.place]
        while left:
            parcel = stack.pop()
            many = min(left, parcel.quantity)
            taken.append(Taken(number, item.variant, parcel.place, many, until))
            left -= many
            if parcel.quantity > many:
                stack.append(Parcel(parcel.variant, parcel.place, parcel.quantity - many))
    return taken


def _untils(draft: Draft) -> list[datetime | None]:
    """Until when each line's goods are kept: for ever, or until they must be collected; None for
    what goes over the counter at once.
    """
    untils: list[datetime | None] = []
    for one in draft.items:
        if one.fulfilment == Fulfilment.HAND_OVER:
            untils.append(None)
        elif one.fulfilment == Fulfilment.PICK_UP and draft.pay_by == "store":
            assert one.place is not None
            untils.append(_collect_until(Place.objects.get(pk=one.place)))
        else:
            untils.append(NEVER)
    return untils


def _collect_until(place: Place) -> datetime:
    now = timezone.now()
    return closing_after(place, now, _KEPT_DAYS) or now + timedelta(days=_KEPT_DAYS)
