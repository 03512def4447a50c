"""What comes in from each source: how much, what became of it, and whether it has fallen silent."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from spindel.collect import silence
from spindel.collect.plan import KINDS
from spindel.collect.silence import Silence
from spindel.kit import sql
from spindel.kit.templatetags.look import number, say_when
from spindel.staff.start import Part
from spindel.timeline.models import Source

RATE_OVER = 5  # minutes
AMISS = ("silent", "refused")  # states that somebody has to look at


@dataclass(frozen=True, slots=True)
class Span:
    """How far back figures go, and in which steps."""

    name: str
    unit: str  # as PostgreSQL's date_trunc has it
    step: timedelta
    steps: int

    def starts(self) -> list[datetime]:
        """When each step begins, the oldest first; the last is the one that goes on."""
        now = timezone.now().replace(second=0, microsecond=0)
        if self.unit == "hour":
            now = now.replace(minute=0)
        return [now - self.step * back for back in range(self.steps - 1, -1, -1)]


HOUR = Span("hour", "minute", timedelta(minutes=1), 60)
DAY = Span("day", "hour", timedelta(hours=1), 24)
SPANS = {span.name: span for span in (HOUR, DAY)}


@dataclass(slots=True)
class Point:
    """What came in a step."""

    kept: int = 0
    duplicates: int = 0
    dropped: int = 0

    @property
    def total(self) -> int:
        """Everything that came."""
        return self.kept + self.duplicates + self.dropped


@dataclass(slots=True)
class Intake:
    """A source, and what became of its messages over a span."""

    source: Source
    points: list[Point]
    kept: int = 0
    duplicates: int = 0
    dropped: dict[str, int] = field(default_factory=dict)  # by reason
    rate: float = 0.0  # messages a minute, over the last few
    last_at: datetime | None = None  # to the minute, or to the hour when it is over a day ago
    silence: Silence | None = None

    @property
    def turned_away(self) -> int:
        """How many were dropped, for whatever reason."""
        return sum(self.dropped.values())

    @property
    def why(self) -> list[tuple[str, str, int]]:
        """Why messages were dropped: the reason, in words, how many; the most frequent first."""
        frequent = sorted(self.dropped.items(), key=lambda item: -item[1])
        return [(outcome, reason(outcome), count) for outcome, count in frequent]

    @property
    def state(self) -> str:
        """In a word: archived, new, silent, refused (nothing is kept), good or quiet."""
        if self.source.archived_at:
            return "archived"
        if self.last_at is None:
            return "new"
        if self.silence:
            return "silent"
        if self.dropped and not (self.kept or self.duplicates):
            return "refused"
        return "good" if timezone.now() - self.last_at < timedelta(minutes=15) else "quiet"

    @property
    def words(self) -> str:
        """The state in a sentence."""
        if self.state == "archived":
            return _("Archived: its keys let nobody write")
        if self.last_at is None:
            return _("Nothing has come yet")
        if self.silence:
            return silence_words(self.silence)
        if self.state == "refused":
            return _("Everything it sends is turned away")
        return _("Last message %(when)s") % {"when": ago(self.last_at)}

    @property
    def rate_words(self) -> str:
        """How much comes now: "12 a minute"."""
        if not self.rate:
            return _("quiet")
        if 0 < self.rate < 1:
            return _("under one a minute")
        return _("%(count)s a minute") % {"count": number(round(self.rate))}


def ago(moment: datetime) -> str:
    """How long ago, to the minute."""
    minutes = int((timezone.now() - moment).total_seconds() // 60)
    if minutes < 1:
        return _("just now")
    if minutes < 60:
        return ngettext("%(n)s minute ago", "%(n)s minutes ago", minutes) % {"n": minutes}
    return say_when(moment)


def silence_words(found: Silence) -> str:
    """What is usual, and since when nothing has come."""
    if found.usual >= 60:
        usual = _("usually %(count)s a minute") % {"count": number(round(found.usual / 60))}
    else:
        usual = _("usually %(count)s an hour") % {"count": number(max(1, round(found.usual)))}
    minutes = int((timezone.now() - found.since).total_seconds() // 60)
    hours, days = minutes // 60, minutes // (24 * 60)
    if minutes < 60:
        lasts = ngettext("none for %(n)s minute", "none for %(n)s minutes", minutes)
    elif hours == 1:
        lasts = _("none for an hour")
    elif hours < 48:
        lasts = ngettext("none for %(n)s hour", "none for %(n)s hours", hours)
    else:
        lasts = ngettext("none for %(n)s day", "none for %(n)s days", days)
    lasts %= {"n": minutes if minutes < 60 else hours if hours < 48 else days}
    return _("Silent: %(usual)s, %(lasts)s") % {"usual": usual, "lasts": lasts}


_COUNTS = """
SELECT source_id, outcome, date_trunc(%(unit)s, minute), sum(count)::bigint FROM collect_tally
WHERE minute >= %(start)s AND source_id = ANY(%(sources)s) GROUP BY 1, 2, 3
"""

# From the index alone: a step a source.
_ENDS = """
SELECT s.id,
       (SELECT min(minute) FROM collect_tally WHERE source_id = s.id),
       (SELECT max(minute) FROM collect_tally WHERE source_id = s.id)
