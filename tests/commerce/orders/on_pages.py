"""Orders to be seen on pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from spindel.catalogue.models import Place, Price
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.draft import Item
from spindel.staff.models import Role
from tests.commerce import acting
from tests.commerce.conftest import Shop
from tests.commerce.stock.cast import deliver
from tests.telling import follow

As = Callable[[Role], Client]


ANNA = {"name": "Anna Åkesson", "email": "anna@example.se", "phone": "070-123 45 67"}
HOME = {"street": "Storgatan 1", "postcode": "411 01", "city": "Göteborg", "country": "SE"}


@pytest.fixture
def priced(shop: Shop) -> Shop:
    """Vinga costs 1,299 kronor; the warehouse has three pairs of each and sends them."""
    for variant in (shop.small, shop.large):
        Price.objects.create(variant_id=variant, market="SE", currency="SEK", amount=129_900)
        deliver(variant, shop.warehouse, 3)
    Place.objects.filter(pk=shop.warehouse).update(ships=True)
    return shop


def order(shop: Shop, *items: Item, key: str = "k", **more: object) -> Order:
    words: dict[str, object] = {
        "source": "test",
        "key": key,
        "items": items or [Item(shop.small, 2)],
        "market": "SE",
        "currency": "SEK",
        "language": "sv",
        "channel": "web",
        "pay_by": "invoice",
        "contact": ANNA,
        "address": HOME,
    }
    made = placing.sell(acting.drafted(**(words | more)))  # type: ignore[arg-type]  # the words are right
    follow()
    return made
