"""The evidence in the database: reading the part that matters, and writing what follows from it.

Everything here runs while holding `lock`, so the follower and people's merges and splits take
turns; what they compute is `resolve.resolve`, so it does not matter in which.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import structlog
from django.db import connection

from spindel.identity.resolve import Edge, Node, Period, Resolution, resolve
from spindel.identity.rules import KINDS

log = structlog.get_logger("spindel.identity")

_LOCK = 5_073_115  # any number that nothing else locks

_LARGE = 5_000

# Everybody who could be the same person as one of these: along all links, but not through an
# identifier that so many share that it means nothing.
_REACH = """
WITH RECURSIVE reach (id) AS (
    SELECT unnest(%(ids)s::bigint[])
  UNION
    SELECT near.id
    FROM reach
    JOIN identity_identifier i ON i.id = reach.id AND NOT i.shared
    CROSS JOIN LATERAL (
        SELECT b_id AS id FROM identity_link WHERE a_id = reach.id
        UNION ALL
        SELECT a_id FROM identity_link WHERE b_id = reach.id
    ) near
)
SELECT i.id, i.kind, i.value, i.shared FROM reach JOIN identity_identifier i USING (id)
"""

_LINKS = """
SELECT a_id, b_id, since, rule, fact_id, by FROM identity_link
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
EXPLICIT = frozenset(("by hand", "alias"))


@dataclass(frozen=True, slots=True)
class Evidence:
    """A link with where it comes from."""

    edge: Edge
    rule: str
    fact_id: UUID | None
    by: str


@dataclass(slots=True)
class Neighbourhood:
    """A part of the evidence that nothing outside it can change the answer for."""

    nodes: dict[int, Node] = field(default_factory=dict)
    evidence: list[Evidence] = field(default_factory=list)
    cuts: set[tuple[int, int]] = field(default_factory=set)

    def resolve(
        self, apart: tuple[Collection[int], Collection[int]] = ((), ())
    ) -> Resolution:
        """The customers in it, with two sets of identifiers kept apart if so wished."""
        return resolve(self.nodes, [one.edge for one in self.evidence], self.cuts, apart)

    def between(self, edges: Iterable[Edge]) -> dict[Edge, Evidence]:
        """The evidence of each of the edges."""
        wanted = set(edges)
        return {one.edge: one for one in self.evidence if one.edge in wanted}


def lock() -> None:
    """Wait until nobody else changes who is who; held to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def neighbourhood(ids: Collection[int]) -> Neighbourhood:
    """All evidence that bears on who these identifiers are."""
    found = Neighbourhood()
    with connection.cursor() as cursor:
        cursor.execute(_REACH, {"ids": list(ids)})
        for row in cursor.fetchall():
            found.nodes[row[0]] = Node(*row)
        if len(found.nodes) > _LARGE + 3 * len(ids):
            log.warning("large_neighbourhood", identifiers=len(found.nodes), asked=len(ids))
        everybody = {"ids": list(found.nodes)}
        cursor.execute(_LINKS, everybody)
        for a, b, since, rule, fact_id, by in cursor.fetchall():
            found.evidence.append(Evidence(Edge(a, b, since, rule in EXPLICIT), rule, fact_id, by))
        cursor.execute(_CUTS, everybody)
        found.cuts = {(a, b) for a, b in cursor.fetchall()}
    return found


def settle(ids: Collection[int]) -> set[int]:
    """Make the tenures what the evidence says; the customers that anything changed for."""
    around = neighbourhood(ids)
    resolution = around.resolve()
    fresh_hubs = [one for one in resolution.hubs if not around.nodes[one].shared]
    with connection.cursor() as cursor:
        if fresh_hubs:
            log.warning("shared_identifiers", count=len(fresh_hubs))
            cursor.execute(
                "UPDATE identity_identifier SET shared = true WHERE id = ANY(%s)", [fresh_hubs]
            )
        cursor.execute(_PERIODS, {"ids": list(around.nodes)})
        before = {Period(*row) for row in cursor.fetchall()}
        after = set(resolution.periods)
        gone = before - after
        kept = {(period.identifier, period.since) for period in after}
        dropped = [period for period in gone if (period.identifier, period.since) not in kept]
        if dropped:
            cursor.execute(
                _DROP_PERIODS, [[p.identifier for p in dropped], [p.since for p in dropped]]
            )
        put = list(after - before)
        if put:
            cursor.execute(
                _PUT_PERIODS,
                [
                    [period.identifier for period in put],
                    [period.since for period in put],
                    [period.customer for period in put],
                ],
            )
    return {period.customer for period in gone} | {period.customer for period in put}


# --- the moments at which a device changed hands --------------------------------------------------

Claim = tuple[datetime, int, UUID | None]  # when, by whom, in which fact

_NEXT_CLAIM = """
SELECT occurred_at, id FROM timeline_fact
WHERE identifier_id = %(who)s AND occurred_at {after} %(when)s AND occurred_at < %(before)s
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
        at_once = self._order((claim[0], former[1], None)) > self._order(claim)
        with connection.cursor() as cursor:
            cursor.execute(
                _NEXT_CLAIM.format(after=">=" if at_once else ">"),
                {
                    "who": former[1],
                    "when": claim[0],
                    "before": following[0] if following else _NEVER,
                    "device": self._device,
                },
            )
            found = cursor.fetchone()
        return None if found is None else (found[0], former[1], found[1])


_NEVER = datetime.fromisoformat("9999-01-01T00:00:00+00:00")


def nodes_of(ids: Collection[int]) -> dict[int, Node]:
    """The identifiers with these ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, kind, value, shared FROM identity_identifier WHERE id = ANY(%s)",
            [list(ids)],
        )
        return {row[0]: Node(*row) for row in cursor.fetchall()}


def links_to(ids: Collection[int]) -> dict[int, list[tuple[int, datetime, str, UUID | None]]]:
    """The links whose weaker side is one of these: stronger side, since, rule and fact."""
    found: dict[int, list[tuple[int, datetime, str, UUID | None]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT b_id, a_id, since, rule, fact_id FROM identity_link WHERE b_id = ANY(%s)",
            [list(ids)],
        )
        for b, *rest in cursor.fetchall():
            found[b].append(tuple(rest))
    return found
