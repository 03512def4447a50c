"""Money, moments, distances and codes as people of the country read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

import segno
from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from markupsafe import Markup

from spindel.demo.storefront.words import translate
from spindel.kit.money import LOCALES, written_minor

_ZONES = {"SE": "Europe/Stockholm", "DK": "Europe/Copenhagen"}


def money(amount: int, currency: str, language: str) -> str:
    """An amount of minor units; without decimals where there are none."""
    return written_minor(amount, currency, LOCALES[language])


def zone_of(market: str) -> str:
    """The time zone that people of the market live in."""
    return _ZONES.get(market, "Europe/Stockholm")


def moment(at: datetime, zone: str, language: str, now: datetime | None = None) -> str:
    """As people say it: today 18:00, tomorrow 18:00, Thursday 18:00, 3 March 18:00."""
    local = at.astimezone(ZoneInfo(zone))
    clock = format_time(local, "HH:mm", locale=LOCALES[language])
    return f"{_day(local, zone, language, now)} {clock}"


def day(at: datetime, zone: str, language: str, now: datetime | None = None) -> str:
    """The day alone."""
    return _day(at.astimezone(ZoneInfo(zone)), zone, language, now)


def _day(local: datetime, zone: str, language: str, now: datetime | None) -> str:
    today = (now or datetime.now(UTC)).astimezone(ZoneInfo(zone)).date()
    away = (local.date() - today) / timedelta(days=1)
    if away in (-1, 0, 1):
        return translate({-1: "yesterday", 0: "today", 1: "tomorrow"}[int(away)], language)
    locale = LOCALES[language]
    if 0 < away < 7:
        return format_date(local, "EEEE", locale=locale)
    return format_date(local, "d MMMM" if abs(away) < 180 else "d MMMM y", locale=locale)


def clock(at: datetime, zone: str) -> str:
    """The time of day."""
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M}"


def distance(km: float, language: str) -> str:
    """How far it is, as finely as it matters."""
    if km < 1:
        return f"{max(100, round(km * 10) * 100)} m"
    return f"{format_decimal(round(km, 1 if km < 10 else 0), locale=LOCALES[language])} km"


def percent(hundredths: int, language: str) -> str:
    """A rate in hundredths of a percent."""
    return f"{format_decimal(Decimal(hundredths) / 100, locale=LOCALES[language])} %"


@lru_cache(1_000)
def qr(text: str) -> Markup:
    """A code that a scanner in a store reads; dark on light, whatever the page is."""
    drawn = segno.make(text, error="m", micro=False)
    return Markup(  # noqa: S704  # drawn by segno; what is in it are dots
        drawn.svg_inline(border=3, omitsize=True, svgclass="qr", lineclass=None, light="#fff")
    )


def spaced(code: str) -> str:
    """A code for a person to read out: H2Q 7K3 M9X."""
    return " ".join(code[start : start + 3] for start in range(0, len(code), 3))
