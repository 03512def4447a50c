"""The evidence in the database: reading the part that matters, and writing what follows from it.

Everything here runs while holding `lock`, so the follower and people's merges and splits take
turns; what they compute is `resolve.resolve`, so it does not matter in which.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from spindel.identity import settled
from spindel.identity.resolve import Edge, Node, Period, Resolution, resolve
from spindel.identity.rules import KINDS
from spindel.kit import sql
from spindel.kit.clock import BEGINNING, NEVER

log = structlog.get_logger("spindel.identity")

_LOCK = 5_073_115  # any number that nothing else locks

_LARGE = 5_000

# Everybody who could be the same person as one of these: along all links, but not through an
# identifier that so many share that it means nothing. The planner can't know how few they are:
# LIMIT 1 keeps it from reading all the identifiers there are to join them.
_REACH = """
WITH RECURSIVE reach (id) AS (
    SELECT unnest(%(ids)s::bigint[])
  UNION
    SELECT near.id
    FROM reach
    CROSS JOIN LATERAL (SELECT shared FROM identity_identifier WHERE id = reach.id LIMIT 1) i
    CROSS JOIN LATERAL (
        SELECT b_id AS id FROM identity_link WHERE a_id = reach.id
        UNION ALL
        SELECT a_id FROM identity_link WHERE b_id = reach.id
    ) near
    WHERE NOT i.shared
)
SELECT i.id, i.kind, i.value, i.shared FROM reach
CROSS JOIN LATERAL (SELECT * FROM identity_identifier WHERE id = reach.id LIMIT 1) i
"""

_LINKS = """
SELECT id, a_id, b_id, since, rule, fact_id, by, made_at FROM identity_link
WHERE a_id = ANY(%(ids)s) AND b_id = ANY(%(ids)s)
"""

_CUTS = "SELECT a_id, b_id FROM identity_cut WHERE a_id = ANY(%(ids)s) AND b_id = ANY(%(ids)s)"

_PERIODS = """
SELECT identifier_id, since, customer_id FROM identity_tenure WHERE identifier_id = ANY(%(ids)s)
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

# Rules of a link that a person, or a source that is trusted to know, has stated outright.
BY_HAND = "by hand"
EXPLICIT = frozenset((BY_HAND, "alias"))


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
    """A part of the evidence that nothing outside it can change the answer for."""

    nodes: dict[int, Node]
    evidence: list[Evidence]
    cuts: set[tuple[int, int]]

    def resolve(self, apart: tuple[Collection[int], Collection[int]] = ((), ())) -> Resolution:
        """The customers in it, with two sets of identifiers kept apart if so wished."""
        return resolve(self.nodes, [one.edge for one in self.evidence], self.cuts, apart)