FROM unnest(%(sources)s::bigint[]) AS s (id)
"""


def intakes(sources: Iterable[Source], span: Span = HOUR) -> list[Intake]:
    """What became of the sources' messages over the span, in the order of the sources."""
    starts = span.starts()
    places = {start: place for place, start in enumerate(starts)}
    found = {one.pk: Intake(one, [Point() for _start in starts]) for one in sources}
    parameters = {"unit": span.unit, "start": starts[0], "sources": list(found)}
    for source, outcome, moment, count in sql.rows(_COUNTS, parameters):
        place = places.get(moment)
        if place is not None:
            _add(found[source], found[source].points[place], outcome, count)
    _rate(found)
    _ends(found)
    return list(found.values())


def _add(intake: Intake, point: Point, outcome: str, count: int) -> None:
    if outcome == "kept":
        intake.kept += count
        point.kept += count
    elif outcome == "duplicate":
        intake.duplicates += count
        point.duplicates += count
    else:
        intake.dropped[outcome] = intake.dropped.get(outcome, 0) + count
        point.dropped += count


_RATE = """
SELECT source_id, sum(count)::bigint FROM collect_tally
WHERE minute > now() - make_interval(mins => %(minutes)s) AND source_id = ANY(%(sources)s)
GROUP BY 1
"""


def _rate(found: Mapping[int, Intake]) -> None:
    parameters = {"minutes": RATE_OVER, "sources": list(found)}
    for source, count in sql.rows(_RATE, parameters):
        found[source].rate = count / RATE_OVER


def _ends(found: Mapping[int, Intake]) -> None:
    """When each source sent last, and whether that is too long ago."""
    now = timezone.now()
    late: dict[int, tuple[datetime, datetime]] = {}
    for source, first, last in sql.rows(_ENDS, {"sources": list(found)}):
        if last is None:
            continue
        intake = found[source]
        # What is over a day old has been added up by the hour.
        width = timedelta(minutes=1) if now - last < timedelta(days=1) else timedelta(hours=1)
        intake.last_at = min(now, last + width)
        if not intake.source.archived_at and now - intake.last_at >= silence.SHORTEST:
            late[source] = (first, intake.last_at)
    if late:
        counts = _by_hour(list(late), now)
        zone = timezone.get_current_timezone()
        for source, (first, last) in late.items():
            found[source].silence = silence.find(counts[source], last, now, first, zone)


_BY_HOUR = """
SELECT source_id, date_trunc('hour', minute), sum(count)::bigint FROM collect_tally
WHERE source_id = ANY(%(sources)s) AND minute > %(start)s AND minute < %(until)s GROUP BY 1, 2
"""


def _by_hour(sources: list[int], now: datetime) -> dict[int, dict[datetime, int]]:
    """Messages by hour of the weeks that say what is usual; yesterday and before."""
    counts: dict[int, dict[datetime, int]] = defaultdict(dict)
    parameters = {
        "sources": sources,
        "start": now - timedelta(weeks=silence.WEEKS, days=3),
        "until": now - timedelta(hours=22),
    }
    for source, hour, count in sql.rows(_BY_HOUR, parameters):
        counts[source][hour] = count
    return counts


def living() -> list[Source]:
    """The sources that somebody can send as, by name."""
    found = Source.objects.filter(archived_at=None).exclude(write_keys=None)
    return list(found.order_by("name").distinct())


