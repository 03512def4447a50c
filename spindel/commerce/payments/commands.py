"""What is known of a payment, and what is to be asked of its provider.

What is paid for and the payment are locked by whoever calls, in this order.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_noop

from spindel.commerce.payments import payable, providers
from spindel.commerce.payments.interface import Bill, NotDone, Seen
from spindel.commerce.payments.models import Payment, PaymentCommand
from spindel.commerce.payments.payable import Happened, Standing
from spindel.kit import sql

# Told when there is something to ask of a provider.
NOTIFY_PAYMENTS = "spindel_payments"

State = Payment.State
Kind = PaymentCommand.Kind

_REFUSED = gettext_noop("the card was refused")

# A payment is in the furthest state that it is known to have come to.
_RANK = (State.PENDING, State.FAILED, State.AUTHORISED, State.CANCELLED, State.CAPTURED)


def bill(payment: Payment) -> Bill:
    """The payment as its provider needs to know it."""
    return Bill(
        key=payment.key,
        number=payment.number,
        language=payment.language,
        currency=payment.currency,
        amount=payment.amount,
        captured=payment.captured,
        refunded=payment.refunded,
        reference=payment.reference,
    )


def merge(payment: Payment, seen: Seen) -> None:
    """Keep what is seen now. What is known already changes nothing, nor does what is older."""
    before = (payment.state, payment.captured, payment.refunded)
    payment.captured = max(payment.captured, min(seen.captured, payment.amount))
    payment.authorised = max(
        payment.authorised, payment.captured, min(seen.authorised, payment.amount)
    )
    payment.refunded = max(payment.refunded, min(seen.refunded, payment.captured))
    payment.reference = seen.reference or payment.reference
    payment.state = max(_states(payment, seen), key=_RANK.index)
    if payment.state not in (State.PENDING, State.FAILED):
        payment.url = ""
    payment.save(update_fields=["captured", "authorised", "refunded", "reference", "state", "url"])
    _tell(payment, *before)


def _states(payment: Payment, seen: Seen) -> list[Payment.State]:
    return [
        State(payment.state),
        *([State.FAILED] if seen.refused else []),
        *([State.AUTHORISED] if payment.authorised else []),
        *([State.CANCELLED] if seen.ended else []),
        *([State.CAPTURED] if payment.captured else []),
    ]


def _tell(payment: Payment, state: str, captured: int, refunded: int) -> None:
    if state != payment.state == State.FAILED:
        record(payment, Happened.PAYMENT_FAILED, _REFUSED)
    if payment.captured > captured:
        record(payment, Happened.PAID, amount=payment.captured - captured)
    if payment.refunded > refunded:
        record(payment, Happened.REFUNDED, amount=payment.refunded - refunded)


def record(payment: Payment, what: Happened, why: str = "", **detail: object) -> None:
    """Put on the record of what is paid for what has become of its payment."""
    detail |= {"pay_by": payment.provider, "currency": payment.currency}
    payable.registered().tell(payment, what, why, **detail)


# --- what is to be asked --------------------------------------------------------------------------


def ask(payment: Payment, kind: PaymentCommand.Kind, amount: int = 0) -> PaymentCommand:
    """Have something asked of the provider, once, after the commit; at once where nobody is.

    More is never paid back than was taken: that is a matter of the moment when it is asked.
    """
    command = PaymentCommand(payment=payment, kind=kind, amount=amount, key=uuid.uuid4())
    provider = providers.named(payment.provider)
    if provider.by_books and not open_commands(payment):
        if kind == Kind.REFUND and amount > left(payment):
            command.failed_at, command.error = timezone.now(), TOO_MUCH
        else:
            command.done_at = timezone.now()
    command.save()
    if command.done_at:
        merge(payment, carry_out(providers.named(payment.provider), payment, command))
    elif not command.failed_at:
        sql.wake(NOTIFY_PAYMENTS)
    return command


TOO_MUCH = "more than was paid"


def carry_out(provider: providers.Provider, payment: Payment, command: PaymentCommand) -> Seen:
    """Ask the provider for it, over the network where it has one. Raises Away and NotDone."""
    asked = bill(payment)
    if command.kind == Kind.CAPTURE:
        seen = provider.capture(asked, command.amount, command.key)
    elif command.kind == Kind.REFUND:
        seen = provider.refund(asked, command.amount, command.key, command.attempts > 1)
    else:
        waits = payable.registered().standing(payment.order_id) == Standing.AWAITING
        seen = provider.cancel(asked, command.key, waits)
    if is_other_money(payment, seen):
        raise NotDone("another currency")
    return seen


def is_other_money(payment: Payment, seen: Seen) -> bool:
    """Whether the sums are of another currency: so many of that pay nothing here."""
    return seen.currency not in ("", payment.currency)


def open_commands(payment: Payment) -> bool:
    """Whether something is still to be asked of its provider."""
    return payment.commands.filter(done_at=None, failed_at=None).exists()


def back(payment: Payment) -> int:
    """How much was paid back, by what the provider has said and by what it has done for us."""
    done = payment.commands.filter(kind=Kind.REFUND, done_at__isnull=False)
    return max(payment.refunded, done.aggregate(sum=Sum("amount"))["sum"] or 0)


def is_back(payment: Payment) -> bool:
    """Whether all that was taken has gone back."""
    return 0 < payment.captured <= payment.refunded


def refunded_elsewhere(payment: Payment) -> int:
    """How much was paid back that nobody here has asked for, as in the provider's own pages."""
    asked = payment.commands.filter(kind=Kind.REFUND).aggregate(sum=Sum("amount"))["sum"] or 0
    return max(0, payment.refunded - asked)


def left(payment: Payment) -> int:
    """How much of it can still be paid back."""
    return max(0, payment.captured - back(payment))


def figures() -> tuple[int, int]:
    """How much is still to be asked of providers, and how much they would not do within a week."""
    asked = PaymentCommand.objects
    waiting = asked.filter(done_at=None, failed_at=None).count()
    failed = asked.filter(failed_at__gte=timezone.now() - timedelta(days=7)).count()
    return waiting, failed
