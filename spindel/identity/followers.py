"""What identity does when facts arrive: links what a message carries together, keeps traits."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

from spindel.identity import graph
from spindel.identity.resolve import Node
from spindel.identity.rules import KINDS
from spindel.identity.searching import name_keys, order_key
from spindel.kit import sql
from spindel.timeline.following import Follower, Window

# Heard by pages that show a customer: the ids of those whose timeline or identity has changed.
NOTIFY_CUSTOMERS = "spindel_customers"
_MOST_IN_A_NOTE = 400

# Only the facts that say something about who somebody is.
_READ = """
SELECT f.id, f.identifier_id, f.also, f.occurred_at, f.source_id,
       f.name = 'Customer Aliased' AND s.trusted,
       CASE WHEN f.name = 'Customer Identified' THEN f.properties ELSE f.context->'traits' END,
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
class _Seen:
    """A fact, as far as it says who somebody is."""

    id: UUID
    identifier: int
    also: list[int] | None
    occurred_at: datetime
    source: int
    alias: bool
    traits: dict[str, object]
    order_id: str | None


def _seen(row: sql.Row) -> _Seen:
    id, identifier, also, occurred_at, source, alias, traits, order_id = row
    told = json.loads(traits) if traits else None
    if not isinstance(told, dict):
        told = {}
    return _Seen(id, identifier, also, occurred_at, source, alias, told, order_id)


def follow(window: Window) -> None:
    """Take in a window of facts."""
    graph.lock()
    bounds = [str(window.start[0]), window.start[1], str(window.end[0]), window.end[1]]
    seen = [_seen(row) for row in sql.rows(_READ, bounds)]
    affected, by_others = _link(seen)
    changed = graph.settle(affected) if affected else set()
    if by_others:
        graph.tell_of(by_others, changed)
    _keep_traits(seen)
    _keep_lookups(seen)
    _tell(window, bounds, changed)


FOLLOWER = Follower("identity", follow)


# --- links ----------------------------------------------------------------------------------------


def _link(seen: Iterable[_Seen]) -> tuple[set[int], set[int]]:
    """Keep the links that the facts are evidence of.

    Answers the identifiers that this changes, and those of people that somebody has told of
    together who had not before.
    """
    together = [fact for fact in seen if fact.also]
    if not together:
        return set(), set()
    ids = {fact.identifier for fact in together}
    ids.update(*(fact.also or () for fact in together))
    nodes = graph.nodes_of(ids)
    kept = graph.links_to(ids)
    personal: dict[tuple[int, int, str], _Told] = {}
    devices: dict[int, list[graph.Claim]] = defaultdict(list)
    for fact in together:
        anchor = nodes.get(fact.identifier)
        for other in map(nodes.get, fact.also or ()):
            if anchor is None or other is None:  # somebody who was forgotten since
                continue
            if anchor.shared or other.shared:
                continue
            claim = (fact.occurred_at, anchor.id, fact.id)
            if other.is_device and not fact.alias:
                devices[other.id].append(claim)
                continue
            a, b = sorted((anchor, other), key=_strongest_first)
            key = (a.id, b.id, "alias" if fact.alias else "message")
            told = personal.setdefault(key, _Told(fact.occurred_at, fact.id))
            told.sources.add(fact.source)
            if (fact.occurred_at, fact.id) < (told.since, told.fact):
                told.since, told.fact = fact.occurred_at, fact.id
    affected, by_others = _write_links(personal, kept)
    return affected | _write_handovers(devices, nodes, kept), by_others


def _strongest_first(node: Node) -> tuple[int, str]:
    return KINDS[node.kind].strength, node.value


@dataclass(slots=True)
class _Told:
    """That two identifiers are a person's: since when, by which message, and all who said so."""

    since: datetime
    fact: UUID
    sources: set[int] = field(default_factory=set)


_Kept = dict[int, list[graph.Kept]]
_Put = tuple[int, int, datetime, str, UUID | None, str]  # its last: an array, as the database reads

