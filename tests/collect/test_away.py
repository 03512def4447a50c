"""The database stops, crashes or hangs: said at once, nothing acknowledged lost, and it heals."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from spindel.collect import writer
from spindel.collect.app import Collector
from spindel.kit import embedded
from spindel.timeline.models import Source
from tests.collect.support import PATIENCE, Store, client_of, eventually, kept, refused, track
from tests.run.running import prepared_home

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A home with a database server of its own, to be stopped and started at will."""
    home = prepared_home()
    yield home
    embedded.stop(home)


@pytest.fixture
def own_store(home: Path) -> Iterator[Store]:
    """What the server holds; starts it, empty but for the web shop."""
    store = Store(embedded.start(home))
    store.execute(
        """
        TRUNCATE timeline_fact, collect_tally, collect_reject, timeline_source CASCADE;
        INSERT INTO timeline_source (id, slug, name, kind, channel, country, trusted, created_at)
        VALUES (1, 'web', 'Web', 'web', 'web', 'SE', false, now());
        INSERT INTO timeline_writekey (source_id, key, created_at) VALUES (1, 'web-key', now())
        """
    )
    yield store
    store.close()


@pytest.fixture
async def own(
    home: Path, own_store: Store, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a collector that writes to that server."""
    found = embedded.url(home)
    assert found
    monkeypatch.setenv("SPINDEL_DATABASE_URL", found)
    collector = Collector()
    await collector.start()
    async with client_of(collector) as client:
        yield client
    await collector.stop()


def _away(answer: httpx.Response) -> None:
    refused(answer, 503, "unavailable")
    assert answer.headers["retry-after"].isdecimal()
    assert int(answer.headers["retry-after"]) >= 1


async def _until_kept(client: httpx.AsyncClient, message: dict[str, object]) -> None:
    deadline = time.monotonic() + 3 * PATIENCE
    while (answer := await client.post("/v1/track", json=message)).status_code == 503:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    kept(answer)


async def test_while_the_database_is_away_each_request_is_told_so_within_a_second(
    own: httpx.AsyncClient, home: Path
) -> None:
    kept(await own.post("/v1/track", json=track(1)))
    await asyncio.to_thread(embedded.stop, home)
    for number in range(2, 40):
        started = time.monotonic()
        _away(await own.post("/v1/track", json=track(number)))
        assert time.monotonic() - started < 1
    # Nobody can say whether an unknown key is good.
    answer = await own.post("/v1/track", json=track(), auth=("unknown", ""))
    assert answer.status_code in (401, 503)
    store = Store(await asyncio.to_thread(embedded.start, home))
    try:
        await _until_kept(own, track(40))
        assert [fact.properties["n"] for fact in store.facts()] == [1, 40]
    finally:
        store.close()


async def test_a_collector_that_starts_before_the_database_waits_for_it(
    home: Path, own_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = embedded.url(home)
    assert found
    monkeypatch.setenv("SPINDEL_DATABASE_URL", found)
    await asyncio.to_thread(embedded.stop, home)
    collector = Collector()
    await collector.start()
    try:
        async with client_of(collector) as client:
            _away(await client.post("/v1/track", json=track(1)))
            await asyncio.to_thread(embedded.start, home)
            await _until_kept(client, track(2))
    finally:
        await collector.stop()


async def test_what_was_acknowledged_around_crashes_is_there_once_and_under_the_right_people(
    own: httpx.AsyncClient, home: Path
) -> None:
    acknowledged: set[int] = set()
    stopped = False

    async def send(lane: int) -> None:
        number = lane * 1_000_000
        while not stopped:
            numbers = range(number, number + 20)
            batch = [track(n, userId=f"u-{n}", anonymousId=f"a-{n}") for n in numbers]
            while True:  # as clients do: the same batch until it is taken
                answer = await own.post("/v1/batch", json={"batch": batch})
                if answer.status_code == 200:
                    break
                _away(answer)
                await asyncio.sleep(0.02)
            acknowledged.update(numbers)
            number += 20

    lanes = [asyncio.create_task(send(lane)) for lane in range(6)]
    for _ in range(3):
        before = len(acknowledged)
        await eventually(lambda: len(acknowledged) > before + 2_000)  # noqa: B023  # awaited before `before` changes
        await asyncio.to_thread(_crash, home)
        await asyncio.to_thread(embedded.start, home)
    before = len(acknowledged)
    await eventually(lambda: len(acknowledged) > before + 500)
    stopped = True
    await asyncio.gather(*lanes)
    store = Store(await asyncio.to_thread(embedded.start, home))
    try:
        facts = store.facts()
    finally:
        store.close()
    assert sorted(fact.properties["n"] for fact in facts) == sorted(acknowledged)
    for fact in facts:
        number = fact.properties["n"]
        assert fact.identifiers == (f"user_id:u-{number}", f"anonymous_id:a-{number}")


def _crash(home: Path) -> None:
    """Stop the server as a crash would: nothing is flushed; the log is replayed at the start."""
    pid = int((embedded.data_folder(home) / "postmaster.pid").read_text().split()[0])
    server = psutil.Process(pid)
    server.send_signal(signal.SIGQUIT)
    server.wait(PATIENCE)


async def test_a_database_that_hangs_is_noticed_and_what_waits_stays_within_bounds(
    web: Source, database_url: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_LONGEST_WAIT", 1)
    monkeypatch.setenv("SPINDEL_COLLECT_MEMORY_MB", "4")
    collector = Collector()
    await collector.start()
    try:
        async with client_of(collector) as client:
            kept(await client.post("/v1/track", json=track(0)))
            with psycopg.connect(database_url) as other:
                other.execute("LOCK TABLE timeline_fact IN ACCESS EXCLUSIVE MODE")
                started = time.monotonic()
                batches = [[track(n * 500 + m) for m in range(500)] for n in range(30)]
                answers = await asyncio.gather(
                    *(client.post("/v1/batch", json={"batch": batch}) for batch in batches)
                )
                assert time.monotonic() - started < 5
                codes = [answer.status_code for answer in answers]
                assert set(codes) == {429, 503}
                assert codes.count(503) < 10  # as many as may wait
                started = time.monotonic()
                _away(await client.post("/v1/track", json=track(1)))
                assert time.monotonic() - started < 1
            await _until_kept(client, track(20_000))
            before = store.count()
            for batch in batches:
                kept(await client.post("/v1/batch", json={"batch": batch}))
            assert store.count() == 15_001
            assert before < 15_001
    finally:
        await collector.stop()


async def test_whoever_waits_when_the_collector_stops_is_told_to_come_again(
    web: Source, database_url: str, store: Store
) -> None:
    collector = Collector()
    await collector.start()
    async with client_of(collector) as client:
        with psycopg.connect(database_url) as other:
            other.execute("LOCK TABLE timeline_fact IN ACCESS EXCLUSIVE MODE")
            posts = [
                asyncio.create_task(client.post("/v1/track", json=track(n))) for n in range(50)
            ]
            await asyncio.sleep(0)
            await eventually(lambda: _waits(store))
            await collector.stop()
            for answer in await asyncio.gather(*posts):
                _away(answer)
    assert store.count() == 0


def _waits(store: Store) -> bool:
    """Whether a collector waits for somebody's lock."""
    return bool(
        store.rows(
            "SELECT 1 FROM pg_stat_activity WHERE application_name = 'spindel-collect'"
            " AND wait_event_type = 'Lock' AND datname = current_database()"
        )
    )


async def test_a_collector_refuses_many_times_without_growing(
    web: Source, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINDEL_DATABASE_URL", "postgresql://postgres@/none?host=/nonexistent")
    collector = Collector()
    start = asyncio.create_task(collector.start())
    process = psutil.Process()
    async with client_of(collector) as client:
        batch = {"batch": [track(n, properties={"x": "x" * 400}) for n in range(500)]}
        for round_ in range(4):
            for _ in range(50):
                _away(await client.post("/v1/batch", json=batch))
            if round_ == 0:
                before = process.memory_info().rss
        grown = process.memory_info().rss - before
    await start
    await collector.stop()
    assert grown < 20 * 1024 * 1024  # 150 batches of 250 kB
