"""A variant's options for people to read: the size first, well-known colours, materials and
categories in their language.

Feeds name them in English. What is known here is said in the language of the page; whatever else
a catalogue has stands as it has it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _
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
    "canvas": pgettext_lazy("material", "canvas"),
    "cotton": pgettext_lazy("material", "cotton"),
    "felt": pgettext_lazy("material", "felt"),
    "leather": pgettext_lazy("material", "leather"),
    "mesh": pgettext_lazy("material", "mesh"),
    "nubuck": pgettext_lazy("material", "nubuck"),
    "rubber": pgettext_lazy("material", "rubber"),
    "suede": pgettext_lazy("material", "suede"),
    "wool": pgettext_lazy("material", "wool"),
    "boots": pgettext_lazy("category", "boots"),
    "hiking": pgettext_lazy("category", "hiking"),
    "loafers": pgettext_lazy("category", "loafers"),
    "pumps": pgettext_lazy("category", "pumps"),
    "rain boots": pgettext_lazy("category", "rain boots"),
    "running": pgettext_lazy("category", "running"),
    "sandals": pgettext_lazy("category", "sandals"),
    "slippers": pgettext_lazy("category", "slippers"),
    "sneakers": pgettext_lazy("category", "sneakers"),
    "kids": pgettext_lazy("for whom", "kids"),
    "men": pgettext_lazy("for whom", "men"),
    "unisex": pgettext_lazy("for whom", "unisex"),
    "women": pgettext_lazy("for whom", "women"),
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
    """The same of what an order has kept of them, as `options_text` puts it together, or of what a
    system has told of: size 38 / black.
    """
    return "".join(_said_of(one) for one in re.split("(, | / )", options))


def _said_of(part: str) -> str:
    size = part.removeprefix("size ")
    return said(part) if size == part else _("size %(size)s") % {"size": size}
