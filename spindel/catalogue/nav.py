"""Where products and places stand in the navigation."""

from django.utils.translation import gettext_lazy as _

from spindel.staff.navigation import Entry, Group

ENTRIES = (
    Entry(Group.PRODUCTS, "products", _("Products"), "package", "catalogue.see"),
    Entry(
        Group.STOCK,
        "places",
        _("Stores and places"),
        "map-pin",
        "catalogue.see",
        "settings.see",
        rank=1,
    ),
    Entry(
        Group.SETTINGS,
        "places",
        _("Stores and places"),
        "map-pin",
        "settings.see",
        about=_("Where goods lie and customers come, with the hours of each store."),
    ),
)
