"""Who is who, as a pure function of the evidence.

Given identifiers, what links them and what people have cut, `resolve` says which identifiers are
one customer's, and from when on. The answer depends on the evidence and its times alone, never on
the order in which it arrived: that is what makes late, doubled and racing messages harmless.

It is Kruskal's algorithm with constraints. Links are taken by rank (what people have said, what
trusted sources say, what anybody may say), within a rank in the order of their times, and a link
joins what it links unless the result would break a limit (two user ids, say). So what ranks lower
changes nothing of what ranks higher, however much of it there is and whenever it says it was.

A device is not a person but is held by one, and so a leaf: it joins nobody to anybody. It is the
first's who was seen with it; where it is seen with somebody else, it changes hands at that moment,
and what it saw before stays with the former. What a trusted source has said of a device, nobody
else can change.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from spindel.identity.rules import KINDS, limit_key, limit_of
from spindel.kit.clock import BEGINNING


class Rank(IntEnum):
    """How much a piece of evidence weighs; the lower wins, whatever the times are."""

    BY_HAND = 0
    TRUSTED = 1
    UNTRUSTED = 2


# A customer never gets more identifiers than this, her devices among them, by what anybody may say:
# each message about her costs what she has. Twenty years of a browser that forgets its cookies
# every week.
MOST_IDENTIFIERS = 1_000

# A device that went from hand to hand more often than this is nobody's: a kiosk, or a program.
MOST_HANDS = 200


@dataclass(frozen=True, slots=True)
class Node:
    """An identifier; `shared`, where it is one, from which rank on its links say nothing."""

    id: int
    kind: str
    value: str
    shared: int | None = None

    @property
    def is_device(self) -> bool:
        """Whether it goes from hand to hand."""
        return KINDS[self.kind].device

    def is_void(self, rank: int) -> bool:
        """Whether evidence of this rank that names it says nothing."""
        return self.shared is not None and self.shared <= rank


@dataclass(frozen=True, slots=True)
class Edge:
    """Evidence that `a`, the stronger, and `b` are one person's; `explicit` knows no limit.

    `since` is from when on it counts, and `occurred_at` when it happened by its own account: it
    decides among what counts from the same moment. `seen`: it says who a device, `b`, was with.
    `refused`: whether it was when it was last looked at; None if it never was.
    """

    a: int
    b: int
    since: datetime
    rank: Rank = Rank.UNTRUSTED
    explicit: bool = False
    seen: bool = False
    occurred_at: datetime = BEGINNING
    refused: bool | None = None


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
    refused: list[Edge]  # would have broken a limit or a wish to keep apart, or say nothing
    hubs: dict[int, Rank]  # identifiers that link too many, by evidence of this rank and lower ones

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
    people: int  # how many identifiers that are no devices, at the root
    size: int  # the same, with the devices that they were seen with, at the root
    counts: Counter[str]  # identifiers by limit key, at the root
    side: int  # 0, or which of two sides that are to be kept apart, at the root

    def root(self) -> _Hand:
        hand = self
        while hand.parent is not None:
            if hand.parent.parent is not None:
                hand.parent = hand.parent.parent
            hand = hand.parent
        return hand


def _are_apart(one: _Hand, other: _Hand) -> bool:
    return bool(one.side and other.side and one.side != other.side)


def _fits(one: _Hand, other: _Hand, rank: Rank) -> bool:
    if rank is Rank.UNTRUSTED and one.size + other.size > MOST_IDENTIFIERS:
        return False
    for key in one.counts.keys() & other.counts.keys():
        limit = limit_of(key)
        if limit is not None and one.counts[key] + other.counts[key] > limit:
            return False
    return True


def _join(one: _Hand, other: _Hand) -> None:
    if one.people < other.people:
        one, other = other, one
    other.parent = one
    one.people += other.people
    one.size += other.size
    one.counts.update(other.counts)
    one.side = one.side or other.side


def find_hubs(nodes: Mapping[int, Node], edges: Iterable[Edge]) -> dict[int, Rank]:
    """The identifiers that link more people's identifiers than their kind allows.

    Each with the rank whose evidence, with what ranks higher, is enough for that.
    """
    trusted: dict[int, set[int]] = defaultdict(set)
    everybody: dict[int, set[int]] = defaultdict(set)
    hands: Counter[tuple[int, Rank]] = Counter()
    for edge in edges:
        if edge.explicit:
            continue
        if edge.seen:
            hands[edge.b, edge.rank] += 1
        for here, there in ((edge.a, edge.b), (edge.b, edge.a)):
            other = nodes[there]
            if not other.is_device and other.kind != "receipt":
                everybody[here].add(there)
                if edge.rank is Rank.TRUSTED:
                    trusted[here].add(there)
    hubs: dict[int, Rank] = {}
    for (one, rank), times in hands.items():
        if times > MOST_HANDS:
            hubs[one] = min(hubs.get(one, rank), rank)
    for linked, rank in ((everybody, Rank.UNTRUSTED), (trusted, Rank.TRUSTED)):
        for one, others in linked.items():
            if len(others) > KINDS[nodes[one].kind].hub:
                hubs[one] = min(hubs.get(one, rank), rank)
    return hubs


def resolve(
    nodes: Mapping[int, Node],
    edges: Iterable[Edge],
    cuts: Collection[tuple[int, int]] = (),
    apart: tuple[Collection[int], Collection[int]] = ((), ()),
    elsewhere: Mapping[int, int] | None = None,
    hubs: Mapping[int, Rank] | None = None,
) -> Resolution:
    """The customers that the evidence makes.

    `nodes` holds every identifier that an edge names. Of the edges that say who a device was seen
    with there is one each time that changed, among those of a rank. `cuts` are pairs whose links
    don't count; `apart` are two sets of identifiers that must not become one customer. `elsewhere`
    has the customers of those people about whom the rest of the evidence is not here: they hold
    devices, and stay who they are. `hubs` are known to link too many by more than is here.
    """
    edges = [edge for edge in edges if _pair(edge) not in cuts]
    resolving = _Resolving(nodes, edges, apart, elsewhere or {}, hubs or {})
    for edge in sorted(edges, key=resolving.order):
        if not edge.seen:
            resolving.join(edge)
    for edge in sorted(edges, key=resolving.moment):
        if edge.seen:
            resolving.hand_over(edge)
    return Resolution(resolving.periods(), resolving.tree, resolving.refused, resolving.hubs)


class _Resolving:
    """The state of `resolve`: in whose hands each identifier was."""

    def __init__(
        self,
        nodes: Mapping[int, Node],
        edges: Collection[Edge],
        apart: tuple[Collection[int], Collection[int]],
        elsewhere: Mapping[int, int],
        hubs: Mapping[int, Rank],
    ) -> None:
        self._nodes = nodes
        self._elsewhere = elsewhere
        self._side = {one: number for number, several in enumerate(apart, 1) for one in several}
        self.tree: list[Joint] = []
        self.refused: list[Edge] = []
        self.hubs = find_hubs(nodes, edges)
        shared = {node.id: Rank(node.shared) for node in nodes.values() if node.shared is not None}
        for known in (shared, hubs):
            for one, rank in known.items():
                self.hubs[one] = min(rank, self.hubs.get(one, rank))
        self._well_known = {
            edge.b
            for edge in edges
            if edge.seen and edge.rank < Rank.UNTRUSTED and self._counts(edge)
        }
        for edge in edges:
            if edge.explicit:
                self._well_known.update((edge.a, edge.b))
        devices = Counter(person for person, _ in {(one.a, one.b) for one in edges if one.seen})
        self._hands = {one: [self._first_hand(node, devices[one])] for one, node in nodes.items()}
        by_customer: dict[int, _Hand] = {}
        for one, customer in elsewhere.items():
            hand = self._hands[one][0]
            if (former := by_customer.setdefault(customer, hand)) is not hand:
                _join(former.root(), hand)

    def _first_hand(self, node: Node, devices: int) -> _Hand:
        counts = Counter({limit_key(node.kind, node.value): 1})
        people = int(not node.is_device)
        side = self._side.get(node.id, 0)
        return _Hand(BEGINNING, None, people, people + devices, counts, side)

    def _counts(self, edge: Edge) -> bool:
        """Whether neither of what it names is a hub to evidence of its rank."""
        return not any(end in self.hubs and self.hubs[end] <= edge.rank for end in (edge.a, edge.b))

    def order(self, edge: Edge) -> tuple[object, ...]:
        """By rank; of a rank what was said outright comes last, and knows no limit."""
        return (edge.rank, edge.explicit, *self.moment(edge))

    def moment(self, edge: Edge) -> tuple[object, ...]:
        """By time; then, for the links of one message, the strongest first.

        The values, not the ids, decide the rest: ids tell who came first.
        """
        a, b = self._nodes[edge.a], self._nodes[edge.b]
        return (
            edge.since,
            edge.occurred_at,
            KINDS[a.kind].strength,
            KINDS[b.kind].strength,
            a.value,
            b.value,
        )

    def join(self, edge: Edge) -> None:
        """Make one of the customers whom the edge names, if that may be."""
        if not (edge.explicit or self._counts(edge)):
            self.refused.append(edge)
            return
        # A device is named by this as that of whoever was the first to have it.
        a, b = self._hands[edge.a][0].root(), self._hands[edge.b][0].root()
        if a is b:
            return
        if _are_apart(a, b) or not (edge.explicit or _fits(a, b, edge.rank)):
            self.refused.append(edge)
            return
        _join(a, b)
        self.tree.append(Joint(edge, (edge.a, BEGINNING), (edge.b, BEGINNING)))

    def hand_over(self, edge: Edge) -> None:
        """Have the device be whose it was seen with, from that moment on."""
        overruled = edge.rank is Rank.UNTRUSTED and edge.b in self._well_known
        holder, device = self._hands[edge.a][-1], self._hands[edge.b][-1]
        person, former = holder.root(), device.root()
        if person is former:
            return
        # Somebody has said that the device is not this person's.
        side = self._side.get(edge.b, 0)
        if overruled or not self._counts(edge) or (person.side and side and person.side != side):
            self.refused.append(edge)
            return
        if former.people:
            device = _Hand(edge.since, None, 0, 0, Counter(), 0)
            self._hands[edge.b].append(device)
        _join(person, device.root())
        self.tree.append(Joint(edge, (edge.a, holder.since), (edge.b, device.since)))

    def periods(self) -> list[Period]:
        """Each customer has the id of the identifier she was first met by."""
        customer = {
            self._hands[one][0].root(): customer for one, customer in self._elsewhere.items()
        }
        settled = set(customer)
        for identifier, held in self._hands.items():
            root = held[0].root()
            if root not in settled:
                customer[root] = min(customer.get(root, identifier), identifier)
        return [
            Period(identifier, hand.since, customer[hand.root()])
            for identifier, held in self._hands.items()
            if identifier not in self._elsewhere
            # Of hands that it went through at the very same time, the last has it.
            for hand in {hand.since: hand for hand in held}.values()
        ]


def _pair(edge: Edge) -> tuple[int, int]:
    return (edge.a, edge.b) if edge.a < edge.b else (edge.b, edge.a)
