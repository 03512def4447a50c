"""Where the store, orders, quotes and stock stand in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from spindel.catalogue import posts
from spindel.staff.models import User
from spindel.staff.navigation import Count, Entry, Group
from spindel.store.tasks import MOST, waiting


def _to_set_aside(user: User) -> Count | None:
    """How many things she has to set aside today, where she works in one store."""
    store = posts.today(user)
    many = waiting(store, MOST) if store else 0
    if not many:
        return None
    words = ngettext("%(n)s thing to set aside", "%(n)s things to set aside", many)
    return Count(many, words % {"n": many})


ENTRIES = (
    Entry(
        Group.FIRST,
        "store",
        _("In the store"),
        "building-store",
        "store.work",
        count=_to_set_aside,
    ),
    Entry(Group.ORDERS, "orders", _("Orders"), "receipt", "orders.see"),
    Entry(Group.ORDERS, "quotes", _("Quotes"), "file-invoice", "orders.see"),
    Entry(Group.STOCK, "stock", _("Running low"), "stack-2", "stock.see"),
    Entry(
        Group.SETTINGS,
        "selling",
        _("Selling and delivery"),
        "truck",
        "settings.see",
        about=_("Who sells, in which markets, how it can be paid and how it comes."),
    ),
    Entry(
        Group.SETTINGS,
        "return-policy",
        _("Returns"),
        "arrow-back-up",
        "returns.policy",
        about=_("What is taken back, and for how long."),
    ),
)
