"""That a channel answers other than the others wants somebody's eye."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from spindel.consistency import reading
from spindel.consistency.models import Difference
from spindel.staff.models import User
from spindel.staff.worries import Kind, Link, Worry


def _find(user: User, most: int) -> list[Worry]:
    return [
        Worry(
            one.id,
            _("%(face)s says “%(said)s” of %(sku)s, not “%(should)s”")
            % {"face": one.face, "said": one.said, "sku": one.sku, "should": one.should},
            about=one.who,
            at=one.since,
            see=Link(_("See what differs"), reverse("consistency")),
        )
        for one in reading.view(user, reading.open_ones(), most)
    ]


def _count(user: User, most: int) -> QuerySet[Difference]:
    return Difference.objects.filter(until=None)


KINDS = (
    Kind(
        "differences",
        gettext_lazy("Channels that answer differently"),
        "arrows-exchange",
        "consistency.see",
        _find,
        _count,
        rank=12,
    ),
)
