"""What stands on a customer's page of orders: what can be done for her, and what she has bought."""

from __future__ import annotations

from urllib.parse import quote

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from spindel.identity.customer_page import FactLink
from spindel.staff.pages import Panel, Slot
from spindel.timeline.reading import FactRow


def numbered(customer: int, fact: FactRow, what: str) -> str:
    """Where the order, or the quote, is that the fact tells of by its number."""
    number = fact.properties.get(f"{what}_id")
    if not isinstance(number, str | int) or number == "":
        return ""
    return f"{reverse('numbered', args=[customer])}?{what}={quote(str(number)[:64], safe='')}"


def _order(customer: int, fact: FactRow) -> str:
    return numbered(customer, fact, "order")


PANELS = (
    Panel("does", "does-of", "orders.see", Slot.CUSTOMER_HEAD),
    Panel("orders", "orders-of", "orders.see", rank=3),
)
ABOUT_FACTS = (FactLink(_order, _("Open the order"), "receipt", "orders.see"),)
