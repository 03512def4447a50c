"""Who is who, as a pure function of the evidence.

Given identifiers, what links them and what people have cut, `resolve` says which identifiers are
one customer's, and from when on. The answer depends on the evidence and its times alone, never on
the order in which it arrived: that is what makes late, doubled and racing messages harmless.

It is Kruskal's algorithm with constraints. Links are taken in the order of their times, and a link
joins what it links unless the result would break a limit (two user ids, say). A device is not a
person but is held by one: where a link can't join a device's present holder with the person it
names, the device changes hands at that moment, and what it saw before stays with the former.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from spindel.identity.rules import KINDS, limit_key, limit_of
from spindel.kit.clock import BEGINNING


@dataclass(frozen=True, slots=True)
class Node:
    """An identifier."""

    id: int
    kind: str
    value: str
    shared: bool = False

    @property
    def is_device(self) -> bool:
        """Whether it goes from hand to hand."""
        return KINDS[self.kind].device


@dataclass(frozen=True, slots=True)
class Edge:
    """Evidence that `a`, the stronger, and `b` are one person's; `explicit` knows no limit."""

    a: int
    b: int
    since: datetime
    explicit: bool = False


@dataclass(frozen=True, slots=True)
class Period:
    """The identifier is that customer's from `since` on."""

    identifier: int
    since: datetime
    customer: int


Held = tuple[int, datetime]  # an identifier, and since when it was in the hands it was in


@dataclass(frozen=True, slots=True)
class Joint:
    """A link that joined something, with what it joined."""

    edge: Edge
    a: Held
    b: Held


@dataclass(frozen=True, slots=True)
class Resolution:
    """The customers that the evidence makes, and the links that made them."""

    periods: list[Period]
    tree: list[Joint]
    refused: list[Edge]  # the links that would have broken a limit, or a wish to keep apart
    hubs: set[int]  # identifiers that turned out to link too many

    def groups(self) -> dict[int, list[Period]]:
        """The periods of each customer."""
        found: dict[int, list[Period]] = defaultdict(list)
        for period in self.periods:
            found[period.customer].append(period)
        return found


@dataclass(slots=True, eq=False)
class _Hand:
    """A time in which an identifier was in the same hands; part of a union-find forest."""

    since: datetime
    parent: _Hand | None
    size: int
    counts: Counter[str]  # identifiers by limit key, at the root
    side: int  # 0, or which of two sides that are to be kept apart, at the root

    def root(self) -> _Hand:
        hand = self
        while hand.parent is not None:
            if hand.parent.parent is not None:
                hand.parent = hand.parent.parent
            hand = hand.parent
        return hand


def _fits(one: _Hand, other: _Hand) -> bool:
    if one.side and other.side and one.side != other.side:
        return False
    for key in one.counts.keys() & other.counts.keys():
        limit = limit_of(key)
        if limit is not None and one.counts[key] + other.counts[key] > limit:
            return False
    return True


def _join(one: _Hand, other: _Hand) -> None:
    if one.size < other.size:
        one, other = other, one
    other.parent = one
    one.size += other.size
    one.counts.update(other.counts)
    one.side = one.side or other.side


def find_hubs(nodes: dict[int, Node], edges: Iterable[Edge]) -> set[int]:
    """The identifiers that link more people's identifiers than their kind allows."""
    people: dict[int, set[int]] = defaultdict(set)
    for edge in edges:
        if edge.explicit:
            continue
        for here, there in ((edge.a, edge.b), (edge.b, edge.a)):
            other = nodes[there]
            if not other.is_device and other.kind != "receipt":
                people[here].add(there)
    return {one for one, others in people.items() if len(others) > KINDS[nodes[one].kind].hub}


def resolve(
    nodes: dict[int, Node],
    edges: Iterable[Edge],
    cuts: Collection[tuple[int, int]] = (),
    apart: tuple[Collection[int], Collection[int]] = ((), ()),
) -> Resolution:
    """The customers that the evidence makes.

    `nodes` holds every identifier that an edge names. Of a device's edges there is one each time
    the person it was seen with changed. `cuts` are pairs whose links don't count; `apart` are two
    sets of identifiers that must not become one customer.
    """
    edges = [edge for edge in edges if _pair(edge) not in cuts]
    hubs = find_hubs(nodes, edges) | {node.id for node in nodes.values() if node.shared}
    side = {one: number for number, several in enumerate(apart, 1) for one in several}
    hands: dict[int, list[_Hand]] = {
        one: [_Hand(BEGINNING, None, 1, Counter({_limit_key(node): 1}), side.get(one, 0))]
        for one, node in nodes.items()
    }
    tree, refused = [], []
    for edge in sorted(edges, key=lambda edge: _order(edge, nodes)):
        if not edge.explicit and (edge.a in hubs or edge.b in hubs):
            refused.append(edge)
            continue
        # An explicit link names a customer by an identifier that she was the first to have.
        which = 0 if edge.explicit else -1
        holder_a, holder_b = hands[edge.a][which], hands[edge.b][which]
        a, b = holder_a.root(), holder_b.root()
        if a is b:
            continue
        if (edge.explicit and not (a.side and b.side and a.side != b.side)) or _fits(a, b):
            _join(a, b)
            tree.append(Joint(edge, (edge.a, holder_a.since), (edge.b, holder_b.since)))
        elif nodes[edge.b].is_device and not edge.explicit and not _wants_apart(a, edge.b, side):
            # A device counts for nothing when it comes into new hands: no limit can refuse it.
            passed = _Hand(edge.since, None, 1, Counter(), 0)
            hands[edge.b].append(passed)
            _join(a, passed)
            tree.append(Joint(edge, (edge.a, holder_a.since), (edge.b, passed.since)))
        else:
            refused.append(edge)
    return Resolution(_periods(hands), tree, refused, hubs)


def _limit_key(node: Node) -> str:
    return limit_key(node.kind, node.value)


def _wants_apart(person: _Hand, device: int, side: dict[int, int]) -> bool:
    """Whether somebody has said that the device is not this person's."""
    return bool(person.side and side.get(device) and person.side != side[device])


def _pair(edge: Edge) -> tuple[int, int]:
    return (edge.a, edge.b) if edge.a < edge.b else (edge.b, edge.a)


def _order(edge: Edge, nodes: dict[int, Node]) -> tuple[object, ...]:
    """By time; then, for the links of one message, the strongest first. Explicit ones come last:
    they join the customers that all other evidence has made, whole.

    The values, not the ids, decide the rest: ids tell who came first.
    """
    a, b = nodes[edge.a], nodes[edge.b]
    return (
        edge.explicit,
        edge.since,
        KINDS[a.kind].strength,
        KINDS[b.kind].strength,
        a.value,
        b.value,
    )


def _periods(hands: dict[int, list[_Hand]]) -> list[Period]:
    """Each customer has the id of the identifier she was first met by."""
    customer: dict[_Hand, int] = {}
    for identifier, held in hands.items():
        root = held[0].root()
        customer[root] = min(customer.get(root, identifier), identifier)
    return [
        Period(identifier, hand.since, customer[hand.root()])
        for identifier, held in hands.items()
        # Of hands that it went through at the very same time, the last has it.
        for hand in {hand.since: hand for hand in held}.values()
    ]
