"""Group commit: whatever has arrived is written in one go, and answered when it is durable.

The busier, the larger the group. Each source has its own queue and the groups take from all of
them in turn, so one that floods waits for itself. Database away: those who wait are told at once,
and so is everybody else until it is back.
"""

from __future__ import annotations

import asyncio
import itertools
import time
import traceback
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import structlog
from psycopg import AsyncConnection

from spindel.collect.interned import Claim, Interned, keys
from spindel.collect.mendings import Mending, Mendings
from spindel.collect.originals import sealed
from spindel.collect.registry import NOTIFY_SOURCES, Registry
from spindel.collect.steps import FORGOTTEN, STRENGTH, Draft, recognise_receipt
from spindel.collect.violations import Violation, Violations
from spindel.identity.interning import intern
from spindel.identity.tombstones import Outdated, Tombstones, lock_shared
from spindel.kit.masking import mask
from spindel.kit.waking import is_time_to_wake
from spindel.timeline.append import (
    NOTIFY_FACTS,
    Row,
    append,
    pack,
    prepare,
)

log = structlog.get_logger("spindel.collect")

_LANES = 2  # while one waits for the disk, the other packs
_LARGEST_GROUP = 1500
_REJECTS_AT_ONCE = 50  # a source, every half second
_CLAIMS_AT_ONCE = 5_000
_LOOK_AT_SOURCES = 30  # seconds; a safety net below the notifications
_LONGEST_WAIT = 5  # seconds; clients give up after ten
_DRAFT = 1_000  # bytes that a draft takes besides its message

_COUNT = """
INSERT INTO collect_tally (source_id, outcome, minute, process, count)
SELECT source_id, outcome, date_trunc('minute', now()), %(process)s, count
FROM unnest(%(sources)s::bigint[], %(outcomes)s::text[], %(counts)s::bigint[])
     AS t (source_id, outcome, count)
ON CONFLICT (source_id, outcome, minute, process)
DO UPDATE SET count = collect_tally.count + excluded.count
RETURNING (SELECT epoch FROM identity_forgetting)
"""

_REJECT = """
INSERT INTO collect_reject (source_id, reason, detail, message, original)
SELECT * FROM unnest(%(sources)s::bigint[], %(reasons)s::text[], %(details)s::text[],
                     %(messages)s::text[], %(originals)s::text[])
"""

Outcome = tuple[int | None, str]  # a source's id; kept, duplicate or why it was dropped

# What the database says of a value that it can't hold.
_REFUSALS = (
    psycopg.DataError,
    psycopg.errors.ProgramLimitExceeded,
    psycopg.errors.StatementTooComplex,
)


class Unavailable(Exception):
    """The database is away: nothing was kept."""


class Busy(Exception):
    """The source has more waiting than its share of memory."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A message that was turned away, as it came; it is masked when it is kept.

    One with its draft can be sent again.
    """

    source_id: int | None
    reason: str
    detail: str
    message: bytes
    draft: Draft | None = None

    @classmethod
    def of(cls, draft: Draft, reason: str) -> Rejected:
        """A draft that was turned away."""
        return cls(draft.origin.id, reason, draft.detail, draft.raw, draft)


def _few() -> deque[Rejected]:
    return deque(maxlen=_REJECTS_AT_ONCE)


@dataclass(slots=True, eq=False)
class _Group:
    """The messages of one request, and who waits for them since when."""

    drafts: list[Draft]
    done: asyncio.Future[None]
    since: float = field(default_factory=time.monotonic)

    def fail(self) -> None:
        # An exception of its own: one that is raised twice holds on to the frames of both.
        if not self.done.done():
            self.done.set_exception(Unavailable())


def places(error: BaseException) -> list[str]:
    """Where the error came from. Its text is left out: it could hold a customer's values."""
    return [
        f"{Path(frame.filename).name}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)[-5:]
    ]


