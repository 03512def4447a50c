"""What pages say of what is held."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from spindel.commerce.stock.actions.holds import Kept
from spindel.commerce.stock.models import Hold
from spindel.kit.templatetags.look import say_when
from spindel.staff.models import User


def kept_before(kept: Kept, user: User) -> str:
    """Where a colleague keeps what somebody wanted to keep instead; empty: it was not a colleague.

    What she has kept herself, and is handed over by now, is told alike.
    """
    hold = kept.hold
    place = hold.place
    words = {"who": hold.by, "store": place.name}
    if hold.state == Hold.State.HANDED_OVER:
        text = _("No need: %(who)s had kept one in %(store)s, and it was fetched.")
        return text % words
    if not kept.again or hold.promised_by_id == user.pk:
        return ""
    with timezone.override(place.time_zone):
        words["until"] = say_when(hold.until)
    text = _("No need: %(who)s keeps one already, in %(store)s until %(until)s.")
    return text % words
