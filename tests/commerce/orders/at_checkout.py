"""A phone with something in its cart, and what is ordered from it."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.commerce.conftest import Shop
from tests.commerce.stock.cast import deliver
from tests.console.conftest import text
from tests.flows.cast import HOME
from tests.shopping import AtShop, Come

HERS = "?whose=email:anna@example.se"


def plain(answer: object) -> str:
    """The words of a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", text(answer))).split())


def order(device: AtShop, contact: dict[str, str], key: str = "k", **more: object):
    told = {"contact": contact, "address": HOME, "pay_by": "invoice"} | more
    return device.ask("POST", "orders", told, **{"Idempotency-Key": key})


@pytest.fixture
def filled(at_shop: Come, shop: Shop) -> AtShop:
    """A phone with a pair of Vinga in its cart, of which there are many."""
    for variant in (shop.small, shop.large):
        deliver(variant, shop.warehouse, 50)
        deliver(variant, shop.goteborg, 50)
    phone = at_shop("phone-of-anna")
    phone.add("vinga-38")
    return phone
