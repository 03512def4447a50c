"""A collector in this process, clients that send to it, and a look into the database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from spindel.collect.app import Collector
from spindel.timeline.models import Source
from tests.collect.support import Store, client_of


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url)
    yield store
    store.close()


@pytest.fixture
async def collector(web: Source, pos: Source) -> AsyncIterator[Collector]:
    """A collector that runs, and knows the web shop and the tills."""
    collector = Collector()
    await collector.start()
    yield collector
    await collector.stop()


@pytest.fixture
async def web_client(collector: Collector) -> AsyncIterator[httpx.AsyncClient]:
    """A client that sends as the web shop."""
    async with client_of(collector) as client:
        yield client


@pytest.fixture
async def pos_client(collector: Collector) -> AsyncIterator[httpx.AsyncClient]:
    """A client that sends as the tills."""
    async with client_of(collector, "pos-key") as client:
        yield client


@pytest.fixture
async def stranger(collector: Collector) -> AsyncIterator[httpx.AsyncClient]:
    """A client that shows no key of its own accord."""
    async with client_of(collector, None) as client:
        yield client
