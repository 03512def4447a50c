"""What sentences about facts are made of.

Every value of a fact is outside text: it is escaped, and cut where it is long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from spindel.kit import declared
from spindel.kit.options import stored_text
from spindel.kit.templatetags.look import money_words, say_when

Properties = Mapping[str, object]


def N_(message: str) -> str:
    """Mark a text for translation; it is translated where it is said."""
    return message


# --- values ---------------------------------------------------------------------------------------

_LONGEST = 140


def text(value: object, longest: int = _LONGEST) -> str:
    """A value as text; nothing for what has parts."""
    if isinstance(value, bool) or value is None or isinstance(value, list | dict):
        return ""
    words = " ".join((f"{value:g}" if isinstance(value, float) else str(value)).split())
    return words if len(words) <= longest else words[: longest - 1] + "…"


def _escaped(word: object) -> str:
    return conditional_escape(word if isinstance(word, str) else str(word))


def say(message: str, **words: object) -> SafeString:
    """A translated sentence with outside words in it, escaped."""
    return mark_safe(  # noqa: S308 - each word is escaped, and the message is ours
        message % {name: _escaped(word) for name, word in words.items()}
    )


def em(value: object) -> SafeString:
    """Emphasised, escaped."""
    return format_html("<em>{}</em>", value)


def quoted(value: str) -> SafeString:
    """As somebody wrote it, escaped."""
    return format_html("<q>{}</q>", value)


def product(p: Properties) -> SafeString:
    """A product with its variant, emphasised: "Vinga, size 38"."""
    name = text(p.get("name")) or text(p.get("product_id")) or text(p.get("sku"))
    variant = stored_text(text(p.get("variant")))
    if not name:
        return format_html("{}", _("a product"))
    return em(f"{name}, {variant}" if variant else name)


def products(p: Properties) -> list[Properties]:
    """The products that a fact lists."""
    listed = p.get("products")
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def goods(p: Properties) -> SafeString:
    """The products in words: at most two by name, and how many more."""
    listed = products(p)
    return some([product(one) for one in listed]) if listed else SafeString("")


def some(names: Sequence[SafeString], most: int = 2) -> SafeString:
    """Names in words: so many of them, and how many more."""
    if len(names) == 1:
        return names[0]
    if len(names) <= most:
        return say(_("%(first)s and %(last)s"), first=_comma(names[:-1]), last=names[-1])
    more = len(names) - most
    return say(
        ngettext("%(some)s and %(count)s more", "%(some)s and %(count)s more", more),
        some=_comma(names[:most]),
        count=more,
    )


def _comma(names: Sequence[SafeString]) -> SafeString:
    return mark_safe(", ".join(names))  # noqa: S308 - safe strings, joined


def money(p: Properties, *names: str) -> str:
    """The first of these properties that is an amount, in words."""
    for name in names:
        value = p.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return money_words(value, p.get("currency"))
    return ""


def store(p: Properties) -> str:
    """The store's name; a bare code is made readable."""
    for name in ("store_name", "affiliation"):
        if told := text(p.get(name)):
            return told
    return text(p.get("store")).replace("-", " ").title()


def in_store(sentence: SafeString, p: Properties) -> SafeString:
    """The sentence, and the store it was in, where that is known."""
    where = store(p)
    return (
        say(_("%(sentence)s in %(store)s"), sentence=sentence, store=where) if where else sentence
    )


def moment(value: object) -> str:
    """A moment in words, "" for what is none."""
    if not isinstance(value, str):
        return ""
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return ""
    return say_when(at) if at.tzinfo else ""


def minutes(p: Properties) -> str:
    """How long it took, in words."""
    seconds = p.get("duration")
    if not isinstance(seconds, int | float) or isinstance(seconds, bool):
        return ""
    many = max(1, min(round(seconds / 60), 100_000)) if seconds == seconds else 1
    return ngettext("%(count)s minute", "%(count)s minutes", many) % {"count": many}


def reason(p: Properties) -> str:
    """Why, in words where the reason is one that a domain knows."""
    told = text(p.get("reason"))
    return str(reasons().get(told, told))


@cache
def reasons() -> dict[str, object]:
    """What sources say of themselves in English, in words to read; others are shown as they are.

    Each domain declares its own beside its sentences, as `REASONS`.
    """
    modules = declared.modules("sentences")
    return {said: words for one in modules for said, words in getattr(one, "REASONS", {}).items()}


def detailed(sentence: SafeString, *details: object) -> SafeString:
    """The sentence, with what else is known of it behind."""
    told = [_escaped(detail) for detail in details if detail]
    return mark_safe(", ".join([sentence, *told]))  # noqa: S308 - all escaped


def times(count: int) -> str:
    """How often, as people say it."""
    words = {
        2: _("twice"),
        3: _("three times"),
        4: _("four times"),
        5: _("five times"),
        6: _("six times"),
    }
    return words.get(count) or ngettext("%(count)s time", "%(count)s times", count) % {
        "count": count
    }


def apart(before: str, after: str) -> tuple[str, str]:
    """Of two variants only the parts in which they differ: "size 38" for "size 39"."""
    ours, theirs = re.split(" / |, ", before), re.split(" / |, ", after)
    if len(ours) != len(theirs) or before == after:
        return before, after
    differing = [(a, b) for a, b in zip(ours, theirs, strict=True) if a != b]
    return " / ".join(a for a, _b in differing), " / ".join(b for _a, b in differing)


# --- sentences that are alike ---------------------------------------------------------------------


def plain(message: str) -> Callable[[Properties], SafeString]:
    """A sentence that is always the same."""
    return lambda p: say(_(message))


def about_product(message: str) -> Callable[[Properties], SafeString]:
    """A sentence about `%(product)s`."""
    return lambda p: say(_(message), product=product(p))


def about_some(message: str) -> Callable[[Properties], SafeString]:
    """About a product, and how many where that is more than one."""

    def tell(p: Properties) -> SafeString:
        sentence, many = say(_(message), product=product(p)), p.get("quantity")
        if not isinstance(many, int) or isinstance(many, bool) or not 1 < many < 1_000_000:
            return sentence
        words = ngettext("%(count)s of it", "%(count)s of them", many)
        return detailed(sentence, words % {"count": many})

    return tell
