"""What the bank tells: signed, again and again, in whatever order."""

from __future__ import annotations

import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from spindel.commerce.orders import actions as orders
from spindel.commerce.payments import commands
from spindel.commerce.payments.models import Payment, PaymentCommand, PaymentEvent
from spindel.demo.payments.bank import Thing
from spindel.kit.idempotency import Request
from spindel.staff.actors import Actor
from tests.commerce import acting
from tests.commerce.payments.conftest import Buying, happened, standing, work
from tests.commerce.payments.standing import WEBHOOK, StandingBank


def paid(anna: Buying, bank: StandingBank) -> Payment:
    payment = anna.order()
    bank.pay(anna.start(payment))
    return payment


def test_what_is_not_signed_is_turned_away(anna: Buying, bank: StandingBank) -> None:
    payment = paid(anna, bank)
    event = bank.events()[0]
    body = json.dumps(event)
    for signature in (
        "",
        "t=1,v1=" + "0" * 64,
        f"t={int(time.time())},v1=" + "0" * 64,
        "nonsense",
        bank.bank.sign(body + " "),
        bank.bank.sign(body).replace("v1", "v0"),
    ):
        assert bank.post(event, signature or "none").status_code == 400
    assert Client().post(WEBHOOK, body, content_type="application/json").status_code == 400
    assert not PaymentEvent.objects.exists()
    assert standing(payment)[0] == "awaiting"


def test_a_signature_is_good_for_a_while_only(anna: Buying, bank: StandingBank) -> None:
    payment = paid(anna, bank)
    event = bank.events()[0]
    old = bank.bank.sign(json.dumps(event), int(time.time()) - 301)
    assert bank.post(event, old).status_code == 400
    assert not PaymentEvent.objects.exists()
    assert standing(payment)[0] == "awaiting"


def test_a_copy_of_what_was_told_changes_nothing(anna: Buying, bank: StandingBank) -> None:
    payment = paid(anna, bank)
    (event,) = bank.events("payment_intent.amount_capturable_updated")
    signature = bank.bank.sign(json.dumps(event))
    for _ in range(3):
        assert bank.post(event, signature).status_code == 200
    assert PaymentEvent.objects.count() == 1
    assert standing(payment) == ("confirmed", "authorised", 129_900, 0, 0)
    assert happened(payment).count("confirmed") == 1


