"""Leaving no rows behind in a database whose transactions really commit.

Django truncates every table and makes its permissions anew, which takes longer than most tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.test import TransactionTestCase

# Rows that are deleted stay in the files; above this much it is worth having new ones.
_MUCH = 1_000_000  # bytes


def install() -> None:
    """Have every test that commits end with `empty`."""
    TransactionTestCase._fixture_teardown = lambda case: empty()  # type: ignore[attr-defined]  # Django's hook


def empty() -> None:
    """Delete every row of every table. Waits for whoever is still at it, as truncating does."""
    names = _tables()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(" UNION ALL ".join(f"(SELECT '{one}' FROM {one} LIMIT 1)" for one in names))
        filled = [name for (name,) in cursor.fetchall()]
        if not filled:
            return
        if _is_much(cursor, filled):
            cursor.execute(f"TRUNCATE {', '.join(names)}")
        else:  # in any order: nothing asks for what refers to what
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute("; ".join(f"DELETE FROM {one}" for one in filled))


@cache
def _tables() -> Sequence[str]:
    found = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return [connection.ops.quote_name(name) for name in sorted(found)]


def _is_much(cursor: CursorWrapper, filled: Sequence[str]) -> bool:
    """Whether much lies in the files; also where this login may not delete regardless of keys."""
    cursor.execute(
        """
        SELECT current_setting('is_superuser') = 'off' OR sum(pg_relation_size(one::regclass)) > %s
        FROM unnest(%s::text[]) one
        """,
        [_MUCH, list(filled)],
    )
    row = cursor.fetchone()
    assert row is not None
    return bool(row[0])
