"""A variant's options for people to read: the size first, well-known colours in their language.

Feeds name colours in English. What is known here is said in the language of the page; whatever else
a catalogue has stands as it has it.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import pgettext_lazy

_WELL_KNOWN = {
    "beige": pgettext_lazy("colour", "beige"),
    "black": pgettext_lazy("colour", "black"),
    "blue": pgettext_lazy("colour", "blue"),
    "brown": pgettext_lazy("colour", "brown"),
    "cognac": pgettext_lazy("colour", "cognac"),
    "cream": pgettext_lazy("colour", "cream"),
    "gold": pgettext_lazy("colour", "gold"),
    "green": pgettext_lazy("colour", "green"),
    "grey": pgettext_lazy("colour", "grey"),
    "navy": pgettext_lazy("colour", "navy"),
    "olive": pgettext_lazy("colour", "olive"),
    "orange": pgettext_lazy("colour", "orange"),
    "pink": pgettext_lazy("colour", "pink"),
    "purple": pgettext_lazy("colour", "purple"),
    "red": pgettext_lazy("colour", "red"),
    "sand": pgettext_lazy("colour", "sand"),
    "silver": pgettext_lazy("colour", "silver"),
    "teal": pgettext_lazy("colour", "teal"),
    "white": pgettext_lazy("colour", "white"),
    "yellow": pgettext_lazy("colour", "yellow"),
}


def said(value: object) -> str:
    """A size, a colour or another option, in the language of the page."""
    text = str(value)
    known = str(_WELL_KNOWN.get(text.lower(), text))
    return known[:1].upper() + known[1:] if text[:1].isupper() else known


def options_text(options: Mapping[str, object]) -> str:
    """All options of a variant: 38, black."""
    return ", ".join(said(value) for _, value in sorted(options.items(), reverse=True))


def stored_text(options: str) -> str:
    """The same of what an order has kept of them, as `options_text` puts it together."""
    return ", ".join(said(one) for one in options.split(", "))
