"""Background work that fails, so that what pages show stays behind."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from spindel.kit import background
from spindel.kit.models import Failure
from spindel.staff.models import User
from spindel.staff.worries import Kind, Worry
from spindel.timeline.models import Cursor

_AGAIN = gettext_lazy(
    "It is tried again by itself. If it stays here, look into the log for the cause."
)


def _find(user: User, most: int) -> list[Worry]:
    followers = Cursor.objects.exclude(error="").order_by("failed_at", "pk")[:most]
    failures = background.failing().order_by("since", "pk")[:most]
    found = [*(_follower(one) for one in followers), *(_failure(one) for one in failures)]
    return found[:most]


def _follower(cursor: Cursor) -> Worry:
    return Worry(
        0,
        _("“%(name)s” stops at an error") % {"name": cursor.follower},
        str(_AGAIN),
        code=cursor.error,
        at=cursor.failed_at,
    )


def _failure(failure: Failure) -> Worry:
    """A job that stands still; or one that goes on, but for a row of its."""
    words = {"name": failure.job, "row": failure.row}
    return Worry(
        0,
        _("“%(name)s” leaves out number %(row)s at an error") % words
        if failure.row
        else _("“%(name)s” stops at an error") % words,
        str(_AGAIN),
        code=failure.error,
        at=failure.since,
    )


def _count(user: User, most: int) -> int:
    followers = Cursor.objects.exclude(error="")[:most].count()
    return min(most, followers + background.failing()[:most].count())


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
