"""Group commit: whatever has arrived is written in one go, and answered when it is durable.

The busier, the larger the group. Each source has its own queue and the groups take from all of
them in turn, so one that floods waits for itself. Database away: those who wait are told at once,
and so is everybody else until it is back.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass

import psycopg
import structlog
from psycopg import AsyncConnection

from spindel.collect.interned import Claim, Interned, keys
from spindel.collect.masking import mask
from spindel.collect.registry import NOTIFY_SOURCES, Registry
from spindel.collect.steps import STRENGTH, Draft, numbers_fit
from spindel.identity.interning import intern
from spindel.timeline.append import NOTIFY_FACTS, Row, append, pack, prepare

log = structlog.get_logger("spindel.collect")

_LANES = 2  # while one waits for the disk, the other packs
_LARGEST_GROUP = 1500
_REJECTS_A_GROUP = 50
_CLAIMS_AT_ONCE = 5_000
_LOOK_AT_SOURCES = 30  # seconds; a safety net below the notifications

_COUNT = """
INSERT INTO collect_tally (source_id, outcome, minute, process, count)
SELECT source_id, outcome, date_trunc('minute', now()), %(process)s, count
FROM unnest(%(sources)s::bigint[], %(outcomes)s::text[], %(counts)s::bigint[])
     AS t (source_id, outcome, count)
ON CONFLICT (source_id, outcome, minute, process)
DO UPDATE SET count = collect_tally.count + excluded.count
"""

_REJECT = """
INSERT INTO collect_reject (source_id, reason, detail, message)
SELECT * FROM unnest(%(sources)s::bigint[], %(reasons)s::text[], %(details)s::text[],
                     %(messages)s::text[])
"""


# What the database says of a value that it can't hold.
_REFUSALS = (psycopg.DataError, psycopg.errors.ProgramLimitExceeded,
             psycopg.errors.StatementTooComplex)


class Unavailable(Exception):
    """The database is away: nothing was kept."""


class Busy(Exception):
    """The source has more waiting than its share of memory."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A message that was turned away; `message` is masked already."""

    source_id: int | None
    reason: str
    detail: str
    message: str


@dataclass(slots=True)
class _Group:
    """The messages of one request, and who waits for them."""

    drafts: list[Draft]
    done: asyncio.Future[None]


