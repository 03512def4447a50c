"""What the collector holds about a customer: messages of hers that were turned away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext_lazy as _

from spindel.collect import steps
from spindel.collect.interned import keys
from spindel.collect.models import Reject
from spindel.collect.originals import opened
from spindel.collect.origins import origin_of
from spindel.collect.steps import Draft, Origin
from spindel.kit.register import Holding, Subject
from spindel.timeline.models import Source

_SHORTEST = 5  # characters of a value that is looked for in what can't be read


def _hers(who: Subject) -> Iterator[tuple[Reject, Draft]]:
    """The rejects that name her: as messages do, or else by a value that stands in the text."""
    origins: dict[int, Origin] = {}
    values = [value.encode() for _, value in who.keys if len(value) >= _SHORTEST]
    for reject in Reject.objects.exclude(original=None).order_by("pk").iterator():
        assert reject.source_id is not None
        if reject.source_id not in origins:
            origins[reject.source_id] = origin_of(Source.objects.get(pk=reject.source_id))
        draft = opened(reject.original or "", origins[reject.source_id])
        if draft is None:
            continue
        text = draft.raw.lower()
        if _keys(draft) & who.keys or any(value.lower() in text for value in values):
            yield reject, draft


def _keys(draft: Draft) -> set[tuple[str, str]]:
    """Whom the message names, as far as it can be read."""
    for step in (steps.decode, steps.take_properties, steps.find_identifiers):
        step(draft)
    country = draft.origin.country
    return keys([(kind, value, country) for kind, value in draft.claims])


def _tell(who: Subject) -> Iterator[Mapping[str, object]]:
    for reject, draft in _hers(who):
        yield {
            "name": reject.reason,
            "at": reject.received_at,
            "message": draft.raw.decode("utf-8", "replace"),
        }


def _forget(who: Subject, limit: int | None) -> int:
    found = [reject.pk for reject, _draft in _hers(who)]
    Reject.objects.filter(pk__in=found).delete()
    return len(found)


HOLDINGS = (
    Holding(
        name=_("Messages that were turned away"),
        tables=("collect_reject",),
        tell=_tell,
        forget=_forget,
    ),
)
FREE = {
    "collect_tally": "counts",
    "collect_mending": "counts",
    "collect_recorded": "counts",
    "collect_trackingplan": "what sources should send",
    "collect_violation": "counts, each with an example whose values are masked",
}
