"""The arithmetic of points: what of them she has, and what becomes of it.

An `Account` is all that a customer has, on one card or on several that have become hers. Its
changes keep `entries`, whose sum by card is what its balance has changed by.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

EARNED, SPENT, EXPIRED, TAKEN_BACK, MOVED = "earned", "spent", "expired", "taken_back", "moved"


class NotEnough(Exception):
    """There are fewer points than are to be spent."""


@dataclass(slots=True, kw_only=True)
class Lot:
    """Points that came in together. See `models.PointsLot` for what the fields mean; `id` 0: it is
    not written yet.
    """

    id: int = 0
    member: int
    order: str = ""
    currency: str = ""
    per_point: int = 0
    bought: int = 0
    swapped: int = 0
    back: int = 0
    refunded: int = 0
    worth: int | None = None
    at: datetime
    available_from: datetime
    expires_at: datetime | None = None
    released: bool = False
    points: int = 0
    left: int = 0
    taken: int = 0
    expired: int = 0

    @property
    def counted(self) -> int:
        """What the order comes to for her: without what was cancelled or came back, or what was
        refunded, whichever is more: money goes back for goods that did, and sometimes without.
        """
        paid = self.bought + self.swapped
        off = max(0, paid - self.worth) if self.worth is not None else 0
        return max(0, paid - max(self.back + off, self.refunded))

    @property
    def target(self) -> int:
        """How many points it gives, whole ones."""
        return self.counted // self.per_point if self.per_point else self.points

    @property
    def net(self) -> int:
        """What was earned by it, without what was taken back."""
        return self.points - self.taken


@dataclass(frozen=True, slots=True)
class Entry:
    """A line for the ledger, of `models.PointsEntry`; of no lot where it is owed."""

    member: int
    lot: Lot | None
    kind: str
    points: int


@dataclass(slots=True)
class Account:
    """What a customer has. `owed` is by member; `members` are hers, the first that joined first."""

    members: list[int]
    lots: list[Lot] = field(default_factory=list)
    owed: dict[int, int] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)

    # --- what there is ---

    @property
    def available(self) -> int:
        """What she can spend."""
        return sum(one.left for one in self.lots if one.released)

    @property
    def pending(self) -> int:
        """What she can spend later."""
        return sum(one.left for one in self.lots if not one.released)

    def of_member(self, member: int) -> tuple[int, int, int]:
        """What is available, pending and owed on one card."""
        mine = [one for one in self.lots if one.member == member]
        available = sum(one.left for one in mine if one.released)
        pending = sum(one.left for one in mine if not one.released)
        return available, pending, self.owed.get(member, 0)

    def earned_since(self, moment: datetime) -> int:
        """What she has earned since then: what decides on her tier."""
        return sum(one.net for one in self.lots if one.at > moment)

    def earned_until(self, moment: datetime) -> datetime | None:
        """Since when what she has earned since then has been as much; None where it is nothing."""
        return min((one.at for one in self.lots if one.at > moment and one.net), default=None)

    def of_order(self, order: str) -> Lot | None:
        """The lot of an order."""
        return next((one for one in self.lots if order and one.order == order), None)

    # --- what becomes of it ---

    def settle(self, now: datetime) -> None:
        """Bring it up to the moment: what can be spent from now on, what is owed, what is over."""
        for lot in self.lots:
            if not lot.released and lot.available_from <= now:
                lot.released = True
        self._pay()
        for lot in self.lots:
            over = lot.expires_at is not None and lot.expires_at <= now
            if lot.released and over and lot.left:
                self._enter(lot, EXPIRED, -lot.left)
                lot.expired += lot.left
                lot.left = 0

    def put(self, lot: Lot, kind: str) -> None:
        """Have points that come from no order."""
        self.lots.append(lot)
        self._enter(lot, kind, lot.points)
        self._pay()

    def reckon(self, lot: Lot) -> int:
        """Have the lot give what its order gives by now; by how many points it has changed.

        What of it has expired is hers no more and is not taken back again; what she has spent is,
        of what else she can spend, and the rest she owes.
        """
        before = lot.net
        if lot.target > lot.points:
            more = lot.target - lot.points
            lot.points += more
            lot.left += more
            self._enter(lot, EARNED, more)
        want = max(0, lot.points - lot.target - lot.expired)
        if want < lot.taken:
            self._enter(lot, EARNED, lot.taken - want)
            lot.left += lot.taken - want
        elif want > lot.taken:
            self._take_back(lot, want - lot.taken)
        lot.taken = want
        self._pay()
        return lot.net - before

    def spend(self, points: int, kind: str = SPENT) -> None:
        """Use points, those first that are over first. Raises NotEnough."""
        if points > self.available:
            raise NotEnough
        self._draw(points, kind)

    def leave(self) -> None:
        """Nothing is left, nothing waits, and nothing is owed."""
        for lot in self.lots:
            lot.released = True
            if lot.left:
                self._enter(lot, EXPIRED, -lot.left)
                lot.expired += lot.left
                lot.left = 0
        for member, owed in self.owed.items():
            if owed:
                self.entries.append(Entry(member, None, EXPIRED, owed))
        self.owed.clear()

    def _take_back(self, lot: Lot, points: int) -> None:
        own = min(points, lot.left)
        if own:
            lot.left -= own
            self._enter(lot, TAKEN_BACK, -own)
        rest = points - own
        others = min(rest, self.available)
        self._draw(others, TAKEN_BACK)
        if owed := rest - others:
            self.owed[lot.member] = self.owed.get(lot.member, 0) + owed
            self.entries.append(Entry(lot.member, None, TAKEN_BACK, -owed))

    def _pay(self) -> None:
        """Take what is owed of what can be spent. On one card that is no change of its balance."""
        for member, owed in list(self.owed.items()):
            paid = min(owed, self.available)
            for lot, points in self._drawn(paid):
                if lot.member != member:
                    self._enter(lot, MOVED, -points)
                    self.entries.append(Entry(member, None, MOVED, points))
            self.owed[member] = owed - paid

    def _draw(self, points: int, kind: str) -> None:
        for lot, part in self._drawn(points):
            self._enter(lot, kind, -part)

    def _drawn(self, points: int) -> Iterator[tuple[Lot, int]]:
        for lot in sorted((one for one in self.lots if one.released), key=_ends):
            part = min(points, lot.left)
            if part:
                lot.left -= part
                points -= part
                yield lot, part

    def _enter(self, lot: Lot, kind: str, points: int) -> None:
        self.entries.append(Entry(lot.member, lot, kind, points))


def _ends(lot: Lot) -> tuple[bool, float, float, int]:
    ends = lot.expires_at.timestamp() if lot.expires_at else 0.0
    return lot.expires_at is None, ends, lot.at.timestamp(), lot.id


def summed(entries: Iterable[Entry]) -> list[Entry]:
    """The entries, those of one card, lot and kind together; what comes to nothing is none."""
    found: dict[tuple[int, int, str], Entry] = {}
    for one in entries:
        key = (one.member, id(one.lot), one.kind)
        before = found[key].points if key in found else 0
        found[key] = Entry(one.member, one.lot, one.kind, before + one.points)
    return [one for one in found.values() if one.points]
