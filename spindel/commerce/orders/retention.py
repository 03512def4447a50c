"""Sessions and carts that are put away are let go of: orders outlive them."""

from __future__ import annotations

OF_SESSIONS = ("UPDATE orders_order SET shopper_id = NULL WHERE shopper_id = ANY(%s)",)
OF_CARTS = ("UPDATE orders_order SET cart_id = NULL WHERE cart_id = ANY(%s)",)
