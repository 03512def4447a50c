"""The evidence in the database: reading the part that matters, and writing what follows from it.

The follower and people's merges and splits take turns (`lock`); what they compute is
`resolve.resolve`, so it does not matter in which. Only what is written keeps shoppers waiting
(`writing`, `lock_shared`), and a message never costs more than the customers it names, whatever
others have sent: what was refused is not followed, and devices join nobody to anybody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from uuid import UUID

import structlog

from spindel.identity import settled
from spindel.identity.resolve import (
    MOST_IDENTIFIERS,
    Edge,
    Node,
    Period,
    Rank,
    Resolution,
    resolve,
)
from spindel.identity.rules import KINDS
from spindel.kit import sql
from spindel.kit.clock import BEGINNING

log = structlog.get_logger("spindel.identity")

_TURNS = 5_073_115  # any numbers that nothing else locks; 5_073_116 is `tombstones.APPENDING`
_WRITING = 5_073_117

_LARGE = 5_000

# Of a device, whom it was seen with; such a link joins nobody to anybody.
SEEN = "device"
# Rules of a link that a person, or a source that is trusted to know, has stated outright.
BY_HAND = "by hand"
ALIAS = "alias"
EXPLICIT = frozenset((BY_HAND, ALIAS))

# Everybody who could be the same person as one of these, or as whoever had one of these devices:
# along what joins, but not what was refused. The planner can't know how few they are: LIMIT 1
# keeps it from reading all the identifiers there are to join them.
_REACH = """
WITH RECURSIVE reach (id) AS (
    (SELECT unnest(%(ids)s::bigint[])
     UNION
     SELECT a_id FROM identity_link WHERE b_id = ANY(%(ids)s::bigint[]) AND rule = 'device')
  UNION
    SELECT near.id FROM reach
    CROSS JOIN LATERAL (
        SELECT b_id AS id FROM identity_link
        WHERE a_id = reach.id AND rule <> 'device' AND refused IS NOT TRUE
        UNION ALL
        SELECT a_id FROM identity_link
        WHERE b_id = reach.id AND rule <> 'device' AND refused IS NOT TRUE
    ) near
)
SELECT i.id, i.kind, i.value, i.shared FROM reach
CROSS JOIN LATERAL (SELECT * FROM identity_identifier WHERE id = reach.id LIMIT 1) i
"""

# What was refused is looked at again from both ends; of a crowd, as many as are worth the time.
_REFUSED = """
SELECT a_id, b_id FROM identity_link
WHERE (a_id = ANY(%(ids)s::bigint[]) OR b_id = ANY(%(ids)s::bigint[]))
  AND rule <> 'device' AND refused
ORDER BY since LIMIT 1000
"""

# All that joins them, or was refused among them; and who had the devices that they have had. What
# a source that is not trusted any more has said outright says nothing.
_EVIDENCE = """
WITH trusted AS (
    SELECT coalesce(array_agg(id), '{}') AS ids FROM timeline_source WHERE trusted
), asked AS (
    SELECT unnest(%(ids)s::bigint[]) AS id
), near AS (
    SELECT id FROM asked
  UNION
    SELECT l.b_id FROM asked JOIN identity_link l ON l.a_id = asked.id AND l.rule = 'device'
), found AS (
    SELECT l.* FROM near JOIN identity_link l ON l.a_id = near.id AND l.rule <> 'device'
    WHERE l.refused IS NOT TRUE OR l.b_id = ANY(%(ids)s::bigint[])
  UNION
    SELECT l.* FROM near JOIN identity_link l ON l.b_id = near.id
    WHERE l.refused IS NOT TRUE OR l.a_id = ANY(%(ids)s::bigint[])
)
SELECT id, a_id, b_id, since, occurred_at, rule, refused,
       CASE WHEN rule = 'by hand' THEN 0 WHEN sources && trusted.ids THEN 1 ELSE 2 END,
       fact_id, by, made_at
