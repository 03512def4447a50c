"""Whether the database is there and has the tables of this version, and what fails in the
background: quick, and without Django.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import psycopg
from psycopg import Connection

from spindel.kit import house

Finding = tuple[bool, str]  # whether it is well, and what there is to say


@cache
def _shipped() -> frozenset[tuple[str, str]]:
    """The migrations of this version: (application, name)."""
    return frozenset(
        (one.rpartition(".")[2], path.stem)
        for one in house.applications()
        for path in (house.folder(one) / "migrations").glob("[0-9]*.py")
    )


def pending_migrations(connection: Connection) -> list[str]:
    """The migrations of this version that the database has not had."""
    there = connection.execute("SELECT to_regclass('django_migrations') IS NOT NULL").fetchone()
    applied: set[tuple[str, str]] = set()
    if there and there[0]:
        applied = set(connection.execute("SELECT app, name FROM django_migrations").fetchall())
    return sorted(f"{app}.{name}" for app, name in _shipped() - applied)


_FAILING = "SELECT DISTINCT job FROM kit_failure ORDER BY job LIMIT 20"


def check(url: str) -> dict[str, str]:
    """`ok`, or what is wrong, for `database`, `migrations` and `background`. Takes at most three
    seconds.
    """
    try:
        with psycopg.connect(
            url, autocommit=True, connect_timeout=2, application_name="spindel-health"
        ) as connection:
            connection.execute("SET statement_timeout = 1000")
            if pending_migrations(connection):
                return {"database": "ok", "migrations": "pending", "background": "unknown"}
            failing = connection.execute(_FAILING).fetchall()
    except psycopg.Error:
        return {"database": "out of reach", "migrations": "unknown", "background": "unknown"}
    jobs = ", ".join(job for (job,) in failing)
    return {
        "database": "ok",
        "migrations": "ok",
        "background": f"failing: {jobs}" if jobs else "ok",
    }


def verdict(parts: Mapping[str, str]) -> tuple[int, dict[str, str]]:
    """The status and the body of /healthz: 200 when every part is `ok`, else 503.

    A job that fails is said, and makes nobody unwell: to take the pages away would mend nothing.
    """
    well = all(state == "ok" for part, state in parts.items() if part != "background")
    return (200 if well else 503), {"status": "ok" if well else "unwell", **parts}
