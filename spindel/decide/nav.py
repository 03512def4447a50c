"""Where content stands in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from spindel.staff.navigation import Entry, Group

ENTRIES = (Entry(Group.PRODUCTS, "contents", _("Content"), "speakerphone", "content.see", rank=2),)
