"""Where the start, what needs a look, the live page and the audit log stand in the navigation."""

from django.utils.translation import gettext_lazy as _

from spindel.staff.navigation import Entry, Group

ENTRIES = (
    Entry(Group.FIRST, "start", _("Start"), "home", "start.see", rank=-2),
    Entry(Group.FIRST, "attention", _("Needs a look"), "bell", "console.open", rank=-1),
    Entry(Group.INSIGHT, "live", _("Live"), "activity", "live.see"),
    Entry(
        Group.SETTINGS,
        "audit",
        _("Audit log"),
        "history",
        "audit.read",
        about=_("Who has seen and done what, to which customer."),
    ),
)
