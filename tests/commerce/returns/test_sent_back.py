"""What she sends back, or exchanges from home, as an agent takes it in at the console."""

from __future__ import annotations

import re

import pytest
from django.http import HttpResponse
from django.test import Client

from spindel.catalogue.models import Product, Variant
from spindel.commerce.orders.models import Order, Return, ReturnPolicy
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.draft import Draft, Item
from spindel.commerce.payments.models import Payment
from spindel.identity import ownership
from spindel.kit.idempotency import Request
from spindel.messages.models import Mail
from spindel.staff.actors import Actor
from spindel.staff.models import AuditEntry, Role
from tests.commerce.conftest import Shop
from tests.commerce.orders.in_panels import As
from tests.commerce.orders.in_panels import her as her  # a fixture
from tests.commerce.payments.conftest import bank as bank  # a fixture
from tests.commerce.payments.conftest import standing
from tests.commerce.payments.standing import StandingBank
from tests.commerce.stock.cast import deliver, there
from tests.console.conftest import as_role, maja, text

__all__ = ["as_role", "her", "maja"]


@pytest.fixture
def order(her: int, shop: Shop) -> Order:
    """Vinga, which Anna bought in Göteborg; and Tofs, which is dearer, can be sent."""
    deliver(shop.small, shop.goteborg, 1)
    product = Product.objects.create(number="tofs", names={"sv": "Tofs", "en": "Tofs"})
    tofs = Variant.objects.create(product=product, sku="tofs-40", options={"size": "40"})
    tofs.prices.create(market="SE", currency="SEK", amount=149_900)
    deliver(tofs.pk, shop.warehouse, 2)
    return placing.sell(
        Draft(
            request=Request("test", "b"),
            items=[Item(shop.small, 1, "hand_over", shop.goteborg)],
            market="SE",
            currency="SEK",
            language="en",
            actor=Actor("Oskar", channel="store", place=shop.goteborg),
            pay_by="till",
            whose=ownership.under(her),
            contact={"name": "Anna", "email": "anna@example.se"},
        )
    )


def tofs() -> Variant:
    return Variant.objects.get(sku="tofs-40")


def form(page: str) -> dict[str, str]:
    """The fields of the form that does it, as they stand."""
    found = re.search(r'<form[^>]*method="post" action="/orders/\d+/back/".*?</form>', page, re.S)
    assert found, page
    fields = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', found[0]))
    chosen = re.search(r'name="pay_by"\s+value="(\w+)"\s+checked', found[0])
    email = re.search(r'name="email" type="email" value="([^"]*)"', found[0])
    fields |= {"pay_by": chosen[1]} if chosen else {}
    return fields | ({"email": email[1]} if email else {})


HOME = {"street": "Storgatan 1", "postcode": "411 01", "city": "Göteborg"}


def chosen(client: Client, order: Order, **more: object) -> dict[str, str]:
    """The form, after that was chosen."""
    asked = {"chosen": "1", "line": "0", "place": "boras", "for": "money", **more}
    return form(text(client.get(f"/orders/{order.pk}/back/", asked)))


def send(client: Client, order: Order, fields: dict[str, str]) -> HttpResponse:
    return client.post(f"/orders/{order.pk}/back/", fields, follow=True)


def test_what_came_by_mail_is_money_back_once(maja: Client, order: Order, shop: Shop) -> None:
    assert f"/orders/{order.pk}/back/" in text(maja.get(f"/orders/{order.pk}/"))
    assert 'href="/customers/"' in text(maja.get(f"/orders/{order.pk}/back/"))  # the way on
    fields = chosen(maja, order)
    for _ in range(2):
        answer = send(maja, order, fields)
        assert answer.status_code == 200
    assert "Taken back" in answer.content.decode()
    back = Return.objects.get()
    assert (back.refund, back.by, back.channel) == (129_900, "Maja", "service")
    assert there(shop.small, shop.warehouse) == (1, 0, 1)
    assert "/back/" not in text(maja.get(f"/orders/{order.pk}/"))


def test_goods_come_back_to_where_they_are(maja: Client, order: Order, shop: Shop) -> None:
    send(maja, order, chosen(maja, order, place="stockholm", condition="damaged", reason="faulty"))
    assert not Return.objects.exists()  # the policy takes back no damaged ones
    fields = chosen(maja, order, place="stockholm", condition="damaged", reason="faulty")
    send(maja, order, fields | {"overrule": "it was torn when it came"})
    assert Return.objects.get().place_id == shop.stockholm
    assert there(shop.small, shop.stockholm) == (0, 0, 0)
    assert AuditEntry.objects.filter(did="return.overruled").exists()


def test_something_else_is_found_and_sent_and_paid_by_card(
    maja: Client, order: Order, bank: StandingBank, shop: Shop
) -> None:
    page = text(maja.get(f"/orders/{order.pk}/back/?chosen=1&line=0&place=boras&q=tofs"))
    assert f'name="for" value="{tofs().pk}"' in page
    fields = chosen(maja, order, **{"for": tofs().pk, "how": "ship"}) | HOME
    assert (fields["pay_by"], fields["email"]) == ("invoice", "anna@example.se")
    for _ in range(2):
        answer = send(maja, order, fields | {"pay_by": "card"})
    assert "It waits until it is paid" in answer.content.decode()
    exchange = Return.objects.get().exchange
    assert exchange is not None
    payment = Payment.objects.get(order_id=exchange.pk)
    assert (payment.provider, payment.amount, exchange.state) == ("card", 20_000, "awaiting")
    assert Mail.objects.get().to == "anna@example.se"
    assert there(tofs().pk, shop.warehouse) == (2, 1, 1)
    assert bank.asked == ["POST /v1/checkout/sessions"]
    bank.pay(payment.url)
    bank.tell()
    assert standing(payment) == ("confirmed", "authorised", 20_000, 0, 0)


