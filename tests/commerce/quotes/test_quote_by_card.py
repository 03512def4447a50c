"""A quote that is paid by card: accepted by one click, and paid from the page of the order."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client

from spindel.commerce.common import links
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement.draft import Item
from spindel.commerce.quotes.models import Quote
from tests.commerce.payments.conftest import Buying
from tests.commerce.payments.conftest import anna as anna  # a fixture
from tests.commerce.payments.conftest import bank as bank  # the same
from tests.commerce.payments.standing import StandingBank
from tests.commerce.quotes.cast import sent
from tests.commerce.stock.cast import deliver, there
from tests.console.conftest import text


@pytest.fixture
def her() -> Client:
    """A browser that knows nothing of us."""
    return Client(enforce_csrf_checks=True)


def press(her: Client, page: str, action: str):  # type: ignore[no-untyped-def]  # the test client's
    """Press the button of the form that goes there."""
    form = re.search(rf'<form[^>]* action="([^"]*{action}[^"]*)"', page)
    assert form, page
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    return her.post(form[1], fields)


def accepted(anna: Buying, her: Client) -> str:
    """The address of the order's page, after she has accepted a quote by card."""
    deliver(anna.shop.small, anna.shop.warehouse, 1)
    quote: Quote = sent(Item(anna.shop.small, 1, amount=119_900), pay_by="card", language="en")
    page = text(her.get(f"/q/{links.code('quote', quote.pk)}/"))
    assert "Accept and pay" in page
    return str(press(her, page, "/accept")["Location"])


def test_she_pays_at_the_bank_what_was_offered(
    anna: Buying, bank: StandingBank, her: Client
) -> None:
    there_she_is = accepted(anna, her)
    order = Order.objects.get()
    assert (order.state, order.total) == ("awaiting", 119_900)
    assert there(anna.shop.small, anna.shop.warehouse) == (1, 1, 0)
    page = text(her.get(there_she_is))
    link = re.search(r'<a class="btn btn-primary" href="([^"]+)" rel="noreferrer">\s*Pay', page)
    assert link
    bank.pay(html.unescape(link[1]))
    bank.tell()
    order.refresh_from_db()
    assert order.state == "confirmed"
    assert "Confirmed" in text(her.get(there_she_is))


def test_a_bank_that_is_away_costs_her_nothing_but_a_moment(
    anna: Buying, bank: StandingBank, her: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as away:
        away.setenv("SPINDEL_STRIPE_URL", "http://127.0.0.1:1")
        there_she_is = accepted(anna, her)
        page = text(her.get(there_she_is))
        answer = press(her, page, "/pay")
        assert answer.status_code == 409
        assert "can’t be reached just now" in answer.content.decode()
    assert there(anna.shop.small, anna.shop.warehouse) == (1, 1, 0)
    assert press(her, page, "/pay").status_code == 302
    assert re.search(r'rel="noreferrer">\s*Pay', text(her.get(there_she_is)))
