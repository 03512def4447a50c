"""Holding goods for somebody, until a moment: from any channel, and never one pair twice."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from spindel.catalogue.closing_times import ends
from spindel.catalogue.models import Place
from spindel.commerce.common import notices
from spindel.commerce.common.rules import Line, NotEnough, summed
from spindel.commerce.stock import ledger
from spindel.commerce.stock.facts import (
    ReservationCollected,
    ReservationExpired,
    ReservationExtended,
    ReservationFailed,
    ReservationPutBack,
    ReservationReady,
    ReservationReleased,
    StockReserved,
)
from spindel.commerce.stock.models import Hold, Movement, Promise
from spindel.commerce.stock.reading import levels as reading_levels
from spindel.commerce.stock.reservation_facts import GOODS, record_hold
from spindel.kit import idempotency, sql
from spindel.kit.actions import action
from spindel.kit.idempotency import KeyReused, Request
from spindel.kit.refusal import Refusal
from spindel.kit.saying import NotThere
from spindel.kit.waking import is_time_to_wake
from spindel.staff.actors import Actor
from spindel.timeline.append import NOTIFY_FACTS
from spindel.timeline.recording import OWN_SOURCE, told_by

LONGEST = timedelta(days=14)  # from when it was made, however often it is extended
MOST_EXTENSIONS = 3
MOST_LINES = 100


class Ended(Refusal):
    """The hold is not active any more. `state` says what has become of it."""

    code = "ended"

    def __init__(self, hold: Hold) -> None:
        late = hold.state == Hold.State.ACTIVE
        self.state = Hold.State.EXPIRED if late else Hold.State(hold.state)
        super().__init__(state=self.state.replace("_", " "))


class NoHold(NotThere):
    """There is no such hold."""

    code = "no_such_hold"


# --- reserving ------------------------------------------------------------------------------------

# The question whether there is enough and the answer are one UPDATE, so it is true whoever else
# asks at the same time. The hold comes first: the same key again waits here, and finds it. Where
# there is too little, `changed` is empty, and whoever called takes the hold back or tries again.
_RESERVE = f"""
WITH made AS (
    INSERT INTO stock_hold (variant_id, place_id, quantity, until, identifier_id, channel, by,
                               key, line, content, shopper_id, promised_by_id)
    VALUES (%(variant)s::bigint, %(place)s::bigint, %(quantity)s::int, %(until)s::timestamptz,
            %(whose)s::bigint, %(channel)s::text, %(by)s::text, %(key)s::uuid, 0,
            %(content)s::uuid, %(shopper)s::bigint, %(promised_by)s::bigint)
    ON CONFLICT (key, line) DO NOTHING
    RETURNING id, made_at
), changed AS (
    UPDATE stock_level l SET held = l.held + %(quantity)s::int FROM made
    WHERE l.variant_id = %(variant)s::bigint AND l.place_id = %(place)s::bigint
      AND l.on_hand - l.held >= %(quantity)s::int
    RETURNING l.variant_id, l.place_id, l.on_hand, l.held, 0 AS by_hand,
              %(quantity)s::int AS by_held, made.id AS hold_id
), moved AS (
    INSERT INTO stock_movement (variant_id, place_id, kind, held, hold_id, by)
    SELECT variant_id, place_id, 'hold', by_held, hold_id, %(by)s::text FROM changed
), events AS ({ledger.EVENTS}), fact AS (
    INSERT INTO timeline_fact (id, identifier_id, name, channel, source_id, occurred_at, properties)
    SELECT %(fact)s::uuid, who.id, 'Stock Reserved', %(channel)s::text, source.id, now(),
           {GOODS.format(hold="c.hold_id", quantity="c.by_held", until="%(until_text)s::text")}
               || %(told_by)s::jsonb
    FROM changed c
    JOIN identity_identifier who ON who.id = %(whose)s::bigint
    JOIN timeline_source source ON source.slug = '{OWN_SOURCE}'
    JOIN catalogue_variant v ON v.id = c.variant_id
    JOIN catalogue_product o ON o.id = v.product_id
    JOIN catalogue_place p ON p.id = c.place_id
    FOR KEY SHARE OF who
    RETURNING id
), noticed AS (
    INSERT INTO common_notice (kind, about)
    SELECT 'held', hold_id FROM changed WHERE %(whose)s::bigint IS NOT NULL
)
SELECT made.id, made.made_at, (SELECT count(*) FROM changed), (SELECT count(*) FROM fact),
       CASE WHEN %(notify)s::bool THEN pg_notify('{NOTIFY_FACTS}', '') END
