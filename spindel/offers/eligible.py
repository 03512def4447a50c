"""Which offers may count for a basket, and why the others may not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from itertools import chain

from spindel.offers.basket import Basket, BasketLine, Buyer, NotApplied, Offer, Reason
from spindel.offers.terms import (
    AmountOff,
    AmountOffEach,
    DeliveryOff,
    FixedPrice,
    Goods,
    PiecesForLess,
    Terms,
)

# --- offers by what they are on -------------------------------------------------------------------


class Offers:
    """Offers that are live, by the goods that they are on. It is built once and asked often.

    `zones` are the clocks of markets; of others it is UTC.
    """

    def __init__(self, offers: Iterable[Offer], zones: Mapping[str, tzinfo] | None = None) -> None:
        self.by_id = {one.id: one for one in offers}
        self.limited = frozenset(one.id for one in self.by_id.values() if one.terms.is_limited)
        self.audiences = frozenset().union(*(one.terms.audience for one in self.by_id.values()))
        self._zones = zones or {}
        self._of_product: dict[str, list[Offer]] = defaultdict(list)
        self._of_category: dict[str, list[Offer]] = defaultdict(list)
        self._of_brand: dict[str, list[Offer]] = defaultdict(list)
        self._of_all: list[Offer] = []
        for one in self.by_id.values():
            goods = one.terms.goods
            if goods.products:
                _enter(self._of_product, goods.products, one)
            elif goods.categories:
                _enter(self._of_category, goods.categories, one)
            elif goods.brands:
                _enter(self._of_brand, goods.brands, one)
            else:
                self._of_all.append(one)

    def zone(self, market: str) -> tzinfo:
        """By whose clock the hours of offers are in the market."""
        return self._zones.get(market, UTC)

    def on(self, line: BasketLine) -> Iterator[Offer]:
        """Those that the line's goods may be among; an offer may come twice."""
        yield from self._of_product.get(line.product, ())
        for category in line.categories:
            yield from self._of_category.get(category, ())
        yield from self._of_brand.get(line.brand, ())
        yield from self._of_all


def _enter(index: dict[str, list[Offer]], names: Iterable[str], offer: Offer) -> None:
    for name in names:
        index[name].append(offer)


NO_OFFERS = Offers(())


def covers(goods: Goods, line: BasketLine) -> bool:
    """Whether the line is among the goods."""
    return (
        (not goods.products or line.product in goods.products)
        and (not goods.brands or line.brand in goods.brands)
        and (not goods.categories or not goods.categories.isdisjoint(line.categories))
        and line.product not in goods.without_products
        and line.brand not in goods.without_brands
        and goods.without_categories.isdisjoint(line.categories)
        and not (goods.without_sale and line.list_price is not None and line.list_price.was)
    )


# --- may count, or may not ---


@dataclass(frozen=True, slots=True)
class Candidate:
    """An offer that may count, and the numbers of the lines that it is on."""

    offer: Offer
    lines: list[int]
    code: str


def sort_out(
    basket: Basket, lines: Sequence[BasketLine], offers: Offers, buyer: Buyer
) -> tuple[list[Candidate], list[NotApplied]]:
    """The offers that may count, in their order, and those that touch the basket but may not. One
    that was promised counts as it was promised.
    """
    promised = {one.id: one for one in buyer.promises}
    on: dict[int, list[int]] = {}
    for number, line in enumerate(lines):
        if line.list_price is None or line.delivery:
            continue
        for live in chain(offers.on(line), promised.values()):
            offer = promised.get(live.id, live)
            found = on.setdefault(offer.id, [])
            if (not found or found[-1] != number) and covers(offer.terms.goods, line):
                found.append(number)
    fees = [number for number, line in enumerate(lines) if line.delivery and line.each]
    typed, not_applied = _typed(basket.codes, buyer)
    for id in typed:
        on.setdefault(id, [])
    candidates = []
    for id, numbers in on.items():
        code = typed.get(id, "")
        offer = promised.get(id) or offers.by_id.get(id) or _offer_of(code, buyer)
        if (offer.terms.needs_code and not code) or not (numbers or code):
            continue
        on_lines = [lines[one] for one in numbers]
        refused = _refused(offer, on_lines, basket, buyer, offers.zone(basket.market))
        if refused is not None:
            reason, missing = refused
            not_applied.append(NotApplied(reason, offer, code, missing))
        elif isinstance(offer.terms.benefit, DeliveryOff):
            if fees:
                candidates.append(Candidate(offer, fees, code))
            else:
                not_applied.append(NotApplied(Reason.NO_FEE, offer, code))
        elif open := [one for one in numbers if lines[one].agreed is None]:
            candidates.append(Candidate(offer, open, code))
        else:
            not_applied.append(NotApplied(Reason.AGREED, offer, code))
    candidates.sort(key=lambda one: one.offer.rank)
    return candidates, not_applied


