"""The doorbell: who hears it, when, and what becomes of it when the database is away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import psycopg
import pytest
from django.db import connection
from django.test import Client

from spindel.console.live import Live
from spindel.staff.models import Role
from tests.console.cast import Stream
from tests.console.cast import live as live  # a fixture


def cookie_of(client: Client) -> str:
    return f"sessionid={client.cookies['sessionid'].value}"


async def log_in(as_role: Callable[[Role], Client], role: Role) -> Client:
    """Somebody with the role, logged in; in a thread, which keeps no connection."""

    def work() -> Client:
        try:
            return as_role(role)
        finally:
            connection.close()

    return await asyncio.to_thread(work)


async def tell(url: str, payload: str) -> None:
    other = await psycopg.AsyncConnection.connect(url, autocommit=True)
    async with other:
        await other.execute("SELECT pg_notify('spindel_customers', %s)", [payload])


async def opened(live: Live, path: str, cookie: str) -> Stream:
    """A stream that has heard the listener's first ring, or would have missed none."""
    stream = Stream(live, path, cookie)
    await stream.until(lambda: stream.status is not None)
    return stream


async def test_a_page_hears_of_its_customer_and_of_no_other(
    live: Live, maja: Client, database_url: str
) -> None:
    one = await opened(live, "/live/customers/1", cookie_of(maja))
    two = await opened(live, "/live/customers/2", cookie_of(maja))
    everything = await opened(live, "/live/all", cookie_of(maja))
    for _ in range(20):  # all are rung once when it begins to listen, which may be just now
        heard = one.rings, two.rings, everything.rings
        await tell(database_url, "1 17")
        await asyncio.wait((asyncio.create_task(one.changed.wait()),), timeout=0.5)
        one.changed.clear()
        if one.rings > heard[0] and everything.rings > heard[2] and two.rings == heard[1]:
            break
    else:
        raise AssertionError("It hears of others, too, or of nobody.")
    before = two.rings
    await tell(database_url, "*")
    await two.until(lambda: two.rings > before)
    for stream in (one, two, everything):
        stream.left.set()
        await stream.task


async def test_one_person_can_not_take_all_streams(live: Live, as_role) -> None:
    first, second = [cookie_of(await log_in(as_role, role)) for role in (Role.AGENT, Role.ADMIN)]
    streams = [await opened(live, "/live/all", first) for _ in range(26)]
    assert [stream.status for stream in streams] == [200] * 25 + [503]
    other = await opened(live, "/live/all", second)
    assert other.status == 200
    for stream in (*streams, other):
        stream.left.set()
        await stream.task
    again = await opened(live, "/live/all", first)
    assert again.status == 200
    again.left.set()
    await again.task


@pytest.mark.parametrize("cookie", ["", "sessionid=nonsense", "sessionid=", '=;;="x'])
async def test_strangers_are_turned_away(live: Live, cookie: str) -> None:
    stream = Stream(live, "/live/all", cookie)
    await stream.task
    assert stream.status == 401


@pytest.mark.parametrize("role", Role)
async def test_a_clerk_hears_no_bell_of_whom_she_has_not_looked_up(
    live: Live, as_role, role: Role
) -> None:
    client = await log_in(as_role, role)
    for path, refused in (("/live/all", False), ("/live/customers/1", role == Role.CLERK)):
        stream = await opened(live, path, cookie_of(client))
        assert stream.status == (401 if refused else 200)
        stream.left.set()
        await stream.task


async def test_other_addresses_are_nowhere(live: Live, maja: Client) -> None:
    for path in ("/live/", "/live/customers/x", "/live/customers/1/2"):
        stream = Stream(live, path, cookie_of(maja))
        await stream.task
        assert stream.status == 404


async def test_streams_outlive_the_listening_connection(
    live: Live, maja: Client, database_url: str
) -> None:
    stream = await opened(live, "/live/all", cookie_of(maja))
    other = await psycopg.AsyncConnection.connect(database_url, autocommit=True)
    async with other, asyncio.timeout(30):
        killed = 0
        while not killed:
            cursor = await other.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE query LIKE 'LISTEN spindel_customers%' AND datname = current_database()"
            )
            killed = (await cursor.fetchone() or (0,))[0]
            await asyncio.sleep(0.02)
    rings = stream.rings
    # On its return it rings by itself: something may have happened meanwhile.
    await stream.until(lambda: stream.rings > rings)
    assert not stream.task.done()
    stream.left.set()
    await stream.task


async def test_many_rings_at_once_are_one(live: Live, maja: Client, database_url: str) -> None:
    stream = await opened(live, "/live/all", cookie_of(maja))
    for _ in range(50):
        await tell(database_url, "1")
    await stream.until(lambda: stream.rings)
    assert stream.rings < 25
    stream.left.set()
    await stream.task


async def test_stopping_ends_every_stream(live: Live, maja: Client) -> None:
    stream = await opened(live, "/live/all", cookie_of(maja))
    await live.stop()
    await asyncio.wait_for(stream.task, 5)
    assert stream.status == 200