FROM made
"""  # noqa: S608  # put together from constants


@action(records="Stock Reserved")
def reserve(
    lines: Collection[Line],
    until: datetime,
    *,
    actor: Actor,
    request: Request,
    whose: int | None = None,
    asked: str = "",
    shopper: int | None = None,
) -> list[Hold]:
    """Hold all of the lines until the moment, or nothing; a hold for each variant and place.

    `whose` is an identifier, `shopper` the session that she asked in, and `asked` how `until` was
    put ("tomorrow"). A person here who does it has promised it. The same request again answers the
    same holds, as they are now.
    Raises NotEnough, Refusal, KeyReused, and recording.Gone.
    """
    wanted = summed(lines)
    _check(wanted, until)
    # What a shopper asks for is hers, whom her session knows by then or not.
    content = idempotency.fingerprint(
        *(wanted, whose if shopper is None else None, asked or until, actor.channel, actor.user)
    )
    holds = [
        Hold(
            variant_id=one.variant,
            place_id=one.place,
            quantity=one.quantity,
            until=until,
            identifier_id=whose,
            channel=actor.channel,
            by=actor.by,
            key=request.id,
            line=number,
            content=content,
            shopper_id=shopper,
            promised_by_id=actor.user,
        )
        for number, one in enumerate(wanted)
    ]
    if len(holds) == 1:
        made, done = _reserve_one(holds[0])
    else:
        made, done = _make(holds), False
    if not made:
        return _as_before(request.id, content)
    if not done:
        _take(holds, actor.by)
        if whose is not None:
            for one in holds:
                record_hold(StockReserved, one)
            notices.note(notices.Kind.HELD, holds[0].pk)
    return holds


def _check(wanted: Sequence[Line], until: datetime) -> None:
    now = timezone.now()
    if len(wanted) > MOST_LINES:
        raise Refusal("hold_lines", most=MOST_LINES)
    if until <= now:
        raise Refusal("hold_over")
    if until > now + LONGEST:
        raise Refusal("hold_too_long", days=LONGEST.days)


def _reserve_one(hold: Hold) -> tuple[bool, bool]:
    """Whether the hold was made, and whether there was enough for it, without looking further."""
    row = sql.prepared(
        _RESERVE,
        {
            "variant": hold.variant_id,
            "place": hold.place_id,
            "quantity": hold.quantity,
            "until": hold.until,
            "until_text": hold.until.isoformat(),
            "whose": hold.identifier_id,
            "channel": str(hold.channel),
            "by": hold.by,
            "key": hold.key,
            "content": hold.content,
            "shopper": hold.shopper_id,
            "promised_by": hold.promised_by_id,
            "fact": uuid.uuid4(),
            "told_by": json.dumps(told_by()),
            "notify": hold.identifier_id is not None and is_time_to_wake(NOTIFY_FACTS),
        },
    )
    if row is None:
        return False, False
    hold.pk, hold.made_at, changed, recorded, _ = row
    if changed and not recorded and hold.identifier_id is not None:
        record_hold(StockReserved, hold)  # there is no source yet; or the identifier is gone
    return True, bool(changed)


_MAKE = """
INSERT INTO stock_hold (variant_id, place_id, quantity, until, identifier_id, channel, by, key,
                           line, content, shopper_id, promised_by_id)
SELECT variant_id, place_id, quantity, %(until)s::timestamptz, %(whose)s::bigint, %(channel)s,
       %(by)s, %(key)s::uuid, line - 1, %(content)s::uuid, %(shopper)s::bigint,
       %(promised_by)s::bigint