def _offer_of(code: str, buyer: Buyer) -> Offer:
    offer = buyer.codes[code].offer
    assert offer is not None
    return offer


def _typed(codes: Sequence[str], buyer: Buyer) -> tuple[dict[int, str], list[NotApplied]]:
    """The codes by their offers' ids, and what is wrong with the others."""
    found: dict[int, str] = {}
    wrong = []
    for code in codes:
        known = buyer.codes.get(code)
        if known is None or known.offer is None:
            wrong.append(NotApplied(Reason.UNKNOWN_CODE, None, code))
        elif known.revoked:
            wrong.append(NotApplied(Reason.STOPPED, known.offer, code))
        elif known.spent:
            wrong.append(NotApplied(Reason.CODE_SPENT, known.offer, code))
        elif known.offer.id in found:
            instead = (known.offer,)
            wrong.append(NotApplied(Reason.OTHER_IS_BETTER, known.offer, code, instead=instead))
        else:
            found[known.offer.id] = code
    return found, wrong


def _refused(
    offer: Offer, on: Sequence[BasketLine], basket: Basket, buyer: Buyer, zone: tzinfo
) -> tuple[Reason, int] | None:
    """Why the offer does not count for the basket, and how much more that would take."""
    reason = barred(offer, basket, buyer, zone)
    if reason is not None:
        return reason, 0
    if not on:
        return Reason.WRONG_GOODS, 0
    return _falls_short(offer.terms, on, basket.currency)


def barred(offer: Offer, basket: Basket, buyer: Buyer, zone: tzinfo) -> Reason | None:
    """Why the offer does not hold for whoever buys, whatever is in the basket."""
    terms, at = offer.terms, basket.at
    if terms.markets and basket.market not in terms.markets:
        return Reason.WRONG_MARKET
    if not _has_amounts(terms, basket.currency):
        return Reason.WRONG_MARKET
    if terms.until is not None and at >= terms.until:
        return Reason.EXPIRED
    if terms.since is not None and at < terms.since:
        return Reason.NOT_YET
    if offer.promise is None and (refused := _not_given(offer, buyer)):
        return refused
    if terms.hours is not None and not terms.hours.hold(at, zone):
        return Reason.NOT_NOW
    if terms.most_each is not None and buyer.used.get(offer.id, 0) >= terms.most_each:
        return Reason.USED_BY_HER
    return None


def _not_given(offer: Offer, buyer: Buyer) -> Reason | None:
    """Why it is not given to the buyer, or to anybody; nothing of it undoes a promise."""
    audience = offer.terms.audience
    if offer.stopped:
        return Reason.STOPPED
    if audience and audience.isdisjoint(buyer.groups):
        return Reason.NOT_FOR_HER
    if buyer.uses_left.get(offer.id, 1) <= 0 or buyer.money_left.get(offer.id, 1) <= 0:
        return Reason.USED_UP
    return None


def _has_amounts(terms: Terms, currency: str) -> bool:
    """Whether all its amounts are said in the currency."""
    benefit = terms.benefit
    needed = [one for one in (terms.minimum, terms.budget) if one]
    if isinstance(benefit, AmountOff | AmountOffEach | FixedPrice | DeliveryOff):
        needed += [benefit.amounts] if benefit.amounts else []
    return all(currency in one for one in needed)


def _falls_short(
    terms: Terms, on: Sequence[BasketLine], currency: str
) -> tuple[Reason, int] | None:
    """What the goods lack of what the basket has to reach, at list prices."""
    least = terms.least_pieces
    if isinstance(terms.benefit, PiecesForLess):
        least = max(least, terms.benefit.take)
    if least:
        pieces = sum(line.quantity for line in on)
        if pieces < least:
            return Reason.TOO_FEW, least - pieces
    if not terms.minimum:
        return None
    worth = sum(line.quantity * line.list_price.amount for line in on if line.list_price)
    lacking = terms.minimum.get(currency, 0) - worth
    return (Reason.TOO_LITTLE, lacking) if lacking > 0 else None
