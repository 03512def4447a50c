"""What is ordered or exchanged for somebody who is not here: she pays by card, from a mail."""

from __future__ import annotations

import html
import re
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from spindel.catalogue.models import Product, Variant
from spindel.commerce.common.rules import Incomplete
from spindel.commerce.orders import actions as orders
from spindel.commerce.orders.actions import Some
from spindel.commerce.orders.models import Order, Return
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.draft import Draft, Item
from spindel.commerce.payments.models import Payment, PaymentCommand
from spindel.identity import ownership
from spindel.kit.idempotency import Request
from spindel.kit.refusal import Refusal
from spindel.messages.models import Mail
from spindel.staff.actions import create_token
from spindel.staff.actors import Actor
from spindel.staff.models import Scope, User
from spindel.timeline.models import Fact
from tests.commerce import acting
from tests.commerce.conftest import Shop
from tests.commerce.orders.in_panels import CHECKOUT, form_of, put
from tests.commerce.orders.in_panels import her as her  # a fixture
from tests.commerce.payments.conftest import bank as bank  # a fixture
from tests.commerce.payments.conftest import hurry, standing, work
from tests.commerce.payments.standing import StandingBank
from tests.commerce.returns.cast import swap
from tests.commerce.stock.cast import deliver, there
from tests.console.conftest import as_role, maja, text
from tests.store.cast import Tablet

__all__ = ["as_role", "her", "maja"]

BY_CARD = CHECKOUT | {"pay_by": "card", "email": "anna@example.se"}


@pytest.fixture
def anna_pays() -> Client:
    """Her own browser, which knows nothing of us."""
    return Client(enforce_csrf_checks=True)


def order_for(maja: Client, customer: int, **more: str) -> HttpResponse:
    page = text(maja.get(f"/carts/of/{customer}/order/"))
    return maja.post(f"/carts/of/{customer}/order/", BY_CARD | form_of(page) | more)


def ordered(maja: Client, shop: Shop, customer: int) -> Payment:
    """Maja has ordered a pair of Vinga for her by card; what is to be paid."""
    deliver(shop.small, shop.warehouse, 1)
    put(customer, "vinga-38")
    assert order_for(maja, customer).status_code == 302
    return Payment.objects.get()


