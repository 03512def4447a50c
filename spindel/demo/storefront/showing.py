"""Money, moments and distances as people of the country write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal, get_currency_precision

from spindel.demo.storefront.words import translate

_LOCALES = {"sv": Locale("sv", "SE"), "da": Locale("da", "DK"), "en": Locale("en", "GB")}
_ZONES = {"SE": "Europe/Stockholm", "DK": "Europe/Copenhagen"}


@lru_cache(10_000)
def money(amount: int, currency: str, language: str) -> str:
    """An amount of minor units; without decimals where there are none."""
    digits = get_currency_precision(currency)
    value = Decimal(amount).scaleb(-digits)
    locale = _LOCALES[language]
    pattern = locale.currency_formats["standard"].pattern.replace("¤#", "¤\N{NO-BREAK SPACE}#")
    if value == value.to_integral_value():
        pattern = pattern.replace(".00", "")
    return format_currency(value, currency, pattern, locale=locale, currency_digits=False)


def zone_of(market: str) -> str:
    """The time zone that people of the market live in."""
    return _ZONES.get(market, "Europe/Stockholm")


def moment(at: datetime, zone: str, language: str, now: datetime | None = None) -> str:
    """As people say it: today 18:00, tomorrow 18:00, Thursday 18:00, 3 March 18:00."""
    local = at.astimezone(ZoneInfo(zone))
    clock = format_time(local, "HH:mm", locale=_LOCALES[language])
    return f"{_day(local, zone, language, now)} {clock}"


def day(at: datetime, zone: str, language: str, now: datetime | None = None) -> str:
    """The day alone."""
    return _day(at.astimezone(ZoneInfo(zone)), zone, language, now)


def _day(local: datetime, zone: str, language: str, now: datetime | None) -> str:
    today = (now or datetime.now(UTC)).astimezone(ZoneInfo(zone)).date()
    away = (local.date() - today) / timedelta(days=1)
    if away in (-1, 0, 1):
        return translate({-1: "yesterday", 0: "today", 1: "tomorrow"}[int(away)], language)
    locale = _LOCALES[language]
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
    return f"{format_decimal(round(km, 1 if km < 10 else 0), locale=_LOCALES[language])} km"


def percent(hundredths: int, language: str) -> str:
    """A rate in hundredths of a percent."""
    return f"{format_decimal(Decimal(hundredths) / 100, locale=_LOCALES[language])} %"
