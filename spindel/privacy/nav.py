"""Where customers' rights stand in the navigation."""

from django.utils.translation import gettext_lazy as _

from spindel.staff.navigation import Entry, Group

ENTRIES = (
    Entry(
        Group.CUSTOMERS,
        "privacy",
        _("Privacy"),
        "lock",
        "privacy.tell",
        unless="retention.manage",
    ),
    Entry(
        Group.SETTINGS,
        "privacy",
        _("Privacy"),
        "lock",
        "retention.manage",
        about=_("How long each kind of fact is kept, and who was told or forgotten."),
    ),
)
