"""Many facts in little time: what the collector and the follower made of a few, many times over.

Every row that they left is copied with the numbers in its values raised, so that each copy is of
other people at a later time. Whatever columns a table has are copied with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from spindel.kit.clock import BEGINNING

_FACTS_AT_ONCE = 250_000  # in a transaction, of one of the connections
_CONNECTIONS = 2
_LATER = 1_000_000_000_000  # ids of whoever is met after the filling, however often there is one

# How a copy differs from its original; `n` says which copy it is. Times stay in the past.
_SHIFT = "n * %(stride)s"
_AT = "{} + n * interval '1 second'"
_RAISED = "regexp_replace({0}, '[0-9]+', (substring({0} from '[0-9]+')::bigint + n * {1})::text)"
_ORDER = "(properties->>'order_id')"
_FACT = "md5({}::text || n)::uuid"  # the same wherever a fact is named
_CHANGES = {
    "identity_identifier": {
        "id": f"id + {_SHIFT}",
        "value": _RAISED.format("value", "%(people)s"),
    },
    "identity_customer": {"id": f"id + {_SHIFT}"},
    "identity_tenure": {
        "identifier_id": f"identifier_id + {_SHIFT}",
        "customer_id": f"customer_id + {_SHIFT}",
        # But not the first one, which is since ever.
        "since": f"CASE since WHEN %(beginning)s THEN since ELSE {_AT.format('since')} END",
    },
    "identity_link": {
        "a_id": f"a_id + {_SHIFT}",
        "b_id": f"b_id + {_SHIFT}",
        "since": _AT.format("since"),
        "occurred_at": _AT.format("occurred_at"),
        "fact_id": _FACT.format("fact_id"),
    },
    "identity_trait": {
        "identifier_id": f"identifier_id + {_SHIFT}",
        "first_at": _AT.format("first_at"),
        "last_at": _AT.format("last_at"),
        "fact_id": _FACT.format("fact_id"),
    },
    "identity_lookup": {
        "identifier_id": f"identifier_id + {_SHIFT}",
        "key": f"CASE WHEN key LIKE 'o:%%' THEN {_RAISED.format('key', '%(facts)s')} ELSE key END",
        "occurred_at": _AT.format("occurred_at"),
    },
    "timeline_fact": {
        "id": _FACT.format("id"),
        "identifier_id": f"identifier_id + {_SHIFT}",
        "also": f"CASE WHEN also IS NOT NULL THEN ARRAY(SELECT unnest(also) + {_SHIFT}) END",
        "properties": "CASE WHEN properties ? 'order_id' THEN jsonb_set(properties, '{order_id}',"
        f" to_jsonb({_RAISED.format(_ORDER, '%(facts)s')})) ELSE properties END",
        "occurred_at": _AT.format("occurred_at"),
        "received_at": _AT.format("received_at"),
    },
}
_BY_DEFAULT = {"transaction", "sequence"}  # of a fact; and whatever the database numbers itself


@dataclass(frozen=True, slots=True)
class Sample:
    """What is copied: the numbers of people and of facts in it, and of ids that it may use."""

    people: int
    facts: int
    stride: int


def take_sample(database: psycopg.Connection, people: int) -> Sample:
    """Put aside all that is there, of people whose values are numbered from 0 on."""
    for table in _CHANGES:
        database.execute(f"CREATE TABLE sample_{table} AS TABLE {table}")
    counted = database.execute(
        "SELECT (SELECT count(*) FROM timeline_fact), (SELECT max(id) + 1 FROM identity_identifier)"
    ).fetchone()
    assert counted is not None
    database.execute("SELECT setval('identity_identifier_id_seq', %s)", [_LATER])
    return Sample(people, *counted)


def multiply(url: str, sample: Sample, start: int, end: int) -> None:
    """Add the copies from `start` on, up to but not including `end`; copy 0 is the original.

    The followers stand behind the last fact then.
    """
    with psycopg.connect(url, autocommit=True) as database:
        with without_indexes(database, _CHANGES), _without_autovacuum(database):
            at_once = max(1, _FACTS_AT_ONCE // sample.facts)
            parts = [(at, min(at + at_once, end)) for at in range(start, end, at_once)]
            with ThreadPoolExecutor(_CONNECTIONS) as threads:
                list(threads.map(lambda part: _copy(url, sample, *part), parts))
        database.execute("VACUUM ANALYZE")
        database.execute(
            "UPDATE timeline_cursor SET (transaction, sequence) = (SELECT transaction, sequence"
            " FROM timeline_fact ORDER BY transaction DESC, sequence DESC LIMIT 1)"
        )
        database.execute("CHECKPOINT")


def _copy(url: str, sample: Sample, start: int, end: int) -> None:
    with psycopg.connect(url) as database:
        database.execute("SET session_replication_role = replica")  # the ids need no check
        for table in _CHANGES:
            database.execute(
                _statement(database, table),
                {
                    "people": sample.people,
                    "facts": sample.facts,
                    "stride": sample.stride,
                    "start": start,
                    "end": end - 1,
                    "beginning": BEGINNING,
                },
            )


def _statement(database: psycopg.Connection, table: str) -> str:
    columns = [
        name
        for name, itself in database.execute(
            "SELECT attname, attidentity <> '' FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
            [table],
        )
        if name in _CHANGES[table] or not (itself or name in _BY_DEFAULT)
    ]
    values = [_CHANGES[table].get(name, f'"{name}"') for name in columns]
    names = ", ".join(f'"{name}"' for name in columns)
    return (
        f"INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE SELECT {', '.join(values)}"
        f" FROM generate_series(%(start)s::bigint, %(end)s::bigint) n, sample_{table}"
    )


@contextmanager
def _without_autovacuum(database: psycopg.Connection) -> Iterator[None]:
    """Leave the tables alone for the while: they are vacuumed when all is there."""
    for table in _CHANGES:
        database.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = false)")
    yield
    for table in _CHANGES:
        database.execute(f"ALTER TABLE {table} RESET (autovacuum_enabled)")


# What other tables refer to stays; foreign keys need it.
_INDEXES = """
SELECT i.indexrelid::regclass::text, i.indrelid::regclass::text, c.conname,
       pg_get_indexdef(i.indexrelid), pg_get_constraintdef(c.oid)
FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype IN ('p', 'u')
WHERE i.indrelid = ANY(%s::regclass[])
  AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.conindid = i.indexrelid)
"""


@contextmanager
def without_indexes(database: psycopg.Connection, tables: Iterable[str]) -> Iterator[None]:
    """Drop most indexes of the tables for the while.

    They are built as full as insertions in no order leave them; of what is numbered in order they
    would be fuller.
    """
    found = database.execute(_INDEXES, [list(tables)]).fetchall()
    for index, table, constraint, _, _ in found:
        database.execute(
            f'ALTER TABLE {table} DROP CONSTRAINT "{constraint}"'
            if constraint
            else f"DROP INDEX {index}"
        )
    yield
    database.execute("SET maintenance_work_mem = '1GB'")
    for _, table, constraint, definition, rule in found:
        head, where, which = definition.partition(" WHERE ")
        full = " WITH (fillfactor = 70)" if " USING btree " in definition else ""
        database.execute(
            f'ALTER TABLE {table} ADD CONSTRAINT "{constraint}" {rule}{full}'
            if constraint
            else f"{head.partition(' WITH (')[0]}{full}{where}{which}"
        )
