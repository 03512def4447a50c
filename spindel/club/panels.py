"""What stands on a customer's page about the club."""

from __future__ import annotations

from spindel.staff.pages import Panel

PANELS = (Panel("club", "club-of", "club.serve", rank=4),)
