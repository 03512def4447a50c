"""Goods that are held in a store under a code."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.cache import cache

from spindel.catalogue.models import Place, Price
from spindel.staff.actions import create_token
from spindel.staff.models import Scope, User
from tests.commerce.conftest import Shop
from tests.shopping import AtShop, Come
from tests.store.cast import Tablet


@pytest.fixture
def at_shop(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AtShop]:
    """Comes to the shop with a device; each size costs something, and Göteborg has some."""
    monkeypatch.setenv("SPINDEL_SHOP_URL", "https://shop.example")
    cache.clear()
    Place.objects.filter(pk=shop.warehouse).update(ships=True)
    for variant in (shop.small, shop.large):
        Price.objects.create(variant_id=variant, market="SE", currency="SEK", amount=129_900)
    secret = create_token("shop", [Scope.SHOP], None)[1]
    return lambda browser, whose=None: AtShop(secret, browser, whose)


def hold(device: AtShop, sku: str = "vinga-38", place: str = "goteborg") -> dict:
    said = {"sku": sku, "place": place, "until": "tomorrow"}
    made = device.ask("POST", "holds", said, **{"Idempotency-Key": f"{sku} {place}"})
    assert made.status_code == 201, made.content
    return made.json()


@pytest.fixture
def tablet(clerk: User, at_shop: Come) -> Tablet:
    """Oskar's, in Göteborg."""
    return Tablet(clerk).at("goteborg")


def scan(tablet: Tablet, code: str, at: str = "/store/sale/") -> str:
    return tablet.tap(tablet.get(at), "/store/scan/", code=code)
