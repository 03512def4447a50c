"""What comes back, and what it comes to."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from spindel.catalogue.models import Price, Product, Variant
from spindel.commerce.orders.models import Order, Return
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.draft import Item
from spindel.commerce.payments.models import Payment
from spindel.commerce.returns.actions import Back
from tests.commerce import acting
from tests.commerce.conftest import Shop
from tests.commerce.orders.cast import counter
from tests.commerce.orders.cast import priced as priced  # a fixture
from tests.commerce.stock.cast import deliver


def at(place: int, key: str = "k", **more: object) -> dict[str, object]:
    """The counter of a store."""
    desk: dict[str, object] = {"place": place, "by": "Oskar", "user": None, "source": "tablet"}
    return {**desk, "key": key, **more}


def back(order: Order, place: int, *lines: Back, key: str = "k", **more: object) -> Return:
    words = at(place, key, **more)
    return acting.take_back(order.pk, lines or [Back(0, 1)], **words)  # type: ignore[arg-type]  # the words are right


def swap(order: Order, place: int, *wanted: Item, key: str = "k", **more: object) -> Return:
    words = at(place, key, **{"lines": [Back(0, 1)]} | more)
    return acting.exchange(order.pk, wanted=wanted, **words)  # type: ignore[arg-type]  # the words are right


def here(variant: int, place: int, quantity: int = 1) -> Item:
    return Item(variant, quantity, "hand_over", place)


def bought(shop: Shop, key: str = "bought", quantity: int = 1, **more: object) -> Order:
    """Vinga, 38, over the counter in Göteborg."""
    deliver(shop.small, shop.goteborg, quantity)
    item = here(shop.small, shop.goteborg, quantity)
    return placing.sell(counter(shop, key, item, **more))


def money() -> dict[str, int]:
    """What has been taken less what goes back, by provider."""
    sums: Counter[str] = Counter()
    for one in Payment.objects.all():
        asked = {"capture": one.captured, "refund": one.refunded}
        for command in one.commands.filter(done_at=None, failed_at=None).exclude(kind="cancel"):
            asked[command.kind] += command.amount
        sums[one.provider] += asked["capture"] - asked["refund"]
    return dict(sums)


@pytest.fixture
def marstrand(priced: Shop) -> int:
    """Another product: 1,499 kronor."""
    product = Product.objects.create(number="marstrand", names={"sv": "Marstrand"})
    made = Variant.objects.create(product=product, sku="marstrand-40", options={"size": "40"})
    Price.objects.create(variant=made, market="SE", currency="SEK", amount=149_900)
    return made.pk


def age(order: Order, days: float) -> None:
    Order.objects.filter(pk=order.pk).update(placed_at=timezone.now() - timedelta(days=days))
