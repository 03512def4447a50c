"""What can be said of goods and places without a database: numbers, opening hours, distances."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# --- GTIN -----------------------------------------------------------------------------------------


def gtin14(text: str) -> str:
    """A GTIN of 8, 12, 13 or 14 digits as 14, with zeros in front. Raises ValueError.

    Spaces and hyphens may stand between the digits.
    """
    digits = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(r"[0-9]{8}|[0-9]{12,14}", digits):
        raise ValueError(f"A GTIN has 8, 12, 13 or 14 digits: {text[:40]}")
    padded = digits.rjust(14, "0")
    if padded[-1] != check_digit(padded[:-1]):
        raise ValueError(f"The check digit of the GTIN is wrong: {text[:40]}")
    return padded


def check_digit(digits: str) -> str:
    """The GS1 check digit that belongs behind the digits."""
    weighted = sum(
        int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits))
    )
    return str(-weighted % 10)


# --- opening hours --------------------------------------------------------------------------------

# From the day's midnight, in minutes. What closes past midnight has more than 1,440.
Span = tuple[int, int]

_DAY = 24 * 60
_FAR = 400  # days ahead in which an open day is looked for
_MOST_SPANS = 6
_MOST_EXCEPTIONS = 1_000


@dataclass(frozen=True, slots=True)
class Hours:
    """When a place is open, in its own time: by weekday (1 is Monday), unless the date says so."""

    zone: ZoneInfo
    week: Mapping[int, tuple[Span, ...]]
    exceptions: Mapping[date, tuple[Span, ...]]

    def on(self, day: date) -> tuple[Span, ...]:
        """The spans that begin on the day, in their order; none where it is closed."""
        return self.exceptions.get(day, self.week.get(day.isoweekday(), ()))

    def between(self, day: date) -> list[tuple[datetime, datetime]]:
        """The same as moments. A span that the change to summer time swallows is left out."""
        found = [(self._at(day, opens), self._at(day, closes)) for opens, closes in self.on(day)]
        return [(opens, closes) for opens, closes in found if opens < closes]

    def _at(self, day: date, minutes: int) -> datetime:
        wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
        # By way of UTC: Python compares and adds moments of one zone by the wall's clock.
        return wall.replace(tzinfo=self.zone).astimezone(UTC)

    def today(self, moment: datetime) -> date:
        """The date at the place."""
        return moment.astimezone(self.zone).date()


def parse_hours(
    week: Mapping[str, object], exceptions: Mapping[str, object], time_zone: str
) -> Hours:
    """Hours as they are kept and sent. Raises ValueError, saying what is wrong.

    `week` has lists of `["10:00", "18:00"]` by weekday, "1" Monday to "7"; a day that is missing is
    closed. `exceptions` has the same by date; an empty list is closed. What closes no later than
    it opens closes on the next day; 24:00 is midnight.
    """
    try:
        zone = ZoneInfo(time_zone)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"There is no time zone {time_zone[:60]}.") from None
    if len(exceptions) > _MOST_EXCEPTIONS:
        raise ValueError(f"There are more than {_MOST_EXCEPTIONS} exceptions.")
    by_weekday, by_date = {}, {}
    for day, spans in week.items():
        if day not in ("1", "2", "3", "4", "5", "6", "7"):
            raise ValueError(f"A weekday is 1 (Monday) to 7: {str(day)[:20]}")
        by_weekday[int(day)] = _spans(spans, day)
    for day, spans in exceptions.items():
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", day):
            raise ValueError(f"A date is written like 2026-12-24: {str(day)[:20]}")
        try:
            by_date[date.fromisoformat(day)] = _spans(spans, day)
        except ValueError as error:
            raise ValueError(f"{day}: {error}") from None
    return Hours(zone, by_weekday, by_date)


def _spans(spans: object, day: str) -> tuple[Span, ...]:
    if not isinstance(spans, list | tuple) or len(spans) > _MOST_SPANS:
        raise ValueError(f"The hours of a day are a list of at most {_MOST_SPANS}: {day}")
    found: list[Span] = []
    for span in spans:
        if not isinstance(span, list | tuple) or len(span) != 2:
            raise ValueError(f'Hours are written like ["10:00", "18:00"]: {day}')
        opens, closes = _minutes(span[0]), _minutes(span[1])
        if opens == _DAY:
            raise ValueError(f"Nothing opens at 24:00: {day}")
        found.append((opens, closes if closes > opens else closes + _DAY))
    found.sort()
    for (_, closes), (opens, _) in itertools.pairwise(found):
        if opens < closes:
            raise ValueError(f"Hours of a day overlap: {day}")
    return tuple(found)


def _minutes(text: object) -> int:
    found = isinstance(text, str) and re.fullmatch(r"([01][0-9]|2[0-4]):([0-5][0-9])", text)
    minutes = int(found[1]) * 60 + int(found[2]) if found else _DAY + 1
    if minutes > _DAY:
        raise ValueError(f"A time is written like 09:30: {str(text)[:20]}")
    return minutes


def is_open(hours: Hours, moment: datetime) -> bool:
    """Whether the place is open at the moment; it is not any more in the one that it closes in."""
    return closes_at(hours, moment) is not None


def closes_at(hours: Hours, moment: datetime) -> datetime | None:
    """When the place closes that is open at the moment; None where it is closed."""
    today = hours.today(moment)
    for day in (today, today - timedelta(days=1)):  # a night past midnight began yesterday
        for opens, closes in hours.between(day):
            if opens <= moment < closes:
                return closes
    return None


def opens_next(hours: Hours, moment: datetime) -> datetime | None:
    """When the place opens next after the moment; None where it never does."""
    today = hours.today(moment)
    for ahead in range(_FAR):
        for opens, _ in hours.between(today + timedelta(days=ahead)):
            if opens > moment:
                return opens
    return None


def closing_on(hours: Hours, moment: datetime) -> datetime | None:
    """When "until tomorrow" ends: at the place's closing time on its next open day after today.

    Today is the date at the place. None where it never opens again.
    """
    today = hours.today(moment)
    for ahead in range(1, _FAR):
        if spans := hours.between(today + timedelta(days=ahead)):
            return spans[-1][1]
    return None


# --- where ----------------------------------------------------------------------------------------

_EARTH = 6_371.0  # km

Position = tuple[float, float]  # latitude and longitude, in degrees


def distance(one: Position, other: Position) -> float:
    """Kilometres between two positions, as the crow flies."""
    (lat, lon), (lat2, lon2) = (tuple(map(math.radians, place)) for place in (one, other))
    half = math.sin((lat2 - lat) / 2) ** 2
    half += math.cos(lat) * math.cos(lat2) * math.sin((lon2 - lon) / 2) ** 2
    return 2 * _EARTH * math.asin(math.sqrt(min(1.0, half)))


def parse_position(text: str) -> Position:
    """`57.7046,11.9643` as a position. Raises ValueError."""
    parts = text.split(",")
    try:
        latitude, longitude = (float(part) for part in parts)
    except ValueError:
        raise ValueError("A position is written like 57.7046,11.9643.") from None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError("A latitude is -90 to 90, a longitude -180 to 180.")
    return latitude, longitude
