"""What stands on a customer's page of carts, orders and quotes, and on others' of stock."""

from __future__ import annotations

from urllib.parse import quote

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from spindel.identity.customer_page import FactLink
from spindel.staff.pages import Panel, Slot
from spindel.timeline.reading import FactRow

# --- orders ---------------------------------------------------------------------------------------


def _order(customer: int, fact: FactRow) -> str:
    return _numbered(customer, fact, "order")


def _numbered(customer: int, fact: FactRow, what: str) -> str:
    """Where the order, or the quote, is that the fact tells of by its number."""
    number = fact.properties.get(f"{what}_id")
    if not isinstance(number, str | int) or number == "":
        return ""
    return f"{reverse('numbered', args=[customer])}?{what}={quote(str(number)[:64], safe='')}"


DOES = Panel("does", "does-of", "orders.see", Slot.CUSTOMER_HEAD)
ORDERS = Panel("orders", "orders-of", "orders.see")
OPEN_ORDER = FactLink(_order, _("Open the order"), "receipt", "orders.see")

# --- carts ----------------------------------------------------------------------------------------

CART = Panel("cart", "cart-of", "orders.see")

# --- stock, and what is kept in stores ------------------------------------------------------------


def _find(customer: int, fact: FactRow) -> str:
    """Where the goods of a fact are looked for in stores."""
    goods = fact.properties.get("sku") or fact.properties.get("product_id")
    if not isinstance(goods, str) or not 0 < len(goods) <= 64:
        return ""
    return f"{reverse('hold-find', args=[customer])}?goods={quote(goods)}"


HOLDS = Panel("holds", "holds-of", "orders.see", opens="find")
AT_PLACE = Panel("held", "held-at", "stock.see", Slot.PLACE)
OF_PRODUCT = Panel("stock", "product-stock", "stock.see", Slot.PRODUCT)
FIND = FactLink(_find, _("Find in a store"), "building-store", "orders.handle", target="#find")

# --- quotes ---------------------------------------------------------------------------------------


def _quote(customer: int, fact: FactRow) -> str:
    return _numbered(customer, fact, "quote")


QUOTES = Panel("quotes", "quotes-of", "orders.see")
OPEN_QUOTE = FactLink(_quote, _("Open the quote"), "file-invoice", "orders.see")


PANELS = (DOES, CART, HOLDS, ORDERS, QUOTES, AT_PLACE, OF_PRODUCT)
ABOUT_FACTS = (OPEN_ORDER, OPEN_QUOTE, FIND)
