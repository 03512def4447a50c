"""What stands on a customer's page of her cart."""

from __future__ import annotations

from spindel.staff.pages import Panel

PANELS = (Panel("cart", "cart-of", "orders.see", rank=1),)
