"""Gift cards pay in every channel, as far as they go; what goes back goes back on the card."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.utils import timezone

from spindel.commerce.orders import actions as orders
from spindel.commerce.orders import balance, reading, receipts
from spindel.commerce.orders.actions import Some
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement import placing
from spindel.commerce.payments.giftcard import books, cards
from spindel.commerce.payments.giftcard.cards import Making
from spindel.commerce.payments.models import GiftCard, Payment
from spindel.commerce.returns.actions import Back
from spindel.kit.refusal import Refusal
from spindel.staff.models import Role, Scope
from spindel.timeline.models import Fact
from tests.commerce.acting import ship, take_back
from tests.commerce.conftest import Shop
from tests.commerce.orders.at_checkout import HERS, order
from tests.commerce.orders.at_checkout import filled as filled  # a fixture
from tests.commerce.orders.cast import counter
from tests.console.conftest import as_role, text
from tests.flows.cast import ANNA, HOME, Machine
from tests.flows.cast import at_shop as at_shop  # a fixture
from tests.shopping import AtShop, log_in

__all__ = ["as_role", "at_shop"]


def card(amount: int, currency: str = "SEK", expires_on: date | None = None) -> str:
    """The code of a card with so much on it."""
    (code,) = cards.make(Making(1, amount, currency, expires_on), "astrid")
    return code


def on_it(code: str) -> int:
    assert books.wrong_balances() == []
    return books.valid(code, "SEK").get().balance


def placed(device: AtShop, code: str, **more: object) -> Order:
    answer = order(device, ANNA, gift_card=code, **more)
    assert answer.status_code == 201, answer.content
    return Order.objects.get(number=answer.json()["number"])


def test_a_card_pays_a_part_and_the_rest_is_paid_as_chosen(filled: AtShop) -> None:
    code = card(30_000)
    made = placed(filled, cards.spaced(code).lower(), total=129_900)
    rest, by_card = Payment.objects.filter(order_id=made.pk).order_by("pk")
    assert (rest.provider, rest.amount, rest.captured) == ("invoice", 99_900, 0)
    assert (by_card.provider, by_card.captured) == ("giftcard", 30_000)
    assert on_it(code) == 0
    assert (made.total, made.vat, balance.due(made)) == (129_900, 25_980, 99_900)
    assert Fact.objects.get(name="Order Completed").properties["total"] == 1299.0
    receipt = receipts.of(reading.view(made, "sv"))
    assert (receipt.total, receipt.gift_card) == (129_900, 30_000)


def test_a_card_pays_all_and_keeps_what_is_left(filled: AtShop) -> None:
    code = card(200_000)
    made = placed(filled, code)
    (payment,) = Payment.objects.filter(order_id=made.pk)
    assert (payment.provider, payment.captured) == ("giftcard", 129_900)
    assert on_it(code) == 70_100
    fact = Fact.objects.get(name="Order Completed").properties
    assert (fact["payment_method"], fact["discount"]) == ("giftcard", 0)


def test_what_comes_back_goes_back_the_way_it_was_paid_the_card_last(
    filled: AtShop, shop: Shop
) -> None:
    code = card(30_000)
    filled.add("vinga-39")
    made = placed(filled, code)
    ship(made.pk, shop.warehouse, None, by="oskar", key="s", carrier="PostNord")
    assert Payment.objects.filter(order_id=made.pk).earliest("pk").captured == 229_800
    told = {"by": "oskar", "place": shop.goteborg}
    assert take_back(made.pk, [Back(0, 1)], **told, key="r1").refund == 129_900
    assert on_it(code) == 0
    assert take_back(made.pk, [Back(1, 1)], **told, key="r2").refund == 129_900
    assert on_it(code) == 30_000
    rest, by_card = Payment.objects.filter(order_id=made.pk).order_by("pk")
    assert (rest.refunded, by_card.refunded) == (229_800, 30_000)


def test_what_is_cancelled_before_it_is_paid_gives_back_what_the_card_paid_too_much(
    filled: AtShop,
) -> None:
    code = card(200_000)
    filled.add("vinga-39")
    made = placed(filled, code)
    assert (on_it(code), balance.due(made)) == (0, 59_800)
    orders.cancel(made.pk, [Some(0, 1)], by="oskar")
    assert (on_it(code), balance.due(made)) == (70_100, 0)
    orders.cancel(made.pk, None, by="oskar")
    assert on_it(code) == 200_000
    assert not Payment.objects.filter(order_id=made.pk, refunded__gt=200_000).exists()


def test_an_order_that_is_paid_with_a_card_alone_gives_it_back_when_cancelled(
    filled: AtShop,
) -> None:
    code = card(200_000)
    made = placed(filled, code)
    orders.cancel(made.pk, None, by="oskar")
    assert on_it(code) == 200_000


def test_every_channel_takes_it(filled: AtShop, shop: Shop) -> None:
    code = card(200_000)
    assert placing.sell(counter(shop, "t", gift_card=code)).state == "completed"
    assert on_it(code) == 70_100
    log_in(filled, "anna@example.se")
    machine = Machine(Scope.WRITE_ORDERS)
    told = {"pay_by": "invoice", "contact": ANNA, "address": HOME, "gift_card": code}
    assert machine.ask("POST", f"carts/order{HERS}", told, key="k").status_code == 201
    assert on_it(code) == 0


def test_a_card_pays_once_however_many_pay_with_it_at_once(filled: AtShop, shop: Shop) -> None:
    code = card(200_000)

    def buy(number: int) -> int:
        try:
            made = placing.sell(counter(shop, f"k{number}", gift_card=code))
            return sum(
                one.captured
                for one in Payment.objects.filter(order_id=made.pk, provider=books.NAME)
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        paid = list(threads.map(buy, range(6)))
    assert sum(paid) == 200_000
    assert on_it(code) == 0


def test_the_database_refuses_less_than_nothing_on_a_card(database: str) -> None:
    card(100)
    with pytest.raises(IntegrityError):
        GiftCard.objects.update(balance=-1)


@pytest.mark.parametrize("told", ["AAAA BBBB", "over", "danish"])
def test_what_does_not_pay_here_orders_nothing(filled: AtShop, told: str) -> None:
    code = told
    if told == "danish":
        code = card(100_000, "DKK")
    elif told == "over":
        code = card(100_000)
        GiftCard.objects.update(expires_on=timezone.localdate() - timedelta(days=1))
    answer = order(filled, ANNA, gift_card=code)
    assert answer.status_code == 409
    assert not Order.objects.exists()


def test_guessing_is_slowed_down(filled: AtShop) -> None:
    code = card(10_000)
    seen = filled.ask("POST", "gift-card", {"code": code})
    assert seen.json() == {
        "ending": code[-4:],
        "currency": "SEK",
        "balance": 10_000,
        "expires_on": None,
    }
    for number in range(10):
        assert filled.ask("POST", "gift-card", {"code": f"NONE{number}"}).status_code == 409
    assert filled.ask("POST", "gift-card", {"code": code}).status_code == 429
    assert order(filled, ANNA, gift_card=code).status_code == 429


def test_cards_are_made_by_machines_and_on_a_page_and_their_codes_told_once(
    database: str, as_role: Callable[[Role], Client]
) -> None:
    machine = Machine(Scope.WRITE_ORDERS)
    asked = {"amount": 5_000, "currency": "SEK", "many": 2}
    made = machine.ask("POST", "gift-cards", asked, key="k")
    again = machine.ask("POST", "gift-cards", asked, key="k")
    assert (again.status_code, again.json()["code"]) == (409, "gift_cards_made")
    first, second = made.content.decode().split()
    assert on_it(first) == on_it(second) == 5_000
    admin = as_role(Role.ADMIN)
    typed = {"amount": "250", "currency": "SEK", "many": "1"}
    page = admin.post("/gift-cards/make/", typed)
    newest = GiftCard.objects.latest("pk")
    assert newest.balance == 25_000
    assert f"{newest.ending}</code>" in text(page)
    assert page["Cache-Control"] == "no-store"
    assert "</code>" not in text(admin.get("/gift-cards/"))
    assert as_role(Role.AGENT).get("/gift-cards/").status_code == 403


def test_a_card_has_to_have_something_on_it(database: str) -> None:
    with pytest.raises(Refusal):
        card(0)
    with pytest.raises(Refusal):
        card(100, expires_on=date(2020, 1, 1))
