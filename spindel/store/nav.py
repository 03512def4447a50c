"""Where the store's tablet stands in the navigation."""

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
)
