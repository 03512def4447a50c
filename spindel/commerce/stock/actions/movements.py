"""What has happened to stock, as ERP and tills tell it: movements, sales, counts."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum
from django.utils import timezone

from spindel.commerce.common.rules import MOST, Line, summed
from spindel.commerce.stock import ledger
from spindel.commerce.stock.ledger import Count, Told
from spindel.commerce.stock.models import Level, Movement
from spindel.commerce.stock.reading import levels
from spindel.kit import idempotency
from spindel.kit.actions import action
from spindel.kit.idempotency import Request
from spindel.kit.refusal import Refusal

_NOBODYS = "Goods that come and go are nobody's; whoever bought them is told of by her order."

# Which way what was told went. A sale and a count have actions of their own.
_WAYS = {
    Movement.Kind.DELIVERY: 1,
    Movement.Kind.RETURN: 1,
    Movement.Kind.DAMAGE: -1,
    Movement.Kind.TRANSFER: -1,
}
MOST_LINES = 10_000  # in one transaction, which others wait for


@dataclass(frozen=True, slots=True)
class Move:
    """Goods that came or went: a delivery, a return, damage, or a transfer to another place.

    The quantity is above zero, whichever way they went. `key` is unique for whoever tells. `at` is
    when; None, as it is told.
    """

    key: str
    kind: Movement.Kind
    variant: int
    place: int
    quantity: int
    at: datetime | None
    to: int | None = None

    def check(self) -> None:
        """Raises Refusal where it makes no sense."""
        if self.kind not in _WAYS:
            raise Refusal("no_movement", ways=", ".join(_WAYS))
        if not 1 <= self.quantity <= MOST:
            raise Refusal("movement_quantity", most=MOST)
        if (self.to is not None) != (self.kind == Movement.Kind.TRANSFER) or self.to == self.place:
            raise Refusal("no_transfer")

    def lines(self, source: str) -> Iterator[Told]:
        """What it is in the ledger. Raises Refusal where it makes no sense."""
        self.check()
        key = idempotency.key(source, self.key)
        change = self.quantity * _WAYS[self.kind]
        yield Told(key, 0, self.variant, self.place, self.kind, change, self.at)
        if self.to is not None:
            yield Told(key, 1, self.variant, self.to, self.kind, self.quantity, self.at)


@action(silent=_NOBODYS)
def move(moves: Collection[Move], by: str, source: str) -> int:
    """Take in what has come and gone; how many levels' changes were new, two of a transfer.

    Each counts once, however often it is told. Raises Refusal, and KeyReused.
    """
    _check_size(moves)
    return ledger.post([line for one in moves for line in one.lines(source)], by)


def _check_size(lines: Collection[object]) -> None:
    if len(lines) > MOST_LINES:
        raise Refusal("too_many_movements", most=MOST_LINES)


@dataclass(frozen=True, slots=True)
class Sold:
    """A sale that is in the books. `short`: those of its levels that have less than is promised.

    Told again, it is `again`, and nothing has changed.
    """

    again: bool
    short: list[levels.Stock]


@action(silent=_NOBODYS)
def sell(lines: Collection[Line], at: datetime | None, by: str, request: Request) -> Sold:
    """Take in a sale that has been made at a till, now or, while it was offline, before.

    It may take a level below zero, as the goods are gone whatever the books say. Raises Refusal,
    and KeyReused.
    """
    sold = summed(lines)
    told = [
        Told(request.id, number, one.variant, one.place, Movement.Kind.SALE, -one.quantity, at)
        for number, one in enumerate(sold)
    ]
    fresh = ledger.post(told, by)
    where = {(one.variant, one.place) for one in sold}
    short = [
        level
        for level in levels.levels({one.variant for one in sold})
        if (level.variant, level.place) in where and level.available < 0
    ]
    return Sold(again=not fresh, short=short)


@action(silent=_NOBODYS)
def count(counts: Collection[Count], by: str) -> int:
    """Make levels what was counted at a moment; how many counts were news.

    What has moved since then is kept on top. A count no newer than the last one of its level is
    passed over, so telling it again changes nothing. Raises Refusal.
    """
    _check_size(counts)
    if any(not 0 <= one.quantity <= MOST for one in counts):
        raise Refusal("count_quantity", most=MOST)
    return ledger.count(counts, by)


@dataclass(frozen=True, slots=True)
class Counted:
    """A count that is in the books: its moment, and by how many it has put them right."""

    at: datetime
    change: int


@action(silent=_NOBODYS)
def count_now(variant: int, place: int, quantity: int, by: str) -> Counted:
    """Make a level what somebody has counted this moment. Raises Refusal."""
    if not count([Count(variant, place, quantity, timezone.now())], by):
        raise Refusal("counted_just_now")
    level = Level.objects.get(variant=variant, place=place)
    assert level.counted_at is not None
    return Counted(level.counted_at, _changed(level, level.counted_at))


@action(silent=_NOBODYS)
def uncount(variant: int, place: int, at: datetime, by: str) -> int:
    """Take back the count of this moment, the last of its level; how many are there now.

    It is as if it had never been: what it has put right, and what was told since and was in it,
    counts again. Again: nothing. Raises Refusal where it is not the last.
    """
    ledger.lock([(variant, place)])
    level = Level.objects.filter(variant=variant, place=place).first()
    if level is None:
        raise Refusal("not_counted")
    if level.counted_at is None or level.counted_at < at:
        return level.on_hand
    there = ledger.uncount((variant, place), at, by) if level.counted_at == at else None
    if there is None:
        raise Refusal("counted_since")
    return there


def _changed(level: Level, at: datetime) -> int:
    """What the count of the moment has put right."""
    counts = Movement.objects.filter(variant=level.variant_id, place=level.place_id, at=at)
    of_count = counts.filter(kind=Movement.Kind.COUNT, hold=None)
    return int(of_count.aggregate(sum=Sum("on_hand"))["sum"] or 0)
