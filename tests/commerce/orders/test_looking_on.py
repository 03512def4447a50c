"""A colleague who has come by a customer's link looks on, on record, and acts in her own name."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from spindel.commerce.common import links
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement.draft import Item
from spindel.commerce.payments.models import Payment
from spindel.commerce.quotes.models import Quote
from spindel.staff.models import AuditEntry, Role
from tests.commerce.conftest import Shop
from tests.commerce.orders.cast import bought
from tests.commerce.quotes.cast import ANNA, sent
from tests.console.conftest import as_role, text
from tests.telling import follow

__all__ = ["as_role"]

As = Callable[[Role], Client]
SEES = [Role.ADMIN, Role.AGENT, Role.MARKETER]
HERS = (*ANNA.values(), "Åkesson", "Storgatan", "411 01")


@pytest.fixture
def order(shop: Shop, anna: int) -> Order:
    """Anna's."""
    made = bought(shop, anna, quantity=2)
    follow()
    return made


@pytest.fixture
def quote(shop: Shop, order: Order) -> Quote:
    """One for Anna."""
    return sent(Item(shop.large, 1), language="en")


def pages(order: Order, quote: Quote) -> list[str]:
    code = links.code("order", order.pk)
    its = [f"/o/{code}/", f"/o/{code}/receipt/", f"/o/{code}/receipt.pdf"]
    return [*its, f"/q/{links.code('quote', quote.pk)}/"]


def looked(did: str) -> list[str]:
    return list(AuditEntry.objects.filter(did=did).values_list("by", flat=True))


@pytest.mark.parametrize("role", SEES)
def test_whoever_sees_the_customer_looks_on_and_is_given_no_button(
    as_role: As, order: Order, quote: Quote, role: Role
) -> None:
    client = as_role(role)
    for path in pages(order, quote):
        answer = client.get(path)
        assert answer.status_code == 200, path
        if answer["Content-Type"].startswith("text/html"):
            page = answer.content.decode()
            assert "<form" not in page, path
            assert f"{role}@nordsko.example" in page, path
    assert looked("order.page_seen") == looked("quote.page_seen") == [f"{role}@nordsko.example"]
    assert Quote.objects.get(pk=quote.pk).seen_at is None


@pytest.mark.parametrize("role", [Role.ANALYST, Role.CLERK])
def test_whoever_may_not_see_the_customer_is_shown_nothing_of_hers(
    as_role: As, order: Order, quote: Quote, role: Role
) -> None:
    client = as_role(role)
    for path in pages(order, quote):
        answer = client.get(path)
        assert answer.status_code == 403, path
        page = answer.content.decode()
        assert "customer’s own" in page
        assert not [one for one in HERS if one in page]
    assert not looked("order.page_seen")


def test_a_clerk_looks_on_at_whom_she_has_looked_up(
    as_role: As, order: Order, quote: Quote
) -> None:
    client = as_role(Role.CLERK)
    text(client.get("/customers/found/", {"q": "anna@example.se"}))
    assert "Storgatan 1" in text(client.get(pages(order, quote)[0]))


@pytest.mark.parametrize("role", list(Role))
def test_nobody_who_works_here_presses_her_buttons(
    as_role: As, order: Order, quote: Quote, role: Role
) -> None:
    client = as_role(role)
    her, offered = links.code("order", order.pk), links.code("quote", quote.pk)
    Payment.objects.filter(order_id=order.pk).update(provider="card")
    for path, said in (
        (f"/o/{her}/cancel", {"line": "0", "why": "x"}),
        (f"/o/{her}/pay", {}),
        (f"/q/{offered}/accept", {"revision": str(quote.revision)}),
        (f"/q/{offered}/accept", {"tell": "yes"}),
    ):
        answer = client.post(path, said)
        assert answer.status_code == 403, path
        assert "customer’s own" in answer.content.decode()
    assert Order.objects.get().lines.get().cancelled == 0
    assert Quote.objects.get().state == Quote.State.SENT
    assert Quote.objects.get().failure == ""


def test_she_herself_presses_them(order: Order) -> None:
    """Or the test above could not fail."""
    her = links.code("order", order.pk)
    assert "<form" in text(Client().get(f"/o/{her}/"))
    assert Client().post(f"/o/{her}/cancel", {"line": "0"}).status_code == 302
    assert Order.objects.get().lines.get().cancelled == 2


# --- what stands on the pages here ----------------------------------------------------------------


def test_what_somebody_wrote_of_her_is_masked_with_her(as_role: As, order: Order) -> None:
    her = links.code("order", order.pk)
    Client().post(f"/o/{her}/cancel", {"line": "0", "why": "ring Annis 070-123 45 67"})
    path = f"/orders/{order.pk}/"
    assert "Annis" in text(as_role(Role.AGENT).get(path))
    for role in (Role.ANALYST, Role.CLERK):
        page = text(as_role(role).get(path))
        assert "Annis" not in page
        assert "Cancelled" in page


def test_the_code_for_her_phone_is_shown_to_a_clerk_who_may_open_her(
    as_role: As, shop: Shop, order: Order
) -> None:
    client = as_role(Role.CLERK)
    client.post("/store/choose/", {"place": "goteborg"})
    path = f"/store/orders/{order.number}/?sold=1"
    assert 'class="qr"' not in text(client.get(path))
    assert not re.search(r"/o/[\w:-]+", text(client.get(path)))
    printed = client.get(f"/store/orders/{order.number}/receipt.pdf")
    assert printed["Content-Type"] == "application/pdf"
    text(client.get("/customers/found/", {"q": "anna@example.se"}))
    assert 'class="qr"' in text(client.get(path))
