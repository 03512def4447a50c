"""The box in the header: customers, orders and products by whatever is printed on them."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from spindel.catalogue.models import Price
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.draft import Item
from spindel.identity.models import Identifier
from spindel.staff.models import AuditEntry, Role
from tests.commerce import acting
from tests.commerce.conftest import Shop
from tests.commerce.conftest import shop as shop  # a fixture
from tests.commerce.stock.cast import deliver
from tests.console.conftest import text
from tests.telling import follow

PART = {"HX-Request": "true"}
OPTION = re.compile(r'role="option"[^>]*href="([^"]+)"')


def found(client: Client, typed: str) -> list[str]:
    """Where what drops down leads."""
    return OPTION.findall(text(client.get("/find/", {"q": typed}, headers=PART)))


def sold(shop: Shop, whose: int | None = None, **more: object) -> Order:
    """Vinga, 38, over the counter."""
    Price.objects.get_or_create(
        variant_id=shop.small, market="SE", currency="SEK", defaults={"amount": 129_900}
    )
    deliver(shop.small, shop.goteborg, 1)
    said: dict[str, object] = {
        "source": "till",
        "key": "k",
        "items": [Item(shop.small, 1, "hand_over", shop.goteborg)],
        "market": "SE",
        "currency": "SEK",
        "language": "sv",
        "channel": "store",
        "pay_by": "till",
        "by": "Oskar",
        "place": shop.goteborg,
        "whose": whose,
    }
    order = placing.sell(acting.drafted(**said | more))  # type: ignore[arg-type]  # the words are right
    follow()
    return order


@pytest.fixture
def anna(told) -> int:
    told(
        "Customer Identified",
        {"name": "Anna Åkesson"},
        also=("email:anna@example.se", "phone:+46701740605"),
    )
    return told.customer()


@pytest.mark.parametrize(
    "typed", ["anna å", "ANNA@EX", "0701740605", "070-174 06 05", "46701740605", "+46 70 174"]
)
def test_a_customer_is_found_as_she_is_written(maja: Client, anna: int, typed: str) -> None:
    assert found(maja, typed) == [f"/customers/{anna}/"]


@pytest.mark.parametrize(
    "written",
    [
        str,
        str.lower,
        lambda n: f"{n[:4]} {n[4:8]} {n[8:]}",
        lambda n: f" {n[:4]}-{n[4:8]}-{n[8:]} ",
    ],
)
def test_an_order_is_found_as_its_number_is_printed(
    maja: Client, shop: Shop, anna: int, written
) -> None:
    order = sold(shop, Identifier.objects.get(value="anna").pk)
    hits = found(maja, written(order.number))
    assert hits[0] == f"/orders/{order.pk}/"
    assert f'href="/orders/{order.pk}/"' in text(maja.get("/orders/", {"q": written(order.number)}))


def test_what_one_thing_alone_is_called_opens_with_enter(
    maja: Client, shop: Shop, anna: int
) -> None:
    answer = maja.get("/find/", {"q": "anna å"})
    assert (answer.status_code, answer["Location"]) == (302, f"/customers/{anna}/")
    order = sold(shop)
    assert f"/orders/{order.pk}/" in text(maja.get("/find/", {"q": order.number}))
    assert "Nothing found" in text(maja.get("/find/", {"q": "no such thing"}))


def test_products_are_found_by_name_and_number(maja: Client, shop: Shop) -> None:
    assert len(found(maja, "vinga")) == len(found(maja, "vinga-38")) == 1


def test_each_is_shown_to_whoever_may_see_it(as_role, shop: Shop, anna: int) -> None:
    order = sold(shop)
    for role in Role:
        client = as_role(role)
        hits = " ".join(
            found(client, "anna å") + found(client, order.number) + found(client, "ving")
        )
        page = client.get(f"/customers/{anna}/")
        assert ("/customers/" in hits) <= (page.status_code == 200)
        assert (f"/orders/{order.pk}/" in hits) == (client.get("/orders/").status_code == 200)
        assert ("/products/" in hits) == (client.get("/products/").status_code == 200)


def test_whom_it_shows_is_on_record(maja: Client, anna: int) -> None:
    found(maja, "anna å")
    assert AuditEntry.objects.filter(did="customers.searched").exists()


@pytest.mark.parametrize(
    "typed", ["", "a", "%", "_", "\\", "\0\0\0", "<b>x</b>", "R" * 300, "é́" * 90]
)
def test_whatever_is_typed_is_answered(maja: Client, typed: str) -> None:
    for headers in (PART, {}):
        assert "<b>x" not in text(maja.get("/find/", {"q": typed}, headers=headers))


def test_many_are_found_with_as_many_questions_as_few(
    maja: Client, told, django_assert_max_num_queries
) -> None:
    def more(some: range) -> None:
        for n in some:
            traits = {"traits": {"name": f"Anna {n}"}}
            told("Signed In", who=f"email:anna{n}@example.se", context=traits)

    more(range(2))
    found(maja, "anna")
    with CaptureQueriesContext(connection) as few:
        assert len(found(maja, "anna")) == 2
    asked = len(few)
    more(range(2, 12))
    found(maja, "anna")  # by what each was found is noted once
    with django_assert_max_num_queries(asked):
        assert len(found(maja, "anna")) == 5
