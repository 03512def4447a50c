"""Sessions, links and carts that nobody needs any more are put away; what is used stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from spindel.commerce.carts import jobs
from spindel.commerce.carts.models import Cart, CartLine
from spindel.commerce.orders.models import Order
from spindel.commerce.wishes.models import Wish
from spindel.shoppers.models import LoginLink, Shopper
from tests.commerce.carts.cast import at_shop as at_shop  # a fixture
from tests.commerce.conftest import Shop
from tests.commerce.stock.cast import deliver
from tests.shopping import AtShop, log_in

Come = Callable[..., AtShop]


def _days_pass(days: int) -> None:
    before = timezone.now() - timedelta(days=days)
    Shopper.objects.update(used_at=before)
    Cart.objects.update(changed_at=before, made_at=before)
    LoginLink.objects.update(ends_at=before)


def test_what_was_used_lately_stays(at_shop: Come) -> None:
    phone = at_shop("phone")
    phone.add("vinga-38")
    _days_pass(80)
    jobs.tidy()
    assert phone.cart() == {"vinga-38": 1}  # which is a use
    Cart.objects.update(changed_at=timezone.now() - timedelta(days=100))
    jobs.tidy()
    assert phone.cart() == {"vinga-38": 1}


def test_a_session_that_nobody_comes_back_to_goes_with_its_cart_and_list(at_shop: Come) -> None:
    phone = at_shop("phone")
    phone.add("vinga-38")
    phone.ask("PUT", "wishes/vinga-39", {})
    _days_pass(91)
    jobs.tidy()
    assert phone.ask("GET", "cart").status_code == 401
    left = (Shopper, Cart, CartLine, Wish)
    assert [model.objects.count() for model in left] == [0, 0, 0, 0]


def test_a_customers_cart_and_list_outlive_her_sessions(at_shop: Come) -> None:
    phone = at_shop("phone")
    log_in(phone, "anna@example.se")
    phone.add("vinga-38")
    phone.ask("PUT", "wishes/vinga-39", {})
    _days_pass(91)
    jobs.tidy()
    assert Shopper.objects.count() == LoginLink.objects.count() == 0
    again = at_shop("laptop")
    log_in(again, "anna@example.se")
    assert again.cart() == {"vinga-38": 1}
    assert len(again.ask("GET", "wishes").json()["items"]) == 1


def test_one_that_has_ended_goes_the_day_after_and_its_order_stays(
    at_shop: Come, shop: Shop
) -> None:
    from spindel.catalogue.models import Place

    Place.objects.filter(pk=shop.warehouse).update(ships=True)
    deliver(shop.small, shop.warehouse, 1)
    phone = at_shop("phone")
    phone.add("vinga-38")
    contact = {"name": "Anna", "email": "anna@example.se", "phone": ""}
    address = {"street": "S 1", "postcode": "411 01", "city": "G", "country": "SE"}
    body = {"pay_by": "invoice", "contact": contact, "address": address}
    answer = phone.ask("POST", "orders", body, **{"Idempotency-Key": "k"})
    assert answer.status_code == 201, answer.content
    phone.ask("POST", "logout")
    jobs.tidy()
    assert Shopper.objects.count() == 1
    Shopper.objects.update(ended_at=timezone.now() - timedelta(days=2))
    Cart.objects.update(changed_at=timezone.now() - timedelta(days=91))
    jobs.tidy()
    assert Shopper.objects.count() == Cart.objects.count() == 0
    order = Order.objects.get()
    assert (order.shopper_id, order.cart_id, order.state) == (None, None, "confirmed")


def test_much_is_put_away_in_parts(at_shop: Come, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_AT_ONCE", 2)
    for number in range(5):
        at_shop(f"phone-{number}")
    _days_pass(91)
    assert [jobs.tidy() for _ in range(3)] == [True, True, False]
    assert Shopper.objects.count() == 0
