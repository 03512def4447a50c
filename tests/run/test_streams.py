"""Live streams over HTTP: as many as the docs say, and no stranger takes all connections."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from django.db import connection
from django.test import Client

from spindel.catalogue.markets import Market
from spindel.catalogue.models import Price, Product, Variant
from spindel.commerce.carts import actions as carts
from spindel.commerce.carts.actions import Edit
from spindel.identity import identifiers
from spindel.shoppers import actions as sessions
from spindel.shoppers import reading as shoppers
from spindel.staff.models import User
from tests.run.running import Running

pytestmark = pytest.mark.slow

HONEST, MADE_UP = 540, 400
SKU = "vinga-38"


@pytest.fixture
def served(database: str) -> Iterator[Running]:
    """The web processes, as many as by default, on the test's database."""
    secret = os.environ["SPINDEL_SECRET_KEY"]
    running = Running("web", SPINDEL_DATABASE_URL=database, SPINDEL_SECRET_KEY=secret)
    try:
        running.wait_until_well()
        yield running
    finally:
        running.clean_up()


@pytest.fixture
def keys(database: str) -> list[str]:
    """The keys of honest shoppers, who can buy something."""
    product = Product.objects.create(number="vinga", names={"sv": "Vinga"})
    variant = Variant.objects.create(product=product, sku=SKU)
    Price.objects.create(variant=variant, market="SE", currency="SEK", amount=129_900)
    return [let_in(f"browser-{n}") for n in range(HONEST)]


def let_in(browser: str) -> str:
    return sessions.let_in(
        browser=identifiers.identifier("anonymous_id", browser), market=Market("SE", "SEK", "sv")
    )


class Stream:
    """A connection that asks for a stream."""

    def __init__(self, port: int, path: str, *headers: str) -> None:
        self._port = port
        self._asked = "\r\n".join((f"GET {path} HTTP/1.1", "Host: localhost", *headers, "", ""))

    async def open(self) -> int:
        """The status of the answer."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writer.write(self._asked.encode())
        line = await self._reader.readline()
        return int(line.split()[1])

    async def hear(self, words: bytes) -> None:
        """Wait until it tells of this."""
        await self._reader.readuntil(words)

    def close(self) -> None:
        self._writer.close()


def of_cart(served: Running, key: str) -> Stream:
    return Stream(served.port, "/live/cart", f"Authorization: Bearer {key}")


async def statuses(streams: list[Stream]) -> Counter[int]:
    return Counter(await asyncio.gather(*(stream.open() for stream in streams)))


async def connections(url: str) -> int:
    """How many the database has."""
    other = await psycopg.AsyncConnection.connect(url)
    async with other:
        cursor = await other.execute("SELECT count(*) FROM pg_stat_activity")
        return int((await cursor.fetchone() or (0,))[0])


async def test_shoppers_are_served_while_a_stranger_tries_made_up_keys(
    served: Running, keys: list[str], database: str
) -> None:
    honest = [of_cart(served, key) for key in keys]
    strangers = [of_cart(served, f"sh_made-up-{n}") for n in range(MADE_UP)]
    before = await connections(database)
    async with asyncio.timeout(60):
        assert await statuses(honest) == {200: HONEST}
        flood = asyncio.create_task(statuses(strangers))
        most = before
        while not flood.done():
            most = max(most, await connections(database))
        assert await flood == {401: MADE_UP}
        assert most <= before + 4, "one for each process, and some slack; never one for each key"
        await asyncio.to_thread(fill, keys)
        await asyncio.gather(*(stream.hear(b"event: cart\ndata: 1\n") for stream in honest))
    for stream in (*honest, *strangers):
        stream.close()


def fill(keys: list[str]) -> None:
    """Put something into each of their carts."""
    with closing(connection):
        for key in keys:
            carts.change_of_shopper(shoppers.digest(key), Edit(SKU, quantity=1))


@pytest.fixture
def cookie(agent: User) -> str:
    """Of somebody who is logged in."""
    client = Client()
    client.force_login(agent, backend="allauth.account.auth_backends.AuthenticationBackend")
    return f"Cookie: sessionid={client.cookies['sessionid'].value}"


async def test_one_login_has_25_streams_whichever_processes_they_come_to(
    served: Running, cookie: str
) -> None:
    async with asyncio.timeout(60):
        streams = [Stream(served.port, "/live/all", cookie) for _ in range(60)]
        assert await statuses(streams) == {200: 25, 503: 35}
        for stream in streams:
            stream.close()
        again = Stream(served.port, "/live/all", cookie)
        while await again.open() != 200:  # until they have seen that the others have left
            again.close()
            await asyncio.sleep(0.05)
        again.close()


@pytest.fixture
def key(database: str) -> str:
    """The key of one shopper."""
    return let_in("phone")


async def test_one_shopper_has_10_streams_whichever_processes_they_come_to(
    served: Running, key: str
) -> None:
    async with asyncio.timeout(60):
        streams = [of_cart(served, key) for _ in range(30)]
        assert await statuses(streams) == {200: 10, 503: 20}
    for stream in streams:
        stream.close()
