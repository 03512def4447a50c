"""What identity does when facts arrive: links what a message carries together, keeps traits."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

from spindel.identity import graph
from spindel.identity.resolve import MOST_IDENTIFIERS, Node, Rank
from spindel.identity.rules import KINDS
from spindel.identity.searching import name_keys, order_key
from spindel.kit import sql
from spindel.timeline.following import Follower, Window

# Heard by pages that show a customer: the ids of those whose timeline or identity has changed.
NOTIFY_CUSTOMERS = "spindel_customers"
_MOST_IN_A_NOTE = 400

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
class _Seen:
    """A fact, as far as it says who somebody is."""

    id: UUID
    identifier: int
    also: list[int] | None
    occurred_at: datetime
    received_at: datetime
    source: int
    trusted: bool
    alias: bool
    traits: dict[str, object]
    order_id: str | None

    @property
    def rank(self) -> Rank:
        """How much it weighs."""
        return Rank.TRUSTED if self.trusted else Rank.UNTRUSTED


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
    affected, by_others = _link(seen)
    _keep_traits(seen)
    _keep_lookups(seen)
    # Last, as shoppers wait from here on.
    changed = graph.settle(affected) if affected else set()
    if by_others:
        graph.tell_of(by_others, changed)
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
    personal: dict[tuple[int, int, str], list[_Seen]] = defaultdict(list)
    devices: dict[tuple[int, bool], list[graph.Claim]] = defaultdict(list)
    for fact in together:
        anchor = nodes.get(fact.identifier)
        for other in map(nodes.get, fact.also or ()):
            if anchor is None or other is None:  # somebody who was forgotten since
                continue
            if anchor.is_void(fact.rank) or other.is_void(fact.rank):
                continue
            if other.is_device and not fact.alias:
                if not anchor.is_device:  # two devices are nobody
                    source = fact.source if fact.trusted else None
                    claim = graph.Claim(fact.occurred_at, anchor.id, fact.id, source)
                    devices[other.id, fact.trusted].append(claim)
                continue
            a, b = sorted((anchor, other), key=_strongest_first)
            personal[a.id, b.id, graph.ALIAS if fact.alias else "message"].append(fact)
    affected, by_others = _write_links(personal, kept)
    return affected | _write_handovers(devices, nodes, kept), by_others


def _strongest_first(node: Node) -> tuple[int, str]:
    return KINDS[node.kind].strength, node.value


_Kept = dict[int, list[graph.Kept]]
# A link: its ends, since when it counts and when it occurred, the rule, the fact, who has told.
_Put = tuple[int, int, datetime, datetime, str, UUID | None, str]

_PUT_LINKS = """
INSERT INTO identity_link (a_id, b_id, since, occurred_at, rule, fact_id, sources, by)
SELECT a, b, since, occurred_at, rule, fact, sources::bigint[], '' FROM unnest(
    %s::bigint[], %s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::text[], %s::uuid[],
    %s::text[]
) AS t (a, b, since, occurred_at, rule, fact, sources)
ON CONFLICT (a_id, b_id, since, rule) DO UPDATE SET sources = excluded.sources
WHERE excluded.sources <> '{}'
"""

_PUT_SOURCES = """
UPDATE identity_link l SET sources = told.sources::bigint[]
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[]) AS told (a, b, rule, sources)
WHERE l.a_id = told.a AND l.b_id = told.b AND l.rule = told.rule
"""

_DROP_LINKS = """
DELETE FROM identity_link l
USING unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::text[], %s::boolean[])
      AS gone (a, b, since, rule, told)
WHERE l.a_id = gone.a AND l.b_id = gone.b AND l.since = gone.since AND l.rule = gone.rule
  AND (l.sources <> '{}') = gone.told
