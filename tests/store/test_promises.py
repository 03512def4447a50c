"""Promising a price at the counter."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from spindel.catalogue.markets import Market
from spindel.offers import pieces
from spindel.offers.models import PricePromise
from tests.commerce.conftest import Shop
from tests.store.cast import Tablet, look_up_anna, product_page
from tests.store.cast import priced as priced  # a fixture
from tests.store.cast import tablet as tablet  # the same


def cost(who: int) -> int:
    return pieces.view(Market("SE", "SEK", "sv"), who, skus=["vinga-38"])[0].total


def test_a_clerk_promises_it_once_sees_it_everywhere_and_takes_it_back(
    tablet: Tablet, priced: Shop, anna: int
) -> None:
    page = tablet.get(product_page(priced, priced.small))
    assert "/store/promise/" not in page  # nobody is served
    customer = look_up_anna(tablet)
    tablet.get(f"/store/customers/{customer}/")
    page = tablet.get(product_page(priced, priced.small))
    day = (timezone.localdate() + timedelta(days=3)).isoformat()
    told = tablet.form(page, "/store/promise/") | {"value": "1260,50", "day": day}
    for _ in range(2):  # a double tap
        page = tablet.send("/store/promise/", dict(told))
    assert PricePromise.objects.count() == 1
    assert cost(anna) == 126_050
    assert 'data-total="126050"' in page
    one = PricePromise.objects.get()
    assert (one.channel, one.state) == ("store", "open")
    page = tablet.get(f"/store/customers/{customer}/")
    assert f"promised-{one.pk}" in page
    tablet.tap(page, f"/store/promises/{one.pk}/withdraw/")
    assert cost(anna) == 129_900


def test_more_than_a_clerk_may_promise_is_said(tablet: Tablet, priced: Shop, anna: int) -> None:
    tablet.get(f"/store/customers/{look_up_anna(tablet)}/")
    page = tablet.get(product_page(priced, priced.small))
    day = (timezone.localdate() + timedelta(days=3)).isoformat()
    told = tablet.form(page, "/store/promise/") | {"value": "1000", "day": day}
    assert "at most" in tablet.send("/store/promise/", dict(told))
    assert not PricePromise.objects.exists()
