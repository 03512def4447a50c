"""When a hold ends: in an hour, tomorrow at closing time, on a date, or at a moment."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from spindel.catalogue.models import Place
from spindel.catalogue.rules import closing_on, parse_hours


def ends(asked: str, place: Place, now: datetime) -> datetime:
    """The moment that the words mean in the place.

    `hour`; `tomorrow`: at closing time of the place's next open day, in its time zone; a date: at
    closing time of that day; else a moment with its offset. Raises ValueError.
    """
    if asked == "hour":
        return now + timedelta(hours=1)
    if asked == "tomorrow" or re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", asked):
        hours = parse_hours(place.hours, place.exceptions, place.time_zone)
        if asked == "tomorrow":
            closes = closing_on(hours, now)
        else:
            spans = hours.between(date.fromisoformat(asked))
            closes = spans[-1][1] if spans else None
        if closes is None:
            raise ValueError(f"{place.name} is not open then.")
        return closes
    moment = datetime.fromisoformat(asked)
    if moment.tzinfo is None:
        raise ValueError("A moment has an offset, such as Z or +01:00.")
    return moment.astimezone(UTC)


def closing_after(place: Place, now: datetime, days: int) -> datetime | None:
    """When the place closes so many days from now, or on the next day that it is open after that.

    None where it is never open.
    """
    hours = parse_hours(place.hours, place.exceptions, place.time_zone)
    return closing_on(hours, now + timedelta(days=days - 1))
