"""Where offers stand in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from spindel.staff.navigation import Entry, Group

ENTRIES = (
    Entry(Group.PRODUCTS, "offers", _("Offers"), "ticket", "offers.see", rank=1),
    Entry(
        Group.SETTINGS,
        "delivery-fees",
        _("Delivery"),
        "truck",
        "settings.see",
        about=_("What it costs that goods come."),
    ),
)
