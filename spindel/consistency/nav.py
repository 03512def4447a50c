"""Where the audit of faces stands in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from spindel.staff.navigation import Entry, Group

ENTRIES = (
    Entry(
        Group.PRODUCTS, "consistency", _("Same answer"), "circle-check", "consistency.see", rank=3
    ),
)
