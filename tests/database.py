"""One embedded PostgreSQL for a test run, started before Django's settings are read.

A pytest plugin (`-p tests.database` in pyproject.toml), as pytest-django reads the settings before
any conftest.py.

Running every migration takes longer than most test files. So a home whose database has had them is
kept in the checkout: each run, and each test that needs a home of its own, begins with a copy.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg

from spindel.kit import embedded

_ROOT = Path(__file__).resolve().parents[1]
_KEPT = _ROOT / "tests" / ".prepared"
_MOST_KEPT = 3  # as many branches are at hand without migrating again

_PREPARED = "prepared"
TEMPLATE = None if os.environ.get("SPINDEL_TEST_DATABASE_URL") else _PREPARED
"""The database that the workers' are copies of; None on a server that is not ours."""


def prepare(home: Path) -> None:
    """Have an empty home (tests.run.running.new_home) begin with a database that has every table,
    and no row. Does not start it.

    Its server does not wait for the disk: whatever is killed, the data are all there; only a
    machine that stops would lose some.
    """
    kept = _KEPT / _made_of()
    if not kept.exists():
        _migrate(home)
        _keep(home, kept)
        return
    kept.touch()
    _copy(kept, home)


def _made_of() -> str:
    """The same where the database would be: of migrations, and of those who run them."""
    found = hashlib.sha256()
    for path in (
        _ROOT / "requirements.txt",
        Path(embedded.__file__),
        Path(__file__),
        *sorted((_ROOT / "spindel").rglob("migrations/*.py")),
    ):
        content = path.read_bytes()
        found.update(f"{path.relative_to(_ROOT)} {len(content)}\n".encode() + content)
    return found.hexdigest()[:32]


def _migrate(home: Path) -> None:
    url = embedded.start(home)
    try:
        subprocess.run(
            [sys.executable, "-m", "django", "migrate", "-v0"],
            env=os.environ
            | {
                "SPINDEL_DATABASE_URL": url,
                "SPINDEL_HOME": str(home),
                "SPINDEL_SECRET_KEY": "only-to-migrate-" + "x" * 40,
                "DJANGO_SETTINGS_MODULE": "spindel.kit.settings",
            },
            cwd=_ROOT,
            check=True,
        )
        with psycopg.connect(url, dbname="template1", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {_PREPARED} TEMPLATE {embedded.DATABASE}")
            for setting in ("fsync", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
    finally:
        embedded.stop(home)


def _keep(home: Path, kept: Path) -> None:
    """Keep a copy: all of it or nothing, also where two runs do so at once."""
    _KEPT.mkdir(exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix="new-", dir=_KEPT))
    _copy(home, draft)
    with contextlib.suppress(OSError):  # the other was first
        draft.rename(kept)
    shutil.rmtree(draft, ignore_errors=True)
    latest = sorted(_KEPT.glob("[0-9a-f]*"), key=lambda one: one.stat().st_mtime, reverse=True)
    for old in latest[_MOST_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)


def _copy(home: Path, to: Path) -> None:
    subprocess.run(["cp", "-a", f"{home}/.", to], check=True)  # whoever owns what, too


# Compiled once, or each of some hundred processes compiles Django for itself.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

os.environ["DJANGO_SETTINGS_MODULE"] = "spindel.kit.settings"
if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ.pop("SPINDEL_PUBLIC_URL", None)
    _home = Path(tempfile.mkdtemp(prefix="spindel-tests-"))
    atexit.register(shutil.rmtree, _home, ignore_errors=True)
    os.environ["SPINDEL_HOME"] = str(_home)
    os.environ["SPINDEL_SECRET_KEY"] = "only-for-tests-" + "x" * 40
    if TEMPLATE is None:
        os.environ["SPINDEL_DATABASE_URL"] = os.environ["SPINDEL_TEST_DATABASE_URL"]
    else:
        prepare(_home)
        atexit.register(embedded.stop, _home)
        os.environ["SPINDEL_DATABASE_URL"] = embedded.start(_home)

SERVER = os.environ["SPINDEL_DATABASE_URL"]
