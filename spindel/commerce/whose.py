"""Whose something is: identifiers of people whom nothing has told of yet, and what is proof."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from spindel.identity import customers, interning, tombstones
from spindel.identity.rules import Key
from spindel.kit import aside, sql
from spindel.timeline.recording import Gone


def identifier(kind: str, value: str) -> int | None:
    """The id of the identifier, in its normal form; it is made if it is new.

    None for somebody who was forgotten for good: what is done for her is nobody's.
    """
    found = sql.prepared(_FIND, {"kind": kind, "value": value})
    return int(found[0]) if found is not None else _make((kind, value))


_FIND = "SELECT id FROM identity_identifier WHERE kind = %(kind)s::text AND value = %(value)s::text"


def _make(key: Key) -> int | None:
    with aside.connection() as connection:
        while True:
            epoch, is_forgotten = tombstones.is_forgotten(connection, key, datetime.now(UTC))
            if is_forgotten:
                return None
            made = interning.make(connection, key, epoch)
            if made is not None:  # else somebody was forgotten meanwhile: perhaps she
                return made


# Along links that a person has made or a trusted source has told of, first or later, within one
# customer. A public write key can link an address to anybody; what it says is good for a picture,
# not for a key.
_PROVEN = """
WITH RECURSIVE reach (root, id) AS (
    SELECT id, id FROM unnest(%s::bigint[]) AS asked (id)
  UNION
    SELECT reach.root, near.id FROM reach
    CROSS JOIN LATERAL (
        SELECT b_id AS id, rule, sources FROM identity_link
        WHERE a_id = reach.id AND rule <> 'device'
        UNION ALL
        SELECT a_id, rule, sources FROM identity_link
        WHERE b_id = reach.id AND rule <> 'device'
    ) near
    JOIN identity_identifier i ON i.id = near.id
        AND (near.rule = 'by hand' OR i.shared IS NULL OR i.shared > 1)
    WHERE i.kind NOT IN ('anonymous_id', 'device')
      AND (near.rule IN ('by hand', 'alias') OR EXISTS (
          SELECT FROM timeline_source s WHERE s.id = ANY(near.sources) AND s.trusted))
)
SELECT reach.root, array_agg(reach.id) FROM reach
JOIN identity_tenure t ON t.identifier_id = reach.id AND t.since = '1900-01-01Z'
JOIN identity_tenure hers ON hers.identifier_id = reach.root AND hers.since = '1900-01-01Z'
WHERE t.customer_id = hers.customer_id
GROUP BY reach.root
"""


def proven_each(identifiers: Collection[int]) -> dict[int, set[int]]:
    """Of each identifier those that are certainly of whoever has proved to have it; it among
    them.
    """
    found = {one: {one} for one in identifiers}
    for one, certain in sql.rows(_PROVEN, [list(found)]) if found else ():
        found[one].update(certain)
    return found


def proven(identifier: int) -> set[int]:
    """As `proven_each`, of one."""
    return proven_each([identifier])[identifier]


def living(identifier: int) -> int | None:
    """The customer whose the identifier is today; None when she was just forgotten."""
    row = sql.row(
        "SELECT customer_id FROM identity_tenure WHERE identifier_id = %s"
        " ORDER BY since DESC LIMIT 1",
        [identifier],
    )
    return None if row is None else int(row[0])


def of_customer(customer: int) -> int:
    """The identifier that what is done for the customer is told of. Raises customers.NotFound."""
    return customers.strongest_identifier(customers.living(customer))


_STAY = "SELECT id FROM identity_identifier WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE"


def stay(identifiers: Iterable[int | None]) -> None:
    """Keep whoever has these from being forgotten to the end of the transaction, and so what is
    written for them from staying behind. For rows that are written without a fact. Raises Gone.
    """
    named = sorted({one for one in identifiers if one is not None})
    there = {id for (id,) in sql.rows(_STAY, [named])}
    for one in named:
        if one not in there:
            raise Gone(one)