def reason(outcome: str) -> str:
    """Why a message was turned away, in words."""
    words = {
        "bad_json": _("could not be read"),
        "wrong_type": _("with a field of the wrong type"),
        "too_large": _("too large"),
        "too_deep": _("nested too deeply"),
        "unknown_type": _("of an unknown type"),
        "no_name": _("without a name"),
        "bad_name": _("with a name that can't be kept"),
        "bad_timestamp": _("with a time that can't be read"),
        "timestamp_in_future": _("from the future"),
        "timestamp_too_old": _("from before 1970"),
        "bad_properties": _("with properties that are not an object"),
        "number_out_of_range": _("with a number that is too long"),
        "no_identifier": _("that name nobody"),
        "not_in_plan": _("not in the tracking plan"),
        "off_plan": _("with properties that are off the tracking plan"),
        "not_storable": _("with a value that can't be kept"),
        "forgotten": _("of somebody who was forgotten"),
        "bad_row": _("rows that can't be read"),
        "bad_key": _("with a key that is not known"),
    }
    return words.get(outcome) or outcome.replace("_", " ")


# --- drawing --------------------------------------------------------------------------------------


def spark(intake: Intake) -> SafeString:
    """The span in small bars: what came, and in the colour of trouble what was turned away."""
    return _bars(intake, 150.0, 30.0, "spark", labelled=False)


def plot(intake: Intake) -> SafeString:
    """The span in bars of kept, sent again and turned away, with a description in words."""
    return _bars(intake, 720.0, 120.0, "pulse plot", labelled=True)


def _bars(intake: Intake, width: float, height: float, css: str, *, labelled: bool) -> SafeString:
    points = intake.points
    top = max((point.total for point in points), default=0) or 1
    step = width / len(points)
    bars: list[tuple[str, float, float, float, float]] = []
    for place, point in enumerate(points):
        floor = height
        for kind, count in (
            ("kept", point.kept),
            ("again", point.duplicates),
            ("away", point.dropped),
        ):
            if count:
                tall = max(count / top * (height - 4), 1.2)
                floor -= tall
                x = round(place * step + step * 0.12, 1)
                bars.append((kind, x, round(floor, 1), round(step * 0.76, 1), round(tall, 1)))
    said = _("Kept %(kept)s, sent again %(again)s, turned away %(away)s.") % {
        "kept": number(intake.kept),
        "again": number(intake.duplicates),
        "away": number(intake.turned_away),
    }
    return format_html(
        '<svg class="{} ch-{}" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img"'
        ' aria-label="{}">{}{}<path class="ground" d="M0 {}H{}"/></svg>',
        css,
        intake.source.channel,
        int(width),
        int(height + 2),
        said,
        format_html("<title>{}</title>", said) if labelled else mark_safe(""),
        format_html_join("", '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>', bars),
        height + 0.5,
        int(width),
    )


# --- the last messages ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Message:
    """A message that was kept."""

    id: UUID
    name: str
    channel: str
    received_at: datetime
    identifier: tuple[str, str]  # kind, value
    properties: dict[str, object]


_NEWEST = """
SELECT f.id, f.name, f.channel, f.received_at, i.kind, i.value, f.properties FROM (
    SELECT * FROM ({facts}) newest WHERE source_id = %(source)s LIMIT %(limit)s
) f LEFT JOIN identity_identifier i ON i.id = f.identifier_id
ORDER BY f.transaction DESC, f.sequence DESC
"""
# Among the newest of all sources: as far as one looks for a source that is busy.
_AMONG_ALL = """
    SELECT * FROM timeline_fact ORDER BY transaction DESC, sequence DESC LIMIT 5000
"""
# What came in the last minute, or hour, in which the tallies have something of it.
_SINCE_LAST = """
    SELECT * FROM timeline_fact
    WHERE source_id = %(source)s AND received_at >= (
        SELECT max(minute) - interval '5 minutes' FROM collect_tally
        WHERE source_id = %(source)s AND outcome = 'kept'
    ) ORDER BY transaction DESC, sequence DESC
"""


def messages(source: Source, limit: int = 20) -> list[Message]:
    """What came from the source last, the newest first."""
    parameters = {"source": source.pk, "limit": limit}
    rows = sql.rows(_NEWEST.format(facts=_AMONG_ALL), parameters)
    if not rows:
        rows = sql.rows(_NEWEST.format(facts=_SINCE_LAST), parameters)
    return [
        Message(id, name, channel, received_at, (kind or "", value or ""), json.loads(properties))
        for id, name, channel, received_at, kind, value, properties in rows
    ]


