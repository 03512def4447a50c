"""Where mail stands in the navigation."""

from django.utils.translation import gettext_lazy as _

from spindel.staff.navigation import Entry, Group

ENTRIES = (
    Entry(
        Group.SETTINGS,
        "mail",
        _("Mail"),
        "mail",
        "settings.see",
        about=_("The server that takes mail, whom it is from, and what has become of it."),
    ),
)
