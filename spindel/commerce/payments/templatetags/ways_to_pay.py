"""Template words of payments."""

from __future__ import annotations

from django import template

from spindel.commerce.payments import providers

register = template.Library()


@register.filter
def paid_by(name: str) -> str:
    """What a way to pay is called."""
    return providers.label(name)
