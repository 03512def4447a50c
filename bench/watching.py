"""What goes on beside a load, and which of it the slowest answers had to do with.

A thread looks at the database and at the machine some dozen times a second. An answer that took
longer meets more of whatever goes on, so a cause shows in how long the answers took that met it and
those that did not, rather than in how many of the slowest met it.
"""

from __future__ import annotations

import itertools
import threading
import time
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType

import psutil
import psycopg

from bench import machine
from bench.load import Load

_EVERY = 0.025  # seconds
_ALL_BUSY = 95  # per cent of all cores

# The collector's connections and the follower's; of the log (WAL) and of pages, waiting is by
# whichever of several names.
_LOOK = """
SELECT c.transaction::text, c.sequence, extract(epoch FROM clock_timestamp() - c.moved_at)::float,
       ARRAY(SELECT DISTINCT what FROM (
    SELECT CASE
        WHEN backend_type = 'checkpointer' THEN
            CASE WHEN wait_event IS DISTINCT FROM 'CheckpointerMain' THEN 'a checkpoint' END
        WHEN backend_type = 'autovacuum worker' THEN 'autovacuum'
        WHEN application_name = 'spindel-collect' THEN CASE
            WHEN state = 'idle' THEN NULL
            WHEN wait_event ILIKE '%wal%' THEN 'the collector waits for the log to be on disk'
            WHEN wait_event_type IN ('Lock', 'LWLock') THEN 'the collector waits for a lock'
            WHEN wait_event_type = 'IO' THEN 'the collector waits for pages' END
        WHEN backend_type = 'client backend' AND pid IN (
            SELECT pid FROM pg_locks
            WHERE relation = 'timeline_cursor'::regclass AND mode = 'RowShareLock'
        ) THEN 'the follower is at a window'
    END AS what
    FROM pg_stat_activity WHERE pid <> pg_backend_pid()
) seen WHERE what IS NOT NULL)
FROM timeline_cursor c WHERE follower = 'identity'
"""

_BUSY = "all cores are busy"

_WINDOWS = """
SELECT (SELECT count(*) FROM timeline_fact f
        WHERE (f.transaction, f.sequence) > (w.start::xid8, w.after)
          AND (f.transaction, f.sequence) <= (w.stop::xid8, w.last))
FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::bigint[]) AS w (start, after, stop, last)
"""


@dataclass(frozen=True, slots=True)
class _Sample:
    at: float
    what: frozenset[str]
    cursor: tuple[str, int]  # of the identity follower: transaction, sequence
    age: float  # seconds since the window began that moved it


class Watch:
    """Looks on for the while: `with Watch(url) as watch: …`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._samples: list[_Sample] = []
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        psutil.cpu_percent()
        with psycopg.connect(self._url, autocommit=True) as database:
            while not self._done.wait(_EVERY):
                row = database.execute(_LOOK, prepare=True).fetchone()
                assert row is not None
                busy = {_BUSY} if psutil.cpu_percent() >= _ALL_BUSY else set()
                transaction, sequence, age, what = row
                self._samples.append(
                    _Sample(
                        time.perf_counter(),
                        frozenset(busy.union(what)),
                        (transaction, sequence),
                        age,
                    )
                )

    def causes(self, load: Load, groups: Mapping[int, int]) -> str:
        """What went on while the answers were waited for, in Markdown.

        `groups` says for each request how many messages were committed along with it.
        """
        met = [self._met(due, due + wait) for due, wait in zip(load.due, load.waits, strict=True)]
        slow_from = machine.percentile(load.waits, 99)
        slow = [wait >= slow_from for wait in load.waits]
        rows = []
        for what in sorted(set().union(*met)):
            those = [what in one for one in met]
            rows.append(
                [
                    what,
                    _share(those),
                    _share([one for one, is_slow in zip(those, slow, strict=True) if is_slow]),
                    _waits(load.waits, those),
                    _waits(load.waits, [not one for one in those]),
                ]
            )
        sizes = [groups[number] for number in load.order]
        of_slow = [size for size, is_slow in zip(sizes, slow, strict=True) if is_slow]
        rows.append(
            ["messages in its group, p50 (most)", _sizes(sizes), _sizes(of_slow), "", ""],
        )
        heads = ["meanwhile", "of all", "of the slowest 1 %", "wait with it", "wait without it"]
        return f"{machine.markdown(heads, rows)}\n\n{_bursts(load, slow)}"

    def _met(self, start: float, end: float) -> frozenset[str]:
        """What was seen in this time, or else just before."""
        times = [one.at for one in self._samples]
        first, last = bisect_left(times, start), bisect_left(times, end)
        seen = self._samples[first:last] or self._samples[max(0, first - 1) : first]
        return frozenset().union(*(one.what for one in seen))

    def windows(self, database: psycopg.Connection) -> str:
        """How large the identity follower's windows were and how long they took, in words."""
        moves = [
            (*former.cursor, *one.cursor, one.age)
            for former, one in itertools.pairwise(self._samples)
            if one.cursor != former.cursor
        ]
        if not moves:
            return "The follower moved through no window."
        *bounds, ages = (list(column) for column in zip(*moves, strict=True))
        sizes = [count for (count,) in database.execute(_WINDOWS, bounds)]
        return (
            f"The follower moved {len(moves)} times: {_sizes(sizes)} facts at once, in"
            f" {machine.percentile(ages, 50) * 1e3:,.0f} ms ({max(ages) * 1e3:,.0f})."
        )


def _share(those: Sequence[bool]) -> str:
    return f"{sum(those) / len(those):.0%}"


def _waits(waits: Sequence[float], those: Sequence[bool]) -> str:
    chosen = [wait for wait, is_one in zip(waits, those, strict=True) if is_one]
    if not chosen:
        return "-"
    p50, p99 = (machine.percentile(chosen, percent) * 1e3 for percent in (50, 99))
    return f"p50 {p50:,.0f} ms, p99 {p99:,.0f} ms"


def _sizes(sizes: Sequence[int]) -> str:
    return f"{machine.percentile(sizes, 50):,.0f} ({max(sizes):,})"


def _bursts(load: Load, slow: Sequence[bool]) -> str:
    """Whether the slowest came together: one stall, or many."""
    times = sorted(due for due, is_slow in zip(load.due, slow, strict=True) if is_slow)
    apart = sum(later - earlier > 0.5 for earlier, later in itertools.pairwise(times))
    return f"The slowest {len(times)} answers came in {apart + 1} bursts, half a second apart."
