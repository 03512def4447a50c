"""Whose something is: identifiers of people whom nothing has told of yet, and what is proof."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from spindel.identity import interning, tombstones
from spindel.identity.ownership import proven as proven  # what is certainly hers is asked here
from spindel.identity.ownership import proven_each as proven_each
from spindel.identity.rules import Key
from spindel.kit import side_connection, sql
from spindel.timeline.recording import Gone


def identifier(kind: str, value: str) -> int | None:
    """The id of the identifier, in its normal form; it is made if it is new.

    None for somebody who was forgotten for good: what is done for her is nobody's.
    """
    found = sql.prepared(_FIND, {"kind": kind, "value": value})
    return int(found[0]) if found is not None else _make((kind, value))


_FIND = "SELECT id FROM identity_identifier WHERE kind = %(kind)s::text AND value = %(value)s::text"


def _make(key: Key) -> int | None:
    with side_connection.connection() as connection:
        while True:
            epoch, is_forgotten = tombstones.is_forgotten(connection, key, datetime.now(UTC))
            if is_forgotten:
                return None
            made = interning.make(connection, key, epoch)
            if made is not None:  # else somebody was forgotten meanwhile: perhaps she
                return made


def identifiers_each(keys: Collection[Key]) -> dict[Key, int]:
    """As `identifier`, of many; those of people who were forgotten for good are left out."""
    with side_connection.connection() as connection:
        while True:
            epoch, forgotten = tombstones.forgotten_of(connection, keys, datetime.now(UTC))
            wanted = [one for one in keys if one not in forgotten]
            made = interning.make_each(connection, wanted, epoch)
            if len(made) == len(set(wanted)):  # else somebody was forgotten meanwhile
                return made


def living(identifier: int) -> int | None:
    """The customer whose the identifier is today; None when she was just forgotten."""
    row = sql.row(
        "SELECT customer_id FROM identity_tenure WHERE identifier_id = %s"
        " ORDER BY since DESC LIMIT 1",
        [identifier],
    )
    return None if row is None else int(row[0])


_STAY = "SELECT id FROM identity_identifier WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE"


def stay(identifiers: Iterable[int | None]) -> None:
    """Keep whoever has these from being forgotten to the end of the transaction, and so what is
    written for them from staying behind. For rows that are written without a fact. Raises Gone.
    """
    named = sorted({one for one in identifiers if one is not None})
    there = {id for (id,) in sql.rows(_STAY, [named])}
    for one in named:
        if one not in there:
            raise Gone
