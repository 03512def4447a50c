"""Template words about goods, for every page."""

from __future__ import annotations

from collections.abc import Mapping

from django import template

from spindel.kit import options as words

register = template.Library()


@register.filter
def options(told: Mapping[str, object] | str) -> str:
    """A variant's options, or what an order has kept of them, in the language of the page."""
    return words.stored_text(told) if isinstance(told, str) else words.options_text(told)


@register.filter
def option(value: object) -> str:
    """One option: a size, a colour."""
    return words.said(value)


@register.filter
def option_label(name: str) -> str:
    """What an option is called: Size, Colour."""
    from spindel.catalogue import views  # which render templates, and so come after their tags

    return views.option_label(name)
