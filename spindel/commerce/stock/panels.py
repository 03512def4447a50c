"""What stands of stock on the pages of products and places, and what is kept on a customer's."""

from __future__ import annotations

from urllib.parse import quote

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from spindel.identity.customer_page import FactLink
from spindel.staff.pages import Panel, Slot
from spindel.timeline.reading import FactRow


def _find(customer: int, fact: FactRow) -> str:
    """Where the goods of a fact are looked for in stores."""
    goods = fact.properties.get("sku") or fact.properties.get("product_id")
    if not isinstance(goods, str) or not 0 < len(goods) <= 64:
        return ""
    return f"{reverse('hold-find', args=[customer])}?goods={quote(goods)}"


PANELS = (
    Panel("holds", "holds-of", "orders.see", opens="find", rank=2),
    Panel("held", "held-at", "stock.see", Slot.PLACE),
    Panel("stock", "product-stock", "stock.see", Slot.PRODUCT),
)
ABOUT_FACTS = (
    FactLink(
        _find, _("Find in a store"), "building-store", "orders.handle", target="#find", rank=1
    ),
)
