"""The club's groups, for which an offer can be: its members, and those of each tier."""

from __future__ import annotations

from django.db.models import Count
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from spindel.club import settings
from spindel.club.models import ClubMember
from spindel.offers.audiences import Group


def groups() -> list[Group]:
    """All of them, in words of the language that is being spoken."""
    there = ClubMember.objects.filter(left_at=None).values_list("tier").order_by("tier")
    counts = dict(there.annotate(many=Count("pk")))
    language = (get_language() or "en")[:2]
    tiers = [
        Group(f"tier:{one.key}", one.name(language), counts.get(one.key, 0))
        for one in settings.terms().tiers
    ]
    return [Group("members", _("Members of the club"), sum(counts.values())), *tiers]
