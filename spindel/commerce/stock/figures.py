"""What a person begins with of stock: what she has promised that ends soon."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from spindel.commerce.stock import broken_promises
from spindel.staff.models import User
from spindel.staff.start import Listing, Row

_PROMISED_FOR = timedelta(days=2)


def _due(user: User, most: int) -> list[Row]:
    until, language = timezone.now() + _PROMISED_FOR, (get_language() or "en")[:2]
    return [Row(one, one.customer) for one in broken_promises.due(user, until, language, most)]


LISTS = (
    Listing(
        "due",
        _("What you have promised"),
        _("Nothing that you have promised ends before the day after tomorrow."),
        "stock/start_due.html",
        "orders.see",
        _due,
        rank=2,
    ),
)
