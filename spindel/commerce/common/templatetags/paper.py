"""Template words of what customers get: quotes, the pages of their orders, receipts."""

from __future__ import annotations

from datetime import datetime

from babel.dates import format_date, format_skeleton, format_time
from django import template
from django.utils import timezone

from spindel.kit.templatetags.look import locale, rate_words

register = template.Library()


@register.filter
def moment(at: datetime) -> str:
    """A moment whole, as it can stand in a letter: "Thursday 3 December, 18:00"."""
    local = timezone.localtime(at)
    return f"{day(at)}, {format_time(local, 'HH:mm', locale=locale())}"


@register.filter
def day(at: datetime) -> str:
    """A day whole, with its year where that is another."""
    local = timezone.localtime(at)
    if local.year != timezone.localdate().year:
        return str(format_date(local, "long", locale=locale()))
    weekday = format_date(local, "EEEE", locale=locale())
    return f"{weekday} {format_skeleton('MMMMd', local, locale=locale())}"


@register.filter
def rate(hundredths: int) -> str:
    """A rate of VAT as people write it: 25 %, 8,1 %."""
    return rate_words(hundredths)