"""

_Drop = tuple[int, int, datetime, str, bool]

# From when on it counts, when it occurred, and the message: the least is the first.
_First = tuple[datetime, datetime, UUID]


def _first(facts: Iterable[_Seen]) -> _First:
    """What anybody may say counts from when it was received: nobody can have said it before."""
    return min(
        (
            fact.occurred_at if fact.trusted else max(fact.received_at, fact.occurred_at),
            fact.occurred_at,
            fact.id,
        )
        for fact in facts
    )


def _write_links(
    personal: dict[tuple[int, int, str], list[_Seen]], kept: _Kept
) -> tuple[set[int], set[int]]:
    """Of two identifiers of a person, the first message that named both is kept, and who did.

    The first of those that a trusted source has sent, if there is one.
    """
    put: list[_Put] = []
    drop: list[_Drop] = []
    also_told: list[tuple[int, int, str, str]] = []
    by_others: set[int] = set()
    trusted = _trusted_sources() if personal else frozenset()
    for (a, b, rule), facts in personal.items():
        former = next((one for one in kept.get(b, ()) if one.a == a and one.rule == rule), None)
        known = former.sources if former else frozenset[int]()
        told = {fact.source for fact in facts}
        sources = sql.numbers(sorted(known | told))
        if not told <= known:
            by_others |= {a, b}
        vouched = [fact for fact in facts if fact.trusted]
        first = _first(vouched or facts)
        was_vouched = bool(known & trusted)
        if former is not None and (
            (was_vouched and not vouched)
            or (was_vouched == bool(vouched) and first[0] >= former.since)
        ):
            if not told <= known:  # it joins nothing that was not joined
                also_told.append((a, b, rule, sources))
            continue
        if former is not None:
            drop.append((a, b, former.since, rule, bool(former.sources)))
        put.append((a, b, first[0], first[1], rule, first[2], sources))
    if also_told:
        sql.run(_PUT_SOURCES, sql.columns(also_told))
    return _write(put, drop), by_others


def _trusted_sources() -> frozenset[int]:
    return frozenset(id for (id,) in sql.rows("SELECT id FROM timeline_source WHERE trusted"))


_NOBODY = "{}"


def _write_handovers(
    devices: dict[tuple[int, bool], list[graph.Claim]], nodes: dict[int, Node], kept: _Kept
) -> set[int]:
    """Of a device, the moments at which it was seen with somebody else than before."""
    put: list[_Put] = []
    drop: list[_Drop] = []
    strangers = {one.a for device, _ in devices for one in kept.get(device, ())} - nodes.keys()
    if strangers:
        nodes = nodes | graph.nodes_of(strangers)
    seen = [
        (
            graph.Handovers(
                device,
                trusted,
                nodes,
                [
                    graph.Claim(one.since, one.a, one.fact_id, next(iter(one.sources), None))
                    for one in kept.get(device, ())
                    if one.rule == graph.SEEN and bool(one.sources) is trusted
                ],
            ),
            claims,
        )
        for (device, trusted), claims in devices.items()
    ]
    graph.see_all(seen)
    fresh = {claim.who for hands, _ in seen for claim in hands.after - hands.before}
    customer_of, held = _sizes(fresh)
    for hands, _ in seen:
        drop += [
            (claim.who, hands.device, claim.at, graph.SEEN, hands.trusted)
            for claim in hands.before - hands.after
        ]
        had = {claim.who for claim in hands.before}
        for claim in sorted(hands.after - hands.before):
            customer = customer_of.get(claim.who)
            if claim.who not in had and not hands.trusted:
                held[customer] += 1
            if claim.who in had or hands.trusted or held[customer] <= MOST_IDENTIFIERS:
                told = _NOBODY if claim.source is None else sql.numbers([claim.source])
                put.append(
                    (
                        *(claim.who, hands.device, claim.at, claim.at, graph.SEEN, claim.fact),
                        told,
                    )
                )
    return _write(put, drop)


def _sizes(people: set[int]) -> tuple[dict[int, int], Counter[int | None]]:
    """Whose they are, and how much each of those customers has."""
    sizes = graph.sizes_of(people) if people else {}
    customer_of = {one: customer for one, (customer, _) in sizes.items()}
    return customer_of, Counter(dict(sizes.values()))


def _write(put: list[_Put], drop: list[_Drop]) -> set[int]:
    if drop:
        sql.run(_DROP_LINKS, sql.columns(drop))
    if put:
        # Where a trusted source says the same of a device at the same moment as another, it counts.
        once = {(*row[:3], row[4]): row for row in sorted(put, key=lambda row: row[-1] != _NOBODY)}
        sql.run(_PUT_LINKS, sql.columns(list(once.values())))
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
