"""One embedded PostgreSQL for a test run; each worker has a database of its own on it.

The shared cast is here, too: a shopper, an agent, a clerk, and the sources that tell of them.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

# Before Django's settings are read, which pytest-django does right after this file.
os.environ["DJANGO_SETTINGS_MODULE"] = "spindel.kit.settings"
if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ.pop("SPINDEL_PUBLIC_URL", None)
    _home = Path(tempfile.mkdtemp(prefix="spindel-tests-"))
    os.environ["SPINDEL_HOME"] = str(_home)
    os.environ["SPINDEL_SECRET_KEY"] = "only-for-tests-" + "x" * 40
    if not os.environ.get("SPINDEL_TEST_DATABASE_URL"):
        from spindel.kit import embedded

        os.environ["SPINDEL_DATABASE_URL"] = embedded.start(_home)
        atexit.register(shutil.rmtree, _home, ignore_errors=True)
        atexit.register(embedded.stop, _home)
    else:
        os.environ["SPINDEL_DATABASE_URL"] = os.environ["SPINDEL_TEST_DATABASE_URL"]

import pytest  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from spindel.staff.models import Role, User  # noqa: E402
from spindel.timeline.models import Source, WriteKey  # noqa: E402

DATA = Path(
    os.environ.get("SPINDEL_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")
)


def real_data(name: str) -> Path:
    """A file of the real data sets; skips the test where they are not at hand."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the real data set {name} is not on this machine (SPINDEL_TEST_DATA)")
    return path


@pytest.fixture
def database(transactional_db: None) -> Iterator[None]:
    """A database whose transactions really commit: followers and collectors see nothing else."""
    yield


@pytest.fixture
def database_url(database: None) -> str:
    """The address of this worker's database, for a process or a connection of one's own."""
    base, _, query = os.environ["SPINDEL_DATABASE_URL"].partition("?")
    name = connection.settings_dict["NAME"]
    return f"{base.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")


@pytest.fixture
def web(database: None) -> Source:
    """The web shop, with the write key `web-key`."""
    return _source("web", "web", "web")


@pytest.fixture
def pos(database: None) -> Source:
    """The tills, trusted, with the write key `pos-key`."""
    return _source("pos", "pos", "store", trusted=True)


def _source(slug: str, kind: str, channel: str, trusted: bool = False) -> Source:
    source = Source.objects.create(
        slug=slug, name=slug.title(), kind=kind, channel=channel, trusted=trusted
    )
    WriteKey.objects.create(source=source, key=f"{slug}-key")
    return source


PASSWORD = "a long password for tests"


@pytest.fixture
def agent(database: None) -> User:
    """Maja of customer service."""
    return User.objects.create_user("maja@nordsko.example", PASSWORD, role=Role.AGENT, name="Maja")


@pytest.fixture
def clerk(database: None) -> User:
    """Oskar in the store."""
    return User.objects.create_user(
        "oskar@nordsko.example", PASSWORD, role=Role.CLERK, name="Oskar"
    )


@pytest.fixture(autouse=True)
def _plain_static_files() -> None:
    """Pages are tested without the built browser code."""
    settings.WHITENOISE_AUTOREFRESH = False
