"""When what is sent is expected: so many working days after its order was settled, as the shop says
of each market (SPINDEL_DELIVERY_DAYS).

A working day is one of Monday to Friday on which somebody sends: the days on which every place that
does is closed are in those places' own calendars.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from spindel.catalogue.models import Place
from spindel.kit import environment

_DAYS = re.compile(r"\s*([A-Z]{2})=([0-9]{1,2})(?:-([0-9]{1,2}))?\s*")
_SATURDAY = 6


@dataclass(frozen=True, slots=True)
class Expected:
    """The days between which it comes, both of them among those."""

    first: date
    last: date


def promised() -> dict[str, tuple[int, int]]:
    """How many working days it takes, at least and at most, by market. What can't be read promises
    nothing.
    """
    told = environment.value("SPINDEL_DELIVERY_DAYS").split(",")
    found = [read for one in told if (read := _DAYS.fullmatch(one))]
    return {read[1]: (int(read[2]), max(int(read[2]), int(read[3] or read[2]))) for read in found}


def closed_days() -> set[date]:
    """The days on which no place sends anything, though others of their weekday it does."""
    sending = Place.objects.filter(ships=True, closed_at=None)
    calendars = [
        {day for day, spans in one.opening.exceptions.items() if not spans} for one in sending
    ]
    return set.intersection(*calendars) if calendars else set()


def expected(settled: date, days: tuple[int, int], closed: Collection[date]) -> Expected:
    """When it comes that was settled on the day: from so many to so many working days later."""
    working = _working_days(settled, closed)
    after = [next(working) for _ in range(max(days[1], 1))]
    return Expected(after[max(days[0], 1) - 1], after[-1])


def _working_days(since: date, closed: Collection[date]) -> Iterator[date]:
    """The working days after the day."""
    day = since
    while True:
        day += timedelta(days=1)
        if day.isoweekday() < _SATURDAY and day not in closed:
            yield day
