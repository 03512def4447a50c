"""She asks her bank for the money back: the order says so, and somebody is told to answer."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from spindel.commerce.payments import failed
from spindel.commerce.payments.models import Payment, PaymentDispute
from spindel.demo.payments.bank import Thing
from spindel.kit.idempotency import Request
from spindel.staff.actors import Actor
from tests.commerce import acting
from tests.commerce.payments.conftest import Buying, happened, standing, work
from tests.commerce.payments.standing import StandingBank
from tests.console.conftest import as_role, maja, text

__all__ = ["as_role", "maja"]

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
_numbers = itertools.count()


@pytest.fixture
def taken(anna: Buying, bank: StandingBank) -> Payment:
    """What Anna has paid, of which the money is taken: the pair has left."""
    payment = anna.order()
    bank.pay(anna.start(payment))
    bank.tell()
    acting.ship(
        payment.order_id,
        anna.shop.warehouse,
        None,
        carrier="PostNord",
        actor=Actor("Maja"),
        request=Request("test", "s"),
    )
    work()
    payment.refresh_from_db()
    return payment


def dispute(payment: Payment, status: str, at: datetime = NOON, **more: object) -> Thing:
    """What Stripe tells of it, `at` that moment."""
    due = timezone.now() + timedelta(days=7)
    told = {
        "id": "du_1",
        "object": "dispute",
        "amount": 129_900,
        "currency": "sek",
        "charge": "ch_1",
        "payment_intent": payment.reference,
        "reason": "product_not_received",
        "status": status,
        "evidence_details": {"due_by": int(due.timestamp())},
    }
    kind = "closed" if status in ("won", "lost") else "created"
    return {
        "id": f"evt_dispute_{next(_numbers)}",
        "object": "event",
        "api_version": "2025-03-31.basil",
        "created": int(at.timestamp()),
        "data": {"object": told | more},
        "type": f"charge.dispute.{kind}",
    }


def test_a_dispute_stands_on_the_order_and_among_what_needs_a_look(
    taken: Payment, bank: StandingBank, maja: Client
) -> None:
    before = standing(taken)
    told = dispute(taken, "needs_response")
    bank.tell(told, told)
    (kept,) = PaymentDispute.objects.all()
    assert (kept.state, kept.amount, kept.payment_id) == ("open", 129_900, taken.pk)
    assert standing(taken) == before
    assert happened(taken).count("disputed") == 1
    assert "The customer disputes SEK\xa01,299" in text(maja.get(f"/orders/{taken.order_id}/"))
    page = text(maja.get("/attention/"))
    assert "the goods have not come" in page
    assert f'href="/orders/{taken.order_id}/"' in page
    assert "1 thing needs a look" in page


@pytest.mark.parametrize(("status", "why"), [("won", "shop"), ("lost", "customer")])
def test_what_the_bank_decides_is_told(
    taken: Payment, bank: StandingBank, maja: Client, status: str, why: str
) -> None:
    bank.tell(dispute(taken, "needs_response"), dispute(taken, "under_review"))
    bank.tell(dispute(taken, status, NOON + timedelta(days=40)))
    assert PaymentDispute.objects.get().state == status
    assert happened(taken)[-1] == "dispute_over"
    assert why in text(maja.get(f"/orders/{taken.order_id}/"))
    # What is won needs nobody; what is lost wants to be seen.
    assert len(failed.disputes(9)) == (status == "lost")


def test_what_comes_late_or_in_the_wrong_order_changes_nothing(
    taken: Payment, bank: StandingBank
) -> None:
    later = NOON + timedelta(days=40)
    bank.tell(dispute(taken, "lost", later), dispute(taken, "needs_response"))
    assert PaymentDispute.objects.get().state == "lost"
    # In one second a decision comes after what it decides.
    bank.tell(dispute(taken, "under_review", later))
    assert PaymentDispute.objects.get().state == "lost"
    assert happened(taken).count("dispute_over") == 1


def test_an_appeal_opens_what_was_lost_and_seen_to(
    taken: Payment, bank: StandingBank, maja: Client
) -> None:
    bank.tell(dispute(taken, "lost"))
    lost = PaymentDispute.objects.get()
    maja.post(f"/attention/dispute/{lost.pk}/settle/")
    assert failed.disputes(9) == []
    bank.tell(dispute(taken, "appeal_needs_response", NOON + timedelta(days=1)))
    assert [one.state for one in failed.disputes(9)] == ["open"]


def test_what_we_do_not_know_is_for_somebody_to_look_at(taken: Payment, bank: StandingBank) -> None:
    bank.tell(dispute(taken, "something_new", reason="x" * 90, evidence_details={"due_by": 0}))
    (kept,) = failed.disputes(9)
    assert (kept.state, kept.due_by) == ("open", None)


def test_a_dispute_of_nothing_of_ours_is_nothing(taken: Payment, bank: StandingBank) -> None:
    bank.tell(dispute(taken, "needs_response", payment_intent="pi_of_another"))
    bank.tell(dispute(taken, "needs_response", payment_intent=None))
    assert not PaymentDispute.objects.exists()
