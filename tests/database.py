"""One embedded PostgreSQL for a test run, started before Django's settings are read.

A pytest plugin (`-p tests.database` in pyproject.toml), as pytest-django reads the settings before
any conftest.py.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import psycopg

from spindel.kit import embedded


def _forget_power_cuts(url: str) -> None:
    """Have it leave to the operating system when to write to the disk.

    Whatever is killed, the data are all there; only a machine that stops would lose some.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


os.environ["DJANGO_SETTINGS_MODULE"] = "spindel.kit.settings"
if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ.pop("SPINDEL_PUBLIC_URL", None)
    _home = Path(tempfile.mkdtemp(prefix="spindel-tests-"))
    os.environ["SPINDEL_HOME"] = str(_home)
    os.environ["SPINDEL_SECRET_KEY"] = "only-for-tests-" + "x" * 40
    if os.environ.get("SPINDEL_TEST_DATABASE_URL"):
        os.environ["SPINDEL_DATABASE_URL"] = os.environ["SPINDEL_TEST_DATABASE_URL"]
    else:
        os.environ["SPINDEL_DATABASE_URL"] = embedded.start(_home)
        _forget_power_cuts(os.environ["SPINDEL_DATABASE_URL"])
        atexit.register(shutil.rmtree, _home, ignore_errors=True)
        atexit.register(embedded.stop, _home)

SERVER = os.environ["SPINDEL_DATABASE_URL"]
