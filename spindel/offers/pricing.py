"""What a basket costs somebody, and why. Pure arithmetic.

`price` is the one place where what somebody pays comes from, whichever channel they stand in. How
it chooses and rounds is said in docs/offers.md.
"""

from __future__ import annotations

from collections.abc import Mapping

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


def price(basket: Basket, offers: Offers = NO_OFFERS, buyer: Buyer = ANYBODY) -> Priced:
    """What the whole basket costs the buyer: each line at what was agreed, else at its list price
    less what offers take off, and what it costs that it comes. Offers on goods take nothing off
    fees, and those on fees nothing off goods.

    Of all the ways in which the offers may count together the cheapest holds; of two that cost the
    same the one with fewer offers, then the one whose offers stand first. In which order the lines
    are makes no difference.
    """
    if not offers.by_id and not basket.codes:
        return Priced(
            [PricedLine(one, one.each) for one in basket.lines],
            fees=[PricedLine(one, one.each) for one in basket.fees],
        )
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


def _order(line: BasketLine) -> tuple[int, int, int]:
    return line.variant, line.quantity, line.agreed or 0


def _priced(line: Reckoned, codes: Mapping[Offer, str]) -> PricedLine:
    taken = [Adjustment(-amount, offer, codes[offer]) for offer, amount in line.taken.items()]
    return PricedLine(line.line, line.line.each, taken or ())
