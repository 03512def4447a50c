"""Where gift cards stand in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from spindel.staff.navigation import Entry, Group

ENTRIES = (
    Entry(
        Group.SETTINGS,
        "gift-cards",
        _("Gift cards"),
        "ticket",
        "gift_cards.make",
        about=_("Those that were made, and what is on them."),
    ),
)
