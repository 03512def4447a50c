"""What stands on a customer's page of quotes."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from spindel.commerce.orders.panels import number_of
from spindel.identity.customer_page import Doing, FactLink
from spindel.staff.pages import Panel
from spindel.timeline.reading import FactRow


def _quote(customer: int, fact: FactRow) -> str:
    number = number_of(fact, "quote_id")
    return f"{reverse('quote-numbered', args=[customer])}?quote={number}" if number else ""


def _new(customer: int) -> str:
    return f"{reverse('quote-new')}?customer={customer}"


PANELS = (Panel("quotes", "quotes-of", "orders.see", rank=4),)
DOES = (Doing(_new, _("Quote"), "file-invoice", "quotes.make"),)
ABOUT_FACTS = (FactLink(_quote, _("Open the quote"), "file-invoice", "orders.see"),)