FROM found, trusted WHERE rule <> 'alias' OR sources && trusted.ids
"""

_OTHERS = """
SELECT i.id, i.kind, i.value, i.shared, t.customer_id
FROM identity_identifier i
JOIN identity_tenure t ON t.identifier_id = i.id AND t.since = '1900-01-01Z'
WHERE i.id = ANY(%s::bigint[])
"""

_CUTS = """
SELECT a_id, b_id FROM identity_cut
WHERE a_id = ANY(%(ids)s::bigint[]) AND b_id = ANY(%(ids)s::bigint[])
"""

_PERIODS = """
SELECT identifier_id, since, customer_id FROM identity_tenure
WHERE identifier_id = ANY(%(ids)s::bigint[])
"""

_DROP_PERIODS = """
DELETE FROM identity_tenure t
USING unnest(%s::bigint[], %s::timestamptz[]) AS gone (identifier_id, since)
WHERE t.identifier_id = gone.identifier_id AND t.since = gone.since
"""

_PUT_PERIODS = """
INSERT INTO identity_tenure (identifier_id, since, customer_id)
SELECT * FROM unnest(%s::bigint[], %s::timestamptz[], %s::bigint[])
ON CONFLICT (identifier_id, since) DO UPDATE SET customer_id = excluded.customer_id
"""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A link with where it comes from."""

    id: int
    edge: Edge
    rule: str
    fact_id: UUID | None
    by: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """A part of the evidence that nothing outside it can change the answer for.

    `elsewhere` are the customers of people who are only named in it, as they have had the same
    devices.
    """

    nodes: dict[int, Node]
    evidence: list[Evidence]
    cuts: set[tuple[int, int]]
    elsewhere: dict[int, int]

    def resolve(
        self,
        apart: tuple[Collection[int], Collection[int]] = ((), ()),
        hubs: Mapping[int, Rank] | None = None,
    ) -> Resolution:
        """The customers in it, with two sets of identifiers kept apart if so wished.

        `hubs` are those that are known to link too many.
        """
        edges = [one.edge for one in self.evidence]
        return resolve(self.nodes, edges, self.cuts, apart, self.elsewhere, hubs)

    def without(self, link: int) -> Neighbourhood:
        """As it were if there were no such link."""
        return replace(self, evidence=[one for one in self.evidence if one.id != link])


def lock() -> None:
    """Wait until nobody else works out who is who; held to the end of the transaction."""
    sql.rows("SELECT pg_advisory_xact_lock(%s)", [_TURNS])


def writing() -> None:
    """Wait until nobody relies on who is who, and keep it from them to the end of the transaction.

    To be called when it has been worked out, as shoppers wait meanwhile, and before anything that
    they lock, too, is written.
    """
    sql.rows("SELECT pg_advisory_xact_lock(%s)", [_WRITING])


def lock_shared() -> None:
    """Keep who is who as it is to the end of the transaction; others may do so, too."""
    sql.rows("SELECT pg_advisory_xact_lock_shared(%s)", [_WRITING])


def neighbourhood(ids: Collection[int], *, again: bool = False) -> Neighbourhood:
    """All evidence that bears on who these identifiers are.

    What was refused bears on nobody, until something that joined does so no more: `again`.
    """
    nodes = _reach(ids)
    if again:
        nodes = _reach({*nodes, *chain.from_iterable(sql.rows(_REFUSED, _asking(nodes)))})
    evidence = _evidence_about(nodes)
    while tied := _tied_devices(evidence, nodes):
        nodes = _reach({*nodes, *tied})
        evidence = _evidence_about(nodes)
    if len(nodes) > _LARGE + 3 * len(ids):
        log.warning("large_neighbourhood", identifiers=len(nodes), asked=len(ids))
    leaves = {one.edge.b for one in evidence if one.edge.seen}
    named = {end for one in evidence for end in (one.edge.a, one.edge.b)}
    elsewhere = {}
    for *node, customer in sql.rows(_OTHERS, [sql.numbers(named - nodes.keys())]):
        nodes[node[0]] = Node(*node)
        if node[0] not in leaves:
            elsewhere[node[0]] = customer
    cuts = {(a, b) for a, b in sql.rows(_CUTS, _asking(nodes))}
    return Neighbourhood(nodes, evidence, cuts, elsewhere)


