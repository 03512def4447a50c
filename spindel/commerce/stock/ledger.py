"""The one place where levels change, each time with the movement that says why.

Nothing is held twice because the question and the answer are one statement, or stand behind one
lock. Whoever changes holds that exist locks their levels first, in the order of variant and place;
new holds and movements come before levels, and wait for nobody but their own key. So nobody ever
waits in a circle.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from spindel.commerce.stock.models import Hold, Movement
from spindel.kit import sql
from spindel.kit.idempotency import KeyReused

Where = tuple[int, int]  # variant and place

LOW = 2  # so few left is worth telling


def _in_transaction() -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("Stock changes in the transaction of what it changes for.")


# What becomes of a change, from `changed`: the levels as they are now, and by how much they differ.
EVENTS = f"""
INSERT INTO stock_stockevent (variant_id, place_id, kind, available, on_hand)
SELECT variant_id, place_id, kind, is_now, on_hand
FROM (
    SELECT *, on_hand - held AS is_now, on_hand - by_hand - (held - by_held) AS was FROM changed
) level
CROSS JOIN LATERAL (VALUES
    ('low', was > {LOW} AND is_now BETWEEN 1 AND {LOW}), ('sold_out', was > 0 AND is_now <= 0),
    ('back', was <= 0 AND is_now > 0), ('short', was >= 0 AND is_now < 0),
    ('below_zero', on_hand - by_hand >= 0 AND on_hand < 0)
) came (kind, so) WHERE so
"""  # noqa: S608  # put together from constants


# --- levels ---------------------------------------------------------------------------------------

_LOCK = """
SELECT l.variant_id, l.place_id, l.on_hand - l.held
FROM unnest(%(variants)s::bigint[], %(places)s::bigint[]) AS wanted (variant_id, place_id)
JOIN stock_level l ON l.variant_id = wanted.variant_id AND l.place_id = wanted.place_id
ORDER BY l.variant_id, l.place_id FOR UPDATE OF l
"""


def lock(levels: Iterable[Where]) -> dict[Where, int]:
    """Keep everybody else from these levels; what is available of each that there is.

    Holds that have ended may still be counted: `expire`.
    """
    _in_transaction()
    found = sql.prepared_rows(_LOCK, _columns(set(levels)))
    return {(variant, place): available for variant, place, available in found}


def _columns(levels: Collection[Where]) -> dict[str, object]:
    return {"variants": [one for one, _ in levels], "places": [other for _, other in levels]}


# --- holds ----------------------------------------------------------------------------------------

_TAKE_BACK = f"""
WITH ended AS (
    UPDATE stock_hold h
    SET state = 'expired', ended_at = h.until, 
        to_tell = h.identifier_id IS NOT NULL OR h.order_line_id IS NOT NULL
    FROM unnest(%(variants)s::bigint[], %(places)s::bigint[]) AS level (variant_id, place_id)
    WHERE h.variant_id = level.variant_id AND h.place_id = level.place_id
      AND h.state = 'active' AND h.until <= statement_timestamp()
    RETURNING h.id, h.variant_id, h.place_id, h.quantity
), moved AS (
    INSERT INTO stock_movement (variant_id, place_id, kind, held, hold_id, by)
    SELECT variant_id, place_id, 'release', -quantity, id, '' FROM ended
), sums AS (
    SELECT variant_id, place_id, sum(quantity)::int AS quantity FROM ended
    GROUP BY variant_id, place_id
), changed AS (
    UPDATE stock_level l SET held = l.held - sums.quantity FROM sums
    WHERE l.variant_id = sums.variant_id AND l.place_id = sums.place_id
    RETURNING l.variant_id, l.place_id, l.on_hand, l.held, 0 AS by_hand, -sums.quantity AS by_held
), events AS ({EVENTS})
SELECT count(*) FROM ended
"""  # noqa: S608  # put together from constants


def expire(levels: Iterable[Where]) -> int:
    """End the holds whose time is up, of levels that the caller has locked; how many."""
    _in_transaction()
    row = sql.row(_TAKE_BACK, _columns(set(levels)))
    assert row is not None
    return int(row[0])


_HOLD = f"""
WITH wanted AS (
    SELECT * FROM unnest(%(ids)s::bigint[], %(variants)s::bigint[], %(places)s::bigint[],
                         %(quantities)s::int[]) AS t (id, variant_id, place_id, quantity)
), moved AS (
    INSERT INTO stock_movement (variant_id, place_id, kind, held, hold_id, by)
    SELECT variant_id, place_id, 'hold', quantity, id, %(by)s FROM wanted
), changed AS (
    UPDATE stock_level l SET held = l.held + wanted.quantity FROM wanted
    WHERE l.variant_id = wanted.variant_id AND l.place_id = wanted.place_id
    RETURNING l.variant_id, l.place_id, l.on_hand, l.held, 0 AS by_hand,
              wanted.quantity AS by_held
), events AS ({EVENTS})
SELECT count(*) FROM changed
"""  # noqa: S608  # put together from constants


def hold(holds: Sequence[Hold], by: str) -> None:
    """Count the new holds in their levels, one a level, which the caller has locked and asked."""
    _in_transaction()
    columns: dict[str, object] = {
        "ids": [one.pk for one in holds],
        "variants": [one.variant_id for one in holds],
        "places": [one.place_id for one in holds],
        "quantities": [one.quantity for one in holds],
        "by": by,
    }
    row = sql.row(_HOLD, columns)
    assert row == (len(holds),)


_END = f"""
WITH ended AS (
    UPDATE stock_hold SET state = %(state)s, ended_at = statement_timestamp()
    WHERE id = %(hold)s AND state = 'active'
    RETURNING id, variant_id, place_id, quantity
), moved AS (
    INSERT INTO stock_movement (variant_id, place_id, kind, on_hand, held, hold_id, by)
    SELECT variant_id, place_id, %(kind)s, -quantity * %(gone)s::int, -quantity, id, %(by)s
    FROM ended
), changed AS (
    UPDATE stock_level l
    SET held = l.held - ended.quantity, on_hand = l.on_hand - ended.quantity * %(gone)s::int
    FROM ended WHERE l.variant_id = ended.variant_id AND l.place_id = ended.place_id
    RETURNING l.variant_id, l.place_id, l.on_hand, l.held,
              -ended.quantity * %(gone)s::int AS by_hand, -ended.quantity AS by_held
), events AS ({EVENTS})
SELECT count(*) FROM ended
"""  # noqa: S608  # put together from constants


def end(hold: Hold, state: Hold.State, kind: Movement.Kind, by: str) -> None:
    """End a hold that is active, whose level the caller has locked.

    Unless it is merely released, what was held is gone from the place.
    """
    _in_transaction()
    gone = int(kind != Movement.Kind.RELEASE)
    words = {"hold": hold.pk, "state": state, "kind": kind, "by": by, "gone": gone}
    assert sql.row(_END, words) == (1,)


_REVIVE = f"""
WITH again AS (
    UPDATE stock_hold h SET state = 'active', ended_at = NULL FROM stock_level l
    WHERE h.id = %(hold)s AND h.state = 'handed_over' AND h.until > statement_timestamp()
      AND l.variant_id = h.variant_id AND l.place_id = h.place_id
      AND l.on_hand - l.held >= h.quantity
    RETURNING h.id, h.variant_id, h.place_id, h.quantity
), moved AS (
    INSERT INTO stock_movement (variant_id, place_id, kind, held, hold_id, by)
    SELECT variant_id, place_id, 'hold', quantity, id, %(by)s FROM again
), changed AS (
    UPDATE stock_level l SET held = l.held + again.quantity
    FROM again WHERE l.variant_id = again.variant_id AND l.place_id = again.place_id
    RETURNING l.variant_id, l.place_id, l.on_hand, l.held, 0 AS by_hand,
              again.quantity AS by_held
), events AS ({EVENTS})
SELECT count(*) FROM again
"""  # noqa: S608  # put together from constants


def revive(hold: Hold, by: str) -> bool:
    """Hold again what was used up, whose level the caller has locked; whether it can be.

    It can't where its time is over, or where too little is free.
    """
    _in_transaction()
    return sql.row(_REVIVE, {"hold": hold.pk, "by": by}) == (1,)


# --- what has happened ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """A change that somebody tells of: `on_hand` is how many more, or fewer, are there now.

    `at` is when; None, as it is told.
    """

    key: UUID
    line: int
    variant: int
    place: int
    kind: Movement.Kind
    on_hand: int
    at: datetime | None


_MAKE = """
INSERT INTO stock_level (variant_id, place_id)
SELECT * FROM unnest(%(variants)s::bigint[], %(places)s::bigint[]) AS t (variant_id, place_id)
ORDER BY variant_id, place_id
ON CONFLICT (variant_id, place_id) DO NOTHING RETURNING variant_id
"""


def _lock_made(levels: Iterable[Where]) -> None:
    """As `lock`; levels that are not there yet are made."""
    words = _columns(sorted(set(levels)))
    sql.together((_MAKE, words), (_LOCK, words))


# Behind the locks: what a level was counted at does not change any more. What is dated no later
# than that was there to be counted, or gone. The movements are in the order of the level, of when
# it happened, and of who was told first.
_TELL = f"""
WITH told AS (
    SELECT t.*, happened_at, l.counted_at, coalesce(happened_at <= l.counted_at, false) AS counted
    FROM unnest(%(keys)s::uuid[], %(lines)s::int[], %(variants)s::bigint[], %(places)s::bigint[],
                %(kinds)s::text[], %(on_hands)s::int[], %(ats)s::timestamptz[])
        WITH ORDINALITY AS t (key, line, variant, place, kind, on_hand, at, number)
    JOIN stock_level l ON l.variant_id = t.variant AND l.place_id = t.place
    CROSS JOIN LATERAL (SELECT least(t.at, statement_timestamp()) AS happened_at) happened
), fresh AS (
    INSERT INTO stock_movement (key, line, variant_id, place_id, kind, on_hand, in_count,
                                   counted_at, at, by)
    SELECT key, line, variant, place, kind, CASE WHEN counted THEN 0 ELSE on_hand END,
           CASE WHEN counted THEN on_hand ELSE 0 END, CASE WHEN counted THEN counted_at END,
           happened_at, %(by)s
    FROM told ORDER BY variant, place, happened_at, number
    ON CONFLICT (key, line) WHERE key IS NOT NULL DO NOTHING
    RETURNING key, line, variant_id, place_id, on_hand
), sums AS (
    SELECT variant_id, place_id, sum(on_hand)::int AS by_hand FROM fresh
    GROUP BY variant_id, place_id HAVING sum(on_hand) <> 0
), changed AS (
    UPDATE stock_level l SET on_hand = l.on_hand + sums.by_hand FROM sums
    WHERE l.variant_id = sums.variant_id AND l.place_id = sums.place_id
    RETURNING l.variant_id, l.place_id, l.on_hand, l.held, sums.by_hand, 0 AS by_held
), events AS ({EVENTS})
SELECT count(*), EXISTS (
    SELECT FROM fresh f WHERE line > 0
    AND NOT EXISTS (SELECT FROM fresh first WHERE first.key = f.key AND first.line = 0)
) FROM fresh
"""  # noqa: S608  # put together from constants

_OTHERWISE = """
SELECT DISTINCT coalesce(t.key, m.key)
FROM unnest(%(keys)s::uuid[], %(lines)s::int[], %(variants)s::bigint[], %(places)s::bigint[],
            %(kinds)s::text[], %(on_hands)s::int[], %(ats)s::timestamptz[])
    AS t (key, line, variant, place, kind, on_hand, at)