def test_the_difference_goes_on_an_invoice_where_she_wants_that(
    maja: Client, order: Order, shop: Shop
) -> None:
    fields = chosen(maja, order, **{"for": tofs().pk, "how": "ship"}) | HOME
    assert "Exchanged." in send(maja, order, fields).content.decode()
    exchange = Return.objects.get().exchange
    assert exchange is not None
    assert (exchange.state, Payment.objects.get(order_id=exchange.pk).provider) == (
        "confirmed",
        "invoice",
    )
    assert not Mail.objects.exists()


@pytest.mark.parametrize("pay_by", ["card", "till", "nothing"])
def test_no_way_to_pay_is_believed_that_was_not_offered(
    maja: Client, order: Order, pay_by: str
) -> None:
    fields = chosen(maja, order, **{"for": tofs().pk, "how": "ship"}) | HOME
    answer = send(maja, order, fields | {"pay_by": pay_by})
    assert "Say how it is to be paid" in answer.content.decode()
    assert not Return.objects.exists()


def test_a_price_that_has_changed_is_said_first(maja: Client, order: Order) -> None:
    fields = chosen(maja, order, **{"for": tofs().pk, "how": "ship"}) | HOME
    tofs().prices.update(amount=159_900)
    assert "A price has changed" in send(maja, order, fields).content.decode()
    assert not Return.objects.exists()


def test_where_it_is_sent_is_asked_and_needed(maja: Client, order: Order) -> None:
    fields = chosen(maja, order, **{"for": tofs().pk, "how": "ship"})
    assert "Say where it is to be sent" in send(maja, order, fields).content.decode()
    assert not Return.objects.exists()


def test_what_she_types_is_kept_in_the_one_normal_form(maja: Client, order: Order) -> None:
    fields = chosen(maja, order, **{"for": tofs().pk, "how": "ship"}) | HOME
    typed = {"email": " anna@\0example.com ", "postcode": "se-411 01", "city": " Göteborg\t"}
    assert "Exchanged." in send(maja, order, fields | typed).content.decode()
    exchange = Return.objects.get().exchange
    assert exchange is not None
    assert exchange.contact == {"name": "Anna", "email": "anna@example.com", "phone": ""}
    assert exchange.address == HOME | {"country": "SE"}


def test_what_she_types_stands_in_no_address_of_a_page(maja: Client, order: Order) -> None:
    fields = chosen(maja, order, **{"for": tofs().pk, "how": "ship"})
    told = fields | {"street": "Storgatan 1", "email": "anna@example.com", "pay_by": "nothing"}
    answer = maja.post(f"/orders/{order.pk}/back/", told)
    assert answer.status_code == 302
    assert "Storgatan" not in answer["Location"]
    assert "example.com" not in answer["Location"]


def test_an_agent_may_overrule_the_policy_and_a_clerk_may_not(
    maja: Client, as_role: As, order: Order
) -> None:
    ReturnPolicy.objects.create(category="", days=0)
    clerk = as_role(Role.CLERK)
    page = text(clerk.get(f"/orders/{order.pk}/back/?chosen=1&line=0&place=boras&for=money"))
    assert "Customer service may take it back all the same" in page
    fields = chosen(maja, order)
    assert "The policy for returns says no" in send(clerk, order, fields).content.decode()
    send(clerk, order, fields | {"overrule": "please"})
    assert not Return.objects.exists()
    send(maja, order, fields | {"overrule": "a promise of ours"})
    assert Return.objects.get().overruled == "a promise of ours"


def test_a_clerk_sees_the_address_of_nobody_whom_she_has_not_looked_up(
    as_role: As, order: Order
) -> None:
    clerk = as_role(Role.CLERK)
    assert chosen(clerk, order, **{"for": tofs().pk, "how": "ship"})["email"] == ""


@pytest.mark.parametrize("role", [Role.MARKETER, Role.ANALYST])
def test_who_may_not_handle_orders_takes_nothing_in(as_role: As, order: Order, role: Role) -> None:
    client = as_role(role)
    assert client.get(f"/orders/{order.pk}/back/").status_code == 403
    assert "/back/" not in text(client.get(f"/orders/{order.pk}/"))


@pytest.mark.parametrize(
    "asked",
    ["line=x&for=y&how=%00&place=%00", "line=99&for=99999999999&q=%00", "line=0&how=nowhere"],
)
def test_whatever_stands_in_the_address_is_a_page(maja: Client, order: Order, asked: str) -> None:
    assert maja.get(f"/orders/{order.pk}/back/?{asked}").status_code == 200


@pytest.mark.parametrize("back", ["x", "0:", "-1:1", "0:1000", f"{10**17}:1", "99999:1", "0:0"])
def test_whatever_is_sent_as_what_comes_back_is_refused(
    maja: Client, order: Order, back: str
) -> None:
    answer = send(maja, order, chosen(maja, order) | {"back": back})
    assert answer.status_code == 200
    assert "Taken back" not in answer.content.decode()
    assert not Return.objects.exists()