def _tied_devices(evidence: Iterable[Evidence], nodes: Collection[int]) -> set[int]:
    """Devices that somebody of these has had, and somebody has said outright whose they are."""
    joined = {end for one in evidence if not one.edge.seen for end in (one.edge.a, one.edge.b)}
    return joined.intersection(one.edge.b for one in evidence if one.edge.seen).difference(nodes)


def _asking(ids: Iterable[int]) -> dict[str, str]:
    return {"ids": sql.numbers(ids)}


def _evidence_about(ids: Iterable[int]) -> list[Evidence]:
    return [_evidence(row) for row in sql.many(_EVIDENCE, _asking(ids))]


def _reach(ids: Collection[int]) -> dict[int, Node]:
    return {row[0]: Node(*row) for row in sql.rows(_REACH, {"ids": sql.numbers(ids)})}


def _evidence(row: sql.Row) -> Evidence:
    id, a, b, since, occurred_at, rule, refused, rank, fact_id, by, made_at = row
    edge = Edge(a, b, since, Rank(rank), rule in EXPLICIT, rule == SEEN, occurred_at, refused)
    return Evidence(id, edge, rule, fact_id, by, made_at)


# Whom each names, of people, with those who were refused: as many as are enough for a hub.
_NAMED_WITH = """
SELECT asked.id, asked.kind, count(*), count(*) FILTER (WHERE other.sources && trusted.ids)
FROM (SELECT id, kind FROM identity_identifier WHERE id = ANY(%(ids)s::bigint[])) asked
CROSS JOIN (
    SELECT coalesce(array_agg(id), '{}') AS ids FROM timeline_source WHERE trusted
) trusted
CROSS JOIN LATERAL (
    SELECT near.sources FROM (
        SELECT b_id AS id, sources FROM identity_link WHERE a_id = asked.id AND rule = 'message'
        UNION ALL
        SELECT a_id, sources FROM identity_link WHERE b_id = asked.id AND rule = 'message'
    ) near
    JOIN identity_identifier i ON i.id = near.id AND i.kind <> 'receipt'
    LIMIT 2000
) other
GROUP BY asked.id, asked.kind
"""


def _hubs(ids: Collection[int]) -> dict[int, Rank]:
    """Those that link too many, though most of these were refused, and so are not looked at."""
    found = {}
    for id, kind, everybody, trusted in sql.rows(_NAMED_WITH, _asking(ids)):
        most = KINDS[kind].hub
        if everybody > most:
            found[id] = Rank.TRUSTED if trusted > most else Rank.UNTRUSTED
    return found


_SHARED = """
UPDATE identity_identifier i SET shared = hub.rank
FROM unnest(%s::bigint[], %s::smallint[]) AS hub (id, rank) WHERE i.id = hub.id
"""

_SET_REFUSED = """
UPDATE identity_link l SET refused = told.refused
FROM unnest(%s::bigint[], %s::boolean[]) AS told (id, refused) WHERE l.id = told.id
"""


def settle(ids: Collection[int], *, again: bool = False) -> set[int]:
    """Make the tenures what the evidence says; the customers that anything changed for."""
    hubs = _hubs(ids)
    around = neighbourhood(ids, again=again)
    resolution = around.resolve(hubs=hubs)
    if not again and any(edge.refused is False for edge in resolution.refused):
        # What joined no longer does, so what was refused because of it may.
        around = neighbourhood(ids, again=True)
        resolution = around.resolve(hubs=hubs)
    ours = [one for one in around.nodes if one not in around.elsewhere]
    before = {Period(*row) for row in sql.many(_PERIODS, {"ids": sql.numbers(ours)})}
    after = set(resolution.periods)
    writing()
    _keep_hubs(around, resolution)
    _keep_refused(around, resolution)
    gone, put = before - after, after - before
    stay = {(period.identifier, period.since) for period in after}
    dropped = [(p.identifier, p.since) for p in gone if (p.identifier, p.since) not in stay]
    if dropped:
        sql.run(_DROP_PERIODS, sql.columns(dropped))
    if put:
        sql.run(_PUT_PERIODS, sql.columns([(p.identifier, p.since, p.customer) for p in put]))
    changed = {period.customer for period in gone} | {period.customer for period in put}
    if changed:
        settled.notify(changed, _became_part_of(before, after))
    return changed


