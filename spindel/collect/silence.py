"""Whether a source is quieter than it usually is at this time of the week. Pure arithmetic.

What is usual in an hour is the median of the same hour of the last four weeks, which neither a
campaign nor an outage moves much; for a source of less than two weeks, of the last days of the
same sort, working day or weekend. A source of which less is known has nothing that is usual.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from statistics import median_low

WEEKS = 4
_DAYS = 7
_LEAST_WEEKS = 2
_LEAST_DAYS = 3

# So many messages are missing, for so long at least, before anybody is alarmed: with 20 expected,
# chance alone is silent once in 500 million times.
_MISSED = 20
SHORTEST = timedelta(minutes=10)
_LOOK_BACK = timedelta(hours=48)
_HOUR = timedelta(hours=1)

Counts = Mapping[datetime, int]  # messages by hour, in UTC; an hour that is not there had none


@dataclass(frozen=True, slots=True)
class Silence:
    """A source is silent: since when, and how many messages an hour it usually has meanwhile."""

    since: datetime
    usual: float


def usual(counts: Counts, hour: datetime, began: datetime, zone: tzinfo) -> int:
    """How many messages usually come in the hour; 0 where too little is known to say.

    `began` is when the source's first message came.
    """
    local = hour.astimezone(zone)

    def before(days: int) -> datetime:
        # The same time by the clock on the wall, whatever summer time has done since.
        return (local - timedelta(days=days)).astimezone(UTC)

    same = [before(7 * week) for week in range(1, WEEKS + 1)]
    known = [counts.get(one, 0) for one in same if one > began]
    if len(known) >= _LEAST_WEEKS:
        return median_low(known)
    same = [
        before(day)
        for day in range(1, _DAYS + 1)
        if _is_weekend(local - timedelta(days=day)) == _is_weekend(local)
    ]
    known = [counts.get(one, 0) for one in same if one > began]
    return median_low(known) if len(known) >= _LEAST_DAYS else 0


def _is_weekend(moment: datetime) -> bool:
    return moment.isoweekday() > 5


def find(
    counts: Counts, last: datetime, now: datetime, began: datetime, zone: tzinfo
) -> Silence | None:
    """The silence since the last message, when it is longer than it should be."""
    if now - last < SHORTEST:
        return None
    start = max(last, now - _LOOK_BACK)
    expected = 0.0
    for hour, share in _hours(start, now):
        rates = [usual(counts, hour, began, zone)]
        if share < 1:
            # Whether what comes in an hour comes in this part of it is only known where it is
            # busy all around: a nightly file, say, has its minute.
            rates += [usual(counts, hour + step, began, zone) for step in (-_HOUR, _HOUR)]
        expected += share * min(rates)
    if expected < _MISSED:
        return None
    return Silence(last, expected / ((now - start) / _HOUR))


def _hours(start: datetime, end: datetime) -> Iterator[tuple[datetime, float]]:
    """Each hour that the time touches, and which share of it."""
    hour = start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    while hour < end:
        yield hour, (min(end, hour + _HOUR) - max(start, hour)) / _HOUR
        hour += _HOUR
