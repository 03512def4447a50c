"""Payments that want somebody's eye: what a provider was asked and has not done, what it has told
that can't be taken as it is, and disputes.

Whoever has seen to one says so, and it is shown no more; nor is any that is older than a month.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from spindel.commerce.payments.models import PaymentCommand, PaymentDispute, PaymentEvent

SHOWN_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Something that a provider would not do. `again`: it can be asked of it once more."""

    id: int
    order: int
    number: str
    kind: str
    amount: int
    currency: str
    provider: str
    error: str
    at: datetime
    again: bool


def given_up(limit: int, order: int | None = None) -> list[GivenUp]:
    """What was given up and nobody has seen to, the newest first; of an order, or of all."""
    found = PaymentCommand.objects.filter(
        failed_at__gte=timezone.now() - SHOWN_FOR, settled_at=None
    )
    if order is not None:
        found = found.filter(payment__order_id=order)
    found = found.select_related("payment").order_by("-failed_at", "-pk")
    return [_given_up(one) for one in found[:limit]]


def _given_up(one: PaymentCommand) -> GivenUp:
    payment = one.payment
    assert one.failed_at is not None  # that is how it was found
    return GivenUp(
        one.pk,
        payment.order_id,
        payment.number,
        one.kind,
        one.amount,
        payment.currency,
        payment.provider,
        one.error,
        one.failed_at,
        again=one.done_at is None,
    )


def disputes(limit: int) -> list[PaymentDispute]:
    """The disputes that nobody has seen to, those first whose answer is due first."""
    found = PaymentDispute.objects.filter(settled_at=None).select_related("payment")
    return list(found.order_by("due_by", "pk")[:limit])


def _told() -> QuerySet[PaymentEvent]:
    since = timezone.now() - SHOWN_FOR
    found = PaymentEvent.objects.exclude(trouble="")
    return found.filter(settled_at=None, received_at__gte=since)


def told(limit: int, order: int | None = None) -> list[PaymentEvent]:
    """What providers have told that nobody has seen to, the newest first; of an order, or all."""
    found = _told().select_related("payment")
    if order is not None:
        found = found.filter(payment__order_id=order)
    return list(found.order_by("-received_at", "-pk")[:limit])


def disputes_of(order: int) -> list[PaymentDispute]:
    """All disputes about an order's payment, the newest first."""
    found = PaymentDispute.objects.filter(payment__order_id=order).select_related("payment")
    return list(found.order_by("-pk")[:20])


def unsettled() -> QuerySet[PaymentCommand]:
    """What was given up and nobody has seen to."""
    since = timezone.now() - SHOWN_FOR
    return PaymentCommand.objects.filter(failed_at__gte=since, settled_at=None)


def disputed() -> QuerySet[PaymentDispute]:
    """The disputes that nobody has seen to."""
    return PaymentDispute.objects.filter(settled_at=None)


def untended() -> QuerySet[PaymentEvent]:
    """What providers have told that nobody has seen to."""
    return _told()
