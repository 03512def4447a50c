"""What becomes of payments: pages to pay at, what providers tell, what was asked of them.

Locks are taken in one order: what is paid for (`payable`), its payment. What a payment means for
that is done in the same transaction.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import Sum
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_noop

from spindel.commerce.payments import commands, payable
from spindel.commerce.payments.interface import Disputed, Heard, Page, Seen
from spindel.commerce.payments.models import Payment, PaymentCommand, PaymentDispute, PaymentEvent
from spindel.commerce.payments.payable import Happened, Standing
from spindel.kit import sql
from spindel.kit.actions import action
from spindel.kit.refusal import Refusal

Kind = PaymentCommand.Kind
State = Payment.State
Dispute = PaymentDispute.State
Trouble = PaymentEvent.Trouble

PAGE_LASTS = timedelta(hours=1)
# Stripe makes no page that ends sooner than in half an hour.
_SHORTEST_PAGE = timedelta(minutes=31)

# Kept as they are, and translated where they are shown.
TOO_LATE = gettext_noop("the money came after the order was cancelled, and goes back")
_BOUNCED = gettext_noop("the bank did not take the money back")
_OTHER_MONEY = gettext_noop("money came in another currency")

_DECIDED = {
    Dispute.WON: gettext_noop("the bank has decided for the shop"),
    Dispute.LOST: gettext_noop("the bank has decided for the customer"),
}

_OF_THE_ORDER = "What it means for what is paid for is recorded with that."


class NotOpen(Refusal):
    """There is nothing to pay any more: it is paid, or was given up."""


def _lock(payment: int) -> tuple[Standing, Payment]:
    order = Payment.objects.values_list("order_id", flat=True).get(pk=payment)
    standing = payable.registered().lock(order)
    return standing, Payment.objects.select_for_update().get(pk=payment)


# --- the page where she pays ----------------------------------------------------------------------


@action(silent="That she is on her way to pay is recorded with the order.")
def ready_page(payment: int) -> Payment:
    """Say until when the page may be paid at that is to be made. Raises NotOpen."""
    standing, found = _lock(payment)
    now = timezone.now()
    if not _is_open(standing, found, now):
        raise NotOpen("nothing_to_pay")
    if not found.reference and (found.ends_at is None or found.ends_at - now < _SHORTEST_PAGE):
        # Whole seconds, as the provider has it: the same page is asked for in the same words.
        found.ends_at = now.replace(microsecond=0) + PAGE_LASTS
        if found.waits_until is not None:
            found.ends_at = max(found.ends_at, found.waits_until)
        found.save(update_fields=["ends_at"])
    return found


def _is_open(standing: Standing, payment: Payment, now: datetime) -> bool:
    if standing != Standing.AWAITING:
        return False
    if payment.commands.filter(kind=Kind.CANCEL).exists():
        return False  # it is being asked what has become of it
    if not payment.reference:
        return True
    return bool(payment.url) and payment.ends_at is not None and payment.ends_at > now


@action(silent="Where she pays is shown with the order.")
def keep_page(payment: int, page: Page) -> Payment:
    """Keep the page that was made. Where the order was given up meanwhile it is ended, unseen."""
    standing, found = _lock(payment)
    if found.reference:
        return found
    found.reference = page.reference
    if standing == Standing.AWAITING:
        found.url = page.url
    found.save(update_fields=["reference", "url"])
    if standing == Standing.CANCELLED:
        commands.ask(found, Kind.CANCEL)
    return found


@action(silent="That the order is given up is recorded when it is certain.")
def end_page(payment: int) -> None:
    """Have the provider asked how it ended, now that the time to pay is over."""
    standing, found = _lock(payment)
    waits = standing == Standing.AWAITING
    if waits and not found.commands.filter(kind=Kind.CANCEL).exists():
        commands.ask(found, Kind.CANCEL)


# --- what providers tell --------------------------------------------------------------------------

_FIRST = """
INSERT INTO payments_paymentevent (provider, event_id, kind, payment_id, at, trouble)
VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id
"""


@action(silent=_OF_THE_ORDER)
def hear(provider: str, heard: Heard) -> None:
    """Take in what a provider has told. Told again, late or in another order it comes to the same.

    What is about nothing of ours is kept, too. What can't be taken as it is waits for a person.
    """
    known = None
    if heard.payment is not None:
        known = Payment.objects.filter(provider=provider, key=heard.payment).first()
    elif heard.reference:
        known = Payment.objects.filter(provider=provider, reference=heard.reference).first()
    if known is None:
        trouble = Trouble.UNREADABLE if heard.unreadable else ""
        sql.row(_FIRST, [provider, heard.event, heard.kind, None, heard.at, trouble])
        return
    standing, payment = _lock(known.pk)
    told = sql.row(_FIRST, [provider, heard.event, heard.kind, payment.pk, heard.at, ""])
    if told is None:
        return
    if heard.failed is not None:
        _bounce(payment, heard.failed)
    if heard.disputed is not None:
        _dispute(payment, heard.disputed, heard.at or timezone.now())
    if heard.page and heard.page != payment.reference:
        return  # nobody was ever given that page
    if heard.seen is None:
        return
    if commands.is_other_money(payment, heard.seen):
        if _have_looked_at(told[0], payment, Trouble.CURRENCY):
            commands.record(payment, Happened.PAYMENT_FAILED, _OTHER_MONEY)
        return
    refunded, waits = payment.refunded, standing in (Standing.AWAITING, Standing.OPEN)
    _learn(standing, payment, heard.seen)
    if waits and payment.refunded > refunded and commands.refunded_elsewhere(payment):
        _have_looked_at(told[0], payment, Trouble.PAID_BACK)


def _have_looked_at(event: int, payment: Payment, trouble: PaymentEvent.Trouble) -> bool:
    """Have a person look at what was told; whether nobody is asked to yet for the same reason."""
    if payment.told.filter(trouble=trouble, settled_at=None).exists():
        return False
    PaymentEvent.objects.filter(pk=event).update(trouble=trouble)
    return True


def _bounce(payment: Payment, key: uuid.UUID) -> None:
    """Money that was on its way back to her did not arrive. A person has to look."""
    asked = payment.commands.filter(key=key).first()
    if asked is not None:
        asked.failed_at, asked.error = timezone.now(), "bounced"
        asked.save(update_fields=["failed_at", "error"])
    commands.record(payment, Happened.PAYMENT_FAILED, _BOUNCED, command=Kind.REFUND)


# What is told in the same second: a decision comes after what it decides.
_RANK = (Dispute.OPEN, Dispute.REVIEW, Dispute.WON, Dispute.LOST)


def _dispute(payment: Payment, told: Disputed, at: datetime) -> None:
    """She wants her money back from the bank: somebody here answers, and the bank decides."""
    state = Dispute(told.state)
    known = payment.disputes.filter(reference=told.reference).first()
    if known is None:
        known = PaymentDispute(payment=payment, reference=told.reference, told_at=at)
        before = None
        commands.record(payment, Happened.DISPUTED, amount=told.amount)
    else:
        before = Dispute(known.state)
        if (at, _RANK.index(state)) < (known.told_at, _RANK.index(before)):
            return
    known.amount, known.currency = told.amount, told.currency
    known.reason, known.due_by = told.reason, told.due_by
    known.state, known.told_at = state, at
    if state != before:
        # One that is won needs nobody; any other wants to be seen, once more if it was before.
        known.settled_at = timezone.now() if state == Dispute.WON else None
        if why := _DECIDED.get(state):
            commands.record(payment, Happened.DISPUTE_OVER, why, amount=told.amount)
    known.save()


def _learn(standing: Standing, payment: Payment, seen: Seen) -> None:
    """Keep what is known now, and have done what follows from it."""
    authorised = payment.authorised
    commands.merge(payment, seen)
    if standing != Standing.CANCELLED:
        payable.registered().changed(payment)
    elif max(payment.authorised, payment.captured):
        _give_back(payment, more=payment.authorised > authorised)


def _give_back(payment: Payment, more: bool) -> None:
    """Let money go that has come for what was given up. Asked for once."""
    if payment.captured:
        asked = payment.commands.filter(kind=Kind.REFUND, failed_at=None)
        wanted = asked.aggregate(sum=Sum("amount"))["sum"] or 0
        if (rest := payment.captured - max(payment.refunded, wanted)) > 0:
            _tell_too_late(payment)
            commands.ask(payment, Kind.REFUND, rest)
    elif more or payment.state != State.CANCELLED:
        asked = payment.commands.filter(kind=Kind.CANCEL, done_at=None, failed_at=None)
        if not asked.exists():
            _tell_too_late(payment)
            commands.ask(payment, Kind.CANCEL)


def _tell_too_late(payment: Payment) -> None:
    commands.record(payment, Happened.PAYMENT_FAILED, TOO_LATE)


# --- what was asked of providers ------------------------------------------------------------------


@action(silent=_OF_THE_ORDER)
def carried_out(command: int, seen: Seen) -> None:
    """The provider has done it. Again: nothing."""
    standing, payment = _lock(PaymentCommand.objects.get(pk=command).payment_id)
    done = PaymentCommand.objects.get(pk=command)
    if done.done_at is not None:
        return
    done.done_at = timezone.now()
    done.save(update_fields=["done_at"])
    # The provider's own sum may lag behind what it has just done.
    back = max(seen.refunded, commands.back(payment))
    _learn(standing, payment, replace(seen, refunded=back))


@action(silent="It is a matter between the shop and its provider; the order’s own page says so.")
def give_up(command: int, why: str, seen: Seen | None = None) -> None:
    """The provider will not do it, or could not be reached for too long. A person has to look."""
    standing, payment = _lock(PaymentCommand.objects.get(pk=command).payment_id)
    asked = PaymentCommand.objects.get(pk=command)
    if asked.done_at is not None or asked.failed_at is not None:
        return
    asked.failed_at, asked.error = timezone.now(), why[:120]
    asked.save(update_fields=["failed_at", "error"])
    commands.record(
        payment,
        Happened.PAYMENT_FAILED,
        command=asked.kind,
        amount=asked.amount,
        error=why[:120],
    )
    if seen is not None:
        _learn(standing, payment, seen)


# --- what a person sees to ------------------------------------------------------------------------


class NotAgain(Refusal):
    """It was done, or is being asked already."""


@action(silent="What becomes of it is recorded with the order.")
def ask_again(command: int) -> None:
    """Ask the provider once more for what was given up. Raises NotAgain.

    By the same key: what was done after all is not done twice.
    """
    payment = Payment.objects.filter(commands=command).first()
    if payment is None:
        raise NotAgain("nothing_to_ask_for")
    _lock(payment.pk)
    asked = PaymentCommand.objects.get(pk=command)
    if asked.done_at is not None or asked.failed_at is None:
        raise NotAgain("asked_already")
    asked.failed_at = asked.settled_at = None
    asked.due = Now()
    asked.save(update_fields=["failed_at", "settled_at", "due"])
    sql.wake(commands.NOTIFY_PAYMENTS)


@action(silent="Nothing about her has changed: somebody has read it.")
def settle(command: int) -> None:
    """Somebody has seen to what was given up; it is shown no more. Again: nothing."""
    given_up = PaymentCommand.objects.filter(pk=command, settled_at=None)
    given_up.exclude(failed_at=None).update(settled_at=timezone.now())


@action(silent="Nothing about her has changed: somebody has read it.")
def settle_dispute(dispute: int) -> None:
    """Somebody has seen to a dispute; it is shown no more unless it goes on. Again: nothing."""
    PaymentDispute.objects.filter(pk=dispute, settled_at=None).update(settled_at=timezone.now())


@action(silent="Nothing about her has changed: somebody has read it.")
def settle_told(event: int) -> None:
    """Somebody has seen to what a provider told; it is shown no more. Again: nothing."""
    PaymentEvent.objects.filter(pk=event, settled_at=None).update(settled_at=timezone.now())
