"""What a person begins with of quotes: hers that are open."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from spindel.commerce.quotes import reading
from spindel.commerce.quotes.models import Quote
from spindel.staff.models import User
from spindel.staff.start import Listing, Row


def _open(user: User, most: int) -> list[Row]:
    found = list(reading.listed(Quote.State.SENT, user.pk, None)[:most])
    owners = reading.owners([one.pk for one in found])
    views = reading.views(found, (get_language() or "en")[:2])
    return [Row(one, owners.get(one.id)) for one in views]


LISTS = (
    Listing(
        "quotes",
        _("Your open quotes"),
        _("None of yours waits for the customer’s yes."),
        "quotes/start_open.html",
        "orders.see",
        _open,
        address=lambda: f"{reverse('quotes')}?state=sent&mine=yes",
        rank=3,
    ),
)
