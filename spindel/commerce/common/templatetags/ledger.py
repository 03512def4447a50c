"""Template words of the order book and of stock."""

from __future__ import annotations

from babel.numbers import format_decimal, format_percent
from django import template

from spindel.commerce.common import numbers
from spindel.kit.templatetags.look import locale

register = template.Library()


@register.filter
def spaced(number: str) -> str:
    """A number of an order for a person to read: R7K3 M9QX T2BF."""
    return numbers.spaced(number)


@register.filter
def share(part: int, whole: int) -> str:
    """How much of the whole a part of it is: 12 %."""
    return str(format_percent(part / whole if whole else 0, locale=locale()))


@register.filter
def signed(change: int) -> str:
    """By how much something changed: +3, −2."""
    return format_decimal(change, "+#,##0;−#,##0", locale=locale())