FROM unnest(%(variants)s::bigint[], %(places)s::bigint[], %(quantities)s::int[])
    WITH ORDINALITY AS t (variant_id, place_id, quantity, line)
ORDER BY line
ON CONFLICT (key, line) DO NOTHING
RETURNING id, made_at, line
"""


def _make(holds: Sequence[Hold]) -> bool:
    """Make the holds, which count in no level yet; whether they are new."""
    first = holds[0]
    rows = sql.rows(
        _MAKE,
        {
            "variants": [one.variant_id for one in holds],
            "places": [one.place_id for one in holds],
            "quantities": [one.quantity for one in holds],
            "until": first.until,
            "whose": first.identifier_id,
            "channel": str(first.channel),
            "by": first.by,
            "key": first.key,
            "content": first.content,
            "shopper": first.shopper_id,
            "promised_by": first.promised_by_id,
        },
    )
    if rows and len(rows) < len(holds):
        raise KeyReused
    for id, made_at, line in rows:
        holds[line].pk, holds[line].made_at = id, made_at
    return bool(rows)


def _take(holds: Sequence[Hold], by: str) -> None:
    """Count the holds in their levels, once it is certain that all find enough there."""
    levels = {(one.variant_id, one.place_id): one.quantity for one in holds}
    there = ledger.lock(levels)
    if _lacking(levels, there) and ledger.expire(levels):
        there = ledger.lock(levels)
    if lacking := _lacking(levels, there):
        raise NotEnough(
            Line(variant, place, max(0, there.get((variant, place), 0)))
            for variant, place in lacking
        )
    ledger.hold(holds, by)


def _lacking(wanted: dict[ledger.Where, int], there: dict[ledger.Where, int]) -> list[ledger.Where]:
    return [level for level, quantity in wanted.items() if there.get(level, 0) < quantity]


def _as_before(key: uuid.UUID, content: uuid.UUID) -> list[Hold]:
    """The holds that the key has made. Raises KeyReused when it was for something else."""
    found = list(Hold.objects.filter(key=key).order_by("line"))
    idempotency.check(found[0].content if found else None, content)
    return found


# --- what becomes of a hold -----------------------------------------------------------------------


@action(records="Reservation Extended")
def extend(hold: int, until: datetime, request: Request, *, asked: str = "") -> Hold:
    """Keep it for longer, a few times and not for ever. The same request again changes nothing.

    Raises Refusal, Ended, NoHold, and KeyReused.
    """
    named = request.part(str(hold)).id
    content = idempotency.fingerprint(asked or until)
    found = _not_bought(_open(hold))
    if found.extended_key == named:
        idempotency.check(found.extended_content, content)
        return found
    _active(found)
    if found.extended >= MOST_EXTENSIONS:
        raise Refusal("extended_enough", times=MOST_EXTENSIONS)
    if until <= found.until:
        raise Refusal("held_anyway")
    if until > found.made_at + LONGEST:
        raise Refusal("held_too_long", days=LONGEST.days)
    found.until, found.extended_key, found.extended_content = until, named, content
    found.extended += 1
    found.save(update_fields=["until", "extended", "extended_key", "extended_content"])
    record_hold(ReservationExtended, found)
    return found


@action(records="Reservation Ready")
def set_aside(hold: int) -> Hold:
    """It was taken from the shelf and lies ready. Again: nothing. Raises Ended, NoHold, Refusal."""
    found = _active(_open(hold))
    if found.set_aside_at is None:
        found.set_aside_at = timezone.now()
        found.save(update_fields=["set_aside_at"])
        record_hold(ReservationReady, found)
        notices.note(notices.Kind.READY, found.pk)
    return found


@action(records="Reservation Put Back")
def put_back(hold: int) -> Hold:
    """It does not lie ready after all: it is to be set aside still. Again: nothing.

    Raises Ended, and NoHold.
    """
    found = _active(_open(hold))
    if found.set_aside_at is not None:
        found.set_aside_at = None
        found.save(update_fields=["set_aside_at"])
        record_hold(ReservationPutBack, found)
        notices.note(notices.Kind.NOT_READY, found.pk)
    return found


@action(records="Reservation Released")
def release(hold: int, by: str) -> Hold:
    """Let others have it. One that was released or has expired stays so.

    Raises Ended, NoHold, and Refusal.
    """
    found = _not_bought(_open(hold))
    if found.state in (Hold.State.RELEASED, Hold.State.EXPIRED):
        return found
    _active(found, also_late=True)
    ledger.end(found, Hold.State.RELEASED, Movement.Kind.RELEASE, by)
    record_hold(ReservationReleased, found)
    return _again(found)


@action(records="Stock Reserved")
def keep_again(released: int) -> Hold:
    """It was let go of by mistake: hold the same again, for as long. Again: the same hold.

    Raises Refusal, NotEnough where somebody else has it by now, NoHold, and recording.Gone.
    """
    found = Hold.objects.filter(pk=released).first()
    if found is None:
        raise NoHold
    if _not_bought(found).state != Hold.State.RELEASED:
        raise Refusal("not_let_go")
    (kept,) = reserve(
        [Line(found.variant_id, found.place_id, found.quantity)],
        found.until,
        actor=Actor(found.by, found.promised_by_id, found.channel),
        request=Request("again", str(found.pk)),
        whose=found.identifier_id,
        asked="again",
        shopper=found.shopper_id,
    )
    return kept


@action(records="Reservation Collected")
def hand_over(hold: int, by: str) -> Hold:
    """It is sold, to whom it was held for. Again: nothing. Raises Ended, NoHold, Refusal."""
    found = _not_bought(_open(hold))
    if found.state == Hold.State.HANDED_OVER:
        return found
    _active(found)
    ledger.end(found, Hold.State.HANDED_OVER, Movement.Kind.SALE, by)
    record_hold(ReservationCollected, found)
    return _again(found)


@dataclass(frozen=True, slots=True)
class Missing:
    """A hold that nothing was found for, and the nearest place that has as many."""

    hold: Hold
    next: Place | None


@action(records="Reservation Failed")
def not_found(hold: int, by: str) -> Missing:
    """It is not where it should be: the stock is put right, and the next place is looked for.

    Whoever here had promised it is told. Again: nothing but the place. Raises Ended, NoHold.
    """
    found = _not_bought(_open(hold))
    fresh = found.state != Hold.State.MISSING
    if fresh:
        _active(found)
        ledger.end(found, Hold.State.MISSING, Movement.Kind.COUNT, by)
    place = Place.objects.get(pk=found.place_id)
    next_ = reading_levels.nearest_with(found.variant_id, found.quantity, place)
    if fresh:
        record_hold(ReservationFailed, found, next_store=next_.name if next_ else "")
        if found.promised_by_id is not None:
            Promise.objects.create(user_id=found.promised_by_id, hold=found, next=next_)
    return Missing(_again(found), next_)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept instead of something lost; `again`: it was already, by whoever came first."""

    hold: Hold
    again: bool


