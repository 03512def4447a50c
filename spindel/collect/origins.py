"""A source as the collector's steps need it, for those who have Django."""

from __future__ import annotations

from spindel.collect.models import TrackingPlan
from spindel.collect.plan import Checker, from_document
from spindel.collect.steps import Origin
from spindel.timeline.models import Source


def origin_of(source: Source) -> Origin:
    """The source with its tracking plan, as both are now."""
    plan = TrackingPlan.objects.filter(source=source).exclude(document=None).first()
    return Origin(
        source.pk,
        source.slug,
        source.kind,
        source.channel,
        source.country,
        source.trusted,
        source.rate_limit,
        source.strict,
        plan=Checker(from_document(plan.document)) if plan else None,
    )
