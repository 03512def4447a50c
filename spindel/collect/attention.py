"""Sources that have fallen silent, or of which nothing is kept."""

from __future__ import annotations

from django.core.cache import cache
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from spindel.collect import figures
from spindel.collect.figures import Intake
from spindel.staff.models import User
from spindel.staff.worries import Kind, Link, Worry

_GOOD_FOR = 20  # seconds


def _amiss() -> list[Intake]:
    found = figures.intakes(figures.living())
    return [one for one in found if one.state in figures.AMISS]


def _find(user: User, most: int) -> list[Worry]:
    return [
        Worry(
            one.source.pk,
            one.source.name,
            one.words,
            at=one.last_at,
            see=Link(_("Open it"), reverse("source", args=[one.source.pk])),
        )
        for one in _amiss()[:most]
    ]


def _count(user: User, most: int) -> int:
    # Every page asks, and weeks of tallies say what is usual; a silence lasts ten minutes at least.
    many = cache.get_or_set("sources-amiss", lambda: len(_amiss()), _GOOD_FOR)
    return min(many or 0, most)


KINDS = (
    Kind(
        "source",
        gettext_lazy("Sources that are silent or turned away"),
        "plug",
        "sources.manage",
        _find,
        _count,
        rank=20,
    ),
)
