"""Where stock stands in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from spindel.staff.navigation import Entry, Group

ENTRIES = (Entry(Group.STOCK, "stock", _("Running low"), "stack-2", "stock.see"),)
