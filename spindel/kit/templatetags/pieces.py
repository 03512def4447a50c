"""Pieces that pages repeat: a notice, a term of a list."""

from __future__ import annotations

from django import template
from django.template.base import render_value_in_context
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from spindel.kit.templatetags.look import icon

register = template.Library()


@register.simple_block_tag
def notice(content: SafeString, mark: str, tone: str = "", role: str = "") -> SafeString:
    """What a page says before all else, behind an icon; its tone is "bad", "warn" or none."""
    return format_html(
        '<p class="notice{}"{}>{}<span>{}</span></p>',
        f" notice-{tone}" if tone else "",
        format_html(' role="{}"', role) if role else "",
        icon(mark),
        mark_safe(content.strip()),  # noqa: S308 - the template has escaped it
    )


@register.simple_tag(takes_context=True)
def term(context: Context, label: str, value: object, shape: str = "") -> SafeString:
    """A line of a `dl`: what it is, and how much or which. The shape is a class."""
    return format_html(
        "<div{}><dt>{}</dt><dd>{}</dd></div>",
        format_html(' class="{}"', shape) if shape else "",
        label,
        render_value_in_context(value, context),
    )