class Writer:
    """Writes what requests hand it. One a process; `run` is its only task."""

    def __init__(self, url: str, registry: Registry, memory: int) -> None:
        self._url = url
        self.registry = registry
        self.available = False
        self.interned = Interned()
        self._memory = memory
        self._waiting: Counter[int] = Counter()  # bytes, by source
        self._queues: dict[int, deque[_Group]] = {}
        self._wake = asyncio.Event()
        self._dropped: Counter[tuple[int | None, str]] = Counter()
        self._rejected: list[Rejected] = []
        # A place of its own in the tallies, so that two processes never wait for each other's row.
        self._process = random.SystemRandom().randrange(1, 2**31)
        self._lookup: asyncio.Future[None] | None = None

    # --- what requests call -----------------------------------------------------------------------

    async def write(self, drafts: list[Draft]) -> None:
        """Keep the drafts; returns when they are durable. They are all of one source.

        Raises Unavailable when the database is away or too much waits in all, and Busy when too
        much waits of this source: then nothing of them is kept.
        """
        size = sum(len(draft.raw) for draft in drafts)
        source = drafts[0].origin.id
        if not self.available or self._waiting.total() + size > self._memory:
            raise Unavailable
        if self._waiting[source] and self._waiting[source] + size > self._memory // 4:
            raise Busy
        group = _Group(drafts, asyncio.get_running_loop().create_future())
        self._queues.setdefault(source, deque()).append(group)
        self._waiting[source] += size
        self._wake.set()
        try:
            await group.done
        finally:
            self._waiting[source] -= size

    def reject(self, rejected: Iterable[Rejected]) -> None:
        """Count messages that were turned away, and keep some to look at."""
        for one in rejected:
            self._dropped[one.source_id, one.reason] += 1
            if len(self._rejected) < _REJECTS_A_GROUP:
                self._rejected.append(one)
        self._wake.set()

    async def look_up_keys(self) -> None:
        """Have the keys read again, and wait until they are. Raises Unavailable."""
        if not self.available:
            raise Unavailable
        if self._lookup is None:
            self._lookup = asyncio.get_running_loop().create_future()
            self._wake.set()
        await asyncio.shield(self._lookup)

    # --- the task ---------------------------------------------------------------------------------

    async def run(self) -> None:
        """Write until cancelled."""
        async with asyncio.TaskGroup() as lanes:
            lanes.create_task(self._lane(listens=True))
            for _ in range(_LANES - 1):
                lanes.create_task(self._lane(listens=False))

    async def _lane(self, listens: bool) -> None:
        """Write over one connection after the other. One lane hears of changed sources."""
        while True:
            try:
                async with await AsyncConnection.connect(
                    self._url,
                    autocommit=True,
                    connect_timeout=3,
                    application_name="spindel-collect",
                    keepalives_idle=5,
                ) as connection:
                    await prepare(connection)
                    if listens:
                        await self.registry.load(connection)
                        await connection.execute(f"LISTEN {NOTIFY_SOURCES}")
                        self._set_available(True)
                    await self._serve(connection, listens)
            except Exception as error:
                # Never die: a collector that does not write must go on saying so.
                away = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
                log.warning(
                    "database_away" if away else "writer_failed",
                    error=type(error).__name__,
                    exc_info=not away,
                )
                if listens:
                    self._set_available(False)
                    self._fail_all(Unavailable())
            await asyncio.sleep(0.25)

    def _set_available(self, available: bool) -> None:
        if available != self.available:
            log.info("collector_ready" if available else "collector_waits_for_database")
        self.available = available

    async def _serve(self, connection: AsyncConnection, listens: bool) -> None:
        while True:
            spoke = not (listens and self._lookup) and await self._idle(connection)
            if listens and (spoke or self._lookup):
                # Processes notifications, and fails if the database has gone away.
                await self.registry.load(connection)
                if self._lookup:
                    self._lookup.set_result(None)
                    self._lookup = None
            elif spoke:
                await connection.execute("SELECT")
            while groups := self._take():
                await self._write_groups(connection, groups)
            if self._dropped:
                async with connection.transaction():
                    await self._count(connection, Counter())

    async def _idle(self, connection: AsyncConnection) -> bool:
        """Wait for something to do; whether it is the database that has something to say."""
        spoke = False

        def hear() -> None:
            nonlocal spoke
            spoke = True
            loop.remove_reader(socket)
            self._wake.set()

        if not self._wake.is_set():
            loop, socket = asyncio.get_running_loop(), connection.fileno()
            loop.add_reader(socket, hear)
            try:
                async with asyncio.timeout(_LOOK_AT_SOURCES):
                    await self._wake.wait()
            except TimeoutError:
                spoke = True
            finally:
                loop.remove_reader(socket)
        self._wake.clear()
        return spoke

    def _take(self) -> list[_Group]:
        """Groups of all sources in turn, up to a largest number of messages."""
        taken: list[_Group] = []
        count = 0
        waiting = [queue for queue in self._queues.values() if queue]
        while waiting and count < _LARGEST_GROUP:
            for queue in waiting:
                group = queue.popleft()
                taken.append(group)
                count += len(group.drafts)
            waiting = [queue for queue in waiting if queue]
        return taken

    async def _write_groups(self, connection: AsyncConnection, groups: list[_Group]) -> None:
        drafts = list(itertools.chain.from_iterable(group.drafts for group in groups))
        try:
            try:
                await self._write_drafts(connection, drafts)
            except _REFUSALS:
                good = [draft for draft in drafts if numbers_fit(draft)]
                self._refuse([draft for draft in drafts if not numbers_fit(draft)], "number_out_of_range")
                await self._write_storable(connection, good)
        except BaseException:
            for group in groups:
                if not group.done.done():
                    group.done.set_exception(Unavailable())
            raise
        for group in groups:
            if not group.done.done():
                group.done.set_result(None)

    async def _write_storable(self, connection: AsyncConnection, drafts: list[Draft]) -> None:
        """Keep all that the database can hold; find the others by halving."""
        if not drafts:
            return
        try:
            await self._write_drafts(connection, drafts)
        except _REFUSALS as error:
            if len(drafts) == 1:
                log.warning("not_storable", source=drafts[0].origin.slug, code=error.sqlstate)
                self._refuse(drafts, "not_storable")
                return
            half = len(drafts) // 2
            await self._write_storable(connection, drafts[:half])
            await self._write_storable(connection, drafts[half:])

    def _refuse(self, drafts: list[Draft], reason: str) -> None:
        for draft in drafts:
            draft.refused = reason
        self.reject(Rejected(d.origin.id, reason, "", mask(d.raw)) for d in drafts)

    async def _write_drafts(self, connection: AsyncConnection, drafts: list[Draft]) -> None:
        await self._intern(connection, drafts)
        told = Counter(draft.origin.id for draft in drafts)
        packed = pack(map(self._row, drafts))
        async with connection.transaction():
            kept = await append(connection, packed)
            outcomes: Counter[tuple[int | None, str]] = Counter()
            for source, count in told.items():
                new = kept.get(source, 0)
                outcomes[source, "kept"] = new
                outcomes[source, "duplicate"] = count - new
            await self._count(connection, outcomes)
            if kept:
                await connection.execute(f"NOTIFY {NOTIFY_FACTS}")

    async def _intern(self, connection: AsyncConnection, drafts: list[Draft]) -> None:
        """Make sure that every identifier of the drafts is known by its id."""
        missing: dict[Claim, None] = {}
        known = self.interned.get
        for draft in drafts:
            country = draft.origin.country
            for kind, value in draft.claims:
                claim = (kind, value, country)
                if known(claim) is None:
                    missing[claim] = None
        claims = list(missing)
        for start in range(0, len(claims), _CLAIMS_AT_ONCE):
            part = claims[start : start + _CLAIMS_AT_ONCE]
            self.interned.learn(part, await intern(connection, keys(part)))

    def _row(self, draft: Draft) -> Row:
        country = draft.origin.country
        found: dict[int, int] = {}  # strength by id
        for kind, value in draft.claims:
            id = self.interned.get((kind, value, country))
            assert id is not None
            if id > 0:
                found.setdefault(id, STRENGTH[kind])
        strongest = min(found, key=found.__getitem__) if len(found) > 1 else next(iter(found))
        return Row(
            key=draft.key,
            identifier_id=strongest,
            also=tuple(id for id in found if id != strongest),
            name=draft.name,
            channel=draft.channel,
            source_id=draft.origin.id,
            occurred_at=draft.occurred_at,
            received_at=draft.received_at,
            properties=draft.properties,
            context=draft.context,
        )

    async def _count(
        self, connection: AsyncConnection, outcomes: Counter[tuple[int | None, str]]
    ) -> None:
        """Add the outcomes, and what was dropped meanwhile, to the tallies."""
        dropped, self._dropped = self._dropped, Counter()
        rejected, self._rejected = self._rejected, []
        both = [(*key, count) for key, count in (outcomes + dropped).items()]
        try:
            if both:
                await connection.execute(
                    _COUNT,
                    {
                        "process": self._process,
                        "sources": [source for source, _, _ in both],
                        "outcomes": [outcome for _, outcome, _ in both],
                        "counts": [count for _, _, count in both],
                    },
                )
            if rejected:
                await connection.execute(
                    _REJECT,
                    {
                        "sources": [one.source_id for one in rejected],
                        "reasons": [one.reason for one in rejected],
                        "details": [one.detail for one in rejected],
                        "messages": [one.message for one in rejected],
                    },
                )
        except BaseException:
            self._dropped += dropped
            raise

    def _fail_all(self, error: Exception) -> None:
        for queue in self._queues.values():
            while queue:
                group = queue.popleft()
                if not group.done.done():
                    group.done.set_exception(error)
        if self._lookup:
            self._lookup.set_exception(error)
            self._lookup = None