def test_nobody_tells_anything_where_no_secret_is_set(
    anna: Buying, bank: StandingBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid(anna, bank)
    event = bank.events()[0]
    monkeypatch.setenv("SPINDEL_STRIPE_WEBHOOK_SECRET", "")
    assert bank.post(event).status_code == 400


def test_what_is_too_long_is_not_read(bank: StandingBank) -> None:
    answer = Client().post(WEBHOOK, "x" * 300_000, content_type="application/json")
    assert answer.status_code == 413


def test_only_a_post_is_heard(bank: StandingBank) -> None:
    assert Client().get(WEBHOOK).status_code == 405


def test_what_is_about_nothing_of_ours_is_kept(bank: StandingBank) -> None:
    told = {"id": "evt_1", "object": "event", "created": 1_700_000_000}
    other = {"object": "payment_intent", "id": "pi_1", "currency": "sek", "status": "succeeded"}
    events: list[Thing] = [
        told | {"type": "customer.created", "data": {"object": {"object": "customer"}}},
        told | {"id": "evt_2", "type": "payment_intent.succeeded", "data": {"object": other}},
        told
        | {
            "id": "evt_3",
            "type": "payment_intent.succeeded",
            "data": {"object": other | {"metadata": {"payment": str(uuid.uuid4())}}},
        },
    ]
    bank.tell(*events, *events)
    assert PaymentEvent.objects.filter(payment=None).count() == 3


def test_signed_nonsense_is_turned_away(bank: StandingBank) -> None:
    for body in ("", "{}", "[]", '{"object": "event"}', "\0"):
        signature = bank.bank.sign(body)
        answer = Client().post(
            WEBHOOK,
            body,
            content_type="application/json",
            headers={"Stripe-Signature": signature},
        )
        assert answer.status_code == 400, body


def test_a_page_that_nobody_was_given_ends_without_effect(anna: Buying, bank: StandingBank) -> None:
    payment = paid(anna, bank)
    bank.tell()
    stray: Thing = {
        "id": "evt_stray",
        "object": "event",
        "type": "checkout.session.expired",
        "data": {
            "object": {
                "object": "checkout.session",
                "id": "cs_of_nobody",
                "status": "expired",
                "client_reference_id": str(payment.key),
            }
        },
    }
    bank.tell(stray)
    assert standing(payment)[:2] == ("confirmed", "authorised")


def test_money_that_did_not_arrive_back_is_shown(anna: Buying, bank: StandingBank) -> None:
    payment = paid(anna, bank)
    bank.tell()
    _ship(anna, payment)
    pay_back(payment, 100)
    work()
    (made,) = bank.events("refund.created")
    failed = made | {"id": "evt_failed", "type": "refund.failed"}
    bank.tell(failed, failed)
    command = PaymentCommand.objects.get(kind="refund")
    assert command.failed_at is not None
    assert happened(payment).count("payment_failed") == 1


def _ship(anna: Buying, payment: Payment) -> None:
    place = anna.shop.warehouse
    acting.ship(
        payment.order_id, place, None, carrier="P", actor=Actor("Elin"), request=Request("t", "s")
    )
    work()


def pay_back(payment: Payment, amount: int) -> None:
    commands.ask(Payment.objects.get(pk=payment.pk), PaymentCommand.Kind.REFUND, amount)


# --- in whatever order ----------------------------------------------------------------------------


def _history(name: str, anna: Buying, bank: StandingBank, payment: Payment) -> None:
    page = anna.start(payment)
    if "refused" in name:
        bank.refuse(page)
    if "ended" in name:
        now = bank.bank.now
        bank.bank.now = lambda: now() + 3700
        bank.bank.session(page.rpartition("/")[2])
        bank.bank.now = now
        return
    bank.pay(page)
    intent = bank.events("payment_intent.amount_capturable_updated")[-1]["data"]["object"]["id"]
    if "let go" in name:
        bank.bank.ask("POST", f"v1/payment_intents/{intent}/cancel", {})
    if "taken" in name:
        bank.bank.ask("POST", f"v1/payment_intents/{intent}/capture", {})
    for amount in ("100", "29900") if "back" in name else ():
        bank.bank.ask("POST", "v1/refunds", {"payment_intent": intent, "amount": amount})


@pytest.mark.parametrize(
    "name",
    [
        "refused, paid",
        "refused, ended",
        "paid, let go",
        "paid, taken",
        "refused, paid, taken, paid back",
    ],
)
def test_whatever_comes_late_twice_or_in_another_order_ends_the_same(
    anna: Buying, bank: StandingBank, name: str
) -> None:
    ends: set[object] = set()
    seen = [0]

    @settings(
        max_examples=12,
        database=None,
    )
    @given(st.data())
    def tell(data: st.DataObject) -> None:
        payment = anna.order()
        _history(name, anna, bank, payment)
        events = bank.events()[seen[0] :]
        seen[0] += len(events)
        again = data.draw(st.lists(st.sampled_from(events), max_size=6, unique_by=id))
        for one in data.draw(st.permutations(events + again)):
            bank.tell(one)
        ends.add(standing(payment))

    tell()
    assert len(ends) == 1, ends


def test_what_is_told_at_once_by_many_is_taken_in_once(anna: Buying, bank: StandingBank) -> None:
    payment = paid(anna, bank)
    events = bank.events() * 3

    def tell(event: Thing) -> int:
        try:
            return int(bank.post(event).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        assert set(threads.map(tell, events)) == {200}
    assert standing(payment) == ("confirmed", "authorised", 129_900, 0, 0)
    assert happened(payment).count("confirmed") == 1
    assert PaymentEvent.objects.count() == len(events) // 3


def test_what_was_told_and_could_not_be_kept_is_told_again(
    anna: Buying, bank: StandingBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = paid(anna, bank)
    (event,) = bank.events("payment_intent.amount_capturable_updated")

    def broken(id: int) -> None:
        raise OperationalError

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(orders, "confirm", broken)
        with pytest.raises(OperationalError):
            bank.post(event)
    assert not PaymentEvent.objects.exists()
    assert standing(payment) == ("awaiting", "pending", 0, 0, 0)
    bank.tell(event)
    assert standing(payment)[0] == "confirmed"