def lock() -> None:
    """Wait until nobody else changes who is who; held to the end of the transaction."""
    sql.rows("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def hold() -> None:
    """Keep who is who as it is to the end of the transaction; others may do so, too."""
    sql.rows("SELECT pg_advisory_xact_lock_shared(%s)", [_LOCK])


def neighbourhood(ids: Collection[int]) -> Neighbourhood:
    """All evidence that bears on who these identifiers are."""
    nodes = {row[0]: Node(*row) for row in sql.rows(_REACH, {"ids": list(ids)})}
    if len(nodes) > _LARGE + 3 * len(ids):
        log.warning("large_neighbourhood", identifiers=len(nodes), asked=len(ids))
    everybody = {"ids": list(nodes)}
    evidence = [
        Evidence(id, Edge(a, b, since, rule in EXPLICIT), rule, *rest)
        for id, a, b, since, rule, *rest in sql.rows(_LINKS, everybody)
    ]
    cuts = {(a, b) for a, b in sql.rows(_CUTS, everybody)}
    return Neighbourhood(nodes, evidence, cuts)


def settle(ids: Collection[int]) -> set[int]:
    """Make the tenures what the evidence says; the customers that anything changed for."""
    around = neighbourhood(ids)
    resolution = around.resolve()
    fresh_hubs = [one for one in resolution.hubs if not around.nodes[one].shared]
    if fresh_hubs:
        log.warning("shared_identifiers", count=len(fresh_hubs))
        sql.run("UPDATE identity_identifier SET shared = true WHERE id = ANY(%s)", [fresh_hubs])
    before = {Period(*row) for row in sql.rows(_PERIODS, {"ids": list(around.nodes)})}
    after = set(resolution.periods)
    gone, put = before - after, after - before
    stay = {(period.identifier, period.since) for period in after}
    dropped = [(p.identifier, p.since) for p in gone if (p.identifier, p.since) not in stay]
    if dropped:
        sql.run(_DROP_PERIODS, sql.columns(dropped))
    if put:
        sql.run(_PUT_PERIODS, sql.columns([(p.identifier, p.since, p.customer) for p in put]))
    changed = {period.customer for period in gone} | {period.customer for period in put}
    if changed:
        settled.tell(changed, _became_part_of(before, after))
    return changed


_HOLDERS = """
SELECT DISTINCT customer_id FROM identity_tenure WHERE identifier_id = ANY(%s) AND since = %s
"""


def tell_of(ids: Collection[int], told: Collection[int]) -> None:
    """Tell of the customers who have these identifiers: what is certain of them may be more now,
    though they are who they were. Not of those that `settle` has told of.
    """
    holders = {customer for (customer,) in sql.rows(_HOLDERS, [list(ids), BEGINNING])}
    if holders := holders.difference(told):
        settled.tell(holders, {})


def _became_part_of(before: Collection[Period], after: Collection[Period]) -> dict[int, int]:
    """Of the customers who are nobody any more, whose their own identifier is now."""
    own = {one.customer for one in before if one.identifier == one.customer}
    return {
        one.identifier: one.customer
        for one in after
        if one.since == BEGINNING and one.identifier in own and one.customer != one.identifier
    }


# --- the moments at which a device changed hands --------------------------------------------------

Claim = tuple[datetime, int, UUID | None]  # when, by whom, in which fact

_NEXT_CLAIM = """
SELECT occurred_at, id FROM timeline_fact
WHERE identifier_id = %(who)s AND occurred_at {after} %(when)s AND occurred_at {before} %(until)s
  AND also @> ARRAY[%(device)s]::bigint[]
ORDER BY occurred_at, sequence LIMIT 1
"""


class Handovers:
    """Whom a device was seen with, as the moments at which that changed.

    A device is seen with its user in every message; kept is the first of each run. When a late
    message falls into the middle of another's run, the rest of the run is found again among the
    facts, so what is kept depends on the messages, not on their order of arrival.
    """

    def __init__(self, device: int, nodes: dict[int, Node], kept: list[Claim]) -> None:
        self._device = device
        self._nodes = nodes
        self._kept = sorted(kept, key=self._order)
        self.before = set(kept)

    @property
    def after(self) -> set[Claim]:
        """What is to be kept now."""
        return set(self._kept)

    def _order(self, claim: Claim) -> tuple[datetime, int, str]:
        """As `resolve` takes them: of what happened at the same time, the strongest first."""
        node = self._nodes[claim[1]]
        return claim[0], KINDS[node.kind].strength, node.value

    def see(self, claim: Claim) -> None:
        """Take in that the device was seen with somebody."""
        order = self._order(claim)
        position = bisect_right(self._kept, order, key=self._order)
        former = self._kept[position - 1] if position else None
        following = self._kept[position] if position < len(self._kept) else None
        if former and former[1] == claim[1]:
            return
        back = self._seen_again(former, claim, following) if former else None
        if following and following[1] == claim[1] and back is None:
            self._kept[position] = claim
            return
        self._kept[position:position] = [claim] if back is None else [claim, back]

    def _seen_again(self, former: Claim, claim: Claim, following: Claim | None) -> Claim | None:
        """The first time that the former holder was seen with it after the claim."""
        until = following or (NEVER, former[1], None)
        # Of what happened at the very same time, `_order` says what came first.
        after = self._order((claim[0], *former[1:])) > self._order(claim)
        before = self._order((until[0], *former[1:])) < self._order(until)
        found = sql.row(
            _NEXT_CLAIM.format(after=">=" if after else ">", before="<=" if before else "<"),
            {
                "who": former[1],
                "when": claim[0],
                "until": until[0],
                "device": self._device,
            },
        )
        return None if found is None else (found[0], former[1], found[1])


def nodes_of(ids: Collection[int]) -> dict[int, Node]:
    """The identifiers with these ids."""
    found = sql.rows(
        "SELECT id, kind, value, shared FROM identity_identifier WHERE id = ANY(%s)", [list(ids)]
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
    for b, a, since, rule, fact_id, sources in sql.rows(
        "SELECT b_id, a_id, since, rule, fact_id, sources FROM identity_link WHERE b_id = ANY(%s)",
        [list(ids)],
    ):
        found[b].append(Kept(a, since, rule, fact_id, frozenset(sources)))
    return found
