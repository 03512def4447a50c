"""The tablet in a clerk's hands."""

from __future__ import annotations

import html
import re
from collections.abc import Collection
from typing import Any

import pytest
from django.test import Client

from spindel.catalogue.models import Place, Price, Variant
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.draft import Draft, Item
from spindel.identity import customers
from spindel.kit.idempotency import Request
from spindel.staff.actors import Actor
from spindel.staff.models import User
from tests.commerce.conftest import Shop

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class Tablet:
    """A clerk's browser: it sends forms as the page has them, hidden fields and all."""

    def __init__(self, user: User) -> None:
        self.client = Client(HTTP_ACCEPT_LANGUAGE="en", REMOTE_ADDR="203.0.113.7")
        self.client.force_login(user, backend=BACKEND)

    def at(self, place: str) -> Tablet:
        self.client.post("/store/choose/", {"place": place})
        return self

    def get(self, path: str) -> str:
        answer = self.client.get(path, follow=True)
        assert answer.status_code == 200, answer.status_code
        return answer.content.decode()

    def form(self, page: str, action: str) -> dict[str, list[str]]:
        """The fields of the form that leads to the address."""
        for found in re.finditer(r"<form[^>]*?>.*?</form>", page, re.DOTALL):
            head = found[0].split(">")[0]
            if f'action="{action}"' in head and 'method="post"' in head:
                fields: dict[str, list[str]] = {}
                for field in re.findall(r"<input[^>]*>", found[0]):
                    name = re.search(r'name="([^"]*)"', field)
                    value = re.search(r'value="([^"]*)"', field)
                    kind = re.search(r'type="([^"]*)"', field)
                    if name and (kind is None or kind[1] not in ("radio", "checkbox")):
                        text = html.unescape(value[1]) if value else ""
                        fields.setdefault(name[1], []).append(text)
                return fields
        raise AssertionError(f"There is no form for {action}.")

    def tap(self, page: str, action: str, **more: object) -> str:
        """Send a form of the page; the page that comes then."""
        return self.send(action, self.form(page, action) | more)

    def send(self, action: str, fields: dict[str, object]) -> str:
        answer = self.client.post(action, fields, follow=True)
        assert answer.status_code == 200, answer.status_code
        return answer.content.decode()


@pytest.fixture
def priced(shop: Shop) -> Shop:
    """Vinga costs 1,299 kronor, 39 is dearer, and the warehouse sends."""
    for variant, amount in ((shop.small, 129_900), (shop.large, 139_900)):
        Price.objects.create(variant_id=variant, market="SE", currency="SEK", amount=amount)
    Variant.objects.filter(pk=shop.small).update(gtin="07350000000016")
    Place.objects.filter(pk=shop.warehouse).update(ships=True)
    return shop


@pytest.fixture
def tablet(clerk: User, priced: Shop) -> Tablet:
    """Oskar's, in Göteborg."""
    return Tablet(clerk).at("goteborg")


def product_page(shop: Shop, variant: int) -> str:
    return f"/store/products/{Variant.objects.get(pk=variant).product_id}/?variant={variant}"


def look_up_anna(tablet: Tablet) -> int:
    assert "anna@example.se" in tablet.get("/store/customers/?q=anna@example")
    found = customers.by_identifier("user_id", "anna")
    assert found is not None
    return found


def bought(
    shop: Shop,
    *variants: int,
    who: int | None = None,
    key: str = "b",
    holds: Collection[int] = (),
) -> Order:
    items = [Item(one, 1, "hand_over", shop.goteborg) for one in variants]
    return placing.sell(
        Draft(
            request=Request("test", key),
            items=items,
            market="SE",
            currency="SEK",
            language="sv",
            actor=Actor("Oskar", channel="store", place=shop.goteborg),
            pay_by="till",
            whose=who,
            holds=holds,
        )
    )


def to_be_fetched(shop: Shop, who: int) -> Order:
    return placing.sell(
        Draft(
            request=Request("web", "o"),
            items=[Item(shop.small, 1, "pick_up", shop.goteborg)],
            market="SE",
            currency="SEK",
            language="sv",
            actor=Actor(channel="web"),
            pay_by="store",
            whose=who,
            contact={"name": "Anna", "email": "anna@example.se"},
        )
    )


def undo_of(page: str) -> str:
    """The address that the page's only Undo leads to."""
    found = re.findall(
        r'<form method="post" action="([^"]*)">(?:(?!</form>).)*?Undo\s*</button>', page, re.S
    )
    assert len(found) == 1, found
    return html.unescape(found[0])


def undo(tablet: Tablet, page: str, times: int = 2) -> str:
    """Undo what was just done; sent twice, it is undone once."""
    address = undo_of(page)
    fields: dict[str, Any] = tablet.form(page, html.escape(address))
    for _ in range(times):
        page = tablet.send(address, dict(fields))
    return page
