"""What a basket costs somebody, and why. Pure arithmetic.

`price` is the one place where what somebody pays comes from, whichever channel they stand in. How
it chooses and rounds is said in docs/offers.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from spindel.offers.basket import (
    Adjustment,
    Basket,
    BasketLine,
    Buyer,
    NotApplied,
    Offer,
    Priced,
    PricedLine,
    Reason,
)
from spindel.offers.combining import Reckoned, cheapest
from spindel.offers.eligible import NO_OFFERS, Offers, sort_out

ANYBODY = Buyer()
_MOST_VERSIONS = 5  # of an offer that she was shown, and that hold still


def price(basket: Basket, offers: Offers = NO_OFFERS, buyer: Buyer = ANYBODY) -> Priced:
    """What the whole basket costs the buyer: each line at what was agreed, else at its list price
    less what offers take off, and what it costs that it comes. Offers on goods take nothing off
    fees, and those on fees nothing off goods.

    Of all the ways in which the offers may count together the cheapest holds; of two that cost the
    same the one with fewer offers, then the one whose offers stand first. In which order the lines
    are makes no difference. What was promised of an offer holds beside what that says by now:
    whichever is cheaper, of all of them.
    """
    if basket.other_fees:
        bare = replace(basket, other_fees={})
        found = price(bare, offers, buyer)
        instead = {
            method: _instead(bare, found, fee, offers, buyer)
            for method, fee in basket.other_fees.items()
        }
        return replace(found, instead=instead)
    if not (offers.by_id or basket.codes or buyer.promises):
        return Priced(
            [PricedLine(one, one.each) for one in basket.lines],
            fees=[PricedLine(one, one.each) for one in basket.fees],
        )
    ways = [_priced_with(basket, offers, one) for one in _ways(buyer)]
    return min(ways, key=lambda one: one.totals.total) if len(ways) > 1 else ways[0]


def _ways(buyer: Buyer) -> list[Buyer]:
    """The buyer with offers as they are given now, and with those as they were promised."""
    versions: dict[int, list[Offer]] = defaultdict(list)
    hers: list[Offer] = []
    for one in buyer.promises:
        (hers if one.is_hers else versions[one.id]).append(one)
    if not versions:
        return [buyer]
    money = {id: left for id, left in buyer.money_left.items() if id not in versions}
    ways = [replace(buyer, promises=hers)]
    for number in range(min(_MOST_VERSIONS, max(map(len, versions.values())))):
        shown = [each[min(number, len(each) - 1)] for each in versions.values()]
        ways.append(replace(buyer, promises=[*hers, *shown], money_left=money))
    return ways


def _priced_with(basket: Basket, offers: Offers, buyer: Buyer) -> Priced:
    goods = len(basket.lines)
    order = sorted(range(goods), key=lambda number: _order(basket.lines[number]))
    lines = [*(basket.lines[number] for number in order), *basket.fees]
    candidates, not_applied = sort_out(basket, lines, offers, buyer)
    best = cheapest(lines, candidates, basket.currency, buyer)
    counting = {offer.id: offer for line in best for offer in line.taken}
    for one in candidates:
        if one.offer.id not in counting:
            instead = tuple(counting.values())
            not_applied.append(NotApplied(Reason.OTHER_IS_BETTER, one.offer, one.code, 0, instead))
    codes = {one.offer: one.code for one in candidates}
    priced = {number: _priced(one, codes) for number, one in zip(order, best[:goods], strict=True)}
    fees = [_priced(one, codes) for one in best[goods:]]
    return Priced([priced[number] for number in range(goods)], not_applied, fees)


def _instead(
    basket: Basket, found: Priced, fee: BasketLine, offers: Offers, buyer: Buyer
) -> Priced:
    """The basket, had it this one fee; without reckoning where no offer can count differently."""
    if not fee.each and not any(one.adjustments for one in found.fees):
        return replace(found, fees=[PricedLine(fee, fee.each)])
    return price(replace(basket, fees=[fee]), offers, buyer)


def _order(line: BasketLine) -> tuple[int, int, int]:
    return line.variant, line.quantity, line.agreed or 0


def _priced(line: Reckoned, codes: Mapping[Offer, str]) -> PricedLine:
    taken = [Adjustment(-amount, offer, codes[offer]) for offer, amount in line.taken.items()]
    return PricedLine(line.line, line.line.each, taken or ())