def _keep_hubs(around: Neighbourhood, resolution: Resolution) -> None:
    fresh = [
        (one, rank)
        for one, rank in resolution.hubs.items()
        if one not in around.elsewhere and rank != around.nodes[one].shared
    ]
    if fresh:
        log.warning("shared_identifiers", count=len(fresh))
        sql.run(_SHARED, sql.columns(fresh))


def _keep_refused(around: Neighbourhood, resolution: Resolution) -> None:
    """What is refused is not followed when the next message comes, so that nobody can make a
    neighbourhood large. Not so what trusted sources say against each other: a later word decides.
    """
    refused = {
        edge
        for edge in resolution.refused
        if edge.rank is Rank.UNTRUSTED
        or any(resolution.hubs.get(end, Rank.UNTRUSTED) <= edge.rank for end in (edge.a, edge.b))
    }
    turned = [
        (one.id, one.edge in refused)
        for one in around.evidence
        if not one.edge.seen and one.edge.refused != (one.edge in refused)
    ]
    if turned:
        sql.run(_SET_REFUSED, sql.columns(turned))


_HOLDERS = """
SELECT DISTINCT customer_id FROM identity_tenure WHERE identifier_id = ANY(%s) AND since = %s
"""


def tell_of(ids: Collection[int], told: Collection[int]) -> None:
    """Tell of the customers who have these identifiers: what is certain of them may be more now,
    though they are who they were. Not of those that `settle` has told of.
    """
    holders = {customer for (customer,) in sql.rows(_HOLDERS, [list(ids), BEGINNING])}
    if holders := holders.difference(told):
        writing()
        settled.notify(holders, {})


def _became_part_of(before: Collection[Period], after: Collection[Period]) -> dict[int, int]:
    """Of the customers who are nobody any more, whose their own identifier is now."""
    own = {one.customer for one in before if one.identifier == one.customer}
    return {
        one.identifier: one.customer
        for one in after
        if one.since == BEGINNING and one.identifier in own and one.customer != one.identifier
    }


# --- rows as they are kept ------------------------------------------------------------------------


def nodes_of(ids: Collection[int]) -> dict[int, Node]:
    """The identifiers with these ids."""
    found = sql.rows(
        "SELECT id, kind, value, shared FROM identity_identifier WHERE id = ANY(%s::bigint[])",
        [sql.numbers(ids)],
    )
    return {row[0]: Node(*row) for row in found}


@dataclass(frozen=True, slots=True)
class Kept:
    """A link as it is kept, seen from its weaker side."""

    a: int
    since: datetime
    rule: str
    fact_id: UUID | None
    sources: frozenset[int]


def links_to(ids: Collection[int]) -> dict[int, list[Kept]]:
    """The links whose weaker side is one of these."""
    found: dict[int, list[Kept]] = defaultdict(list)
    for b, a, since, rule, fact_id, sources in sql.many(
        "SELECT b_id, a_id, since, rule, fact_id, sources FROM identity_link"
        " WHERE b_id = ANY(%s::bigint[])",
        [sql.numbers(ids)],
    ):
        found[b].append(Kept(a, since, rule, fact_id, frozenset(sources)))
    return found


_SIZES = """
SELECT asked.identifier_id, asked.customer_id, held.identifiers
FROM identity_tenure asked
CROSS JOIN LATERAL (
    SELECT count(*) AS identifiers FROM (
        SELECT FROM identity_tenure WHERE customer_id = asked.customer_id LIMIT %s
    ) theirs
) held
WHERE asked.identifier_id = ANY(%s::bigint[]) AND asked.since = '1900-01-01Z'
"""


def sizes_of(ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """Of each of these its customer, and how many identifiers and devices that one has had; no more
    are counted than `resolve.MOST_IDENTIFIERS`.
    """
    found = sql.rows(_SIZES, [MOST_IDENTIFIERS, sql.numbers(ids)])
    return {id: (customer, size) for id, customer, size in found}
