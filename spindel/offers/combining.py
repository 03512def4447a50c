"""Which offers count together, and what a basket comes to then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

from spindel.offers.basket import BasketLine, Buyer, Offer
from spindel.offers.eligible import Candidate
from spindel.offers.splitting import shared
from spindel.offers.terms import (
    WHOLE,
    AmountOff,
    AmountOffEach,
    Benefit,
    DeliveryOff,
    FixedPrice,
    PercentOff,
    PiecesForLess,
    Stacking,
    Terms,
)

# --- which offers count together ------------------------------------------------------------------

# Of offers that compete for whole groups of pieces all combinations are tried, up to so many of
# them; of more, each is kept if it makes the basket cheaper.
_MOST_COMBINED = 5


def cheapest(
    lines: Sequence[BasketLine], candidates: Sequence[Candidate], currency: str, buyer: Buyer
) -> list[Reckoned]:
    """The lines as the cheapest of the allowed combinations has them."""
    found = _best_of(_Reckoning(lines, candidates, currency, buyer))
    spent = [one for one in candidates if _is_cut(one.offer, found, buyer)]
    for one in spent:  # what is left of its money may be less than what it keeps others from giving
        others = [other for other in candidates if other is not one]
        found = min(found, _best_of(_Reckoning(lines, others, currency, buyer)), key=_worth)
    return found


def _is_cut(offer: Offer, lines: Sequence[Reckoned], buyer: Buyer) -> bool:
    left = buyer.money_left.get(offer.id)
    return left is not None and sum(one.taken.get(offer, 0) for one in lines) >= left


def _best_of(reckoning: _Reckoning) -> list[Reckoned]:
    found = _best_together(reckoning)
    for one in reckoning.alone:
        beside = [other for other in reckoning.promised if other is not one]
        alone = _Reckoning(
            reckoning.basket, [one, *beside], reckoning.currency, reckoning.buyer, one
        )
        found = min(found, _best_together(alone), key=_worth)
    return found


def _best_together(reckoning: _Reckoning) -> list[Reckoned]:
    tried = reckoning.competing[:_MOST_COMBINED]
    on: list[Candidate] = []
    lines = reckoning.lines(on) or []
    for many in range(1, len(tried) + 1):
        for some in combinations(tried, many):
            other = reckoning.lines(some)
            if other is not None and _worth(other) < _worth(lines):
                lines, on = other, list(some)
    for one in reckoning.competing[_MOST_COMBINED:]:
        other = reckoning.lines([*on, one])
        if other is not None and _worth(other) < _worth(lines):
            lines, on = other, [*on, one]
    return lines


def _worth(lines: Sequence[Reckoned]) -> tuple[int, int]:
    """By what combinations are compared: what they come to, and how many offers that takes."""
    offers = {offer.id for line in lines for offer in line.taken}
    return sum(one.left for one in lines), len(offers)


# --- what a combination comes to ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Piece:
    """What a piece costs with offers on single pieces, and what each of them takes off it."""

    cost: int
    taken: list[tuple[Offer, int]]


class Reckoned:
    """A line while offers are taken off it.

    `grouped` pieces are in groups that an offer has taken for itself, and one that competes may
    have `claimed` the whole line; for the other pieces there is the best one on single pieces.
    """

    __slots__ = ("claimed", "grouped", "grouped_piece", "left", "line", "piece", "taken")

    def __init__(self, line: BasketLine) -> None:
        self.line = line
        self.claimed: Candidate | None = None
        self.grouped = 0
        self.piece = self.grouped_piece = line.each or 0  # what one costs: of the others, of those
        self.left = line.quantity * self.piece
        self.taken: dict[Offer, int] = {}

    @property
    def others(self) -> int:
        """How many of its pieces are not grouped."""
        return self.line.quantity - self.grouped

    def take(self, offer: Offer, amount: int) -> None:
        """Take so much off."""
        if amount:
            self.taken[offer] = self.taken.get(offer, 0) + amount
            self.left -= amount


# A line, how many of its pieces are in groups of an offer, and how many of those are reduced.
_Grouped: TypeAlias = list[tuple[Reckoned, int, int]]


class _Reckoning:
    """A basket with the offers that may count, and what is the same for all combinations."""

    def __init__(
        self,
        basket: Sequence[BasketLine],
        candidates: Sequence[Candidate],
        currency: str,
        buyer: Buyer,
        alone: Candidate | None = None,
    ) -> None:
        self.basket, self.currency, self.buyer = basket, currency, buyer
        self.promised = [one for one in candidates if one.offer.is_hers]
        self.alone: list[Candidate] = []
        self.competing: list[Candidate] = []
        self._groups: list[Candidate] = []  # on top of others, as are the amounts
        self._amounts: list[Candidate] = []
        best: list[tuple[int, Offer | None]] = [(one.each or 0, None) for one in basket]
        stacked: list[list[Offer]] = [[] for _ in basket]
        for one in candidates:
            stacking, benefit = one.offer.terms.stacking, one.offer.terms.benefit
            if stacking == Stacking.ALONE and len(candidates) > 1 and one is not alone:
                self.alone.append(one)
            elif isinstance(benefit, PiecesForLess | AmountOff):
                on_top = self._groups if isinstance(benefit, PiecesForLess) else self._amounts
                (on_top if stacking == Stacking.TOGETHER else self.competing).append(one)
            elif stacking == Stacking.TOGETHER:
                for number in one.lines:
                    stacked[number].append(one.offer)
            else:
                for number in one.lines:
                    cost = _reduced(benefit, basket[number].each or 0, currency)
                    if cost < best[number][0]:
                        best[number] = cost, one.offer
        self._pieces = [
            self._piece(line.each or 0, *of, on_top)
            for line, of, on_top in zip(basket, best, stacked, strict=True)
        ]
        self._taken_pieces = [
            self._piece(line.each or 0, line.each or 0, None, on_top)
            for line, on_top in zip(basket, stacked, strict=True)
        ]

    def _piece(self, base: int, cost: int, best: Offer | None, on_top: Sequence[Offer]) -> _Piece:
        """A piece with the best offer, if there is one, and with those on top of it."""
        taken = [] if best is None else [(best, base - cost)]
        for offer in on_top:
            terms = offer.terms
            reduced = max(_reduced(terms.benefit, cost, self.currency), _floor(terms, base))
            if reduced < cost:  # not where it is below that floor already
                taken.append((offer, cost - reduced))
                cost = reduced
        return _Piece(cost, taken)

    def lines(self, on: Sequence[Candidate]) -> list[Reckoned] | None:
        """The lines with all that counts together, and with those that compete and are on. None:
        others leave no piece for one of these, so it is the same without it.
        """
        lines = [Reckoned(one) for one in self.basket]
        groups: list[tuple[Candidate, _Grouped]] = []
        for one in on:
            if isinstance(one.offer.terms.benefit, PiecesForLess):
                groups.append((one, _group(one, lines)))
                if not groups[-1][1]:
                    return None
            elif not _claim(one, lines):
                return None
        for line, piece, taken in zip(lines, self._pieces, self._taken_pieces, strict=True):
            _take_pieces(line, taken if line.claimed else piece, taken)
        for one, grouped in groups:
            _reduce(one.offer, [(*each, each[0].grouped_piece) for each in grouped])
        for one in self._groups:
            _reduce(one.offer, [(*each, each[0].piece) for each in _pair(one, lines)])
        for one in sorted([*on, *self._amounts], key=lambda each: each.offer.rank):
            if isinstance(one.offer.terms.benefit, AmountOff):
                self._take_amount(one, lines, claimed=one in on)
        for offer, left in self._limited(lines):
            _cut(offer, left, lines)
        return lines

    def _take_amount(self, one: Candidate, lines: Sequence[Reckoned], *, claimed: bool) -> None:
        """Take an amount off lines together, each by what is left of it."""
        terms = one.offer.terms
        assert isinstance(terms.benefit, AmountOff)
        of = [lines[number] for number in one.lines]
        if claimed:
            of = [line for line in of if line.claimed is one]
        room = [max(0, line.left - _floor_of(terms, line)) for line in of]
        amount = min(terms.benefit.amounts[self.currency], sum(room))
        for line, part in zip(of, shared(amount, room), strict=True):
            line.take(one.offer, part)

    def _limited(self, lines: Sequence[Reckoned]) -> list[tuple[Offer, int]]:
        """The offers that have taken more than is left of their money, with that."""
        sums: dict[Offer, int] = defaultdict(int)
        for line in lines:
            for offer, amount in line.taken.items():
                if offer.id in self.buyer.money_left:
                    sums[offer] += amount
        left = self.buyer.money_left
        return [(one, left[one.id]) for one, amount in sums.items() if amount > left[one.id]]


def _reduced(benefit: Benefit, piece: int, currency: str) -> int:
    """What a piece, or a fee, costs with an offer on single ones; half an öre is the buyer's."""
    if isinstance(benefit, PercentOff | DeliveryOff) and benefit.rate is not None:
        return piece - (piece * benefit.rate + WHOLE // 2) // WHOLE
    if isinstance(benefit, AmountOffEach | DeliveryOff):
        return max(0, piece - (benefit.amounts or {})[currency])
    assert isinstance(benefit, FixedPrice)
    return min(piece, benefit.amounts[currency])


def _floor(terms: Terms, amount: int) -> int:
    """How far down an offer takes what has cost the amount."""
    return 0 if terms.cap is None else amount - amount * terms.cap // WHOLE


def _floor_of(terms: Terms, line: Reckoned) -> int:
    return line.line.quantity * _floor(terms, line.line.each or 0)


def _take_pieces(line: Reckoned, other: _Piece, grouped: _Piece) -> None:
    for many, piece in ((line.others, other), (line.grouped, grouped)):
        for offer, amount in piece.taken:
            line.take(offer, many * amount)
    line.piece, line.grouped_piece = other.cost, grouped.cost


def _claim(one: Candidate, lines: Sequence[Reckoned]) -> bool:
    """Take whole lines, which no other offer that competes has then; whether there are any."""
    free = [
        line for number in one.lines if not (line := lines[number]).claimed and not line.grouped
    ]
    for line in free:
        line.claimed = one
    return bool(free)


def _group(one: Candidate, lines: Sequence[Reckoned]) -> _Grouped:
    """Take pieces into groups that no other offer of the kind has then."""
    free = [line for number in one.lines if not (line := lines[number]).claimed]
    groups = _in_groups(one.offer, [(line, line.others) for line in free])
    for line, many, _ in groups:
        line.grouped += many
    return groups


def _pair(one: Candidate, lines: Sequence[Reckoned]) -> _Grouped:
    """Groups of the other pieces, on top of what else they have; another offer may have them, too.
    Were they gone for it, one that gives little would keep away one that gives more.
    """
    of = [lines[number] for number in one.lines]
    return _in_groups(one.offer, [(line, line.others) for line in of])


def _in_groups(offer: Offer, pieces: Sequence[tuple[Reckoned, int]]) -> _Grouped:
    """The dearest first, at list prices: so many pieces make a group, and its last are reduced."""
    benefit = offer.terms.benefit
    assert isinstance(benefit, PiecesForLess)
    dearest = sorted(pieces, key=lambda one: -(one[0].line.each or 0))
    inside = sum(many for _, many in pieces) // benefit.take * benefit.take
    found, start = [], 0
    for line, many in dearest:
        end = min(start + many, inside)
        if end > start:
            found.append((line, end - start, _last(benefit, end) - _last(benefit, start)))
        start = end
    return found


def _last(benefit: PiecesForLess, pieces: int) -> int:
    """How many of the first pieces are the last ones of their groups."""
    groups, over = divmod(pieces, benefit.take)
    full = benefit.take - benefit.reduced
    return groups * benefit.reduced + max(0, over - full)


def _reduce(offer: Offer, groups: Sequence[tuple[Reckoned, int, int, int]]) -> None:
    """Take off what a group's last pieces cost less, shared by all that is in groups: so that who
    keeps some of it has neither got them free nor paid for all. With each line stands what one of
    its pieces costs.
    """
    benefit = offer.terms.benefit
    assert isinstance(benefit, PiecesForLess)
    off = 0
    worth = []
    for line, many, reduced, piece in groups:
        off += reduced * ((piece * benefit.rate + WHOLE // 2) // WHOLE)
        worth.append(min(many * piece, max(0, line.left - _floor_of(offer.terms, line))))
    parts = shared(min(off, sum(worth)), worth)
    for (line, _, _, _), part in zip(groups, parts, strict=True):
        line.take(offer, part)


def _cut(offer: Offer, left: int, lines: Sequence[Reckoned]) -> None:
    """Give back what an offer took beyond what is left of its money."""
    of = [line for line in lines if offer in line.taken]
    taken = [line.taken.pop(offer) for line in of]
    for line, before, part in zip(of, taken, shared(left, taken), strict=True):
        line.left += before
        line.take(offer, part)
