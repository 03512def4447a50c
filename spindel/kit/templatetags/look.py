"""Template words that every page may use: icons, channel marks, dates as people say them."""

from __future__ import annotations

import functools
import json
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from babel.core import Locale
from babel.dates import format_date, format_datetime, format_skeleton, format_time
from babel.numbers import format_decimal, format_percent, get_currency_precision
from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from spindel.kit.money import LOCALES, written

register = template.Library()

_DIST = Path(__file__).resolve().parent.parent / "static" / "dist"

# The same colour (a CSS class) and icon stand for a channel everywhere.
CHANNELS = {
    "web": ("world", _("Web")),
    "app": ("device-mobile", _("App")),
    "store": ("building-store", _("Store")),
    "phone": ("phone", _("Phone")),
    "chat": ("message-circle", _("Chat")),
    "email": ("mail", _("E-mail")),
    "sms": ("message", _("SMS")),
    "social": ("speakerphone", _("Social and ads")),
    "service": ("headset", _("Customer service")),
    "other": ("square", _("Other")),
}


def locale() -> Locale:
    """The locale that dates and numbers are written in on this page."""
    return LOCALES.get((get_language() or "en")[:2], LOCALES["en"])


def channel_icon(name: str) -> str:
    """The icon of a channel; one that is not known looks like "other"."""
    return CHANNELS.get(name, CHANNELS["other"])[0]


def channel_label(name: str) -> str:
    """The channel in a word."""
    return str(CHANNELS.get(name, CHANNELS["other"])[1])


@functools.cache
def _versions() -> dict[str, str]:
    try:
        versions = json.loads((_DIST / "versions.json").read_text())
    except FileNotFoundError:
        return {}  # the browser code is not built; pages work without it
    assert isinstance(versions, dict)
    return versions


@register.simple_tag
def asset(name: str) -> str:
    """The address of a built file, different whenever its content is."""
    version = _versions().get(name)
    return f"{settings.STATIC_URL}dist/{name}" + (f"?v={version}" if version else "")


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon out of the sprite. Hidden from screen readers unless it has a label."""
    href = f"{asset('icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, href
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', href)


@register.simple_tag
def channel(name: str) -> SafeString:
    """A channel's mark: its icon in its colour, with its name for screen readers."""
    known = name if name in CHANNELS else "other"
    return format_html(
        '<span class="mark ch-{}" title="{label}">{}'
        '<span class="visually-hidden">{label}</span></span>',
        known,
        icon(channel_icon(name)),
        label=channel_label(name),
    )


@register.filter
def channel_name(name: str) -> str:
    """The channel in a word, in a template."""
    return channel_label(name)


def day_said(day: date, today: date | None = None) -> str:
    """The day as people say it: today, yesterday, Thursday, 3 March, 3 March 2024."""
    today = today or timezone.localdate()
    ahead = (day - today).days
    if ahead == 0:
        return gettext("today")
    if ahead == -1:
        return gettext("yesterday")
    if ahead == 1:
        return gettext("tomorrow")
    if -7 < ahead < 7:
        return format_date(day, "EEEE", locale())
    if day.year == today.year:
        return format_skeleton("MMMMd", datetime(*day.timetuple()[:3]), locale=locale())  # noqa: DTZ001 - a day has no zone
    return format_date(day, "long", locale())


def say_when(moment: datetime, now: datetime | None = None) -> str:
    """The moment as people say it, in the shop's time zone: "yesterday 09:12", "3 March"."""
    local = timezone.localtime(moment)
    today = timezone.localtime(now).date()
    words = day_said(local.date(), today)
    if abs((local.date() - today).days) < 7:
        return f"{words} {format_time(local, 'HH:mm', locale=locale())}"
    return words


def _full(moment: datetime) -> str:
    return format_datetime(timezone.localtime(moment), "full", locale=locale())


@register.filter
def when(moment: datetime | None) -> SafeString | str:
    """A moment as people say it, with the exact time underneath."""
    if moment is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(timespec="seconds"),
        _full(moment),
        say_when(moment),
    )


@register.filter
def said_when(moment: datetime) -> str:
    """A moment as people say it, within a sentence or on a button."""
    return say_when(moment)


@register.filter
def clock(moment: datetime) -> SafeString:
    """The time of day, with the exact time underneath."""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(timespec="seconds"),
        _full(moment),
        format_time(timezone.localtime(moment), "HH:mm", locale=locale()),
    )


@register.filter
def clock_or_day(moment: datetime) -> SafeString | str:
    """The time of day for today; else the day, short."""
    local = timezone.localtime(moment)
    if local.date() == timezone.localdate():
        return clock(moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(timespec="seconds"),
        _full(moment),
        format_skeleton("MMMd", local, locale=locale()),
    )


@register.filter
def day_words(day: date) -> str:
    """A day as a heading: "Today", "Thursday 19 November", "3 March 2024"."""
    today = timezone.localdate()
    words = day_said(day, today)
    if 1 < abs((day - today).days) < 7:
        date_words = format_skeleton("MMMMd", datetime(*day.timetuple()[:3]), locale=locale())  # noqa: DTZ001 - a day has no zone
        words = f"{words} {date_words}"
    return words[:1].upper() + words[1:]


@register.filter
def full_day(day: date) -> str:
    """A day with its weekday: "Sunday 29 November"."""
    at = datetime(*day.timetuple()[:3])  # noqa: DTZ001 - a day has no zone
    date_words = format_skeleton("MMMMd", at, locale=locale())
    return f"{format_date(day, 'EEEE', locale())} {date_words}"


