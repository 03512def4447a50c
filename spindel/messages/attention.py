"""Mail that was given up, and wants somebody's eye."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from spindel.identity import customers, shown
from spindel.messages import actions
from spindel.messages.models import LOGIN, Mail
from spindel.staff.models import User
from spindel.staff.worries import Kind, Link, Worry

SHOWN_FOR = timedelta(days=30)

_PURPOSES = {
    "quote": gettext_lazy("A quote"),
    "order": gettext_lazy("The link to an order"),
    "back": gettext_lazy("Back in stock"),
    "receipt": gettext_lazy("A receipt"),
    "confirmed": gettext_lazy("That an order is confirmed"),
    "ready": gettext_lazy("That something is ready to fetch"),
    "sent": gettext_lazy("That a parcel is on its way"),
    "cancelled": gettext_lazy("That something of an order is cancelled"),
    "not_ready": gettext_lazy("That something is not ready yet"),
    "return_started": gettext_lazy("The label of a return"),
    "refunded": gettext_lazy("That goods came back"),
    "exchanged": gettext_lazy("An exchange"),
    "held": gettext_lazy("That something is kept"),
    "lapsed": gettext_lazy("That something is no longer kept"),
    LOGIN: gettext_lazy("A link to log in with"),
}


def _given_up() -> models.QuerySet[Mail]:
    since = timezone.now() - SHOWN_FOR
    return Mail.objects.filter(failed_at__gte=since, settled_at=None)


def _count(user: User, most: int) -> models.QuerySet[Mail]:
    return _given_up()


def _find(user: User, most: int) -> list[Worry]:
    found = list(_given_up().order_by("-failed_at", "-pk")[:most])
    owners = customers.of({one.identifier_id for one in found if one.identifier_id is not None})
    people = shown.who(user, set(owners.values()), "mails.listed")
    return [
        _worry(one, people.get(owners.get(one.identifier_id or 0, 0), shown.NOBODY))
        for one in found
    ]


def _worry(mail: Mail, who: shown.Who) -> Worry:
    again = not (mail.is_over or mail.put_away or mail.purpose == LOGIN)
    if again:
        to_do = _("Is the address right? Ask the customer, or send it again.")
    elif mail.is_over:
        to_do = _("It could not be sent in time, and what it says is over: write to them anew.")
    else:
        to_do = _("What it said is gone: it has to be asked for anew.")
    hers = (
        Link(who.name or mail.to, reverse("customer", args=[who.customer])) if who.opens else None
    )
    return Worry(
        mail.pk,
        str(_PURPOSES.get(mail.purpose, mail.subject)),
        to_do,
        about=mail.to,
        code=mail.error,
        at=mail.failed_at,
        links=[hers] if hers else [],
        again=_("Send again") if again else "",
    )


def _again(user: User, id: int) -> str:
    actions.send_again(id)
    return _("It is being sent again. Should it fail, it is back here.")


def _settle(user: User, id: int) -> None:
    actions.settle(id)


KINDS = (
    Kind(
        "mail",
        gettext_lazy("Mail that did not get through"),
        "mail",
        "attention.see",
        _find,
        _count,
        again=_again,
        settle=_settle,
        rank=30,
    ),
)
