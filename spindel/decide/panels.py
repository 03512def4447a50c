"""What stands on a customer's page of what she is shown."""

from __future__ import annotations

from spindel.staff.pages import Panel

PANELS = (Panel("seen", "content-of", "content.see", rank=7),)
