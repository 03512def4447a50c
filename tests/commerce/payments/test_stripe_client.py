"""What is asked of the bank: once, whatever dies; never more back than was paid."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from spindel.commerce.orders.models import OrderEvent
from spindel.commerce.payments import commands, jobs, providers
from spindel.commerce.payments.models import Payment, PaymentCommand
from spindel.commerce.payments.stripe.objects import from_stripe, to_stripe
from tests.commerce.payments.conftest import Buying, happened, hurry, standing, work
from tests.commerce.payments.standing import StandingBank

Kind = PaymentCommand.Kind


@pytest.fixture
def paid(anna: Buying, bank: StandingBank) -> Payment:
    """An order that is paid, and whose money is set aside."""
    payment = anna.order()
    bank.pay(anna.start(payment))
    bank.tell()
    return payment


def ask(payment: Payment, kind: Kind, amount: int = 0) -> PaymentCommand:
    return commands.ask(Payment.objects.get(pk=payment.pk), kind, amount)


def test_an_answer_that_is_lost_takes_the_money_once(paid: Payment, bank: StandingBank) -> None:
    ask(paid, Kind.CAPTURE, 129_900)
    bank.lose = 2
    work()
    assert standing(paid)[3] == 0
    hurry()
    work()
    assert standing(paid)[1:] == ("captured", 129_900, 129_900, 0)
    assert len(bank.events("payment_intent.succeeded")) == 1


def test_an_answer_that_is_lost_pays_back_once(paid: Payment, bank: StandingBank) -> None:
    ask(paid, Kind.CAPTURE, 129_900)
    ask(paid, Kind.REFUND, 100_000)
    work()
    command = ask(paid, Kind.REFUND, 20_000)
    bank.lose = 2
    work()
    hurry()
    work()
    command.refresh_from_db()
    assert command.done_at is not None
    assert standing(paid)[4] == 120_000
    assert len(bank.events("refund.created")) == 2


def test_what_was_paid_back_days_ago_is_not_paid_back_again(
    paid: Payment, bank: StandingBank
) -> None:
    ask(paid, Kind.CAPTURE, 129_900)
    work()
    ask(paid, Kind.REFUND, 50_000)
    bank.lose = 2
    work()
    now = bank.bank.now
    bank.bank.now = lambda: now() + 2 * 86_400  # the bank has forgotten the key by then
    hurry()
    work()
    assert standing(paid)[4] == 50_000
    assert len(bank.events("refund.created")) == 1


def test_what_the_bank_tells_before_its_answer_came_counts_once(
    paid: Payment, bank: StandingBank
) -> None:
    ask(paid, Kind.CAPTURE, 129_900)
    work()
    command = ask(paid, Kind.REFUND, 100_000)
    bank.lose = 2
    work()
    bank.tell()
    assert standing(paid)[4] == 100_000
    hurry()
    work()
    command.refresh_from_db()
    assert (command.failed_at, standing(paid)[4]) == (None, 100_000)
    assert command.done_at is not None


def test_some_of_it_is_taken_and_the_rest_is_let_go(paid: Payment, bank: StandingBank) -> None:
    ask(paid, Kind.CAPTURE, 100_000)
    ask(paid, Kind.REFUND, 30_000)
    work()
    bank.tell()
    assert standing(paid)[1:] == ("captured", 129_900, 100_000, 30_000)


def test_never_more_is_paid_back_than_was_taken(paid: Payment, bank: StandingBank) -> None:
    ask(paid, Kind.CAPTURE, 100_000)
    first, second = ask(paid, Kind.REFUND, 60_000), ask(paid, Kind.REFUND, 60_000)
    work()
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.done_at is not None
    assert (second.failed_at is not None, second.error) == (True, "more than was paid")
    assert standing(paid)[4] == 60_000
    assert happened(paid)[-1] == "payment_failed"
    bank.tell()
    assert standing(paid)[4] == 60_000


def test_two_who_pay_back_at_once_pay_back_no_more_than_was_taken(
    paid: Payment, bank: StandingBank
) -> None:
    ask(paid, Kind.CAPTURE, 129_900)
    work()
    for _ in range(4):
        ask(paid, Kind.REFUND, 50_000)

    def one_worker(_: int) -> None:
        try:
            while jobs.step():
                pass
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(one_worker, range(4)))
    work()
    assert standing(paid)[4] == 100_000
    assert len(bank.events("refund.created")) == 2
    assert PaymentCommand.objects.filter(failed_at__isnull=False).count() == 2


def test_what_the_bank_will_not_do_is_shown_and_not_asked_again(
    paid: Payment, bank: StandingBank
) -> None:
    (authorised,) = bank.events("payment_intent.amount_capturable_updated")
    bank.bank.ask("POST", f"v1/payment_intents/{authorised['data']['object']['id']}/cancel", {})
    command = ask(paid, Kind.CAPTURE, 129_900)
    work()
    command.refresh_from_db()
    assert command.failed_at is not None
    assert "payment_intent_unexpected_state" in command.error
    assert commands.figures() == (0, 1)
    said = Client().get("/metrics").content.decode()
    assert "spindel_payment_commands_failed 1.0" in said
    event = OrderEvent.objects.filter(kind="payment_failed").get()
    assert event.detail["command"] == "capture"
    assert standing(paid)[1] == "cancelled"  # it was learned on the way


def test_a_bank_that_is_away_is_asked_again_with_growing_pauses(
    paid: Payment, bank: StandingBank
) -> None:
    command = ask(paid, Kind.CAPTURE, 129_900)
    bank.away = True
    pauses = []
    for _ in range(3):
        hurry()
        work()
        command.refresh_from_db()
        pauses.append(round((command.due - timezone.now()).total_seconds(), -1))
    assert pauses == sorted(set(pauses))
    assert command.error.startswith("APIConnectionError")
    PaymentCommand.objects.update(made_at=timezone.now() - jobs.TRIED_FOR - timedelta(hours=1))
    hurry()
    work()
    command.refresh_from_db()
    assert command.failed_at is not None


def test_a_clock_that_is_put_back_holds_up_nothing(paid: Payment, bank: StandingBank) -> None:
    bank.away = True
    command = ask(paid, Kind.CAPTURE, 129_900)
    work()
    bank.away = False
    tomorrow = timezone.now() + timedelta(days=1)  # as the clock said when it was put off
    PaymentCommand.objects.update(made_at=tomorrow, due=tomorrow + timedelta(seconds=15))
    work()
    command.refresh_from_db()
    assert command.done_at is not None


def test_a_wrong_key_is_a_matter_of_settings_and_is_asked_again(
    paid: Payment, bank: StandingBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ask(paid, Kind.CAPTURE, 129_900)
    monkeypatch.setenv("SPINDEL_STRIPE_KEY", "sk_test_wrong")
    work()
    monkeypatch.setenv("SPINDEL_STRIPE_KEY", "")
    hurry()
    work()
    command.refresh_from_db()
    assert (command.attempts, command.failed_at) == (2, None)


WORKER = """
import os, signal, django
django.setup()
from spindel.commerce.payments import actions, jobs
def die(command, seen):
    os.kill(os.getpid(), signal.SIGKILL)
