"""What identity does when facts arrive: settles what a message links, keeps traits."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

from spindel.identity import graph, linking
from spindel.identity.searching import name_keys, order_key
from spindel.kit import sql
from spindel.timeline.following import Follower, Window

# Heard by pages that show a customer: the ids of those whose timeline or identity has changed.
NOTIFY_CUSTOMERS = "spindel_customers"
_MOST_IN_A_NOTE = 400
_ANY = "*"

# Only the facts that say something about who somebody is.
_READ = """
SELECT f.id, f.identifier_id, f.also, f.occurred_at, f.received_at, f.source_id, s.trusted,
       f.name = 'Customer Aliased' AND s.trusted,
       CASE WHEN f.name = 'Customer Identified' THEN f.properties::text
            ELSE f.context->>'traits' END,
       f.properties->>'order_id'
FROM timeline_fact f JOIN timeline_source s ON s.id = f.source_id
WHERE (f.transaction, f.sequence) > (%s::xid8, %s) AND (f.transaction, f.sequence) <= (%s::xid8, %s)
  AND (f.also IS NOT NULL OR f.name = 'Customer Identified' OR f.context ? 'traits'
       OR f.properties ? 'order_id')
"""

_TOUCHED = """
SELECT DISTINCT t.customer_id
FROM timeline_fact f JOIN identity_tenure t ON t.identifier_id = f.identifier_id
WHERE (f.transaction, f.sequence) > (%s::xid8, %s) AND (f.transaction, f.sequence) <= (%s::xid8, %s)
LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class _Seen(linking.Told):
    """A fact, as far as it says who somebody is, and what she is like."""

    traits: dict[str, object]
    order_id: str | None


def _seen(row: sql.Row) -> _Seen:
    id, identifier, also, occurred, received, source, trusted, alias, traits, order_id = row
    told = json.loads(traits) if traits else None
    if not isinstance(told, dict):
        told = {}
    return _Seen(id, identifier, also, occurred, received, source, trusted, alias, told, order_id)


def follow(window: Window) -> None:
    """Take in a window of facts."""
    graph.lock()
    bounds = [str(window.start[0]), window.start[1], str(window.end[0]), window.end[1]]
    seen = [_seen(row) for row in sql.many(_READ, bounds)]
    affected, by_others = linking.link(seen)
    _keep_traits(seen)
    _keep_lookups(seen)
    # Last, as shoppers wait from here on.
    changed = graph.settle(affected) if affected else set()
    if by_others:
        graph.tell_of(by_others, changed)
    _tell(window, bounds, changed)


FOLLOWER = Follower("identity", follow)
FOLLOWERS = (FOLLOWER,)


# --- traits and what customers are found by -------------------------------------------------------

MOST_TRAITS = 100
_LONGEST_NAME = 64
_LONGEST_VALUE = 2_000

# Only of identifiers that are still there: between the fact and this, she may have been forgotten.
_PUT_TRAITS = """
INSERT INTO identity_trait (identifier_id, name, source_id, digest, value, first_at, last_at,
                            fact_id, by)
SELECT identifier, name, source, digest, value::jsonb, first_at, last_at, fact, ''
FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bytea[], %s::text[],
            %s::timestamptz[], %s::timestamptz[], %s::uuid[])
     AS t (identifier, name, source, digest, value, first_at, last_at, fact)
WHERE EXISTS (SELECT FROM identity_identifier i WHERE i.id = t.identifier)
ORDER BY identifier, name, source, digest
ON CONFLICT (identifier_id, name, source_id, digest) DO UPDATE SET
    first_at = least(identity_trait.first_at, excluded.first_at),
    last_at = greatest(identity_trait.last_at, excluded.last_at),
    fact_id = CASE WHEN excluded.last_at > identity_trait.last_at
                   THEN excluded.fact_id ELSE identity_trait.fact_id END
"""

_PUT_LOOKUPS = """
INSERT INTO identity_lookup (key, identifier_id, occurred_at)
SELECT * FROM unnest(%s::text[], %s::bigint[], %s::timestamptz[]) AS t (key, identifier, at)
WHERE EXISTS (SELECT FROM identity_identifier i WHERE i.id = t.identifier)
ON CONFLICT (key, identifier_id) DO UPDATE
SET occurred_at = greatest(identity_lookup.occurred_at, excluded.occurred_at)
"""


@dataclass(slots=True)
class _Said:
    value: str
    first_at: datetime
    last_at: datetime
    fact: UUID


def trait_digest(value: str) -> bytes:
    """What tells a trait's values apart in its unique key."""
    return blake2b(value.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _keep_traits(seen: Iterable[_Seen]) -> None:
    """Keep each value with its source, and when it was first and last said."""
    rows: dict[tuple[int, str, int, bytes], _Said] = {}
    for fact in seen:
        for name, value in list(fact.traits.items())[:MOST_TRAITS]:
            text = json.dumps(value, sort_keys=True, ensure_ascii=False)
            if value in (None, "") or len(name) > _LONGEST_NAME or len(text) > _LONGEST_VALUE:
                continue
            key = (fact.identifier, name, fact.source, trait_digest(text))
            said = rows.setdefault(key, _Said(text, fact.occurred_at, fact.occurred_at, fact.id))
            said.first_at = min(said.first_at, fact.occurred_at)
            if fact.occurred_at > said.last_at:
                said.last_at, said.fact = fact.occurred_at, fact.id
    if rows:
        sql.run(
            _PUT_TRAITS,
            sql.columns(
                [
                    (*key, said.value, said.first_at, said.last_at, said.fact)
                    for key, said in rows.items()
                ]
            ),
        )


def _keep_lookups(seen: Iterable[_Seen]) -> None:
    """Keep the names and the order numbers that a customer can be found by."""
    found: dict[tuple[str, int], datetime] = {}
    for fact in seen:
        keys = name_keys(fact.traits)
        if fact.order_id:
            keys.append(order_key(fact.order_id))
        for key in keys:
            former = found.get((key, fact.identifier))
            if former is None or former < fact.occurred_at:
                found[key, fact.identifier] = fact.occurred_at
    put_lookups(found)


def put_lookups(found: Mapping[tuple[str, int], datetime]) -> None:
    """Have identifiers found by these keys, since when."""
    if found:
        ordered = sorted(found)
        sql.run(_PUT_LOOKUPS, sql.columns([(*key, found[key]) for key in ordered]))


# --- telling the pages ----------------------------------------------------------------------------


def _tell(window: Window, bounds: list[object], changed: set[int]) -> None:
    """One notification a window: whom it concerned, or `*` when they are too many to name."""
    if window.count > _MOST_IN_A_NOTE:
        sql.notify(NOTIFY_CUSTOMERS, _ANY)
    else:
        touched = sql.rows(_TOUCHED, [*bounds, _MOST_IN_A_NOTE])
        tell_pages(changed | {row[0] for row in touched})


def tell_pages(changed: Collection[int]) -> None:
    """Tell the pages that show these customers; all pages, where they are too many to name."""
    few = len(changed) <= _MOST_IN_A_NOTE
    sql.notify(NOTIFY_CUSTOMERS, " ".join(map(str, sorted(changed))) if few else _ANY)