def machine() -> Client:
    """Whose requests may do everything with orders; all of them by the same key."""
    _, secret = create_token("till", [Scope.READ_ORDERS, Scope.WRITE_ORDERS], None)
    return Client(headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": "k"})


def link_in(mail: Mail) -> str:
    """The path of the order's page, as the mail has it."""
    found = re.search(r"https?://\S+?(/o/\S+/)", mail.text)
    assert found, mail.text
    return found[1]


def bank_page(page: str) -> str:
    found = re.search(r'<a class="btn btn-primary" href="([^"]+)" rel="noreferrer">\s*Pay', page)
    return html.unescape(found[1]) if found else ""


def in_english(path: str) -> str:
    return f"{path}?in=en"


# --- ordered for her ------------------------------------------------------------------------------


def test_an_agent_orders_and_she_pays_by_the_link_in_her_mail(
    maja: Client, her: int, shop: Shop, bank: StandingBank, anna_pays: Client
) -> None:
    payment = ordered(maja, shop, her)
    order = Order.objects.get(pk=payment.order_id)
    assert (order.state, order.by, payment.amount) == ("awaiting", "Maja", 129_900)
    assert there(shop.small, shop.warehouse) == (1, 1, 0)
    mail = Mail.objects.get()
    assert (mail.to, mail.purpose) == ("anna@example.se", "order")
    assert "1\xa0299\xa0kr" in mail.text
    page = text(anna_pays.get(in_english(link_in(mail))))
    assert "Your goods are kept for you" in page
    bank.pay(bank_page(page))
    bank.tell()
    assert standing(payment) == ("confirmed", "authorised", 129_900, 0, 0)
    page = text(anna_pays.get(in_english(link_in(mail))))
    assert "It is paid: your bank has set" in page
    assert not bank_page(page)
    assert Fact.objects.filter(name="Order Completed").count() == 1


def test_sent_twice_it_is_one_order_one_mail_and_one_page_at_the_bank(
    maja: Client, her: int, shop: Shop, bank: StandingBank
) -> None:
    deliver(shop.small, shop.warehouse, 3)
    put(her, "vinga-38")
    said = BY_CARD | form_of(text(maja.get(f"/carts/of/{her}/order/")))
    answers = [maja.post(f"/carts/of/{her}/order/", said) for _ in range(2)]
    assert {one["Location"] for one in answers} == {f"/orders/{Order.objects.get().pk}/"}
    assert Mail.objects.count() == 1
    assert bank.asked == ["POST /v1/checkout/sessions"]


def test_pressed_by_several_at_once_there_is_one_page_to_pay_at(
    maja: Client, her: int, shop: Shop, bank: StandingBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as away:
        away.setenv("SPINDEL_STRIPE_URL", "http://127.0.0.1:1")
        payment = ordered(maja, shop, her)
    path = link_in(Mail.objects.get())
    pages = set()

    def press() -> None:
        client = Client()
        try:
            client.post(f"{path}pay")
            pages.add(bank_page(text(client.get(in_english(path)))))
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    (page,) = pages
    bank.pay(page)
    bank.tell()
    assert standing(payment) == ("confirmed", "authorised", 129_900, 0, 0)
    (authorised,) = bank.events("payment_intent.amount_capturable_updated")
    assert authorised["data"]["object"]["amount_capturable"] == 129_900


def test_it_waits_for_her_for_most_of_a_day(
    maja: Client, her: int, shop: Shop, bank: StandingBank
) -> None:
    payment = ordered(maja, shop, her)
    assert payment.ends_at is not None
    assert timedelta(hours=22, minutes=59) < payment.ends_at - payment.made_at
    assert payment.ends_at - payment.made_at <= timedelta(hours=23)
    Payment.objects.update(made_at=timezone.now() - timedelta(hours=5))
    work()
    assert standing(payment)[0] == "awaiting"


def test_a_page_that_could_not_be_made_waits_as_long(
    maja: Client, her: int, shop: Shop, bank: StandingBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as away:
        away.setenv("SPINDEL_STRIPE_URL", "http://127.0.0.1:1")
        payment = ordered(maja, shop, her)
    Payment.objects.update(ends_at=None, made_at=timezone.now() - timedelta(hours=5))
    work()
    assert standing(payment)[0] == "awaiting"
    Payment.objects.update(waits_until=timezone.now() - timedelta(seconds=1))
    work()
    assert standing(payment)[:2] == ("cancelled", "cancelled")


def test_without_her_address_nothing_is_ordered(
    maja: Client, her: int, shop: Shop, bank: StandingBank
) -> None:
    deliver(shop.small, shop.warehouse, 1)
    put(her, "vinga-38")
    answer = order_for(maja, her, email="")
    assert answer.status_code == 409
    assert "Say to which e-mail address the link to pay is sent." in answer.content.decode()
    assert not Order.objects.exists()
    assert there(shop.small, shop.warehouse) == (1, 0, 1)


def test_where_no_cards_are_taken_none_is_offered_nor_believed(
    maja: Client, her: int, shop: Shop
) -> None:
    deliver(shop.small, shop.warehouse, 1)
    put(her, "vinga-38")
    assert 'value="card"' not in text(maja.get(f"/carts/of/{her}/order/"))
    assert order_for(maja, her).status_code == 409
    assert not Order.objects.exists()


def test_an_address_that_is_none_is_said_and_nothing_is_ordered(
    maja: Client, her: int, shop: Shop, bank: StandingBank
) -> None:
    deliver(shop.small, shop.warehouse, 1)
    put(her, "vinga-38")
    assert order_for(maja, her, email="anna@", phone="070-123 45 67").status_code == 409
    assert not Order.objects.exists()


def test_no_machine_orders_by_card_where_none_is_taken(her: int, shop: Shop) -> None:
    deliver(shop.small, shop.warehouse, 1)
    put(her, "vinga-38")
    client = machine()
    told = {"pay_by": "card", "contact": {"name": "Anna", "email": "a@example.se"}}
    told |= {"address": {"street": "A 1", "postcode": "41101", "city": "B", "country": "SE"}}
    asked = {
        "/api/orders": {**told, "items": [{"sku": "vinga-38"}]},
        "/api/carts/order?whose=user_id:anna": told,
    }
    for path, body in asked.items():
        answer = client.post(path, body, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_payment")
    assert not Order.objects.exists()


def test_who_pays_in_another_way_gets_no_mail(
    maja: Client, her: int, shop: Shop, bank: StandingBank
) -> None:
    deliver(shop.small, shop.warehouse, 1)
    put(her, "vinga-38")
    assert order_for(maja, her, pay_by="invoice").status_code == 302
    assert Order.objects.get().state == "confirmed"
    assert not Mail.objects.exists()
    assert not bank.asked


def test_the_link_that_is_sent_again_says_that_it_is_to_be_paid(
    maja: Client, her: int, shop: Shop, bank: StandingBank
) -> None:
    payment = ordered(maja, shop, her)
    maja.post(f"/orders/{payment.order_id}/link/", {"key": "again"})
    first, again = Mail.objects.order_by("pk")
    assert again.subject == first.subject
    bank.pay(Payment.objects.get().url)
    bank.tell()
    maja.post(f"/orders/{payment.order_id}/link/", {"key": "paid"})
    assert Mail.objects.order_by("pk")[2].subject != first.subject


# --- how it stands, on her page -------------------------------------------------------------------


def test_a_card_that_was_refused_may_be_followed_by_another(
    maja: Client, her: int, shop: Shop, bank: StandingBank, anna_pays: Client
) -> None:
    ordered(maja, shop, her)
    path = in_english(link_in(Mail.objects.get()))
    bank.refuse(bank_page(text(anna_pays.get(path))))
    bank.tell()
    page = text(anna_pays.get(path))
    assert "Your card was refused, and nothing was taken" in page
    bank.pay(bank_page(page))
    bank.tell()
    assert "It is paid" in text(anna_pays.get(path))


def test_one_that_is_over_says_so_and_takes_no_money(
    maja: Client, her: int, shop: Shop, bank: StandingBank
) -> None:
    payment = ordered(maja, shop, her)
    path = link_in(Mail.objects.get())
    page = bank_page(text(Client().get(in_english(path))))
    Payment.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    seen = text(Client().get(in_english(path)))
    assert "The time to pay is over" in seen
    assert not bank_page(seen)
    assert Client().post(f"{path}pay").status_code == 302  # from a page that was open meanwhile
    work()
    bank.pay(page)  # its page has ended, too
    bank.tell()
    assert standing(payment) == ("cancelled", "cancelled", 0, 0, 0)
    assert there(shop.small, shop.warehouse) == (1, 0, 1)
    assert "It was not paid in time" in text(Client().get(in_english(path)))
    Client().post(f"{path}pay")
    assert standing(payment) == ("cancelled", "cancelled", 0, 0, 0)
    assert bank.asked.count("POST /v1/checkout/sessions") == 1


def test_money_that_comes_too_late_is_said_to_go_back(
    maja: Client, her: int, shop: Shop, bank: StandingBank
) -> None:
    payment = ordered(maja, shop, her)
    path = in_english(link_in(Mail.objects.get()))
    bank.pay(bank_page(text(Client().get(path))))
    orders.give_up(payment.order_id, why="not paid")
    PaymentCommand.objects.all().delete()  # as if nobody had asked the bank to let it go
    bank.tell()
    assert "Your payment came after the order was cancelled" in text(Client().get(path))
    work()
    bank.tell()
    assert standing(payment)[:2] == ("cancelled", "cancelled")


# --- exchanged for her ----------------------------------------------------------------------------


@pytest.fixture
def dearer(her: int, shop: Shop) -> int:
    """Tofs, which costs 200 kronor more than Vinga; two of it can be sent."""
    product = Product.objects.create(number="tofs", names={"sv": "Tofs"})
    variant = Variant.objects.create(product=product, sku="tofs", options={})
    variant.prices.create(market="SE", currency="SEK", amount=149_900)
    deliver(variant.pk, shop.warehouse, 2)
    return variant.pk


def bought(shop: Shop, customer: int, *more: int, email: str = "anna@example.se") -> Order:
    """Vinga, and what else she bought, over the counter in Göteborg."""
    deliver(shop.small, shop.goteborg, 1)
    return placing.sell(
        Draft(
            request=Request("test", "b"),
            items=[Item(one, 1, "hand_over", shop.goteborg) for one in (shop.small, *more)],
            market="SE",
            currency="SEK",
            language="en",
            actor=Actor("Oskar", channel="store", place=shop.goteborg),
            pay_by="till",
            whose=ownership.under(customer),
            contact={"name": "Anna", "email": email},
            address={"street": "Storgatan 1", "postcode": "411 01", "city": "Göteborg"},
        )
    )


def till(order: Order) -> tuple[int, int]:
    """What was taken and paid back of what she had bought first."""
    payment = Payment.objects.get(order_id=order.pk)
    return payment.captured, payment.refunded


def test_the_difference_of_an_exchange_is_paid_by_card(
    her: int, shop: Shop, dearer: int, bank: StandingBank
) -> None:
    first = bought(shop, her)
    back = swap(first, shop.goteborg, Item(dearer, 1), pay_by="card", difference=20_000)
    assert back.exchange is not None
    payment = Payment.objects.get(order_id=back.exchange.pk)
    assert standing(payment) == ("awaiting", "pending", 0, 0, 0)
    assert there(dearer, shop.warehouse) == (2, 1, 1)
    assert "200" in Mail.objects.get().text
    path = link_in(Mail.objects.get())
    Client().post(f"{path}pay")
    page = text(Client().get(in_english(path)))
    assert "What you gave back pays for" in page
    bank.pay(bank_page(page))
    bank.tell()
    assert standing(payment) == ("confirmed", "authorised", 20_000, 0, 0)
    told = Fact.objects.filter(name="Order Completed").order_by("sequence").last()
    assert told is not None
    assert told.properties["total"] == 200
    words = {"carrier": "PostNord", "by": "Elin", "source": "t", "key": "s"}
    acting.ship(back.exchange.pk, shop.warehouse, None, **words)
    work()
    assert standing(payment) == ("completed", "captured", 20_000, 20_000, 0)
    assert till(first) == (129_900, 0)


def test_an_exchange_that_is_not_paid_in_time_is_money_back_for_what_came_back(
    her: int, shop: Shop, dearer: int, bank: StandingBank
) -> None:
    first = bought(shop, her)
    back = swap(first, shop.goteborg, Item(dearer, 1), pay_by="card")
    path = link_in(Mail.objects.get())
    Client().post(f"{path}pay")
    Payment.objects.filter(order_id=back.exchange_id).update(
        ends_at=timezone.now() - timedelta(seconds=1)
    )
    work()
    assert Order.objects.get(pk=back.exchange_id).state == "cancelled"
    assert there(dearer, shop.warehouse) == (2, 0, 2)
    assert till(first) == (129_900, 129_900)
    page = text(Client().get(in_english(path)))
    assert "The money for what you gave back goes back" in page
    assert Fact.objects.filter(name="Order Refunded").count() == 1
    hurry()
    work()
    assert till(first) == (129_900, 129_900)


def test_an_exchange_of_which_she_cancels_what_she_would_have_paid_for_goes_on(
    her: int, shop: Shop, dearer: int, bank: StandingBank
) -> None:
    first = bought(shop, her)
    deliver(shop.large, shop.warehouse, 1)
    items = [Item(shop.large, 1), Item(dearer, 1)]
    back = swap(first, shop.goteborg, *items, pay_by="card")
    exchange = back.exchange
    assert exchange is not None
    dear = exchange.lines.get(variant=dearer)
    orders.cancel(exchange.pk, [Some(dear.line, 1)], by="", why="")
    work()
    exchange.refresh_from_db()
    assert exchange.state == "confirmed"
    assert till(first) == (129_900, 0)
    orders.cancel(exchange.pk, None, by="", why="")
    work()
    assert till(first) == (129_900, 129_900)


def test_an_exchange_that_she_cancels_before_she_pays_is_paid_back_once(
    her: int, shop: Shop, dearer: int, bank: StandingBank
) -> None:
    first = bought(shop, her)
    back = swap(first, shop.goteborg, Item(dearer, 2), pay_by="card")
    exchange = back.exchange
    assert exchange is not None
    orders.cancel(exchange.pk, [Some(0, 1)], by="", why="")
    for _ in range(2):
        orders.cancel(exchange.pk, None, by="", why="")
        work()
    assert till(first) == (129_900, 129_900)
    assert Payment.objects.get(order_id=exchange.pk).state == "cancelled"


def test_an_even_exchange_waits_for_nothing(her: int, shop: Shop, bank: StandingBank) -> None:
    deliver(shop.large, shop.warehouse, 1)
    back = swap(bought(shop, her), shop.goteborg, Item(shop.large, 1), pay_by="card")
    assert back.exchange is not None
    assert back.exchange.state == "confirmed"
    assert not Mail.objects.exists()


def test_what_is_handed_over_now_is_not_paid_from_a_mail(
    her: int, shop: Shop, dearer: int, bank: StandingBank
) -> None:
    deliver(dearer, shop.goteborg, 1)
    first = bought(shop, her)
    with pytest.raises(Refusal):
        swap(first, shop.goteborg, Item(dearer, 1, "hand_over", shop.goteborg), pay_by="card")
    assert not Return.objects.exists()


def test_an_exchange_that_is_to_be_paid_from_a_mail_needs_an_address_for_it(
    her: int, shop: Shop, dearer: int, bank: StandingBank
) -> None:
    first = bought(shop, her, email="")
    with pytest.raises(Incomplete):
        swap(first, shop.goteborg, Item(dearer, 1), pay_by="card")
    assert not Return.objects.exists()


def test_a_clerk_has_the_difference_paid_from_a_mail(
    her: int, shop: Shop, dearer: int, bank: StandingBank, clerk: User
) -> None:
    deliver(dearer, shop.goteborg, 1)
    first = bought(shop, her, dearer)
    tablet = Tablet(clerk).at("goteborg")
    address = f"/store/orders/{first.number}/return/"
    both = f"{address}?chosen=1&line=0&line=1&reason=other&for={dearer}"
    page = tablet.get(f"{both}&how=ship")
    assert "anna@example.se" not in page  # he has not looked her up
    done = tablet.tap(page, address, pay_by="card", email="anna@example.com")
    assert "to pay by card" in done
    assert "The link is in the mail" in done
    exchange = Return.objects.get().exchange
    assert exchange is not None
    assert (exchange.state, exchange.contact["email"]) == ("awaiting", "anna@example.com")
    payment = Payment.objects.get(order_id=exchange.pk)
    assert (payment.provider, payment.amount) == ("card", 20_000)
    assert Mail.objects.get().to == "anna@example.com"
    bank.pay(payment.url)
    bank.tell()
    assert standing(payment)[0] == "confirmed"


def test_over_the_counter_the_difference_is_paid_at_the_till(
    her: int, shop: Shop, dearer: int, bank: StandingBank, clerk: User
) -> None:
    deliver(dearer, shop.goteborg, 3)
    first = bought(shop, her, dearer)
    tablet = Tablet(clerk).at("goteborg")
    address = f"/store/orders/{first.number}/return/"
    page = tablet.get(f"{address}?chosen=1&line=0&line=1&reason=other&for={dearer}&how=here")
    assert "pay_by" not in page
    tablet.tap(page, address, pay_by="card", email="anna@example.com")
    exchange = Return.objects.get().exchange
    assert exchange is not None
    assert (exchange.state, Payment.objects.get(order_id=exchange.pk).provider) == (
        "completed",
        "till",
    )
    assert not Mail.objects.exists()


def test_a_machine_exchanges_and_learns_where_she_pays(
    her: int, shop: Shop, dearer: int, bank: StandingBank
) -> None:
    first = bought(shop, her)
    client = machine()
    body = {
        "order": first.number,
        "place": "goteborg",
        "lines": [{"line": 0}],
        "wanted": [{"sku": "tofs", "fulfilment": "ship"}],
        "pay_by": "card",
    }
    for _ in range(2):
        answer = client.post("/api/returns/exchanges", body, content_type="application/json")
        assert answer.status_code == 201, answer.content
    order = client.get(f"/api/orders/{answer.json()['exchange']}").json()
    assert (order["state"], order["payment"]["amount"]) == ("awaiting", 20_000)
    assert order["payment"]["url"].startswith(bank.url)
    assert Mail.objects.count() == 1
