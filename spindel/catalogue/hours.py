"""When a store is open, in words: on its own pages, on those of orders, and in mails."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from babel.dates import format_date, format_skeleton
from django.utils import timezone
from django.utils.translation import gettext as _

from spindel.catalogue.rules import Hours, Span
from spindel.kit.templatetags.look import locale

_MONDAY = date(2024, 1, 1)
_AHEAD = timedelta(days=14)


def week(hours: Hours) -> list[tuple[str, str]]:
    """The opening hours of a week, days that are alike in one line: "Monday–Friday", "10–18"."""
    found: list[tuple[int, int, str]] = []
    for day in range(1, 8):
        words = _spans(hours.week.get(day, ()))
        if found and found[-1][2] == words:
            found[-1] = (found[-1][0], day, words)
        else:
            found.append((day, day, words))
    if not hours.week:
        return []
    return [(_days(first, last), words) for first, last, words in found]


def _days(first: int, last: int) -> str:
    names = [
        format_date(_MONDAY + timedelta(days=one - 1), "EEEE", locale()) for one in (first, last)
    ]
    return names[0] if first == last else f"{names[0]}–{names[1]}"


def ahead(hours: Hours) -> list[tuple[str, str]]:
    """The days of the next two weeks that are not as others."""
    today = hours.today(timezone.now())
    return [
        (_day(day), _spans(spans))
        for day, spans in sorted(hours.exceptions.items())
        if today <= day <= today + _AHEAD
    ]


def today(hours: Hours) -> str:
    """When it is open today: "10:00–18:00"; empty where it is not."""
    spans = hours.on(hours.today(timezone.now()))
    return _spans(spans) if spans else ""


def _day(day: date) -> str:
    weekday = format_date(day, "EEEE", locale())
    return f"{weekday} {format_skeleton('MMMMd', datetime.combine(day, time()), locale=locale())}"


def _spans(spans: Sequence[Span]) -> str:
    words = [
        f"{opens // 60:02}:{opens % 60:02}–{closes // 60 % 24:02}:{closes % 60:02}"
        for opens, closes in spans
    ]
    return ", ".join(words) or _("closed")
