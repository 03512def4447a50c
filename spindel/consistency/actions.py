"""What an audit has found is kept: as differences that are open until they are gone."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from django.utils import timezone

from spindel.consistency.asking import Found, Report
from spindel.consistency.facts import DifferenceFound, DifferenceGone
from spindel.consistency.models import AuditRun, Difference
from spindel.kit.actions import action
from spindel.timeline.recording import record_all

_Key = tuple[str, str, int | None, str, str]


def _key(one: Difference | Found) -> _Key:
    if isinstance(one, Found):
        return one.face, one.differs.what, one.identifier, one.sku, one.market
    return one.face, one.what, one.identifier_id, one.sku, one.market


@action(records="Difference Found")
def keep(report: Report, by: str) -> AuditRun:
    """Write the run down, open what is new, and close what was asked about and is gone: a fact of
    each for whoever it is about.
    """
    now = timezone.now()
    found = {_key(one): one for one in report.found}
    open = {_key(one): one for one in Difference.objects.select_for_update().filter(until=None)}
    new = [_made(one) for key, one in found.items() if key not in open]
    gone = [one for key, one in open.items() if key not in found and _was_asked(one, report)]
    for key, one in open.items():
        if key in found:
            one.said, one.should = found[key].differs.said, found[key].differs.should
            one.seen_at = now
    Difference.objects.bulk_create(new)
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


def _was_asked(one: Difference, report: Report) -> bool:
    return (one.face, one.identifier_id, one.sku, one.market) in report.asked


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
