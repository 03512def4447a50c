"""Her orders and cart, on the customer's page."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from spindel.catalogue.markets import Market
from spindel.catalogue.models import Place, Price
from spindel.commerce.carts import reading as carts
from spindel.commerce.carts.actions import Edit, change_for
from spindel.identity import customers, ownership
from spindel.staff.models import Role
from tests.commerce.conftest import Shop
from tests.telling import tell

As = Callable[[Role], Client]


@pytest.fixture
def her(shop: Shop, anna: int) -> int:
    """Anna, a customer from Göteborg; Vinga costs 1,299 kronor, and the warehouse sends."""
    for variant in (shop.small, shop.large):
        Price.objects.create(variant_id=variant, market="SE", currency="SEK", amount=129_900)
    Place.objects.filter(pk=shop.warehouse).update(ships=True)
    Place.objects.filter(pk=shop.goteborg).update(city="Göteborg")
    traits = {"name": "Anna Åkesson", "city": "Göteborg", "phone": "+46701234567"}
    for key in ("web-key", "crm-key"):
        said = {"type": "identify", "messageId": "t", "userId": "anna", "traits": traits}
        tell([said], key=key)
    customer = customers.by_identifier("user_id", "anna")
    assert customer
    return customer


def put(customer: int, sku: str, quantity: int = 1, **more: object) -> carts.CartView:
    return change_for(
        ownership.under(customer),
        Edit(sku, quantity=quantity, **more),
        market=Market("SE", "SEK", "en"),
    )


CHECKOUT = {
    "name": "Anna Åkesson",
    "email": "anna@example.se",
    "phone": "070-123 45 67",
    "street": "Storgatan 1",
    "postcode": "411 01",
    "city": "Göteborg",
    "country": "SE",
    "pay_by": "invoice",
}


def form_of(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
