"""Appending facts in bulk: the one way in for the collector and for anybody with many rows.

Rows travel as an array a column, packed here in PostgreSQL's binary form, and one statement inserts
them with ON CONFLICT DO NOTHING, so the database itself decides what is new. A COPY would have to
go through a temporary table, which costs a truncated file at each commit: half of what a group of
one takes, and now and then a stall of all of them. Measured in `bench/collect.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from struct import Struct
from struct import pack as pack_struct

from psycopg import AsyncConnection
from psycopg.adapt import Dumper
from psycopg.pq import Format

# The channel on which readers hear that there are new facts.
NOTIFY_FACTS = "spindel_facts"

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # PostgreSQL counts microseconds from here


@dataclass(frozen=True, slots=True)
class Row:
    """A fact about to be appended. Times are aware; `properties` and `context` are JSON objects
    as UTF-8 that PostgreSQL's jsonb accepts (no NUL character, numbers within its range).
    """

    key: bytes
    identifier_id: int
    also: tuple[int, ...]
    name: str
    channel: str
    source_id: int
    occurred_at: datetime
    received_at: datetime
    properties: bytes
    context: bytes | None


def fact_key(source_id: int, message_id: str) -> bytes:
    """The 16 bytes of a fact's id: the same for the same message of the same source, for ever."""
    return blake2b(
        b"%d:%b" % (source_id, message_id.encode("utf-8", "surrogatepass")), digest_size=16
    ).digest()


class Packed(bytes):
    """An array in PostgreSQL's binary form. The statement says of which type."""


class _PackedDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Packed) -> bytes:
        return obj


# The types' numbers, from pg_type.dat of PostgreSQL's source.
_INT8 = 20
_TEXT = 25
_TIMESTAMPTZ = 1184
_UUID = 2950
_JSONB = 3802

_HEAD = Struct(">iiIii").pack  # dimensions, whether there are NULLs, type; elements, lower bound
_LENGTH = Struct(">i").pack
_NULL = b"\xff\xff\xff\xff"
_JSONB_VERSION = b"\x01"


def _array(of: int, elements: int, data: bytes) -> Packed:
    return Packed(_HEAD(1, 1, of, elements, 1) + data)


def _numbers(of: int, values: Sequence[int]) -> Packed:
    """Of a type that is eight bytes long."""
    parts = [8] * (2 * len(values))
    parts[1::2] = values
    return _array(of, len(values), pack_struct(">" + "iq" * len(values), *parts))


def _values(of: int, values: Sequence[bytes | None]) -> Packed:
    return _array(
        of,
        len(values),
        b"".join([_NULL if value is None else _LENGTH(len(value)) + value for value in values]),
    )


def _microseconds(moment: datetime) -> int:
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _also(row: Row) -> bytes | None:
    """Arrays within an array would have to be of one length, so each is a text."""
    return b"{%b}" % b",".join([b"%d" % other for other in row.also]) if row.also else None


def pack(rows: Collection[Row]) -> list[Packed]:
    """The rows as the columns that `append` takes."""
    return [
        _values(_UUID, [row.key for row in rows]),
        _numbers(_INT8, [row.identifier_id for row in rows]),
        _values(_TEXT, [_also(row) for row in rows]),
        _values(_TEXT, [row.name.encode() for row in rows]),
        _values(_TEXT, [row.channel.encode() for row in rows]),
        _numbers(_INT8, [row.source_id for row in rows]),
        _numbers(_TIMESTAMPTZ, [_microseconds(row.occurred_at) for row in rows]),
        _numbers(_TIMESTAMPTZ, [_microseconds(row.received_at) for row in rows]),
        _values(_JSONB, [_JSONB_VERSION + row.properties for row in rows]),
        _values(
            _JSONB,
            [None if row.context is None else _JSONB_VERSION + row.context for row in rows],
        ),
    ]


# Sequence numbers are drawn in order of arrival; then the rows are inserted in order of id, so two
# processes that were handed the same messages in different orders wait for, and don't deadlock
# with, each other. `unnest` in the list of columns, and not FROM, as that would first write each
# column down.
_APPEND = """
WITH fresh AS (
    INSERT INTO timeline_fact (sequence, id, identifier_id, also, name, channel, source_id,
                               occurred_at, received_at, properties, context)
    SELECT * FROM (
        SELECT nextval('timeline_fact_sequence'), id, identifier_id, also::bigint[], name, channel,
               source_id, occurred_at, received_at, properties, context
        FROM (
            SELECT unnest(%s::uuid[]) AS id,
                   unnest(%s::bigint[]) AS identifier_id,
                   unnest(%s::text[]) AS also,
                   unnest(%s::text[]) AS name,
                   unnest(%s::text[]) AS channel,
                   unnest(%s::bigint[]) AS source_id,
                   unnest(%s::timestamptz[]) AS occurred_at,
                   unnest(%s::timestamptz[]) AS received_at,
                   unnest(%s::jsonb[]) AS properties,
                   unnest(%s::jsonb[]) AS context
        ) told
    ) arrived ORDER BY id
    ON CONFLICT (id) DO NOTHING
    RETURNING source_id
)
SELECT source_id, count(*) FROM fresh GROUP BY source_id
"""


def prepare(connection: AsyncConnection) -> None:
    """Teach a fresh connection what `append` needs."""
    connection.adapters.register_dumper(Packed, _PackedDumper)


async def append(connection: AsyncConnection, packed: Sequence[Packed]) -> dict[int, int]:
    """Append the packed rows within the caller's transaction; how many were new, by source.

    Raises psycopg.DataError when the database can't hold a value.
    """
    cursor = await connection.execute(_APPEND, packed, prepare=True)
    return dict(await cursor.fetchall())
