"""The database before anything starts: reachable, new enough, with the tables of this version."""

from __future__ import annotations

import os

import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict

from spindel.kit import database
from spindel.kit.health import pending_migrations
from spindel.run.process import Problem

_MIGRATING = 0x5350494E  # the advisory lock of those who change tables


def prepare(url: str) -> None:
    """Make the database ready for this version of Spindel; quick when it is.

    Safe for any number of processes at once. Raises Problem when it is out of reach or too old.
    """
    with connect(url) as connection:
        if not pending_migrations(connection):
            return
        # Of many processes that start together, one migrates and the others wait for it.
        connection.execute("SELECT pg_advisory_lock(%s)", [_MIGRATING])
        if pending_migrations(connection):
            _migrate(url)


def connect(url: str) -> Connection:
    """A connection to a server that Spindel can use. Raises Problem otherwise."""
    try:
        connection = psycopg.connect(
            url, autocommit=True, connect_timeout=5, application_name="spindel-start"
        )
    except psycopg.OperationalError as error:
        raise Problem(
            f"The database {where(url)} is out of reach ({_reason(error)}): start it, or set"
            " SPINDEL_DATABASE_URL to one that runs."
        ) from None
    except psycopg.ProgrammingError:
        raise Problem(
            "SPINDEL_DATABASE_URL is no address of a database: write it like"
            " postgresql://user:password@host:5432/name."
        ) from None
    if connection.info.server_version < database.OLDEST_SERVER * 10_000:
        found = connection.info.server_version // 10_000
        connection.close()
        raise Problem(
            f"The database {where(url)} is PostgreSQL {found}: Spindel needs"
            f" {database.OLDEST_SERVER} or newer."
        )
    return connection


def where(url: str) -> str:
    """The database's name and place, without its password."""
    parts = conninfo_to_dict(url)
    return f"{parts.get('dbname', '')} at {parts.get('host', 'localhost')}"


def _reason(error: psycopg.Error) -> str:
    lines = str(error).strip().splitlines()
    return lines[-1].strip().removeprefix("- ") if lines else type(error).__name__


def _migrate(url: str) -> None:
    os.environ["SPINDEL_DATABASE_URL"] = url
    os.environ["DJANGO_SETTINGS_MODULE"] = "spindel.kit.settings"
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's has one
