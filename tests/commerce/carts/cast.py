"""Whoever comes to the shop with a device."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection

from spindel.catalogue.models import Price
from spindel.kit import sql
from spindel.staff.actions import create_token
from spindel.staff.models import Scope
from tests.commerce.conftest import Shop
from tests.shopping import AtShop


def closing(what):
    """What it gives; its thread's connection goes back."""
    try:
        return what()
    finally:
        connection.close()


def somebody_waits() -> bool:
    return sql.row("SELECT count(*) FROM pg_locks WHERE NOT granted") != (0,)


@pytest.fixture
def at_shop(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AtShop]:
    """Comes to the shop with a device, which sells Vinga for 1,299 kronor."""
    monkeypatch.setenv("SPINDEL_SHOP_URL", "https://shop.example")
    for variant in (shop.small, shop.large):
        Price.objects.create(variant_id=variant, market="SE", currency="SEK", amount=129_900)
    secret = create_token("shop", [Scope.SHOP, Scope.SHOP_VOUCH], None)[1]
    return lambda browser, whose=None: AtShop(secret, browser, whose)
