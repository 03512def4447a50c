"""A shop that sells in two countries."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from spindel.catalogue.models import Place, Price
from spindel.staff.actions import create_token
from spindel.staff.models import Scope
from tests.commerce.conftest import ALWAYS, Shop
from tests.commerce.stock.cast import deliver
from tests.shopping import AtShop

THERE = {"street": "Gothersgade 1", "postcode": "1123", "city": "København", "country": "DK"}


@pytest.fixture
def abroad(shop: Shop) -> int:
    """A store in København; Vinga is sold in both markets, and the warehouse sends."""
    Place.objects.filter(pk=shop.warehouse).update(ships=True)
    store = Place.objects.create(
        code="kobenhavn", name="Købmagergade", city="København", country="DK", hours=ALWAYS
    )
    for variant in (shop.small, shop.large):
        Price.objects.create(variant_id=variant, market="SE", currency="SEK", amount=129_900)
        Price.objects.create(variant_id=variant, market="DK", currency="DKK", amount=84_900)
        for place in (shop.warehouse, shop.goteborg, store.pk):
            deliver(variant, place, 5)
    return store.pk


@pytest.fixture
def at_shop(abroad: int, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AtShop]:
    """Comes to the shop with a device."""
    monkeypatch.setenv("SPINDEL_SHOP_URL", "https://shop.example")
    secret = create_token("shop", [Scope.SHOP], None)[1]
    return lambda browser, whose=None: AtShop(secret, browser, whose)
