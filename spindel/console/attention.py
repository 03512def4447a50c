"""What wants somebody's eye: mail and payments that were given up, disputes, and what else payment
providers have told that is not as it should be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from spindel.commerce import payments, whose
from spindel.commerce.actions import payments as paying
from spindel.commerce.models import PaymentCommand, PaymentDispute, PaymentEvent
from spindel.commerce.reading import book, stuck
from spindel.commerce.rules import Refused
from spindel.identity.shown import staff
from spindel.messages import actions as mailing
from spindel.messages.models import LOGIN, Mail
from spindel.messages.rules import Refused as NotSent
from spindel.staff.permissions import requires

_MOST = 50  # of each kind
_LARGEST = 2**63


# --- the words ------------------------------------------------------------------------------------

_PURPOSES = {
    "quote": gettext_lazy("A quote"),
    "order": gettext_lazy("The link to an order"),
    "back": gettext_lazy("Back in stock"),
    "receipt": gettext_lazy("A receipt"),
    "confirmed": gettext_lazy("That an order is confirmed"),
    "ready": gettext_lazy("That something is ready to fetch"),
    "sent": gettext_lazy("That a parcel is on its way"),
    "cancelled": gettext_lazy("That something of an order is cancelled"),
    "refunded": gettext_lazy("That goods came back"),
    "exchanged": gettext_lazy("An exchange"),
    "held": gettext_lazy("That something is kept"),
    "lapsed": gettext_lazy("That something is no longer kept"),
    LOGIN: gettext_lazy("A link to log in with"),
}
_ASKED = {
    PaymentCommand.Kind.CAPTURE: gettext_lazy("Money was not taken"),
    PaymentCommand.Kind.REFUND: gettext_lazy("Money was not paid back"),
    PaymentCommand.Kind.CANCEL: gettext_lazy("Money that is set aside was not let go"),
}
_TO_DO = {
    PaymentCommand.Kind.CAPTURE: gettext_lazy(
        "The goods have left. Ask again; if it is refused once more, have it paid another way."
    ),
    PaymentCommand.Kind.REFUND: gettext_lazy(
        "The customer waits for it. Ask again; if it is refused once more, pay it back another way."
    ),
    PaymentCommand.Kind.CANCEL: gettext_lazy(
        "The customer’s bank lets go of it by itself after some days."
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


def reason(dispute: PaymentDispute) -> str:
    """Why she disputes it, in words where we know them."""
    return str(_REASONS.get(dispute.reason, ""))


# --- the page -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Dispute:
    """A dispute with its order, and why she says so."""

    dispute: PaymentDispute
    reason: str
    late: bool


@dataclass(frozen=True, slots=True)
class Command:
    """Something that was asked of a provider in vain, and what to do now."""

    command: stuck.GivenUp
    what: str
    provider: str
    to_do: str


@dataclass(frozen=True, slots=True)
class Told:
    """Something that a provider has told, and what to do now."""

    event: PaymentEvent
    provider: str
    to_do: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that was given up, to whom, and what to do now."""

    mail: Mail
    what: str
    who: book.Who
    again: bool


@require_safe
@requires("attention.see")
def attention(request: HttpRequest) -> HttpResponse:
    """What nobody has seen to yet: disputes, payments, mail."""
    disputes = [_dispute(one) for one in stuck.disputes(_MOST)]
    commands = [_command(one) for one in stuck.given_up(_MOST)]
    told = [_told(one) for one in stuck.told(_MOST)]
    mails = _letters(request)
    context = {
        "disputes": disputes,
        "commands": commands,
        "told": told,
        "mails": mails,
        "most": _MOST,
        "full": _MOST in (len(disputes), len(commands), len(told), len(mails)),
    }
    return render(request, "console/attention.html", context)


def _dispute(one: PaymentDispute) -> Dispute:
    late = one.due_by is not None and one.due_by <= timezone.now()
    return Dispute(one, reason(one), late)


def _command(one: stuck.GivenUp) -> Command:
    kind = PaymentCommand.Kind(one.kind)
    to_do = _TO_DO[kind] if one.again else _BOUNCED
    return Command(one, str(_ASKED[kind]), payments.label(one.provider), str(to_do))


def _told(one: PaymentEvent) -> Told:
    to_do = _TOLD[PaymentEvent.Trouble(one.trouble)]
    return Told(one, payments.label(one.provider), str(to_do))


def _given_up() -> models.QuerySet[Mail]:
    since = timezone.now() - stuck.SHOWN_FOR
    return Mail.objects.filter(failed_at__gte=since, settled_at=None)


def _letters(request: HttpRequest) -> list[Letter]:
    found = list(_given_up().order_by("-failed_at", "-pk")[:_MOST])
    owners = {
        one.pk: owner
        for one in found
        if one.identifier_id is not None and (owner := whose.living(one.identifier_id)) is not None
    }
    people = book.who(staff(request), set(owners.values()), "mails.listed")
    return [
        Letter(
            one,
            str(_PURPOSES.get(one.purpose, one.subject)),
            people.get(owners.get(one.pk, 0), book.NOBODY),
            again=not (one.is_over or one.put_away or one.purpose == LOGIN),
        )
        for one in found
    ]


def count() -> int:
    """How much there is to see to, as far as it matters."""
    return stuck.count(_MOST) + _given_up()[:_MOST].count()


# --- what is done about it ------------------------------------------------------------------------

_AGAIN: dict[str, Callable[[int], None]] = {
    "payment": paying.ask_again,
    "mail": mailing.send_again,
}
_SETTLE: dict[str, Callable[[int], None]] = {
    "payment": paying.settle,
    "mail": mailing.settle,
    "dispute": paying.settle_dispute,
    "told": paying.settle_told,
}


@require_POST
@requires("attention.see")
def again(request: HttpRequest, what: str, id: int) -> HttpResponse:
    """Ask a provider, or the mail server, once more."""
    act = _AGAIN.get(what)
    if act is None or id >= _LARGEST:
        raise Http404
    try:
        act(id)
    except paying.NotAgain:
        messages.error(request, _("It was done, or is being asked for already."))
    except (Refused, NotSent):
        messages.error(request, _("It can’t be tried again as it is: make it anew."))
    else:
        messages.success(request, _("It is tried again. Should it fail, it is back here."))
    return redirect("attention")


@require_POST
@requires("attention.see")
def settle(request: HttpRequest, what: str, id: int) -> HttpResponse:
    """Say that one has seen to it."""
    act = _SETTLE.get(what)
    if act is None or id >= _LARGEST:
        raise Http404
    act(id)
    messages.success(request, _("It is off the list."))
    return redirect("attention")
