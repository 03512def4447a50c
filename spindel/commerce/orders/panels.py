"""What stands on a customer's page of orders: what can be done for her, her cart, and what she has
bought.
"""

from __future__ import annotations

from spindel.staff.pages import Panel, Slot

PANELS = (
    Panel("does", "does-of", "orders.see", Slot.CUSTOMER_HEAD),
    Panel("cart", "cart-of", "orders.see", rank=1),
    Panel("orders", "orders-of", "orders.see", rank=3),
)
