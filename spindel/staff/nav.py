"""Where people and tokens stand in the navigation."""

from django.utils.translation import gettext_lazy as _

from spindel.staff.navigation import Entry, Group

ENTRIES = (
    Entry(
        Group.SETTINGS,
        "people",
        _("People and roles"),
        "users",
        "people.manage",
        about=_("Who works here, what each may see and do, and in which store."),
    ),
    Entry(
        Group.SETTINGS,
        "tokens",
        _("API tokens"),
        "key",
        "tokens.manage",
        about=_("What other programs may ask and do here."),
    ),
)
