"""Appending facts in bulk: the one way in for the collector and for anybody with many rows.

Rows are streamed with binary COPY into a temporary table and moved from there with
ON CONFLICT DO NOTHING, so the database itself decides what is new. Measured in
`bench/collect.py` beside a bare COPY.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from struct import Struct

from psycopg import AsyncConnection

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


_COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + b"\0" * 8
_COPY_TRAILER = b"\xff\xff"
_START = Struct(">hi16siq").pack  # ten fields; id; identifier
_ARRAY = Struct(">iiiiii").pack  # length, dimensions, flags, element type, elements, lower bound
_ELEMENT = Struct(">iq").pack
_LENGTH = Struct(">i").pack
_MIDDLE = Struct(">iqiqiq").pack  # source; occurred; received
_JSON = Struct(">ib").pack  # length; jsonb's format version
_NULL = b"\xff\xff\xff\xff"
_INT8 = 20


def _microseconds(moment: datetime) -> int:
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _pack(row: Row) -> bytes:
    parts = [_START(10, 16, row.key, 8, row.identifier_id)]
    if row.also:
        count = len(row.also)
        parts.append(_ARRAY(20 + 12 * count, 1, 0, _INT8, count, 1))
        parts.extend(_ELEMENT(8, other) for other in row.also)
    else:
        parts.append(_NULL)
    name, channel = row.name.encode(), row.channel.encode()
    parts += (
        _LENGTH(len(name)),
        name,
        _LENGTH(len(channel)),
        channel,
        _MIDDLE(
            8,
            row.source_id,
            8,
            _microseconds(row.occurred_at),
            8,
            _microseconds(row.received_at),
        ),
        _JSON(len(row.properties) + 1, 1),
        row.properties,
    )
    if row.context is None:
        parts.append(_NULL)
    else:
        parts += (_JSON(len(row.context) + 1, 1), row.context)
    return b"".join(parts)


def pack(rows: Iterable[Row]) -> bytes:
    """The rows in PostgreSQL's binary COPY format."""
    return b"".join((_COPY_HEADER, *map(_pack, rows), _COPY_TRAILER))


_MAKE_INCOMING = """
CREATE TEMPORARY TABLE IF NOT EXISTS incoming (
    id uuid, identifier_id bigint, also bigint[], name text, channel text, source_id bigint,
    occurred_at timestamptz, received_at timestamptz, properties jsonb, context jsonb
) ON COMMIT DELETE ROWS
"""

_COPY = "COPY incoming FROM STDIN (FORMAT BINARY)"

# Sequence numbers are drawn in order of arrival; then the rows are inserted in order of id, so two
# processes that were handed the same messages in different orders wait for, and don't deadlock
# with, each other.
_MOVE = """
WITH fresh AS (
    INSERT INTO timeline_fact (sequence, id, identifier_id, also, name, channel, source_id,
                               occurred_at, received_at, properties, context)
    SELECT * FROM (
        SELECT nextval('timeline_fact_sequence'), id, identifier_id, also, name, channel,
               source_id, occurred_at, received_at, properties, context
        FROM incoming
    ) arrived ORDER BY id
    ON CONFLICT (id) DO NOTHING
    RETURNING source_id
)
SELECT source_id, count(*) FROM fresh GROUP BY source_id
"""


async def prepare(connection: AsyncConnection) -> None:
    """Make what `append` needs on a fresh connection."""
    await connection.execute(_MAKE_INCOMING)


async def append(connection: AsyncConnection, packed: bytes) -> dict[int, int]:
    """Append the packed rows within the caller's transaction; how many were new, by source.

    Raises psycopg.DataError when the database can't hold a value.
    """
    async with connection.cursor() as cursor:
        async with cursor.copy(_COPY) as copy:
            await copy.write(packed)
        await cursor.execute(_MOVE, prepare=True)
        return dict(await cursor.fetchall())
