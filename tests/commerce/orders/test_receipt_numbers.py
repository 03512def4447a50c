"""Receipts as tills really number them are found again wherever a number is written."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from spindel.commerce.orders.models import Order
from spindel.commerce.stock.models import Movement
from spindel.staff.actions import create_token
from spindel.staff.models import Role, Scope
from tests.commerce.conftest import Shop
from tests.console.conftest import as_role as as_role  # a fixture
from tests.console.conftest import text
from tests.store.cast import Tablet
from tests.store.cast import priced as priced  # a fixture
from tests.store.cast import tablet as tablet  # a fixture

Ask = Callable[..., tuple[int, dict]]
NUMBERS = [
    "Shop 3/0001",
    "Kvitto å",
    "A/o/B",
    "100%",
    "x?y#z",
    "a~1b",
    "å/cancel",
    "7-&<b>",
    "A/ship",
]


@pytest.fixture
def ask(shop: Shop) -> Ask:
    """Asks the API with a token of a till."""
    scopes = [Scope.READ_ORDERS, Scope.WRITE_ORDERS, Scope.WRITE_STOCK]
    client = Client(headers={"Authorization": f"Bearer {create_token('till', scopes, None)[1]}"})

    def ask(method: str, path: str, body: object = None, **headers: str) -> tuple[int, dict]:
        sent = {"data": body, "content_type": "application/json"} if method == "post" else {}
        answer = getattr(client, method)(f"/api{path}", headers=headers, **sent)
        return answer.status_code, answer.json()

    return ask


def sold(number: str, **more: object) -> dict[str, object]:
    lines = [{"sku": "vinga-38", "quantity": 2, "amount": 99_900}]
    return {"number": number, "place": "goteborg", "lines": lines, **more}


@pytest.mark.parametrize("number", NUMBERS)
def test_a_receipt_is_found_by_its_number_everywhere(
    ask: Ask, tablet: Tablet, as_role: Callable[[Role], Client], number: str
) -> None:
    status, made = ask("post", "/orders/purchases", sold(number))
    assert (status, made["number"]) == (201, number)
    assert ask("get", f"/orders/{quote(number, safe='')}") == (200, made)
    status, bought = ask("get", f"/returns/purchases/{quote(number, safe='')}")
    assert (status, bought["number"]) == (200, number)
    back = {"order": number, "place": "goteborg", "lines": [{"line": 0}]}
    assert ask("post", "/returns", back, **{"Idempotency-Key": "b"})[0] == 201
    person = "email:anna@example.se"
    status, claimed = ask("post", f"/orders/{quote(number, safe='')}/claim", {"whose": person})
    assert (status, claimed["number"]) == (200, number)
    assert ask("post", f"/orders/{quote(number, safe='')}/cancel", {})[0] == 200
    assert ask("get", f"/orders?before={quote(number)}")[0] == 200
    # in the console
    order = Order.objects.get()
    maja = as_role(Role.AGENT)
    found = text(maja.get("/orders/", {"q": number}))
    assert f"/orders/{order.pk}/" in found
    # at the tablet: scanned, looked at, given back
    page = tablet.tap(tablet.get("/store/"), "/store/scan/", code=number)
    assert "Vinga" in page
    here = reverse("store-order", args=[number])
    assert "Vinga" in tablet.get(here)
    (give_back,) = set(re.findall(r'href="(/store/orders/[^"]*/return/)"', tablet.get(here)))
    assert "Vinga" in tablet.get(html.unescape(give_back))


def test_a_number_is_the_same_however_its_letters_are_put_together(ask: Ask) -> None:
    assert ask("post", "/orders/purchases", sold("Kvitto  å "))[1]["number"] == "Kvitto å"
    loose = unicodedata.normalize("NFD", "Kvitto å")
    assert ask("get", f"/orders/{quote(loose)}")[1]["number"] == "Kvitto å"
    assert ask("post", "/orders/purchases", sold(loose))[0] == 409  # another key
    assert Order.objects.count() == 1


@pytest.mark.parametrize("number", ["", " ", "/", "..", "a\0", "a\n", "\ud800", "x" * 65])
def test_what_is_no_number_is_refused(ask: Ask, number: str) -> None:
    assert ask("post", "/orders/purchases", sold(number))[0] in (400, 422)


@pytest.mark.parametrize(
    "at",
    [
        *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "1799-01-01T00:00:00Z"),
        *("9999-12-31T23:59:59-14:00", "2026-06-01T12:00:00", "x", "the day after tomorrow"),
    ],
)
def test_a_moment_of_another_age_is_refused_at_every_door(ask: Ask, at: str) -> None:
    if at == "the day after tomorrow":
        at = (timezone.now() + timedelta(days=2)).isoformat()
    assert ask("post", "/orders/purchases", sold("1", at=at))[0] == 422
    line = {"sku": "vinga-38", "quantity": 1}
    sale = {"key": "k", "place": "goteborg", "lines": [line], "at": at}
    assert ask("post", "/stock/sales", sale)[0] == 422
    move = {"key": "k", "kind": "delivery", "place": "goteborg", **line, "at": at}
    assert ask("post", "/stock/movements", {"movements": [move]})[0] == 422
    count = {"place": "goteborg", **line, "at": at}
    assert ask("post", "/stock/counts", {"counts": [count]})[0] == 422
    assert not Movement.objects.exists()


def test_a_clock_that_is_somewhat_ahead_is_taken_for_now(ask: Ask) -> None:
    ahead = (timezone.now() + timedelta(hours=2)).isoformat()
    assert ask("post", "/orders/purchases", sold("1", at=ahead))[0] == 201
    assert Order.objects.get().placed_at <= timezone.now()


@pytest.mark.parametrize("currency", ["XYZ", "XXX", "XAU", "sek", "", "DEM"])
def test_money_that_nobody_pays_with_is_refused(ask: Ask, currency: str) -> None:
    assert ask("post", "/orders/purchases", sold("1", currency=currency))[0] == 422