@action(records="Stock Reserved")
def keep_instead(lost: int, actor: Actor, place: Place | None = None) -> Kept:
    """Hold the same for the same customer in another place; in the nearest that has it now.

    Until closing time of the place's next open day. One is kept whoever asks, where she stood or
    where it was promised: who comes second is answered the first's. One that was let go of, or has
    lapsed, is followed by another. Raises NoHold, Refusal, NotEnough, and recording.Gone.
    """
    found, key, kept = _instead_of(lost)
    again = kept is not None
    if kept is None:
        where = place or reading_levels.nearest_with(found.variant_id, found.quantity, found.place)
        if where is None:
            raise NotEnough([Line(found.variant_id, found.place_id, 0)])
        (kept,) = reserve(
            [Line(found.variant_id, where.pk, found.quantity)],
            _till(where),
            actor=actor,
            request=Request(_INSTEAD, key),
            whose=found.identifier_id,
            asked="instead",
        )
    broken = Promise.objects.filter(hold=lost).first()
    if broken is not None:
        broken.next_id = kept.place_id
        if broken.user_id == actor.user:
            broken.seen_at = broken.seen_at or timezone.now()
        broken.save(update_fields=["next", "seen_at"])
    return Kept(kept, again)


_INSTEAD = "instead"  # as a source of keys


