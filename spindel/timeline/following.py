"""Followers: what a domain does when facts arrive.

A follower's effects and its cursor commit together, so each fact takes effect exactly once, also
when the process is killed. Facts are read in the order (transaction, sequence), and no further
than the oldest transaction that is still open: see `kit.fields.TransactionId`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection, transaction

Position = tuple[int, int]  # transaction, sequence

LARGEST_WINDOW = 10_000

_LOCK_CURSOR = """
SELECT transaction::text, sequence FROM timeline_cursor WHERE follower = %s
FOR UPDATE SKIP LOCKED
"""

_WINDOW_END = """
SELECT transaction::text, sequence, count FROM (
    SELECT transaction, sequence, row_number() OVER (ORDER BY transaction, sequence) AS count
    FROM (
        SELECT transaction, sequence FROM timeline_fact
        WHERE (transaction, sequence) > (%(transaction)s::xid8, %(sequence)s)
          AND transaction < pg_snapshot_xmin(pg_current_snapshot())
          {bound}
        ORDER BY transaction, sequence LIMIT %(limit)s
    ) facts
) numbered ORDER BY count DESC LIMIT 1
"""

_NOT_BEYOND = """
AND (transaction, sequence) <= (
    SELECT transaction, sequence FROM timeline_cursor WHERE follower = %(after)s)
"""

_MOVE_CURSOR = """
UPDATE timeline_cursor
SET transaction = %s::xid8, sequence = %s, moved_at = now(), error = '', failed_at = NULL
WHERE follower = %s
"""

_FAIL = """
UPDATE timeline_cursor SET error = %s, failed_at = coalesce(failed_at, now()) WHERE follower = %s
"""

_LAG = """
SELECT c.follower, c.error,
       (SELECT count(*) FROM (
            SELECT 1 FROM timeline_fact f
            WHERE (f.transaction, f.sequence) > (c.transaction, c.sequence) LIMIT 1000000) behind),
       coalesce(extract(epoch FROM now() - (
            SELECT f.received_at FROM timeline_fact f
            WHERE (f.transaction, f.sequence) > (c.transaction, c.sequence)
            ORDER BY f.transaction, f.sequence LIMIT 1)), 0)
FROM timeline_cursor c ORDER BY c.follower
"""


@dataclass(frozen=True, slots=True)
class Window:
    """The facts after `start`, up to and including `end`; `count` of them."""

    start: Position
    end: Position
    count: int


@dataclass(frozen=True, slots=True)
class Follower:
    """A name for the cursor, what to do with a window of facts, and whom not to overtake."""

    name: str
    handle: Callable[[Window], None]
    after: str = ""


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a follower is behind; `facts` is counted up to a million."""

    follower: str
    facts: int
    seconds: float
    error: str


def step(follower: Follower, limit: int = LARGEST_WINDOW) -> int:
    """Handle the next window of facts; how many they were.

    0 when there are none, and when another process is just at it. When handling fails, the error
    is kept beside the cursor, nothing moves, and it is raised.
    """
    try:
        with transaction.atomic():
            return _step(follower, limit)
    except Exception as error:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_FAIL, [type(error).__name__, follower.name])
        raise


def _step(follower: Follower, limit: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_CURSOR, [follower.name])
        at = cursor.fetchone()
        if at is None:
            return 0
        cursor.execute(
            _WINDOW_END.format(bound=_NOT_BEYOND if follower.after else ""),
            {
                "transaction": at[0],
                "sequence": at[1],
                "limit": limit,
                "after": follower.after,
            },
        )
        end = cursor.fetchone()
        if end is None:
            return 0
        window = Window((int(at[0]), at[1]), (int(end[0]), end[1]), end[2])
        follower.handle(window)
        cursor.execute(_MOVE_CURSOR, [end[0], end[1], follower.name])
    return window.count


def enrol(follower: Follower) -> None:
    """Give the follower a cursor at the beginning, unless it has one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO timeline_cursor (follower, transaction, sequence, moved_at, error)"
            " VALUES (%s, '0', 0, now(), '') ON CONFLICT DO NOTHING",
            [follower.name],
        )


def lags() -> list[Lag]:
    """How far each follower is behind."""
    with connection.cursor() as cursor:
        cursor.execute(_LAG)
        return [
            Lag(follower=name, facts=facts, seconds=float(seconds), error=error)
            for name, error, facts, seconds in cursor.fetchall()
        ]
