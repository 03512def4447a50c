"""What an audit has found is kept: as differences that are open until they are gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from spindel.catalogue.models import Variant
from spindel.consistency.asking import Found, Report
from spindel.consistency.facts import DifferenceFound, DifferenceGone
from spindel.consistency.models import FEED, AuditRun, Difference
from spindel.kit import sql
from spindel.kit.actions import action
from spindel.timeline.recording import record_all

_Key = tuple[str, str, int | None, str, str]


def _key(one: Difference | Found) -> _Key:
    if isinstance(one, Found):
        return one.face, one.differs.what, one.identifier, one.sku, one.market
    return one.face, one.what, one.identifier_id, one.sku, one.market


@action(records="Difference Found")
def keep(report: Report, by: str) -> AuditRun:
    """Write the run down, open what is new, and close what was asked about and is gone, or can be
    asked about no more: a fact of each for whoever it is about.
    """
    now = timezone.now()
    there = _there({one.identifier for one in report.found})
    found = {_key(one): one for one in report.found if one.identifier in there}
    open = {_key(one): one for one in _open(report).select_for_update()}
    sold = _sold({one.sku for one in open.values()})
    new = [_made(one) for key, one in found.items() if key not in open]
    gone = [
        one
        for key, one in open.items()
        if key not in found and (_was_asked(one, report) or not _can_be_asked(one, there, sold))
    ]
    for key, one in open.items():
        if key in found:
            one.said, one.should = found[key].differs.said, found[key].differs.should
            one.seen_at = now
    # Of two who compare one feed at once, the other may have opened it.
    Difference.objects.bulk_create(new, ignore_conflicts=True)
    still = [one for key, one in open.items() if key in found]
    Difference.objects.bulk_update(still, ["said", "should", "seen_at"])
    Difference.objects.filter(pk__in=[one.pk for one in gone]).update(until=now)
    record_all(
        [(DifferenceFound(*_told(one)), one.identifier_id) for one in new if one.identifier_id]
        + [(DifferenceGone(*_told(one)), one.identifier_id) for one in gone if one.identifier_id]
    )
    return AuditRun.objects.create(
        by=by,
        began_at=now - timedelta(seconds=report.took),
        took=int(report.took * 1000),
        customers=len(report.customers - {None}),
        products=len(report.products),
        answers=sum(report.answers.values()),
        differing=len(report.found),
        faces=dict(Counter(report.answers)),
    )


def _open(report: Report) -> QuerySet[Difference]:
    """What is open of the faces that the report is about."""
    open = Difference.objects.filter(until=None)
    if report.feed is None:
        return open.exclude(face__startswith=FEED)
    face, market = report.feed
    return open.filter(face=face, market=market)


# Nobody whom a difference is of, or becomes one's, is forgotten until this is kept.
_THERE = """
SELECT id FROM identity_identifier WHERE id IN (
    SELECT unnest(%(found)s::bigint[])
    UNION SELECT identifier_id FROM consistency_difference WHERE until IS NULL
) ORDER BY id FOR KEY SHARE
"""


def _there(found: Collection[int | None]) -> set[int | None]:
    """The identifiers that are still there, of these and of what is open; and nobody."""
    named = [one for one in found if one is not None]
    return {None, *(id for (id,) in sql.rows(_THERE, {"found": named}))}


def _sold(skus: Collection[str]) -> set[str]:
    sold = Variant.objects.filter(sku__in=skus, removed_at=None, product__removed_at=None)
    return set(sold.values_list("sku", flat=True))


def _was_asked(one: Difference, report: Report) -> bool:
    if report.feed is not None:  # it was compared as a whole
        return True
    return (one.face, one.identifier_id, one.sku, one.market) in report.asked


def _can_be_asked(one: Difference, there: Collection[int | None], sold: Collection[str]) -> bool:
    """Whether another run can find that it is gone."""
    return one.identifier_id in there and one.sku in sold


def _made(one: Found) -> Difference:
    differs = one.differs
    return Difference(
        face=one.face,
        what=differs.what,
        identifier_id=one.identifier,
        sku=one.sku,
        market=one.market,
        currency=one.currency,
        said=differs.said,
        should=differs.should,
    )


def _told(one: Difference) -> tuple[str, str, str, str, str, str, str]:
    return one.face, one.what, one.sku, one.market, one.currency, one.said, one.should