class Writer:
    """Writes what requests hand it. One a process; `run` is its only task."""

    def __init__(self, url: str, registry: Registry, memory: int) -> None:
        self._url = url
        self.registry = registry
        self._connected = False
        self._stuck = False  # the database neither answers nor goes away
        self._changed = False  # a source or a key, as far as we know
        self._under_way: set[_Group] = set()
        self.interned = Interned()
        self._tombstones = Tombstones()
        self.counted: Counter[Outcome] = Counter()  # of what was written and is durable
        self._memory = memory
        self._waiting: Counter[int] = Counter()  # bytes, by source
        self._queues: dict[int, deque[_Group]] = {}
        self._wake = asyncio.Event()
        self._dropped: Counter[Outcome] = Counter()
        self._rejected: defaultdict[int, deque[Rejected]] = defaultdict(_few)
        self._rejects_due = True
        self._counts = 0  # transactions under way that end by counting
        self._violations = Violations()
        self._mendings = Mendings()
        self._lookup: asyncio.Future[None] | None = None

    @property
    def available(self) -> bool:
        """Whether messages can be kept now."""
        return self._connected and not self._stuck

    # --- what requests call -----------------------------------------------------------------------

    async def write(self, drafts: list[Draft]) -> None:
        """Keep the drafts; returns when they are durable. They are all of one source.

        Raises Unavailable when the database is away or too much waits in all, and Busy when too
        much waits of this source: then nothing of them is kept.
        """
        size = sum(len(draft.raw) + _DRAFT for draft in drafts)
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
        self._mendings.note(drafts)
        if drafts[0].origin.plan is not None:
            self._violations.note(drafts)

    async def count_the_rest(self, seconds: float) -> None:
        """Wait, but not for ever, until everything that was turned away is in the tallies."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.available and (
                    self._dropped or self._violations or self._mendings or self._counts
                ):
                    self._wake.set()
                    await asyncio.sleep(0.01)

    def reject(self, rejected: Iterable[Rejected]) -> None:
        """Count messages that were turned away, and keep some of the latest to look at."""
        for one in rejected:
            self._dropped[one.source_id, one.reason] += 1
            if one.source_id is not None:
                self._rejected[one.source_id].append(one)
            if one.draft is not None and one.draft.off_plan:
                self._violations.note([one.draft])
        self._wake.set()

    def identifies(self, draft: Draft) -> bool:
        """Whether one of the draft's claims, or else its receipt, can say who somebody is."""
        if self._any_identifies(draft):
            return True
        recognise_receipt(draft)
        return self._any_identifies(draft)

    def _any_identifies(self, draft: Draft) -> bool:
        country, known = draft.origin.country, self.interned.get
        for kind, value in draft.claims:  # noqa: SIM110  # half the cost of any()
            if known((kind, value, country)) != -1:
                return True
        return False

    async def look_up_keys(self) -> None:
        """Wait until the keys have been read again. Raises Unavailable."""
        if not self.available:
            raise Unavailable
        if self._lookup is None:
            loop = asyncio.get_running_loop()
            self._lookup = loop.create_future()
            loop.call_later(self.registry.pause(), self._want_refresh)
        await asyncio.shield(self._lookup)

    # --- the task ---------------------------------------------------------------------------------

    async def run(self) -> None:
        """Write until cancelled."""
        try:
            async with asyncio.TaskGroup() as lanes:
                lanes.create_task(self._lane(listens=True))
                for _ in range(_LANES - 1):
                    lanes.create_task(self._lane(listens=False))
                lanes.create_task(self._watch())
        finally:
            self._connected = False
            self._fail_all()

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
                    prepare(connection)
                    await self._load_tombstones(connection)
                    if listens:
                        # In this order: a change in between is read, or heard of.
                        connection.add_notify_handler(self._hear)
                        await connection.execute(f"LISTEN {NOTIFY_SOURCES}")
                        await self.registry.load(connection)
                        self._set_connected(True)
                    await self._serve(connection, listens)
            except Exception as error:
                # Never die: a collector that does not write must go on saying so.
                if not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
                    log.error("writer_failed", error=type(error).__name__, at=places(error))
                if listens:
                    self._set_connected(False)
                    self._fail_all()
            # Identifiers are made without waiting for the disk. A server that crashed may have
            # lost those that no fact names yet, and gives their ids to others.
            self.interned.forget()
            await asyncio.sleep(0.25)

    def _set_connected(self, connected: bool) -> None:
        if connected != self._connected:
            log.info("collector_ready" if connected else "collector_waits_for_database")
        self._connected = connected

    def _hear(self, _: psycopg.Notify) -> None:
        self._changed = True

    def _want_refresh(self) -> None:
        self._changed = True
        self._wake.set()

    async def _watch(self) -> None:
        """Answer those who have waited too long: a server may hang, and nothing tells us.

        Says, too, when rejects may be kept again: those of a flood are no use, and wear the disk.
        """
        while True:
            await asyncio.sleep(0.5)
            self._rejects_due = True
            if self._rejected or self._violations or self._mendings:
                self._wake.set()
            late = time.monotonic() - _LONGEST_WAIT
            stuck = any(group.since < late for group in self._under_way)
            if stuck != self._stuck:
                log.warning("database_hangs" if stuck else "database_answers_again")
            self._stuck = stuck
            if stuck:
                self._fail_all()

    async def _serve(self, connection: AsyncConnection, listens: bool) -> None:
        while True:
            if not (listens and self._changed) and await self._idle(connection):
                # Takes in notifications, and fails if the database has gone away.
                await connection.execute("SELECT")
                self._changed |= listens
            if listens:
                await self._refresh(connection)
            while groups := self._take():
                await self._write_groups(connection, groups)
                if listens:
                    await self._refresh(connection)
            latest = self._rejected or self._violations or self._mendings
            if self._dropped or (latest and self._rejects_due):
                async with self._counting(connection, Counter()):
                    pass

    async def _refresh(self, connection: AsyncConnection) -> None:
        """Read the keys again when one has changed, or somebody shows one that is unknown."""
        await self.registry.note_uses(connection)
        if not self._changed:
            return
        # Whoever asks while we read may ask for what is newer: that needs another read.
        asked, self._lookup, self._changed = self._lookup, None, False
        try:
            await self.registry.load(connection)
        except BaseException:
            if asked:
                asked.set_exception(Unavailable())
            raise
        if asked:
            asked.set_result(None)

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
        self._under_way.update(groups)
        try:
            await self._write_storable(connection, drafts)
        except BaseException:
            for group in groups:
                group.fail()
            raise
        finally:
            self._under_way.difference_update(groups)
        for group in groups:
            if not group.done.done():
                group.done.set_result(None)

    async def _write_storable(self, connection: AsyncConnection, drafts: list[Draft]) -> None:
        """Keep all that the database can hold; find the others by halving."""
        try:
            await self._write_drafts(connection, drafts)
        except _REFUSALS as error:
            if len(drafts) == 1:
                log.warning("not_storable", source=drafts[0].origin.slug, code=error.sqlstate)
                drafts[0].refused = "not_storable"
                self.reject([Rejected.of(drafts[0], "not_storable")])
                return
            half = len(drafts) // 2
            await self._write_storable(connection, drafts[:half])
            await self._write_storable(connection, drafts[half:])

    async def _write_drafts(self, connection: AsyncConnection, drafts: list[Draft]) -> None:
        while True:
            try:
                await self._try_to_write(connection, drafts)
                return
            except Outdated:
                await self._load_tombstones(connection)

    async def _load_tombstones(self, connection: AsyncConnection) -> None:
        await self._tombstones.load(connection)
        self.interned.forget()  # with nothing in between: what was met belongs to an epoch

    async def _try_to_write(self, connection: AsyncConnection, drafts: list[Draft]) -> None:
        epoch = self._tombstones.epoch
        drafts = await self._without_late(connection, drafts)
        if not drafts:
            async with self._counting(connection, Counter()):
                return
        await self._intern(connection, drafts)
        told = Counter(draft.origin.id for draft in drafts)
        packed = pack([self._row(draft) for draft in drafts])
        outcomes: Counter[Outcome] = Counter()
        async with self._counting(connection, outcomes, epoch):
            await lock_shared(connection)
            kept = await append(connection, packed)
            for source, count in told.items():
                new = kept.get(source, 0)
                outcomes[source, "kept"] = new
                outcomes[source, "duplicate"] = count - new
            if kept and is_time_to_wake(NOTIFY_FACTS):
                await connection.execute(f"NOTIFY {NOTIFY_FACTS}")
        self.counted += outcomes

    async def _without_late(self, connection: AsyncConnection, drafts: list[Draft]) -> list[Draft]:
        """Drop what tells of somebody from before she was forgotten; those that are left."""
        if self._tombstones.epoch is None:
            return drafts
        forgets = -1
        while forgets != self.interned.forgets:  # as below
            forgets = self.interned.forgets
            claims = self._unmet(drafts)
            for start in range(0, len(claims), _CLAIMS_AT_ONCE):
                part = claims[start : start + _CLAIMS_AT_ONCE]
                self.interned.bury(part, await self._tombstones.find(connection, keys(part)))
        if self.interned.buried:
            for draft in drafts:
                if not draft.refused and self._is_late(draft):
                    draft.refused = FORGOTTEN
                    # Counted, and nothing of it kept to be looked at.
                    self._dropped[draft.origin.id, FORGOTTEN] += 1
        return [draft for draft in drafts if draft.refused != FORGOTTEN]

    def _is_late(self, draft: Draft) -> bool:
        country = draft.origin.country
        claims = ((kind, value, country) for kind, value in draft.claims)
        return self.interned.is_late(claims, draft.occurred_at)

    async def _intern(self, connection: AsyncConnection, drafts: list[Draft]) -> None:
        """Make sure that every identifier of the drafts is known by its id."""
        epoch, forgets = self._tombstones.epoch, -1
        while forgets != self.interned.forgets:  # the other lane, which connects, has forgotten all
            forgets = self.interned.forgets
            claims = self._unmet(drafts)
            for start in range(0, len(claims), _CLAIMS_AT_ONCE):
                part = claims[start : start + _CLAIMS_AT_ONCE]
                found = await intern(connection, keys(part), epoch)
                if self._tombstones.epoch != epoch:
                    raise Outdated  # the other lane has heard first: these may be forgotten ones
                self.interned.learn(part, found)

    def _unmet(self, drafts: list[Draft]) -> list[Claim]:
        """What the drafts claim that has not been met lately."""
        known = self.interned.get
        found: dict[Claim, None] = {}
        for draft in drafts:
            country = draft.origin.country
            for kind, value in draft.claims:
                claim = (kind, value, country)
                if known(claim) is None:
                    found[claim] = None
        return list(found)

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

    @asynccontextmanager
    async def _counting(
        self, connection: AsyncConnection, outcomes: Counter[Outcome], epoch: int | None = None
    ) -> AsyncIterator[None]:
        """A transaction that ends by adding to the tallies: `outcomes`, and what was dropped.

        Raises Outdated, and does nothing, when there are outcomes and the epoch is another.
        """
        dropped: Counter[Outcome] = Counter()
        rejected: list[Rejected] = []
        violations: Counter[Violation] = Counter()
        mendings: Counter[Mending] = Counter()
        self._counts += 1
        try:
            async with connection.transaction():
                yield
                dropped, self._dropped = self._dropped, dropped
                if self._rejects_due:
                    self._rejects_due = False
                    rejected = list(itertools.chain.from_iterable(self._rejected.values()))
                    self._rejected.clear()
                    violations = self._violations.take()
                    mendings = self._mendings.take()
                now = await _count(connection, outcomes + dropped)
                if outcomes and now != epoch:
                    raise Outdated
                await _keep(connection, rejected)
                await self._violations.write(connection, violations)
                await self._mendings.write(connection, mendings)
        except BaseException:
            self._dropped += dropped
            self._violations.put_back(violations)
            self._mendings.put_back(mendings)
            raise
        finally:
            self._counts -= 1

    def _fail_all(self) -> None:
        for group in self._under_way:
            group.fail()
        for queue in self._queues.values():
            while queue:
                queue.popleft().fail()
        if self._lookup:
            self._lookup.set_exception(Unavailable())
            self._lookup = None


async def _count(connection: AsyncConnection, outcomes: Counter[Outcome]) -> int | None:
    """Add to the tallies; the epoch of the tombstones, read after whatever came before."""
    if not outcomes:
        return None
    cursor = await connection.execute(
        _COUNT,
        {
            # Rows of this connection's own: nobody waits for another's until it has committed.
            "process": connection.info.backend_pid,
            "sources": [source for source, _ in outcomes],
            "outcomes": [outcome for _, outcome in outcomes],
            "counts": list(outcomes.values()),
        },
    )
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def _keep(connection: AsyncConnection, rejected: list[Rejected]) -> None:
    if rejected:
        await connection.execute(
            _REJECT,
            {
                "sources": [one.source_id for one in rejected],
                "reasons": [one.reason for one in rejected],
                "details": [one.detail for one in rejected],
                "messages": [mask(one.message) for one in rejected],
                "originals": [one.draft and sealed(one.draft) for one in rejected],
            },
        )
