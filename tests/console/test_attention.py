"""What needs a look: mail and payments that were given up, tried again or seen to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from spindel.commerce.payments.models import Payment, PaymentCommand
from spindel.messages import jobs
from spindel.messages.models import Mail
from spindel.staff.models import Role
from tests.commerce.conftest import shop as shop
from tests.commerce.payments.conftest import Buying, work
from tests.commerce.payments.conftest import anna as buying
from tests.commerce.payments.conftest import bank as bank
from tests.commerce.payments.standing import StandingBank
from tests.console.conftest import text
from tests.mailbox import Mailbox
from tests.messages.cast import ask

anna = buying  # whose name others here have for an identifier
As = Callable[[Role], Client]


@pytest.fixture
def lost(mailbox: Mailbox) -> Mail:
    """A mail that the server will not have."""
    mailbox.always_answer("bad@example.se", "550 no")
    ask("bad@example.se")
    while jobs.step():
        pass
    return Mail.objects.get()


def test_there_is_nothing_to_see_to(maja: Client) -> None:
    page = text(maja.get("/attention/"))
    assert "Nothing needs a look" in page
    assert "bell-rings" not in page


@pytest.mark.parametrize("role", [Role.MARKETER, Role.CLERK, Role.ANALYST])
def test_others_neither_see_it_nor_are_told(as_role: As, lost: Mail, role: Role) -> None:
    client = as_role(role)
    assert "bad@example.se" not in text(client.get("/attention/"))
    assert client.post(f"/attention/mail/{lost.pk}/again/").status_code == 403
    assert "bell-rings" not in text(client.get("/orders/"))


def test_a_mail_is_sent_again_and_sent(maja: Client, lost: Mail, mailbox: Mailbox) -> None:
    page = text(maja.get("/attention/"))
    assert "bad@example.se" in page
    assert "1 thing needs a look" in page
    mailbox.always_answer("bad@example.se", "250 yes")
    Mail.objects.update(made_at=timezone.now() - timedelta(days=3))
    maja.post(f"/attention/mail/{lost.pk}/again/")
    while jobs.step():
        pass
    lost.refresh_from_db()
    assert lost.done_at is not None
    assert lost.failed_at is None
    answer = maja.post(f"/attention/mail/{lost.pk}/again/", follow=True)
    assert "write to them anew" in text(answer)
    assert "Nothing needs a look" in text(maja.get("/attention/"))


def test_a_login_mail_is_not_sent_again_for_its_secret_is_gone(maja: Client, lost: Mail) -> None:
    Mail.objects.update(purpose="login")
    assert "asked for anew" in text(maja.get("/attention/"))
    maja.post(f"/attention/mail/{lost.pk}/again/")
    lost.refresh_from_db()
    assert lost.failed_at is not None


def test_a_mail_whose_time_is_over_says_so_and_is_not_sent_again(maja: Client, lost: Mail) -> None:
    Mail.objects.update(ends_at=timezone.now())
    page = text(maja.get("/attention/"))
    assert "what it says is over" in page
    assert f"/attention/mail/{lost.pk}/again/" not in page
    maja.post(f"/attention/mail/{lost.pk}/again/")
    lost.refresh_from_db()
    assert lost.failed_at is not None


def test_what_somebody_has_seen_to_is_off_the_list(maja: Client, lost: Mail) -> None:
    for _ in range(2):
        maja.post(f"/attention/mail/{lost.pk}/settle/")
    assert "Nothing needs a look" in text(maja.get("/attention/"))


def test_a_month_later_it_is_off_the_list(maja: Client, lost: Mail) -> None:
    Mail.objects.update(failed_at=timezone.now() - timedelta(days=31))
    assert "Nothing needs a look" in text(maja.get("/attention/"))


@pytest.mark.parametrize(
    "path", ["mail/0/x", "nothing/1/again", "dispute/1/again", f"mail/{10**30}/settle"]
)
def test_what_is_not_there_is_not_found(maja: Client, path: str) -> None:
    assert maja.post(f"/attention/{path}/").status_code == 404


@pytest.fixture
def refused(anna: Buying, bank: StandingBank) -> PaymentCommand:
    """Money that the bank would not take."""
    payment: Payment = anna.order()
    bank.pay(anna.start(payment))
    bank.tell()
    return PaymentCommand.objects.create(
        payment=payment,
        kind="refund",
        amount=100,
        key="11111111-1111-1111-1111-111111111111",
        attempts=1,
        failed_at=timezone.now(),
        error="InvalidRequestError 400",
    )


def test_a_payment_is_asked_for_again_by_the_same_key(
    maja: Client, refused: PaymentCommand, bank: StandingBank
) -> None:
    order = refused.payment.order_id
    assert "was given up" in text(maja.get(f"/orders/{order}/"))
    page = text(maja.get("/attention/"))
    assert "Money was not paid back" in page
    assert "InvalidRequestError 400" in page
    PaymentCommand.objects.update(kind="cancel")
    maja.post(f"/attention/payment/{refused.pk}/again/")
    work()
    refused.refresh_from_db()
    assert refused.done_at is not None
    answer = maja.post(f"/attention/payment/{refused.pk}/again/", follow=True)
    assert "It was done" in text(answer)
    assert "was given up" not in text(maja.get(f"/orders/{order}/"))


def test_what_bounced_can_only_be_seen_to(maja: Client, refused: PaymentCommand) -> None:
    PaymentCommand.objects.update(done_at=timezone.now())
    page = text(maja.get("/attention/"))
    assert "sent it back" in page
    assert f"/attention/payment/{refused.pk}/again/" not in page
    maja.post(f"/attention/payment/{refused.pk}/settle/")
    assert "Nothing needs a look" in text(maja.get("/attention/"))
