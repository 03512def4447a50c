"""Where the club stands in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from spindel.staff.navigation import Entry, Group

ENTRIES = (
    Entry(Group.CUSTOMERS, "club", _("Club"), "star", "club.see", rank=1),
    Entry(
        Group.SETTINGS,
        "club-terms",
        _("Club"),
        "star",
        "settings.see",
        about=_("What points are earned by, how long they last, rewards and tiers."),
    ),
)
