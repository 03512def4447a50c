"""Where the policy of returns stands in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from spindel.staff.navigation import Entry, Group

ENTRIES = (
    Entry(
        Group.SETTINGS,
        "return-policy",
        _("Returns"),
        "arrow-back-up",
        "returns.policy",
        about=_("What is taken back, and for how long."),
    ),
)
