"""She goes to the bank's page and pays, or does not; the order follows when it is certain."""

from __future__ import annotations

from datetime import timedelta

import pytest

from spindel.commerce.orders import actions as orders
from spindel.commerce.orders import payment_changes
from spindel.commerce.orders.models import OrderEvent
from spindel.commerce.payments import actions, checkout_page, providers
from spindel.commerce.payments.models import Payment, PaymentCommand
from spindel.kit.idempotency import Request
from spindel.staff.actors import Actor
from spindel.timeline.models import Fact
from tests.commerce import acting
from tests.commerce.payments.conftest import (
    BACK,
    Buying,
    happened,
    hurry,
    let_page_end,
    standing,
    state,
    work,
)
from tests.commerce.payments.standing import StandingBank


def facts() -> list[str]:
    return list(Fact.objects.order_by("sequence").values_list("name", flat=True))


def test_an_order_by_card_is_settled_when_the_money_is_set_aside(
    anna: Buying, bank: StandingBank
) -> None:
    payment = anna.order()
    page = anna.start(payment)
    assert page.startswith(bank.url)
    assert "Order Completed" not in facts()
    bank.pay(page)
    bank.tell()
    assert standing(payment) == ("confirmed", "authorised", 129_900, 0, 0)
    assert facts()[-1] == "Order Completed"
    assert anna.held() == 1


def test_the_money_is_taken_when_the_goods_leave(anna: Buying, bank: StandingBank) -> None:
    payment = anna.order()
    bank.pay(anna.start(payment))
    bank.tell()
    acting.ship(
        payment.order_id,
        anna.shop.warehouse,
        None,
        carrier="PostNord",
        actor=Actor("Elin"),
        request=Request("t", "s"),
    )
    work()
    assert standing(payment) == ("completed", "captured", 129_900, 129_900, 0)
    bank.tell()
    assert standing(payment) == ("completed", "captured", 129_900, 129_900, 0)
    assert happened(payment).count("paid") == 1


def test_the_provider_is_told_nothing_of_her(anna: Buying, bank: StandingBank) -> None:
    payment = anna.order()
    session = bank.bank.session(anna.start(payment).rpartition("/")[2])
    assert session is not None
    assert session["client_reference_id"] == str(payment.key)
    assert session["locale"] == "sv"
    assert session["amount_total"] == 129_900
    assert not {"customer_email", "shipping_address_collection"} & session.keys()
    assert "anna" not in str(session).lower()


def test_a_page_is_made_once_however_often_she_goes_there(anna: Buying, bank: StandingBank) -> None:
    payment = anna.order()
    assert anna.start(payment) == anna.start(payment)
    assert bank.asked == ["POST /v1/checkout/sessions"]


def test_a_page_whose_answer_was_lost_is_the_same_page(anna: Buying, bank: StandingBank) -> None:
    payment = anna.order()
    bank.lose = 2  # the library asks again once by itself
    with pytest.raises(providers.Away):
        anna.start(payment)
    page = anna.start(payment)
    assert len(set(bank.asked)) == 1
    assert len(bank.asked) == 3
    bank.pay(page)
    bank.tell()
    assert state(payment) == "confirmed"


def test_an_order_stays_and_is_paid_later_when_the_provider_is_away(
    anna: Buying, bank: StandingBank
) -> None:
    payment = anna.order()
    bank.away = True
    with pytest.raises(providers.Away):
        anna.start(payment)
    work()
    assert standing(payment) == ("awaiting", "pending", 0, 0, 0)
    assert anna.held() == 1
    bank.away = False
    bank.pay(anna.start(payment))
    bank.tell()
    assert state(payment) == "confirmed"


def test_an_order_for_which_no_page_could_be_made_is_given_up_in_the_end(
    anna: Buying, bank: StandingBank
) -> None:
    payment = anna.order()
    bank.away = True
    with pytest.raises(providers.Away):
        anna.start(payment)
    let_page_end(payment)
    work()  # nobody was given a page, so nobody need be asked
    assert standing(payment) == ("cancelled", "cancelled", 0, 0, 0)
    assert anna.held() == 0
    bank.away = False
    with pytest.raises(checkout_page.NotOpen):
        anna.start(payment)


def test_a_refused_card_may_be_followed_by_a_good_one(anna: Buying, bank: StandingBank) -> None:
    payment = anna.order()
    page = anna.start(payment)
    bank.refuse(page)
    bank.tell()
    assert standing(payment) == ("awaiting", "failed", 0, 0, 0)
    assert happened(payment) == ["placed", "payment_failed"]
    assert anna.start(payment) == page
    assert anna.held() == 1
    bank.pay(page)
    bank.tell()
    assert standing(payment) == ("confirmed", "authorised", 129_900, 0, 0)


def test_a_page_that_ends_unpaid_gives_the_order_up(anna: Buying, bank: StandingBank) -> None:
    payment = anna.order()
    page = anna.start(payment)
    now = bank.bank.now
    bank.bank.now = lambda: now() + 3700
    assert bank.bank.session(page.rpartition("/")[2]) is not None
    bank.bank.now = now
    bank.tell()
    assert standing(payment) == ("cancelled", "cancelled", 0, 0, 0)
    assert anna.held() == 0
    assert facts()[-1] == "Order Cancelled"


