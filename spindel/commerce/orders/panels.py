"""What stands on a customer's page of orders: what can be done for her, her cart, and what she has
bought.
"""

from __future__ import annotations

from urllib.parse import quote

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from spindel.identity.customer_page import FactLink
from spindel.staff.pages import Panel, Slot
from spindel.timeline.reading import FactRow


def number_of(fact: FactRow, name: str) -> str:
    """The number that a fact tells of by that name, as it stands in an address; "" for none."""
    number = fact.properties.get(name)
    return quote(str(number)[:64], safe="") if isinstance(number, str | int) else ""


def _order(customer: int, fact: FactRow) -> str:
    number = number_of(fact, "order_id")
    return f"{reverse('order-numbered', args=[customer])}?order={number}" if number else ""


PANELS = (
    Panel("does", "does-of", "orders.see", Slot.CUSTOMER_HEAD),
    Panel("cart", "cart-of", "orders.see", rank=1),
    Panel("orders", "orders-of", "orders.see", rank=3),
)
ABOUT_FACTS = (FactLink(_order, _("Open the order"), "receipt", "orders.see"),)
