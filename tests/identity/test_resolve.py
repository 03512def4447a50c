"""Who is who, as arithmetic: what ranks lower changes nothing of what ranks higher."""

from __future__ import annotations

import itertools
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from spindel.identity.resolve import Edge, Node, Rank, Resolution, resolve
from spindel.identity.rules import KINDS
from spindel.kit.clock import BEGINNING

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)

NODES = {
    node.id: node
    for node in (
        *(Node(1 + n, "anonymous_id", f"browser {n}") for n in range(3)),
        *(Node(11 + n, "user_id", f"user {n}") for n in range(3)),
        *(Node(21 + n, "email", f"{n}@example.com") for n in range(4)),
        *(Node(31 + n, "card", f"NK{n}") for n in range(2)),
        Node(41, "device", "phone"),
    )
}


def edge(one: int, other: int, minute: int, rank: Rank, outright: bool = False) -> Edge:
    """Evidence that the two belong together, the stronger first."""
    a, b = sorted(
        (NODES[one], NODES[other]), key=lambda node: (KINDS[node.kind].strength, node.value)
    )
    explicit = rank is Rank.BY_HAND or (outright and rank is Rank.TRUSTED)
    seen = b.is_device and not explicit
    return Edge(a.id, b.id, MONDAY + timedelta(minutes=minute), rank, explicit, seen)


def edges(*ranks: Rank) -> st.SearchStrategy[list[Edge]]:
    """Evidence of these ranks."""
    ends = st.lists(st.sampled_from(sorted(NODES)), min_size=2, max_size=2, unique=True)
    # Evidence is about a person: a browser and a phone say of each other what somebody says of one.
    ends = ends.filter(lambda both: not all(NODES[one].is_device for one in both))
    told = st.tuples(ends, st.integers(-5, 40), st.sampled_from(ranks), st.booleans())
    return st.lists(told.map(lambda one: edge(*one[0], *one[1:])), max_size=14)


def customer_of(resolution: Resolution) -> dict[tuple[int, datetime], int]:
    """Whose each identifier is, from when on."""
    return {(one.identifier, one.since): one.customer for one in resolution.periods}


def whose(customers: dict[tuple[int, datetime], int], identifier: int, moment: datetime) -> int:
    """Whose the identifier is at that moment."""
    moments = (since for one, since in customers if one == identifier and since <= moment)
    return customers[identifier, max(moments)]


def named(evidence: Collection[Edge]) -> set[int]:
    """What the evidence is about."""
    return {end for one in evidence for end in (one.a, one.b)}


@given(established=edges(Rank.BY_HAND, Rank.TRUSTED), traffic=edges(Rank.UNTRUSTED))
def test_what_anybody_sends_changes_nothing_of_what_trusted_sources_have_established(
    established: list[Edge], traffic: list[Edge]
) -> None:
    before = customer_of(resolve(NODES, established))
    after = customer_of(resolve(NODES, [*traffic, *established]))
    about = [held for held in before.keys() | after.keys() if held[0] in named(established)]
    for one, other in itertools.combinations(about, 2):
        if whose(before, *one) == whose(before, *other):
            assert whose(after, *one) == whose(after, *other), "who was one customer still is"
    users = [(one.id, BEGINNING) for one in NODES.values() if one.kind == "user_id"]
    for one, other in itertools.combinations(users, 2):
        if before[one] != before[other]:
            assert after[one] != after[other], "two logins are two people"


@given(
    established=edges(Rank.TRUSTED),
    others=st.integers(0, 40),
    claims=st.integers(0, 600),
)
def test_however_much_anybody_sends_a_trusted_link_counts(
    established: list[Edge], others: int, claims: int
) -> None:
    crowd = {1_000 + n: Node(1_000 + n, "user_id", f"crowd {n}") for n in range(others + claims)}
    flood = [
        Edge(one, 21 if one < 1_000 + claims else 1, MONDAY, seen=one >= 1_000 + claims)
        for one in crowd
    ]
    alone = customer_of(resolve(NODES, established))
    flooded = customer_of(resolve(NODES | crowd, [*flood, *established]))
    about = [held for held in alone if held[0] in named(established)]
    for one, other in itertools.combinations(about, 2):
        if alone[one] == alone[other]:
            assert flooded[one] == flooded[other]


@given(evidence=edges(*Rank), order=st.randoms(use_true_random=False))
def test_the_order_in_which_evidence_is_handed_in_leaves_no_mark(
    evidence: list[Edge], order: object
) -> None:
    shuffled = list(evidence)
    order.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    assert customer_of(resolve(NODES, evidence)) == customer_of(resolve(NODES, shuffled))


@given(evidence=edges(Rank.TRUSTED, Rank.UNTRUSTED))
def test_a_device_joins_nobody_to_anybody(evidence: list[Edge]) -> None:
    evidence = [one for one in evidence if one.seen or not NODES[one.b].is_device]
    people = {one: node for one, node in NODES.items() if not node.is_device}
    without = customer_of(resolve(people, [one for one in evidence if not NODES[one.b].is_device]))
    seen = customer_of(resolve(NODES, evidence))
    for one, other in itertools.combinations(without, 2):
        assert (without[one] == without[other]) == (seen[one] == seen[other])


def test_a_message_that_is_dated_back_takes_no_address_that_a_trusted_source_has_given() -> None:
    given_ = edge(11, 21, 30, Rank.TRUSTED)
    stranger = Edge(12, 21, datetime(1990, 1, 1, tzinfo=UTC))
    whose = customer_of(resolve(NODES, [stranger, given_]))
    assert whose[21, BEGINNING] == whose[11, BEGINNING] != whose[12, BEGINNING]


def test_a_browser_that_a_trusted_source_has_seen_is_nobody_elses() -> None:
    trusted = edge(11, 1, 30, Rank.TRUSTED)
    stranger = edge(12, 1, -5, Rank.UNTRUSTED)
    whose = customer_of(resolve(NODES, [stranger, trusted]))
    assert [held for held in whose if held[0] == 1] == [(1, BEGINNING)]
    assert whose[1, BEGINNING] == whose[11, BEGINNING]
