"""What is told of an order as it is written."""

from __future__ import annotations

from spindel.catalogue.models import Place
from spindel.commerce.common.facts import major
from spindel.commerce.orders.facts import OrderCompleted, PaymentInfoEntered
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement.draft import Draft
from spindel.commerce.orders.placement.goods import Costs, Sold
from spindel.kit.money import vat_in
from spindel.offers import uses
from spindel.timeline.recording import record


def record_order(order: Order, draft: Draft, costs: Costs, *, awaited: bool) -> None:
    """Record that she has ordered, or that she has begun to pay."""
    if order.identifier_id is None or (draft.credit and draft.credit >= order.total):
        return  # nobody's; or an exchange, which is told of as one
    if awaited:
        said = PaymentInfoEntered(order_id=order.number, payment_method=draft.pay_by)
        record(said, order.identifier_id, order.channel, also=draft.also)
        return
    products = [_product(one, order.currency) for one in costs.lines]
    discount = sum(one.item.quantity * one.priced.usual - one.priced.total for one in costs.lines)
    shipping = sum(one.total - vat_in(one.total, one.line.vat_rate) for one in costs.fees)
    fact = completed(order, draft.pay_by, discount, products, draft.credit, shipping)
    record(fact, order.identifier_id, order.channel, also=draft.also, at=draft.at)
    priced = [*(one.priced for one in costs.lines), *costs.fees]
    if any(each.offer.promise for one in priced for each in one.adjustments):
        uses.record_kept(order.number, order.identifier_id, order.channel)


def _product(line: Sold, currency: str) -> dict[str, object]:
    return {
        "product_id": line.goods.product,
        "sku": line.goods.sku,
        "name": line.goods.name,
        "variant": line.goods.options,
        "quantity": line.item.quantity,
        "price": major(line.priced.total // line.item.quantity, currency),
    }


def completed(
    order: Order,
    pay_by: str,
    discount: int,
    products: list[dict[str, object]],
    credit: int = 0,
    shipping: int = 0,
) -> OrderCompleted:
    """The fact that an order is settled, as shops tell of theirs. `shipping` is without VAT.

    What goods that came back have paid of it was told of when they were bought.
    """
    due = order.total - credit
    vat = order.vat * due // order.total if credit else order.vat
    place = Place.objects.filter(pk=order.place_id).first() if order.place_id else None
    return OrderCompleted(
        order_id=order.number,
        affiliation=place.name if place else "",
        store=place.code if place else "",
        total=major(due, order.currency),
        revenue=major(due - vat - shipping, order.currency),
        tax=major(vat, order.currency),
        shipping=major(shipping, order.currency),
        discount=major(discount, order.currency),
        currency=order.currency,
        payment_method=pay_by,
        products=products,
    )
