"""What docs/cart.md and docs/orders.md ask of the API works as it stands there."""

from __future__ import annotations

import json
import re

import pytest
from django.http import HttpResponse
from django.test import Client

from spindel.catalogue.models import Place, Price
from spindel.messages.models import Mail
from spindel.staff.actions import create_token
from spindel.staff.models import Scope
from tests.commerce.conftest import Shop
from tests.commerce.stock.cast import deliver
from tests.house.tree import ROOT

EXAMPLE = re.compile(r"^```http\n(\w+) (\S+)\n(.*?)```$", re.MULTILINE | re.DOTALL)


def examples(page: str) -> list[tuple[str, str, str]]:
    return EXAMPLE.findall((ROOT / "docs" / page).read_text())


class Reader:
    """Follows a page from top to bottom, with what it has been told on the way."""

    def __init__(self) -> None:
        self._client = Client()
        self._token = create_token(
            "shop", [Scope.SHOP, Scope.READ_ORDERS, Scope.WRITE_ORDERS], None
        )[1]
        self._key = ""
        self._words: dict[str, str] = {}
        self._asked = 0

    def ask(self, method: str, path: str, body: str) -> HttpResponse:
        for word, value in self._words.items():
            path, body = path.replace(word, value), body.replace(word, value)
        of_shopper = path.startswith("/api/shop/") and path != "/api/shop/sessions"
        self._asked += 1
        answer = self._client.generic(
            method,
            path,
            body,
            content_type="application/json",
            headers={
                "Authorization": f"Bearer {self._key if of_shopper else self._token}",
                "Idempotency-Key": f"k{self._asked}",
            },
        )
        self._learn(answer)
        return answer

    def _learn(self, answer: HttpResponse) -> None:
        told = json.loads(answer.content) if answer.content else {}
        self._key = told.get("key", self._key)
        if "version" in told:
            self._words["VERSION"] = str(told["version"])
        if "number" in told:
            self._words.setdefault("NUMBER", told["number"])
        mail = Mail.objects.filter(purpose="login").order_by("-pk").first()
        if mail and (code := re.search(r"code=([\w-]+)", mail.text)):
            self._words["CODE"] = code[1]


@pytest.fixture
def reader(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """Somebody with a shop that has the goods."""
    monkeypatch.setenv("SPINDEL_SHOP_URL", "https://shop.example")
    Place.objects.filter(pk=shop.warehouse).update(ships=True)
    for variant in (shop.small, shop.large):
        Price.objects.create(variant_id=variant, market="SE", currency="SEK", amount=129_900)
        deliver(variant, shop.warehouse, 9)
        deliver(variant, shop.goteborg, 9)
    return Reader()


@pytest.mark.parametrize("page", ["cart.md", "orders.md"])
def test_every_example_of_the_page_works(reader: Reader, page: str) -> None:
    asked = examples(page)
    assert len(asked) > 3
    if page == "orders.md":  # which begins with a cart
        reader.ask("POST", "/api/shop/sessions", '{"browser": "a-phone"}')
        reader.ask("POST", "/api/shop/cart/lines", '{"sku": "vinga-38", "quantity": 2}')
    for method, path, body in asked:
        answer = reader.ask(method, path, body)
        assert answer.status_code < 300, (method, path, answer.content)


def test_the_states_of_an_order_are_told() -> None:
    from spindel.commerce.orders.models import Order

    told = re.findall(r"^\| `(\w+)` \| ", (ROOT / "docs" / "orders.md").read_text(), re.MULTILINE)
    assert set(told) == set(Order.State.values)
