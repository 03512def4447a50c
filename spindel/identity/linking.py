"""What facts link: the evidence of who is who, kept as rows from which `graph` works it out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from spindel.identity import graph, handovers
from spindel.identity.resolve import MOST_IDENTIFIERS, Node, Rank
from spindel.identity.rules import KINDS
from spindel.kit import sql


@dataclass(frozen=True, slots=True)
class Told:
    """A fact, as far as it says which identifiers are one person's.

    `trusted` is whether its source is now, and `alias` that one that is says so outright.
    """

    id: UUID
    identifier: int
    also: list[int] | None
    occurred_at: datetime
    received_at: datetime
    source: int
    trusted: bool
    alias: bool

    @property
    def rank(self) -> Rank:
        """How much it weighs."""
        return Rank.TRUSTED if self.trusted else Rank.UNTRUSTED


def link(
    told: Iterable[Told], had: Mapping[int, Collection[int]] | None = None
) -> tuple[set[int], set[int]]:
    """Keep the links that the facts are evidence of.

    `had` says with whom devices were seen by links that were there before: for those there is room.
    Answers the identifiers that this changes, and those of people that somebody has told of
    together who had not before.
    """
    together = [fact for fact in told if fact.also]
    if not together:
        return set(), set()
    ids = {fact.identifier for fact in together}
    ids.update(*(fact.also or () for fact in together))
    nodes = graph.nodes_of(ids)
    kept = graph.links_to(ids)
    personal: dict[tuple[int, int, str], list[Told]] = defaultdict(list)
    devices: dict[tuple[int, bool], list[handovers.Claim]] = defaultdict(list)
    for fact, anchor, other in named(together, nodes):
        if not other.is_device or fact.alias:
            a, b = sorted((anchor, other), key=_strongest_first)
            personal[a.id, b.id, graph.ALIAS if fact.alias else "message"].append(fact)
        elif not anchor.is_device:  # two devices are nobody
            source = fact.source if fact.trusted else None
            claim = handovers.Claim(fact.occurred_at, anchor.id, fact.id, source)
            devices[other.id, fact.trusted].append(claim)
    affected, by_others = _write_links(personal, kept)
    return affected | _write_handovers(devices, nodes, kept, had or {}), by_others


def named(told: Iterable[Told], nodes: Mapping[int, Node]) -> Iterator[tuple[Told, Node, Node]]:
    """Each two that a fact names together, as far as that says anything."""
    for fact in told:
        anchor = nodes.get(fact.identifier)
        for other in map(nodes.get, fact.also or ()):
            if anchor is None or other is None:  # somebody who was forgotten since
                continue
            if not (anchor.is_void(fact.rank) or other.is_void(fact.rank)):
                yield fact, anchor, other


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


def _first(facts: Iterable[Told]) -> _First:
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
    personal: dict[tuple[int, int, str], list[Told]], kept: _Kept
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
    devices: dict[tuple[int, bool], list[handovers.Claim]],
    nodes: dict[int, Node],
    kept: _Kept,
    had: Mapping[int, Collection[int]],
) -> set[int]:
    """Of a device, the moments at which it was seen with somebody else than before."""
    put: list[_Put] = []
    drop: list[_Drop] = []
    strangers = {one.a for device, _ in devices for one in kept.get(device, ())} - nodes.keys()
    if strangers:
        nodes = nodes | graph.nodes_of(strangers)
    seen = [
        (
            handovers.Handovers(
                device,
                trusted,
                nodes,
                [
                    handovers.Claim(one.since, one.a, one.fact_id, next(iter(one.sources), None))
                    for one in kept.get(device, ())
                    if one.rule == graph.SEEN and bool(one.sources) is trusted
                ],
            ),
            claims,
        )
        for (device, trusted), claims in devices.items()
    ]
    handovers.see_all(seen)
    fresh = {claim.who for hands, _ in seen for claim in hands.after - hands.before}
    customer_of, held = _sizes(fresh)
    for hands, _ in seen:
        drop += [
            (claim.who, hands.device, claim.at, graph.SEEN, hands.trusted)
            for claim in hands.before - hands.after
        ]
        former = {claim.who for claim in hands.before}.union(had.get(hands.device, ()))
        for claim in sorted(hands.after - hands.before):
            customer = customer_of.get(claim.who)
            if claim.who not in former and not hands.trusted:
                held[customer] += 1
            if claim.who in former or hands.trusted or held[customer] <= MOST_IDENTIFIERS:
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
