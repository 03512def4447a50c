"""What comes in right now: facts a minute, the latest of them, and what was turned away."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter

from django.db.models import Sum
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from spindel.collect.models import Recorded
from spindel.identity import shown
from spindel.identity.customers import Summary
from spindel.kit import sql
from spindel.kit.templatetags.look import CHANNELS, channel_label, number
from spindel.staff.models import User
from spindel.timeline.diary import Line, fold
from spindel.timeline.following import Lag, lags
from spindel.timeline.reading import FactRow

MINUTES = 60

_PER_MINUTE = """
SELECT minute, channel, sum(count)::bigint FROM (
    SELECT t.minute, s.channel, t.count
    FROM collect_tally t JOIN timeline_source s ON s.id = t.source_id
    WHERE t.outcome = 'kept' AND t.minute > %(since)s
    UNION ALL
    SELECT minute, channel, count FROM collect_recorded WHERE minute > %(since)s
) counted GROUP BY minute, channel
"""


@dataclass(frozen=True, slots=True)
class Minute:
    """A minute, and how many facts came in during it, by channel."""

    at: datetime
    counts: dict[str, int]

    @property
    def total(self) -> int:
        """Over all channels."""
        return sum(self.counts.values())


def per_minute() -> list[Minute]:
    """The last hour, a minute each, the oldest first: what came in, and what was done here."""
    this = timezone.now().replace(second=0, microsecond=0)
    start = this - timedelta(minutes=MINUTES - 1)
    counts: dict[datetime, dict[str, int]] = defaultdict(dict)
    for minute, channel, count in sql.rows(_PER_MINUTE, {"since": start - timedelta(seconds=1)}):
        counts[minute][channel] = count
    minutes = [start + timedelta(minutes=n) for n in range(MINUTES)]
    return [Minute(minute, counts.get(minute, {})) for minute in minutes]


def recorded_today() -> int:
    """How many facts Spindel itself has recorded in a day."""
    since = timezone.now() - timedelta(days=1)
    return Recorded.objects.filter(minute__gte=since).aggregate(n=Sum("count"))["n"] or 0


_WIDTH, _HEIGHT, _STEP = 720.0, 120.0, 12.0


def chart(minutes: list[Minute]) -> SafeString:
    """The hour as stacked bars, in SVG; the description says it in words."""
    top = max((minute.total for minute in minutes), default=0) or 1
    bars: list[tuple[str, float, float, float]] = []
    for place, minute in enumerate(minutes):
        floor = _HEIGHT
        for channel in CHANNELS:
            if count := minute.counts.get(channel, 0):
                tall = max(count / top * (_HEIGHT - 8), 0.8)
                floor -= tall
                bars.append((channel, place * _STEP + 1.5, round(floor, 1), round(tall, 1)))
    total = sum(minute.total for minute in minutes)
    words = ngettext(
        "%(count)s fact in the last hour, at most %(top)s a minute.",
        "%(count)s facts in the last hour, at most %(top)s a minute.",
        total,
    ) % {"count": number(total), "top": number(top if total else 0)}
    return format_html(
        '<svg class="pulse" viewBox="0 0 720 124" preserveAspectRatio="none" role="img"'
        ' aria-labelledby="pulse-t pulse-d"><title id="pulse-t">{}</title>'
        '<desc id="pulse-d">{}</desc>{}<path class="ground" d="M0 120.5H720"/></svg>',
        _("Facts a minute"),
        words,
        format_html_join("", '<rect class="ch-{}" x="{}" y="{}" width="9" height="{}"/>', bars),
    )


def legend(minutes: list[Minute]) -> list[tuple[str, str, int]]:
    """The channels of the last hour: name, label, count; the busiest first."""
    counts: dict[str, int] = defaultdict(int)
    for minute in minutes:
        for channel, count in minute.counts.items():
            counts[channel] += count
    busiest = sorted(counts.items(), key=lambda item: -item[1])
    return [(channel, channel_label(channel), count) for channel, count in busiest]


@dataclass(frozen=True, slots=True)
class Latest:
    """What just came in, like things of one customer in a row in one line, and who she is."""

    line: Line
    customer: Summary | None


_LATEST = """
SELECT f.id, f.name, f.channel, s.name, f.occurred_at, f.received_at, f.properties, t.customer_id
FROM (SELECT * FROM timeline_fact ORDER BY transaction DESC, sequence DESC LIMIT %s) f
JOIN timeline_source s ON s.id = f.source_id
LEFT JOIN LATERAL (
    SELECT customer_id FROM identity_tenure
    WHERE identifier_id = f.identifier_id AND since <= f.occurred_at ORDER BY since DESC LIMIT 1
) t ON true
ORDER BY f.transaction DESC, f.sequence DESC
"""


def latest(user: User, facts: int = 60, lines: int = 20) -> list[Latest]:
    """What came in last, the newest first, as far as the person may see it: at most so many lines
    of so many facts.
    """
    rows = sql.rows(_LATEST, [facts])
    people = shown.summaries(user, {row[-1] for row in rows if row[-1] is not None})
    found = [
        Latest(line, people.get(customer))
        for customer, hers in groupby(rows, key=itemgetter(-1))
        for line in fold(shown.in_passing(user, _fact(row)) for row in hers)
    ]
    return found[:lines]


def _fact(row: sql.Row) -> FactRow:
    id, name, channel, source, occurred_at, received_at, properties, _customer = row
    return FactRow(
        id=id,
        name=name,
        channel=channel,
        source=source,
        occurred_at=occurred_at,
        received_at=received_at,
        properties=json.loads(properties),
        context={},
        identifier="",
        cursor="",
    )


@dataclass(frozen=True, slots=True)
class Behind:
    """How far the slowest follower is behind, in words; `state` is good, warn or bad."""

    state: str
    words: str


def lag() -> Behind:
    """How far what the pages show is behind what has come in."""
    found = lags()
    failed = [lag for lag in found if lag.error]
    if failed:
        return Behind("bad", _("Stopped by an error: %(name)s") % {"name": failed[0].follower})
    worst = max(found, key=lambda lag: lag.seconds, default=Lag("", 0, 0, ""))
    if worst.facts == 0 or worst.seconds < 5:
        return Behind("good", _("Up to date"))
    words = ngettext("%(count)s fact behind", "%(count)s facts behind", worst.facts) % {
        "count": number(worst.facts)
    }
    return Behind("warn" if worst.seconds < 120 else "bad", words)
