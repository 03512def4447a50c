"""What stands on a customer's page of quotes, and where the number leads that a fact tells of."""

from __future__ import annotations

from urllib.parse import quote

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from spindel.identity.customer_page import FactLink
from spindel.staff.pages import Panel
from spindel.timeline.reading import FactRow


def _numbered(customer: int, fact: FactRow, what: str) -> str:
    """Where the order, or the quote, is that the fact tells of by its number."""
    number = fact.properties.get(f"{what}_id")
    if not isinstance(number, str | int) or number == "":
        return ""
    return f"{reverse('numbered', args=[customer])}?{what}={quote(str(number)[:64], safe='')}"


def _order(customer: int, fact: FactRow) -> str:
    return _numbered(customer, fact, "order")


def _quote(customer: int, fact: FactRow) -> str:
    return _numbered(customer, fact, "quote")


PANELS = (Panel("quotes", "quotes-of", "orders.see", rank=4),)
ABOUT_FACTS = (
    FactLink(_order, _("Open the order"), "receipt", "orders.see"),
    FactLink(_quote, _("Open the quote"), "file-invoice", "orders.see"),
)
