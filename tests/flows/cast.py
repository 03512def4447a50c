"""A device at the shop, and the shop's own systems."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils.html import strip_tags

from spindel.catalogue.models import Place, Price
from spindel.staff.actions import create_token
from spindel.staff.models import Scope, User
from tests.commerce.conftest import Shop
from tests.shopping import AtShop

ANNA = {"name": "Anna Åkesson", "email": "anna@example.se", "phone": "070-174 06 05"}
HOME = {"street": "Storgatan 1", "postcode": "411 01", "city": "Göteborg", "country": "SE"}


@pytest.fixture
def at_shop(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AtShop]:
    """Comes to the shop with a device, which sells Vinga for 1,299 kronor, from the warehouse."""
    monkeypatch.setenv("SPINDEL_SHOP_URL", "https://shop.example")
    for variant in (shop.small, shop.large):
        Price.objects.create(variant_id=variant, market="SE", currency="SEK", amount=129_900)
    Place.objects.filter(pk=shop.warehouse).update(ships=True)
    secret = create_token("shop", [Scope.SHOP], None)[1]
    return lambda browser: AtShop(secret, browser)


class Machine:
    """A system of the shop's, with a token."""

    def __init__(self, *scopes: Scope) -> None:
        self.secret = create_token("machine", list(scopes), None)[1]

    def ask(self, method: str, path: str, body: object = None, key: str = ""):
        headers = {"Authorization": f"Bearer {self.secret}"}
        if key:
            headers["Idempotency-Key"] = key
        return Client().generic(
            method,
            f"/api/{path}",
            json.dumps(body),
            content_type="application/json",
            headers=headers,
        )


BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def diary(user: User, customer: int) -> str:
    """What her timeline says to somebody here, in words alone."""
    client = Client()
    client.force_login(user, backend=BACKEND)
    page = client.get(f"/customers/{customer}/timeline/", headers={"Accept-Language": "en"})
    return re.sub(r"\s+", " ", strip_tags(page.content.decode()))