_PUT_LINKS = """
INSERT INTO identity_link (a_id, b_id, since, rule, fact_id, sources, by)
SELECT a, b, since, rule, fact, sources::bigint[], '' FROM unnest(
    %s::bigint[], %s::bigint[], %s::timestamptz[], %s::text[], %s::uuid[], %s::text[]
) AS t (a, b, since, rule, fact, sources)
ON CONFLICT (a_id, b_id, since) DO NOTHING
"""

_PUT_SOURCES = """
UPDATE identity_link l SET sources = told.sources::bigint[]
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[]) AS told (a, b, rule, sources)
WHERE l.a_id = told.a AND l.b_id = told.b AND l.rule = told.rule
"""

_DROP_LINKS = """
DELETE FROM identity_link l
USING unnest(%s::bigint[], %s::bigint[], %s::timestamptz[]) AS gone (a, b, since)
WHERE l.a_id = gone.a AND l.b_id = gone.b AND l.since = gone.since AND l.rule <> 'by hand'
"""


def _write_links(
    personal: dict[tuple[int, int, str], _Told], kept: _Kept
) -> tuple[set[int], set[int]]:
    """Of two identifiers of a person, the first message that named both is kept, and who did."""
    put: list[_Put] = []
    drop, also_told = [], []
    by_others: set[int] = set()
    for (a, b, rule), told in personal.items():
        former = [one for one in kept.get(b, ()) if one.a == a and one.rule == rule]
        known = former[0].sources if former else frozenset[int]()
        sources = _array(known | told.sources)
        if not told.sources <= known:
            by_others |= {a, b}
        if not former or told.since < former[0].since:
            drop += [(a, b, one.since) for one in former]
            put.append((a, b, told.since, rule, told.fact, sources))
        elif not told.sources <= known:
            also_told.append((a, b, rule, sources))
    if also_told:  # it joins nothing that was not joined
        sql.run(_PUT_SOURCES, sql.columns(also_told))
    return _write(put, drop), by_others


_NOBODY = "{}"


def _array(numbers: Iterable[int]) -> str:
    return "{" + ",".join(map(str, sorted(numbers))) + "}"


def _write_handovers(
    devices: dict[int, list[graph.Claim]], nodes: dict[int, Node], kept: _Kept
) -> set[int]:
    """Of a device, the moments at which it was seen with somebody else than before."""
    put: list[_Put] = []
    drop: list[tuple[int, int, datetime]] = []
    strangers = {one.a for device in devices for one in kept.get(device, ())} - nodes.keys()
    nodes = nodes | graph.nodes_of(strangers)
    for device, claims in devices.items():
        former = [
            (one.since, one.a, one.fact_id) for one in kept.get(device, ()) if one.rule == "message"
        ]
        hands = graph.Handovers(device, nodes, former)
        for claim in claims:
            hands.see(claim)
        drop += [(a, device, since) for since, a, _ in hands.before - hands.after]
        put += [
            (a, device, since, "message", fact, _NOBODY)
            for since, a, fact in hands.after - hands.before
        ]
    return _write(put, drop)


def _write(put: list[_Put], drop: list[tuple[int, int, datetime]]) -> set[int]:
    if drop:
        sql.run(_DROP_LINKS, sql.columns(drop))
    if put:
        sql.run(_PUT_LINKS, sql.columns(put))
    return {end for link in put for end in link[:2]} | {end for link in drop for end in link[:2]}


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
    if found:
        ordered = sorted(found)
        sql.run(_PUT_LOOKUPS, sql.columns([(*key, found[key]) for key in ordered]))


# --- telling the pages ----------------------------------------------------------------------------


def _tell(window: Window, bounds: list[object], changed: set[int]) -> None:
    """One notification a window: whom it concerned, or `*` when they are too many to name."""
    note = "*"
    if window.count <= _MOST_IN_A_NOTE:
        touched = changed | {row[0] for row in sql.rows(_TOUCHED, [*bounds, _MOST_IN_A_NOTE])}
        if len(touched) <= _MOST_IN_A_NOTE:
            note = " ".join(map(str, sorted(touched)))
    sql.notify(NOTIFY_CUSTOMERS, note)
