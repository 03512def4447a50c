"""Where orders, and how goods are sold, stand in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from spindel.staff.navigation import Entry, Group

ENTRIES = (
    Entry(Group.ORDERS, "orders", _("Orders"), "receipt", "orders.see"),
    Entry(
        Group.SETTINGS,
        "selling",
        _("Selling and delivery"),
        "truck",
        "settings.see",
        about=_("Who sells, in which markets, how it can be paid and how it comes."),
    ),
)
