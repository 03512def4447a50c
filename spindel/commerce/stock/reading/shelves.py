"""Levels that want somebody's eye, and how a level came to be what it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from spindel.commerce.stock.ledger import LOW
from spindel.commerce.stock.models import Hold, Movement
from spindel.commerce.stock.reading import levels
from spindel.kit import pagination, sql
from spindel.kit.clock import NEVER
from spindel.kit.pagination import Page

# --- what runs low --------------------------------------------------------------------------------

KINDS = ("below_zero", "short", "sold_out", "low")
URGENT = tuple(one for one in KINDS if one != "low")
WORSE = "worse"  # asks for those


@dataclass(frozen=True, slots=True)
class Running:
    """A level of which little is left, nothing, or less: which of KINDS, and since when."""

    variant: int
    place: int
    on_hand: int
    held: int
    kind: str
    since: datetime

    @property
    def available(self) -> int:
        """What can be held or sold now."""
        return self.on_hand - self.held


@dataclass(frozen=True, slots=True)
class RunningLow:
    """Some such levels, what happened last first; how many of each kind among all that was looked
    through; and the cursor to look further back, None at the end.
    """

    items: list[Running]
    counts: dict[str, int]
    next: str | None


_LOOKED_THROUGH = 2_000  # events in one look
SOLD_LATELY = timedelta(days=14)

# What happened last to each level, as long as it is so still. Millions of levels are well, so they
# are not asked: those that came to be low have said so. Of many goods a store never has more than
# one or two: those run low only where they sell, or came down to so few, of late.
_RUNNING = f"""
WITH looked AS MATERIALIZED (
    SELECT id, variant_id, place_id, kind, at FROM stock_stockevent
    WHERE (%(before)s::bigint IS NULL OR id < %(before)s::bigint)
      AND (%(place)s::bigint IS NULL OR place_id = %(place)s::bigint)
    ORDER BY id DESC LIMIT {_LOOKED_THROUGH}
), now AS (
    SELECT looked.id, looked.kind AS last, looked.at, l.variant_id, l.place_id, l.on_hand,
           l.held - coalesce(ended.quantity, 0) AS held
    FROM looked
    JOIN stock_level l ON l.variant_id = looked.variant_id AND l.place_id = looked.place_id
    CROSS JOIN LATERAL (
        SELECT sum(h.quantity) AS quantity FROM stock_hold h
        WHERE h.variant_id = l.variant_id AND h.place_id = l.place_id
          AND h.state = 'active' AND h.until <= statement_timestamp()
    ) ended
    WHERE NOT EXISTS (
        SELECT FROM stock_stockevent newer
        WHERE newer.variant_id = looked.variant_id AND newer.place_id = looked.place_id
          AND newer.id > looked.id)
), said AS (
    SELECT *, CASE WHEN on_hand < 0 THEN 'below_zero' WHEN on_hand - held < 0 THEN 'short'
                   WHEN on_hand - held = 0 THEN 'sold_out' ELSE 'low' END AS kind
    FROM now WHERE on_hand - held <= {LOW}
    AND (on_hand - held <= 0 OR last = 'low' AND at > %(lately)s::timestamptz OR EXISTS (
        SELECT FROM stock_movement m
        WHERE m.variant_id = now.variant_id AND m.place_id = now.place_id AND m.kind = 'sale'
          AND m.at > %(lately)s::timestamptz))
)
SELECT looked_at.oldest, looked_at.many, id, variant_id, place_id, on_hand, held, kind, at
FROM (SELECT min(id) AS oldest, count(*) AS many FROM looked) looked_at
LEFT JOIN said ON true ORDER BY id DESC
"""  # noqa: S608  # put together from constants


def running_low(place: int | None, kind: str, limit: int, before: str = "") -> RunningLow:
    """The levels that run low, in a place or in all, of one kind, of all, or those that are worse
    than low (`WORSE`). Raises BadCursor.
    """
    lately = timezone.now() - SOLD_LATELY
    words = {"before": pagination.id_at(before), "place": place, "lately": lately}
    rows = sql.rows(_RUNNING, words)
    (oldest, looked), ids = rows[0][:2], [row[2] for row in rows if row[2] is not None]
    found = [Running(*row[3:]) for row in rows if row[2] is not None]
    counts = {one: sum(each.kind == one for each in found) for one in KINDS}
    kinds = {"": KINDS, WORSE: URGENT}.get(kind, (kind,))
    wanted = [(one, id) for one, id in zip(found, ids, strict=True) if one.kind in kinds]
    some = pagination.page(wanted, limit, lambda one: str(one[1]))
    further = str(oldest) if looked == _LOOKED_THROUGH else None
    return RunningLow([one for one, _id in some.items], counts, some.next or further)


# Of the levels that something happened to last; what lapsed by now is not held any more.
_WRONG = f"""
WITH looked AS MATERIALIZED (
    SELECT DISTINCT variant_id, place_id FROM (
        SELECT variant_id, place_id FROM stock_stockevent
        WHERE (%(place)s::bigint IS NULL OR place_id = %(place)s::bigint)
        ORDER BY id DESC LIMIT {_LOOKED_THROUGH}
    ) newest
)
SELECT l.variant_id, l.place_id, l.on_hand, l.held - ended.quantity,
       CASE WHEN l.on_hand < 0 THEN 'below_zero' ELSE 'short' END,
       (SELECT max(e.at) FROM stock_stockevent e
        WHERE e.variant_id = l.variant_id AND e.place_id = l.place_id)
