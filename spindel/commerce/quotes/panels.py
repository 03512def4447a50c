"""What stands on a customer's page of quotes."""

from __future__ import annotations

from spindel.staff.pages import Panel

PANELS = (Panel("quotes", "quotes-of", "orders.see", rank=4),)