FULL JOIN (SELECT * FROM stock_movement WHERE key = ANY(%(keys)s::uuid[])) m
    ON m.key = t.key AND m.line = t.line
WHERE ((t.variant, t.place, t.kind, t.on_hand)
      IS DISTINCT FROM (m.variant_id, m.place_id, m.kind::text, m.on_hand + m.in_count)
       OR least(t.at, m.told_at) <> m.at)
  AND EXISTS (SELECT FROM stock_movement used WHERE used.key = coalesce(t.key, m.key))
"""


def used_otherwise(told: Collection[Told]) -> set[UUID]:
    """The keys, of these, that were used for something else before."""
    return {key for (key,) in sql.rows(_OTHERWISE, _lines(told))}


def _lines(told: Collection[Told]) -> dict[str, object]:
    return {
        "keys": [one.key for one in told],
        "lines": [one.line for one in told],
        "variants": [one.variant for one in told],
        "places": [one.place for one in told],
        "kinds": [str(one.kind) for one in told],
        "on_hands": [one.on_hand for one in told],
        "ats": [one.at for one in told],
    }


def post(told: Collection[Told], by: str) -> int:
    """Take in what has happened, each line once however often it is told; how many were new.

    What has happened is not argued with: it may take a level below zero. What is dated no later
    than the last count of its level is in that count: it is kept, and changes nothing. Raises
    KeyReused.
    """
    _in_transaction()
    if not told:
        return 0
    by_key = {(one.key, one.line): one for one in told}
    if any(by_key[one.key, one.line] != one for one in told):
        raise KeyReused
    lines = list(by_key.values())
    _lock_made((one.variant, one.place) for one in lines)
    row = sql.row(_TELL, _lines(lines) | {"by": by})
    assert row is not None
    fresh, added_to = row
    if added_to or (fresh < len(lines) and used_otherwise(lines)):
        raise KeyReused
    return int(fresh)


# What has moved after the moment of the count is not in it, so it counts on top. Of two counts of
# one moment the lower holds, whichever comes first: rather too few than promised twice.
_COUNT = f"""
WITH given AS (
    SELECT variant_id, place_id, quantity, least(at, statement_timestamp()) AS at
    FROM unnest(%(variants)s::bigint[], %(places)s::bigint[], %(quantities)s::int[],
                %(ats)s::timestamptz[]) AS t (variant_id, place_id, quantity, at)
), compared AS (
    SELECT given.*, l.counted_at, given.quantity - l.on_hand + coalesce((
        SELECT sum(m.on_hand) FROM stock_movement m
        WHERE m.variant_id = given.variant_id AND m.place_id = given.place_id AND m.at > given.at
    ), 0)::int AS by_hand
    FROM given JOIN stock_level l
        ON l.variant_id = given.variant_id AND l.place_id = given.place_id
), found AS (
    SELECT * FROM compared
    WHERE counted_at IS NULL OR counted_at < at OR (counted_at = at AND by_hand < 0)
), moved AS (
    INSERT INTO stock_movement (variant_id, place_id, kind, on_hand, at, by)
    SELECT variant_id, place_id, 'count', by_hand, at, %(by)s FROM found WHERE by_hand <> 0
), changed AS (
    UPDATE stock_level l SET on_hand = l.on_hand + found.by_hand, counted_at = found.at,
        counted_before = CASE WHEN l.counted_at = found.at THEN l.counted_before
                              ELSE l.counted_at END
    FROM found WHERE l.variant_id = found.variant_id AND l.place_id = found.place_id
    RETURNING l.variant_id, l.place_id, l.on_hand, l.held, found.by_hand, 0 AS by_held
), events AS ({EVENTS})
SELECT count(*) FROM changed
"""  # noqa: S608  # put together from constants


@dataclass(frozen=True, slots=True)
class Count:
    """So many were there at the moment."""

    variant: int
    place: int
    quantity: int
    at: datetime


def count(counts: Collection[Count], by: str) -> int:
    """Make the levels what was counted; how many counts were newer than the last of their level."""
    _in_transaction()
    newest: dict[Where, Count] = {}
    for one in counts:
        known = newest.setdefault((one.variant, one.place), one)
        if (one.at, -one.quantity) > (known.at, -known.quantity):
            newest[one.variant, one.place] = one
    _lock_made(newest)
    words = _columns(newest) | {
        "quantities": [one.quantity for one in newest.values()],
        "ats": [one.at for one in newest.values()],
        "by": by,
    }
    row = sql.row(_COUNT, words)
    assert row is not None
    return int(row[0])


# As if the count had never been: what it has put right is put back, and what was told since and was
# in it has its effect after all. The count before it is the last one again, and can't be taken back
# in its turn: what was counted before that nobody has kept.
_UNCOUNT = f"""
WITH level AS (
    SELECT * FROM stock_level
    WHERE variant_id = %(variant)s AND place_id = %(place)s AND counted_at = %(at)s
      AND counted_before IS DISTINCT FROM counted_at
), undone AS (
    SELECT m.variant_id, m.place_id, m.kind, m.at,
           CASE WHEN m.counted_at IS NULL THEN -m.on_hand ELSE m.in_count END AS on_hand
    FROM level JOIN stock_movement m USING (variant_id, place_id)
    WHERE (m.at = level.counted_at AND m.kind = 'count' AND m.hold_id IS NULL)
       OR (m.counted_at = level.counted_at
           AND (level.counted_before IS NULL OR m.at > level.counted_before))
), moved AS (
    INSERT INTO stock_movement (variant_id, place_id, kind, on_hand, at, by)
    SELECT variant_id, place_id, kind, on_hand, at, %(by)s FROM undone
), changed AS (
    UPDATE stock_level l
    SET on_hand = l.on_hand + sums.by_hand, counted_at = level.counted_before
    FROM level, (SELECT coalesce(sum(on_hand), 0)::int AS by_hand FROM undone) sums
    WHERE l.variant_id = level.variant_id AND l.place_id = level.place_id
    RETURNING l.variant_id, l.place_id, l.on_hand, l.held, sums.by_hand, 0 AS by_held
), events AS ({EVENTS})
SELECT on_hand FROM changed
"""  # noqa: S608  # put together from constants


def uncount(level: Where, at: datetime, by: str) -> int | None:
    """Take back the count of this moment; how many are there now.

    None where it is not the last one of the level, which the caller has locked, or can't be.
    """
    _in_transaction()
    variant, place = level
    row = sql.row(_UNCOUNT, {"variant": variant, "place": place, "at": at, "by": by})
    return None if row is None else int(row[0])