@register.filter
def month(moment: datetime | None) -> str:
    """A month as people say it: "March 2024"."""
    if moment is None:
        return ""
    return format_skeleton("yMMMM", timezone.localtime(moment), locale=locale())


def money_words(amount: object, currency: object) -> str:
    """An amount the way the market writes it, without decimals when they are zeros.

    Outside text is met half way: what is no number, or no currency, is shown as it is.
    """
    try:
        number = Decimal(str(amount))
    except InvalidOperation:
        return str(amount)
    if not number.is_finite() or number.adjusted() > 15:
        return str(amount)
    code = str(currency or "").upper()
    whole = number == number.to_integral_value()
    if len(code) != 3 or not code.isalpha():
        return format_decimal(number, "#,##0" if whole else "#,##0.00", locale())
    return written(number, code, locale())


@register.filter
def money(amount: object, currency: str) -> str:
    """An amount the way the market writes it."""
    return money_words(amount, currency)


def minor_words(amount: int, currency: str) -> str:
    """As `money_words`, of an amount in minor units: 129900 öre are 1 299 kr."""
    digits = get_currency_precision(currency) if currency.isascii() else 2
    return money_words(Decimal(amount).scaleb(-digits), currency)


@register.filter
def minor(amount: int, currency: str) -> str:
    """An amount in minor units, the way the market writes it."""
    return minor_words(amount, currency)


def rate_words(hundredths: int) -> str:
    """A rate in hundredths of a per cent as people write it: 25 %, 8,1 %."""
    pattern = locale().percent_formats[None].pattern.replace("0", "0.##", 1)
    return str(format_percent(Decimal(hundredths).scaleb(-4), pattern, locale=locale()))


@register.filter
def number(value: int) -> str:
    """A whole number with the language's separators."""
    return format_decimal(value, locale=locale())


@register.filter
def pretty_json(value: object) -> str:
    """JSON to read: indented, letters as they are."""
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True, default=str)


@register.filter
def named(slug: str, names: dict[str, str]) -> str:
    """What a slug is called; itself where it has no name."""
    return names.get(slug, slug)


@register.filter
def shorten(text: str, longest: int = 18) -> str:
    """A long id without its middle: its ends are what people compare."""
    if len(text) <= longest:
        return text
    side = (longest - 1) // 2
    return f"{text[:side]}…{text[-side:]}"


# What each kind of identifier is called, and its icon.
IDENTIFIER_KINDS = {
    "user_id": ("user", _("Customer number")),
    "card": ("credit-card", _("Card")),
    "messenger": ("brand-messenger", _("Messenger")),
    "external": ("plug", _("External id")),
    "email": ("at", _("E-mail")),
    "phone": ("phone", _("Phone")),
    "receipt": ("receipt", _("Receipt")),
    "anonymous_id": ("device-laptop", pgettext_lazy("an identifier", "Browser or app")),
    "device": ("device-mobile", _("Phone with the app")),
    "name": ("id", _("Name")),
    "order": ("receipt", _("Order")),
    "customer": ("user", _("Customer")),
}


@register.filter
def kind_label(kind: str) -> str:
    """The kind of an identifier in words."""
    return str(IDENTIFIER_KINDS[kind][1]) if kind in IDENTIFIER_KINDS else kind


@register.simple_tag
def kind_icon(kind: str) -> SafeString:
    """The icon of an identifier's kind."""
    return icon(IDENTIFIER_KINDS.get(kind, ("fingerprint", ""))[0])


@register.simple_tag
def logo() -> SafeString:
    """The product's mark: a small web."""
    return mark_safe(_LOGO)  # noqa: S308 - a constant


_LOGO = (
    '<svg class="logo" viewBox="0 0 32 32" aria-hidden="true">'
    '<g fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round">'
    '<path d="M16 16 4.5 7.5M16 16 18 2.5M16 16 29 11M16 16 26.5 26M16 16 12 29.5M16 16 2.5 20"/>'
    '<path opacity=".55" d="M9.5 11.2 17.1 8.6 23.1 13.2 21.8 21.5 13.8 23.4 8.8 18.2Z"/></g>'
    '<circle cx="16" cy="16" r="3.2" fill="currentColor"/></svg>'
)


# Traits that most sources send, in words; others are shown by their own names.
_TRAITS = {
    "name": _("Name"),
    "first_name": _("First name"),
    "firstname": _("First name"),
    "last_name": _("Last name"),
    "lastname": _("Last name"),
    "email": _("E-mail"),
    "phone": _("Phone"),
    "card": _("Card"),
    "city": _("City"),
    "country": _("Country"),
    "address": _("Address"),
    "language": _("Language"),
    "locale": _("Language"),
    "birthday": _("Birthday"),
    "gender": _("Gender"),
    "shoe_size": _("Shoe size"),
    "created_at": _("Account since"),
    "createdat": _("Account since"),
}


@register.filter
def trait_label(name: str) -> str:
    """A trait's name in words."""
    known = _TRAITS.get(name.lower())
    return str(known) if known else name.replace("_", " ")


# jsonb keeps no order: the parts of an address as they are written on a letter.
_ADDRESS = {
    "street": 1,
    "street2": 2,
    "postal_code": 3,
    "postalcode": 3,
    "zip": 3,
    "city": 4,
    "state": 5,
    "country": 6,
}


@register.filter
def plain_value(value: object) -> str:
    """A trait's value as text: parts of an address with commas between, the rest as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and all(isinstance(part, str | int) for part in value.values()):
        ordered = sorted(value, key=lambda key: (_ADDRESS.get(key.lower(), 9), key))
        return ", ".join(str(value[key]) for key in ordered)
    return json.dumps(value, ensure_ascii=False)
