"""What a person begins with of customers: who waits for an answer."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from spindel.identity import shown
from spindel.staff.models import User
from spindel.staff.start import Listing, Row


def _waits(user: User, most: int) -> list[Row]:
    return [Row(one, one.customer) for one in shown.unanswered(user, most)]


LISTS = (
    Listing(
        "waits",
        _("Waits for an answer"),
        _("Everybody has had an answer."),
        "identity/start_waits.html",
        "customers.read",
        _waits,
        rank=1,
    ),
)
