"""What stands on a customer's page of quotes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from spindel.commerce.orders.panels import numbered
from spindel.identity.customer_page import FactLink
from spindel.staff.pages import Panel
from spindel.timeline.reading import FactRow


def _quote(customer: int, fact: FactRow) -> str:
    return numbered(customer, fact, "quote")


PANELS = (Panel("quotes", "quotes-of", "orders.see", rank=4),)
ABOUT_FACTS = (FactLink(_quote, _("Open the quote"), "file-invoice", "orders.see"),)
