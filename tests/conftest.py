"""The shared cast: a shopper, an agent, a clerk, and the sources that tell of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from spindel.staff.models import Role, User
from spindel.timeline.models import Source, WriteKey
from tests import emptying, examples, passwords, static_files  # noqa: F401  # so that it has been imported
from tests.database import SERVER, TEMPLATE
from tests.mailbox import mailbox as mailbox  # a fixture for all
from tests.telling import wait_until

DATA = Path(
    os.environ.get("SPINDEL_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")
)


emptying.install()
static_files.install()


def pytest_configure(config: pytest.Config) -> None:
    examples.set_up(config)


def real_data(name: str) -> Path:
    """A file of the real data sets; skips the test where they are not at hand."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the real data set {name} is not on this machine (SPINDEL_TEST_DATA)")
    return path


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """A worker's database is a copy of one that has had every migration."""
    connection.settings_dict["TEST"]["TEMPLATE"] = TEMPLATE


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Ends with nobody at the database: the server waits five seconds for them to go by themselves
    before it gives up dropping it.
    """
    yield
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [connection.settings_dict["NAME"]],
        )


@pytest.fixture
def database(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database whose transactions really commit: followers and collectors see nothing else.

    Its address is in SPINDEL_DATABASE_URL meanwhile, for collectors and processes.
    """
    return address(monkeypatch)


def address(patch: pytest.MonkeyPatch) -> str:
    """Have SPINDEL_DATABASE_URL be the address of this worker's database; that address."""
    base, _, query = SERVER.partition("?")
    name = connection.settings_dict["NAME"]
    url = f"{base.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
    patch.setenv("SPINDEL_DATABASE_URL", url)
    return url


@pytest.fixture
def database_url(database: str) -> str:
    """The address of this worker's database, for a process or a connection of one's own."""
    return database


@pytest.fixture
def web(database: str) -> Source:
    """The web shop, with the write key `web-key`."""
    return source("web", "web", "web")


@pytest.fixture
def pos(database: str) -> Source:
    """The tills, trusted, with the write key `pos-key`."""
    return source("pos", "pos", "store", trusted=True)


def source(slug: str, kind: str, channel: str, trusted: bool = False) -> Source:
    """A source with the write key `<slug>-key`."""
    made = Source.objects.create(
        slug=slug, name=slug.title(), kind=kind, channel=channel, trusted=trusted
    )
    WriteKey.objects.create(source=made, key=f"{slug}-key")
    return made


PASSWORD = "a long password for tests"


@pytest.fixture
def agent(database: str) -> User:
    """Maja of customer service."""
    return User.objects.create_user("maja@nordsko.example", PASSWORD, role=Role.AGENT, name="Maja")


@pytest.fixture
def clerk(database: str) -> User:
    """Oskar in the store."""
    return User.objects.create_user(
        "oskar@nordsko.example", PASSWORD, role=Role.CLERK, name="Oskar"
    )


@pytest.fixture(autouse=True)
def _no_thread_keeps_a_connection() -> Iterator[None]:
    """A thread that ends without closing its connection takes it from the pool for good, and some
    later test waits for one in vain. The test itself may have one open.
    """
    before = _in_use()
    yield
    wait_until(lambda: _in_use() <= max(before, 1))


def _in_use() -> int:
    """How many connections are out of the pool; asked for, it would be made, before its time."""
    pool = connection._connection_pools.get(connection.alias)
    stats = {} if pool is None else pool.get_stats()
    return int(stats.get("pool_size", 0) - stats.get("pool_available", 0))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow files first, or one process would be at the last of them while the other is idle."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
