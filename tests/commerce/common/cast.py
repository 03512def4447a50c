"""Orders of which somebody is told, and the mails about them."""

from __future__ import annotations

from spindel.commerce.common import mailing
from spindel.commerce.common.models import Notice
from spindel.commerce.orders.actions import Some
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.draft import Item
from spindel.kit.idempotency import Request
from spindel.messages.models import Mail
from spindel.staff.actors import Actor
from tests.commerce import acting
from tests.commerce.conftest import Shop
from tests.commerce.orders.cast import ANNA, HOME, counter
from tests.commerce.stock.cast import deliver


def written() -> list[Mail]:
    """All mails, once what was noted is told."""
    while mailing.write_mails(100):
        pass
    assert not Notice.objects.exists()
    return list(Mail.objects.order_by("pk"))


def ordered(shop: Shop, *items: Item, key: str = "o", **more: object) -> Order:
    """An order from far away, with its goods there, for Anna."""
    for one in items:
        deliver(one.variant, one.place or shop.warehouse, one.quantity)
    words: dict[str, object] = {
        "channel": "web",
        "pay_by": "invoice",
        "by": "",
        "place": None,
        "contact": ANNA,
        "address": HOME,
    }
    return placing.sell(counter(shop, key, *items, **words | more))


def ship(order: Order, shop: Shop, *some: Some, key: str = "s") -> None:
    acting.ship(
        order.pk,
        shop.warehouse,
        some or None,
        carrier="PostNord",
        tracking="PN1",
        tracking_url="https://tracking.example/PN1",
        actor=Actor("Elin"),
        request=Request("t", key),
    )