# --- off the plan ---------------------------------------------------------------------------------

VIOLATION_DAYS = 7

_VIOLATIONS = """
SELECT event, property, kind, sum(count)::bigint, max(hour),
       (array_agg(example ORDER BY hour DESC) FILTER (WHERE example <> ''))[1]
FROM collect_violation
WHERE source_id = %(source)s AND hour > now() - make_interval(days => %(days)s)
GROUP BY event, property, kind ORDER BY 4 DESC LIMIT 500
"""


@dataclass(frozen=True, slots=True)
class Violation:
    """How often an event was off the plan in one way, and the latest example, masked."""

    event: str
    name: str  # of the property; empty for an unplanned event
    kind: str
    count: int
    hour: datetime
    example: str

    @property
    def words(self) -> str:
        """The way in words."""
        return {
            "unplanned": _("is not in the plan"),
            "missing": _("is missing"),
            "wrong_type": _("is of another type"),
            "unknown": _("is not in the plan, and only noted"),
        }[self.kind]


def violations(source: Source) -> list[Violation]:
    """How the source's messages of the last week were off its plan; the most frequent first."""
    parameters = {"source": source.pk, "days": VIOLATION_DAYS}
    rows = sql.rows(_VIOLATIONS, parameters)
    return [
        Violation(event, name, kind, count, hour, example or "")
        for event, name, kind, count, hour, example in rows
        if kind in KINDS
    ]


# --- what was mended -----------------------------------------------------------------------------

_MENDINGS = """
SELECT kind, sum(count)::bigint FROM collect_mending
WHERE source_id = %(source)s AND hour > now() - make_interval(days => %(days)s)
GROUP BY kind ORDER BY 2 DESC, kind
"""


def mendings(source: Source) -> list[tuple[str, str, int]]:
    """How the source's messages of the last week were mended: the kind, in words, how many."""
    words = {
        "byte_order_mark": _("with a byte order mark before them"),
        "lost_character": _("with half a character, NUL or bytes that are no text"),
        "control_character": _("with line breaks within texts"),
        "not_a_number": _("with NaN, Infinity or undefined"),
        "empty_object": _("with an empty list where an object belongs"),
        "field_left_out": _("with a field of another type, which was left out"),
        "number_as_text": _("with a number where a text belongs"),
        "time": _("with a time that is written unusually"),
        "former_names": _("in the names of the first e-commerce spec"),
    }
    rows = sql.rows(_MENDINGS, {"source": source.pk, "days": VIOLATION_DAYS})
    return [(kind, words.get(kind) or kind.replace("_", " "), count) for kind, count in rows]


# --- what a plan can be learnt from ---------------------------------------------------------------

LEARN_FROM = 20_000
_LEARN = """
SELECT name, properties::text FROM timeline_fact
WHERE source_id = %(source)s AND received_at > %(since)s
ORDER BY transaction DESC, sequence DESC LIMIT %(limit)s
"""


def last_week(source: Source) -> list[tuple[str, bytes]]:
    """The names and properties of what came in the last week: the newest 20,000."""
    since = datetime.now(UTC) - timedelta(days=7)
    parameters = {"source": source.pk, "since": since, "limit": LEARN_FROM}
    return [(name, text.encode()) for name, text in sql.rows(_LEARN, parameters)]


# --- for whoever looks after the installation -----------------------------------------------------


def _sources() -> tuple[str, str]:
    sources = living()
    if not sources:
        return "warn", _("None is connected yet.")
    amiss = sum(one.state in AMISS for one in intakes(sources))
    if amiss:
        words = ngettext(
            "%(n)s of %(all)s is silent or turned away.",
            "%(n)s of %(all)s are silent or turned away.",
            amiss,
        )
        words %= {"n": number(amiss), "all": number(len(sources))}
        return "bad", words
    sending = sum(one.kept > 0 for one in intakes(sources, DAY))
    words = ngettext(
        "%(n)s of %(all)s has sent within a day.",
        "%(n)s of %(all)s have sent within a day.",
        sending,
    )
    words %= {"n": number(sending), "all": number(len(sources))}
    return "good", words


PARTS = (Part(gettext_lazy("Sources"), "plug", "sources", _sources, rank=1),)
