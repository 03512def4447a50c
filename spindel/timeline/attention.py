"""Background work that fails, so that what pages show stays behind."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from spindel.staff.models import User
from spindel.staff.worries import Kind, Worry
from spindel.timeline.models import Cursor


def _find(user: User, most: int) -> list[Worry]:
    return [
        Worry(
            0,
            _("“%(name)s” stops at an error") % {"name": one.follower},
            _("It is tried again by itself. If it stays here, look into the log for the cause."),
            code=one.error,
            at=one.failed_at,
        )
        for one in Cursor.objects.exclude(error="").order_by("failed_at", "pk")[:most]
    ]


def _count(user: User, most: int) -> int:
    return Cursor.objects.exclude(error="")[:most].count()


KINDS = (
    Kind(
        "background",
        gettext_lazy("Work in the background that fails"),
        "adjustments",
        "settings.see",
        _find,
        _count,
        rank=15,
    ),
)
