"""Where the sources stand in the navigation."""

from django.utils.translation import gettext_lazy as _

from spindel.staff.navigation import Entry, Group

ENTRIES = (
    Entry(Group.INSIGHT, "sources", _("Sources"), "plug", "sources.see", unless="sources.manage"),
    Entry(
        Group.SETTINGS,
        "sources",
        _("Sources"),
        "plug",
        "sources.manage",
        about=_("The systems that tell Spindel what happens, their keys and tracking plans."),
    ),
)