actions.carried_out = die
jobs.step()
"""


@pytest.mark.parametrize("kind", ["capture", "refund"])
def test_a_worker_killed_after_the_bank_has_done_it_does_it_once(
    paid: Payment, bank: StandingBank, kind: str
) -> None:
    if kind == "refund":
        ask(paid, Kind.CAPTURE, 129_900)
        work()
    command = ask(paid, Kind(kind), 100_000)
    killed = subprocess.run(
        [sys.executable, "-c", WORKER], cwd=Path(__file__).parents[3], env=os.environ, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert not jobs.step()  # it is the dead one's, for a while
    hurry()
    work()
    command.refresh_from_db()
    assert (command.attempts, command.failed_at) == (2, None)
    assert command.done_at is not None
    told = {"capture": "payment_intent.succeeded", "refund": "refund.created"}[kind]
    assert len(bank.events(told)) == 1
    assert standing(paid)[3 if kind == "capture" else 4] == 100_000


@pytest.mark.parametrize("pay_by", ["invoice", "store"])
def test_what_needs_nobody_is_done_at_once(anna: Buying, pay_by: str) -> None:
    payment = anna.order("invoice")
    Payment.objects.filter(pk=payment.pk).update(provider=pay_by)
    ask(payment, Kind.CAPTURE, 129_900)
    assert standing(payment)[1:] == ("captured", 129_900, 129_900, 0)
    ask(payment, Kind.REFUND, 29_900)
    assert ask(payment, Kind.REFUND, 129_900).error == "more than was paid"
    assert standing(payment)[1:] == ("captured", 129_900, 129_900, 29_900)
    assert happened(payment)[-2:] == ["paid", "refunded"]
    assert not jobs.step()


def test_what_is_let_go_of_an_invoice_is_over(anna: Buying) -> None:
    payment = anna.order("invoice")
    ask(payment, Kind.CANCEL)
    assert standing(payment)[1] == "cancelled"


def test_what_was_written_down_as_to_be_asked_is_done_by_the_worker_also_by_the_books(
    anna: Buying,
) -> None:
    payment = anna.order("invoice")
    for kind, amount in ((Kind.CAPTURE, 129_900), (Kind.REFUND, 100_000), (Kind.REFUND, 100_000)):
        PaymentCommand.objects.create(payment=payment, kind=kind, amount=amount, key=uuid.uuid4())
    work()
    assert standing(payment)[1:] == ("captured", 129_900, 129_900, 100_000)


# --- amounts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("currency", "minor", "theirs"),
    [
        ("SEK", 129_900, 129_900),
        ("JPY", 1299, 1299),
        ("KRW", 1299, 1299),
        ("ISK", 1299, 129_900),  # none in use, and yet Stripe counts hundredths
        ("HUF", 129_900, 129_900),
        ("KWD", 12_990, 12_990),
    ],
)
def test_amounts_are_what_the_bank_means_by_them(currency: str, minor: int, theirs: int) -> None:
    assert to_stripe(minor, currency) == theirs
    assert from_stripe(theirs, currency.lower()) == minor


@pytest.mark.parametrize(
    ("currency", "amount", "theirs"), [("JPY", 1299, 1299), ("ISK", 999, 99_900)]
)
def test_a_currency_without_decimals_is_paid_in_whole_units(
    anna: Buying, bank: StandingBank, currency: str, amount: int, theirs: int
) -> None:
    payment = anna.order()
    Payment.objects.filter(pk=payment.pk).update(currency=currency, amount=amount)
    page = anna.start(payment)
    session = bank.bank.session(page.rpartition("/")[2])
    assert session is not None
    assert (session["amount_total"], session["currency"]) == (theirs, currency.lower())
    bank.pay(page)
    bank.tell()
    assert standing(payment) == ("confirmed", "authorised", amount, 0, 0)
    ask(payment, Kind.CAPTURE, amount)
    ask(payment, Kind.REFUND, 99)
    work()
    bank.tell()
    assert standing(payment)[2:] == (amount, amount, 99)


# --- what may be chosen ---------------------------------------------------------------------------


def test_a_card_may_be_chosen_where_it_is_set_up(
    bank: StandingBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert providers.choices(["ship"]) == ["card", "invoice"]
    assert providers.choices(["pick_up", "pick_up"]) == ["card", "invoice", "store"]
    assert providers.choices(["pick_up", "ship"]) == ["card", "invoice"]
    monkeypatch.setenv("SPINDEL_STRIPE_KEY", "")
    assert providers.choices(["ship"]) == ["invoice"]
    assert providers.is_awaited("card")
    assert not providers.is_awaited("invoice")
    assert providers.label("till") == "At the till"
    assert providers.label("barter") == "barter"
