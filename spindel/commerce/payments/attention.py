"""What of payments wants somebody's eye: disputes, what got stuck, what providers have told."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from spindel.commerce.common import numbers
from spindel.commerce.payments import actions as paying
from spindel.commerce.payments import failed, payable, providers
from spindel.commerce.payments.models import PaymentCommand, PaymentDispute, PaymentEvent
from spindel.kit.templatetags.look import minor_words, say_when
from spindel.staff.models import User
from spindel.staff.worries import Kind, Link, Worry

_ASKED = {
    PaymentCommand.Kind.CAPTURE: gettext_lazy("Money was not taken"),
    PaymentCommand.Kind.REFUND: gettext_lazy("Money was not paid back"),
    PaymentCommand.Kind.CANCEL: gettext_lazy("Reserved money was not released"),
}
_TO_DO = {
    PaymentCommand.Kind.CAPTURE: gettext_lazy(
        "The goods have left. Ask again; if it is refused once more, have it paid another way."
    ),
    PaymentCommand.Kind.REFUND: gettext_lazy(
        "The customer waits for it. Ask again; if it is refused once more, pay it back another way."
    ),
    PaymentCommand.Kind.CANCEL: gettext_lazy(
        "The customer’s bank releases it by itself after some days."
        " Ask again, if they are not to wait."
    ),
}
_BOUNCED = gettext_lazy(
    "The customer’s bank has sent it back: ask the customer where to, and pay it another way."
)
_TOLD = {
    PaymentEvent.Trouble.CURRENCY: gettext_lazy(
        "The order does not count as paid. Look in the dashboard of your payment provider whose"
        " money it is, and pay it back there."
    ),
    PaymentEvent.Trouble.PAID_BACK: gettext_lazy(
        "Look in the dashboard of your payment provider why. If all of it went back, what had not"
        " left was cancelled; if some did, the order goes on."
    ),
    PaymentEvent.Trouble.UNREADABLE: gettext_lazy(
        "Look for it in the dashboard of your payment provider: a payment may have come further"
        " than is known here."
    ),
}
_REASONS = {
    "fraudulent": gettext_lazy("The customer says that they have not bought it."),
    "unrecognized": gettext_lazy("The customer does not recognise it."),
    "product_not_received": gettext_lazy("The customer says that the goods have not come."),
    "product_unacceptable": gettext_lazy(
        "The customer says that the goods are not as they should be."
    ),
    "duplicate": gettext_lazy("The customer says that they have paid twice."),
    "credit_not_processed": gettext_lazy("The customer says that they were not paid back."),
}


def _reason(dispute: PaymentDispute) -> str:
    """Why a customer disputes a payment, in words where we know them."""
    return str(_REASONS.get(dispute.reason, ""))


def _paid_for(order: int, number: str) -> Link:
    return Link(numbers.spaced(number), payable.registered().page(order))


def _disputes(user: User, most: int) -> list[Worry]:
    return [_dispute(one) for one in failed.disputes(most)]


def _dispute(one: PaymentDispute) -> Worry:
    return Worry(
        one.pk,
        minor_words(one.amount, one.currency),
        " ".join(part for part in (_reason(one), _answer_to(one)) if part),
        links=[_paid_for(one.payment.order_id, one.payment.number)],
        state=one.get_state_display(),
        waits=one.state not in (PaymentDispute.State.OPEN, PaymentDispute.State.LOST),
    )


def _answer_to(one: PaymentDispute) -> str:
    if one.state == PaymentDispute.State.LOST:
        return _("The money is gone back to the customer. Ask what was wrong.")
    if one.state != PaymentDispute.State.OPEN:
        return _("Nothing to do until the bank has decided.")
    if one.due_by is None:
        return _(
            "Answer in the dashboard of your payment provider: with the receipt, and the parcel’s"
            " number."
        )
    if one.due_by <= timezone.now():
        return _("The time to answer was over %(at)s.") % {"at": say_when(one.due_by)}
    return _(
        "Answer in the dashboard of your payment provider by %(at)s: with the receipt, and the"
        " parcel’s number."
    ) % {"at": say_when(one.due_by)}


def _commands(user: User, most: int) -> list[Worry]:
    return [_command(one) for one in failed.given_up(most)]


def _command(one: failed.GivenUp) -> Worry:
    kind = PaymentCommand.Kind(one.kind)
    amount = f": {minor_words(one.amount, one.currency)}" if one.amount else ""
    return Worry(
        one.id,
        f"{_ASKED[kind]}{amount}",
        str(_TO_DO[kind] if one.again else _BOUNCED),
        about=providers.label(one.provider),
        code=one.error,
        at=one.at,
        links=[_paid_for(one.order, one.number)],
        again=_("Ask again") if one.again else "",
    )


def _ask_again(user: User, id: int) -> str:
    paying.ask_again(id)
    return _("It is being asked for again. Should it fail, it is back here.")


def _told(user: User, most: int) -> list[Worry]:
    return [_told_one(one) for one in failed.told(most)]


def _told_one(one: PaymentEvent) -> Worry:
    return Worry(
        one.pk,
        one.get_trouble_display(),
        str(_TOLD[PaymentEvent.Trouble(one.trouble)]),
        about=providers.label(one.provider),
        code=one.event_id,
        at=one.received_at,
        links=[_paid_for(one.payment.order_id, one.payment.number)] if one.payment else [],
    )


KINDS = (
    Kind(
        "dispute",
        gettext_lazy("Disputed payments"),
        "credit-card",
        "attention.see",
        _disputes,
        lambda user, most: failed.disputed(),
        settle=lambda user, id: paying.settle_dispute(id),
        rank=10,
    ),
    Kind(
        "payment",
        gettext_lazy("Payments that got stuck"),
        "credit-card",
        "attention.see",
        _commands,
        lambda user, most: failed.unsettled(),
        again=_ask_again,
        settle=lambda user, id: paying.settle(id),
        rank=11,
    ),
    Kind(
        "told",
        gettext_lazy("What payment providers have told"),
        "credit-card",
        "attention.see",
        _told,
        lambda user, most: failed.untended(),
        settle=lambda user, id: paying.settle_told(id),
        rank=12,
    ),
)
