"""Discounts on pages, in the same words on each."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from spindel.kit.money import written_minor
from spindel.kit.templatetags.look import locale
from spindel.offers.explaining import Discount

register = template.Library()


@register.filter
def country(code: str) -> str:
    """A country by its name; its code where it has none."""
    return str(locale().territories.get(code, code))


@register.simple_tag
def discounts(taken: Sequence[Discount], currency: str) -> SafeString:
    """What offers have taken off, each by its name."""
    return format_html_join(
        "",
        '<p class="discount small">{} −{}</p>',
        ((one.name, written_minor(one.amount, currency, locale())) for one in taken),
    )