def _instead_of(lost: int) -> tuple[Hold, str, Hold | None]:
    """What was lost last, the key of what is kept instead of it, and that, where it is already."""
    found = _missing(lost)
    key = str(found.pk)
    while kept := Hold.objects.filter(key=idempotency.key(_INSTEAD, key)).first():
        if kept.state == Hold.State.MISSING:
            found = _missing(kept.pk)
            key = str(found.pk)
        elif kept.state == Hold.State.HANDED_OVER or (
            kept.state == Hold.State.ACTIVE and kept.until > timezone.now()
        ):
            return found, key, kept
        else:
            key = f"{found.pk} after {kept.pk}"
    return found, key, None


def _missing(id: int) -> Hold:
    """The hold, which was not found, and nobody else keeps another for it meanwhile."""
    found = Hold.objects.filter(pk=id).first()
    if found is None:
        raise NoHold
    if _not_bought(found).state != Hold.State.MISSING:
        raise Refusal("not_missing")
    if found.identifier_id is not None:
        sql.rows(_KEEP_IDENTIFIER, [found.identifier_id])
    # Nothing becomes of what is missing, so whoever has its level does not wait for it.
    return Hold.objects.select_for_update(no_key=True).get(pk=id)


def _till(place: Place) -> datetime:
    """Closing time of its next open day; where it has none, in an hour."""
    now = timezone.now()
    try:
        return ends("tomorrow", place, now)
    except ValueError:
        return ends("hour", place, now)


def _open(id: int) -> Hold:
    """The hold, with its level locked: nothing else becomes of it meanwhile.

    First of all the identifier, as whoever forgets her does; then the level, before the hold.
    """
    found = Hold.objects.filter(pk=id).first()
    if found is None:
        raise NoHold
    if found.identifier_id is not None:
        sql.rows(_KEEP_IDENTIFIER, [found.identifier_id])
    ledger.lock([(found.variant_id, found.place_id)])
    return _again(found)


_KEEP_IDENTIFIER = "SELECT FROM identity_identifier WHERE id = %s FOR KEY SHARE"


def _not_bought(hold: Hold) -> Hold:
    """The hold, unless an order keeps it: what becomes of that is the order's to say."""
    if hold.order_line_id is not None:
        raise Refusal("held_for_order")
    return hold


def _again(hold: Hold) -> Hold:
    return Hold.objects.get(pk=hold.pk)


def _active(hold: Hold, *, also_late: bool = False) -> Hold:
    """The hold, which has not ended; a late one that nobody has taken back has. Raises Ended."""
    if hold.state != Hold.State.ACTIVE or (hold.until <= timezone.now() and not also_late):
        raise Ended(hold)
    return hold


# --- on the clock ---------------------------------------------------------------------------------

_NO_FACT_HERE = "It is told by `tell_expired`: her identifier is locked before her hold, not after."
_ENDING = """
SELECT DISTINCT variant_id, place_id FROM (
    SELECT variant_id, place_id FROM stock_hold
    WHERE state = 'active' AND until <= statement_timestamp() ORDER BY until LIMIT %s
) late
"""


@action(silent=_NO_FACT_HERE)
def expire(most: int) -> int:
    """End about so many holds whose time is up, the oldest first; how many it were."""
    levels = [(variant, place) for variant, place in sql.rows(_ENDING, [most])]
    ledger.lock(levels)
    return ledger.expire(levels)


@action(records="Reservation Expired")
def tell_expired(hold: int) -> None:
    """Put on her timeline that what was held for her is not any more."""
    found = _open(hold)
    if not found.to_tell:
        return
    found.to_tell = False
    found.save(update_fields=["to_tell"])
    record_hold(ReservationExpired, found)
    notices.note(notices.Kind.LAPSED, found.pk)