FROM looked
JOIN stock_level l ON l.variant_id = looked.variant_id AND l.place_id = looked.place_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(h.quantity), 0)::int AS quantity FROM stock_hold h
    WHERE h.variant_id = l.variant_id AND h.place_id = l.place_id
      AND h.state = 'active' AND h.until <= statement_timestamp()
) ended
WHERE l.on_hand < greatest(l.held - ended.quantity, 0)
ORDER BY l.on_hand - l.held, l.variant_id, l.place_id LIMIT %(most)s
"""  # noqa: S608  # put together from a constant


def wrong(place: int | None, most: int) -> list[Running]:
    """The levels that can't be right, or more is promised of than there is, the worst first."""
    rows = sql.rows(_WRONG, {"place": place, "most": most})
    return [Running(*row) for row in rows]


# --- the ledger of a level ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """A movement, and what was there and held after it.

    `in_count` is what was told when its level had been counted since (`counted_at`), and so has
    changed nothing.
    """

    id: int
    kind: str
    text: str
    at: datetime
    told_at: datetime
    by: str
    on_hand: int
    held: int
    on_hand_after: int
    held_after: int
    hold: int | None
    in_count: int
    counted_at: datetime | None

    @property
    def late(self) -> bool:
        """Whether it was told long after it had happened, as a till does that was offline."""
        return self.told_at - self.at > timedelta(minutes=10)


# In the order in which it happened: what was told late stands where it belongs. The balance is
# what is there now without what came later.
_LEDGER = """
SELECT m.id, m.kind, m.at, m.told_at, m.by, m.on_hand, m.held, m.hold_id,
       l.on_hand - coalesce(later.on_hand, 0), l.held - coalesce(later.held, 0),
       m.in_count, m.counted_at
FROM (
    SELECT * FROM stock_movement
    WHERE variant_id = %(variant)s AND place_id = %(place)s
      AND (%(at)s::timestamptz IS NULL
           OR (at, id) < (%(at)s::timestamptz, %(before)s::bigint))
    ORDER BY at DESC, id DESC LIMIT %(limit)s
) m
JOIN stock_level l ON l.variant_id = m.variant_id AND l.place_id = m.place_id
CROSS JOIN (
    SELECT sum(on_hand) AS on_hand, sum(held) AS held FROM stock_movement
    WHERE variant_id = %(variant)s AND place_id = %(place)s AND %(at)s::timestamptz IS NOT NULL
      AND (at, id) >= (%(at)s::timestamptz, %(before)s::bigint)
) later
ORDER BY m.at DESC, m.id DESC
"""


def ledger(variant: int, place: int, limit: int, before: str = "") -> Page[Entry]:
    """The movements of a level with its balance. Raises BadCursor."""
    since, after = pagination.position(before) or (None, None)
    words = {"variant": variant, "place": place, "at": since, "before": after}
    rows = sql.rows(_LEDGER, words | {"limit": limit + 1})
    entries, on_hand, held = [], 0, 0
    for number, row in enumerate(rows):
        if number == 0:
            on_hand, held = int(row[8]), int(row[9])
        id, kind, at, told_at, by, moved, kept, hold = row[:8]
        text = str(Movement.Kind(kind).label)
        change = (moved, kept, on_hand, held, hold, *row[10:])
        entries.append(Entry(id, kind, text, at, told_at, by, *change))
        on_hand, held = on_hand - row[5], held - row[6]
    return pagination.page(entries, limit, lambda entry: pagination.cursor(entry.at, entry.id))


def level(variant: int, place: int) -> levels.Stock | None:
    """What is there now; None where it was never kept."""
    return next((one for one in levels.levels([variant]) if one.place == place), None)


# --- what is kept in a place ----------------------------------------------------------------------


def kept_at(place: int, limit: int, before: str = "") -> Page[Hold]:
    """What is kept in a place now, the first to end first. Raises BadCursor."""
    at, id = pagination.position(before) or (None, None)
    rows = sql.rows(_KEPT, {"place": place, "at": at, "after": id, "limit": limit + 1})
    found = Hold.objects.filter(pk__in=[one for (one,) in rows])
    shown = found.select_related("variant__product").order_by("until", "pk")
    return pagination.page(
        shown, limit, lambda hold: pagination.cursor(min(hold.until, NEVER), hold.pk)
    )


_KEPT = """
SELECT id FROM stock_hold
WHERE place_id = %(place)s AND state = 'active' AND until > statement_timestamp()
  AND (%(at)s::timestamptz IS NULL OR (until, id) > (%(at)s::timestamptz, %(after)s::bigint))
ORDER BY until, id LIMIT %(limit)s
"""