def test_goods_are_kept_until_it_is_certain_that_nobody_pays(
    anna: Buying, bank: StandingBank
) -> None:
    payment = anna.order()
    anna.start(payment)
    let_page_end(payment)
    bank.away = True
    work()
    assert state(payment) == "awaiting"
    assert anna.held() == 1
    hurry()
    work()
    assert anna.held() == 1
    bank.away = False
    hurry()
    work()
    assert standing(payment) == ("cancelled", "cancelled", 0, 0, 0)
    assert anna.held() == 0
    (session,) = bank.events("checkout.session.expired")
    bank.tell(session)  # it says so itself, later
    assert standing(payment) == ("cancelled", "cancelled", 0, 0, 0)


def test_an_order_is_settled_that_was_paid_at_the_last_moment_unheard(
    anna: Buying, bank: StandingBank
) -> None:
    payment = anna.order()
    bank.pay(anna.start(payment))
    let_page_end(payment)
    work()
    assert standing(payment) == ("confirmed", "authorised", 129_900, 0, 0)
    assert anna.held() == 1
    bank.tell()
    assert standing(payment) == ("confirmed", "authorised", 129_900, 0, 0)


def test_what_she_cancels_while_she_pays_goes_back(anna: Buying, bank: StandingBank) -> None:
    payment = anna.order()
    page = anna.start(payment)
    bank.pay(page)
    orders.cancel(payment.order_id, None, by="", why="changed their mind")
    work()
    bank.tell()
    work()
    assert standing(payment)[:2] == ("cancelled", "cancelled")
    (cancelled,) = bank.events("payment_intent.canceled")
    assert cancelled["data"]["object"]["amount_received"] == 0
    assert anna.held() == 0


def test_money_that_comes_for_an_order_that_was_given_up_goes_back(
    anna: Buying, bank: StandingBank
) -> None:
    payment = anna.order()
    bank.pay(anna.start(payment))
    orders.give_up(payment.order_id, why="a mistake")
    PaymentCommand.objects.all().delete()  # as if nobody had asked the bank to let it go
    bank.tell()
    assert "payment_failed" in happened(payment)
    work()
    bank.tell()
    work()
    assert standing(payment) == ("cancelled", "cancelled", 129_900, 0, 0)
    assert PaymentCommand.objects.filter(kind="cancel").count() == 1


def test_money_that_was_taken_for_an_order_that_was_given_up_is_paid_back(
    anna: Buying, bank: StandingBank
) -> None:
    payment = anna.order()
    bank.pay(anna.start(payment))
    Payment.objects.filter(pk=payment.pk).update(url="")
    (authorised,) = bank.events("payment_intent.amount_capturable_updated")
    status, _ = bank.bank.ask(
        "POST", f"v1/payment_intents/{authorised['data']['object']['id']}/capture", {}
    )
    assert status == 200
    orders.give_up(payment.order_id, why="a mistake")
    work()  # it was to be let go, and is taken already
    work()
    bank.tell()
    work()
    assert standing(payment) == ("cancelled", "captured", 129_900, 129_900, 129_900)
    assert len(bank.events("refund.created")) == 1


def test_a_page_that_was_made_too_late_is_ended_unseen(
    anna: Buying, bank: StandingBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = anna.order()
    ready = actions.ready_page

    def given_up_meanwhile(id: int) -> Payment:
        found = ready(id)
        orders.give_up(payment.order_id, why="a mistake")
        return found

    monkeypatch.setattr(actions, "ready_page", given_up_meanwhile)
    with pytest.raises(checkout_page.NotOpen):
        checkout_page.start(payment.pk, BACK)
    work()
    (ended,) = bank.events("checkout.session.expired")
    assert ended["data"]["object"]["client_reference_id"] == str(payment.key)
    assert standing(payment)[:2] == ("cancelled", "cancelled")


def test_what_the_bank_lets_go_of_by_itself_cancels_what_has_not_left(
    anna: Buying, bank: StandingBank
) -> None:
    payment = anna.order()
    bank.pay(anna.start(payment))
    bank.tell()
    (authorised,) = bank.events("payment_intent.amount_capturable_updated")
    bank.bank.ask("POST", f"v1/payment_intents/{authorised['data']['object']['id']}/cancel", {})
    bank.tell()
    assert standing(payment)[:2] == ("cancelled", "cancelled")
    assert anna.held() == 0
    assert OrderEvent.objects.get(kind="cancelled").why == "the payment was let go"


def test_there_is_no_page_for_what_is_paid(anna: Buying, bank: StandingBank) -> None:
    payment = anna.order()
    bank.pay(anna.start(payment))
    bank.tell()
    with pytest.raises(checkout_page.NotOpen):
        anna.start(payment)


def test_a_new_page_is_open_for_an_hour(anna: Buying, bank: StandingBank) -> None:
    payment = anna.order()
    anna.start(payment)
    payment.refresh_from_db()
    assert payment.ends_at is not None
    assert abs(payment.ends_at - payment.made_at - actions.PAGE_LASTS) < timedelta(seconds=30)
    assert not payment_changes.end_pages()  # it is not over
