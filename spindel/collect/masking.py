"""Masking personal data in messages that are kept to be looked at."""

from __future__ import annotations

import re

# What a message that was turned away may show: which fields it had, what it called itself, and
# when. Everything else a text says could be somebody's, so only its first letter and its length
# stay. The message need not be JSON at all, so what stands outside of quotes is masked, too.
_OPEN = frozenset(
    (
        "type",
        "event",
        "messageId",
        "timestamp",
        "originalTimestamp",
        "sentAt",
        "channel",
        "currency",
        "sku",
        "product_id",
        "category",
        "brand",
        "variant",
        "version",
        "locale",
    )
)
_TIMES = frozenset(("timestamp", "originalTimestamp", "sentAt"))
_PART = re.compile(
    r'"(?P<text>(?:[^"\\]|\\.)*+)(?P<end>"?)(?P<colon>\s*:\s*)?'  # the last text may be cut off
    r"|(?P<word>[^\W\d_][^\s\"{}\[\],:]*)"
    r"|(?P<number>[+-]?\d[\d ().eE+-]*)",
    re.DOTALL,
)
_FIELD = re.compile(r"[\w$. -]{1,60}", re.ASCII)
_ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")
_DIGITS = re.compile(r"\d(?:[ ()./-]{0,2}\d){6,}")
_MOST = 2_000


def mask(message: bytes) -> str:
    """At most 2,000 characters of the message, every value hidden that could tell who one is."""
    text = message[: _MOST * 2].decode("utf-8", "replace").replace("\0", "\ufffd")[:_MOST]
    field, follows = "", -1  # the name that was read last, and where its value starts

    def part(found: re.Match[str]) -> str:
        nonlocal field, follows
        if (word := found["word"]) is not None:
            return word if word in ("true", "false", "null") else _stars(word)
        if (number := found["number"]) is not None:
            return number if sum(map(str.isdecimal, number)) < 7 else _stars(number)
        value, end, colon = found["text"], found["end"], found["colon"]
        if colon and end:
            field, follows = value, found.end()
            value = _without_contacts(value) if _FIELD.fullmatch(value) else _stars(value)
            return f'"{value}"{colon}'
        if field not in _OPEN or found.start() != follows or "\\" in value:
            value = _stars(value)
        elif field in _TIMES:
            value = _ADDRESS.sub("•••@•••", value)
        else:
            value = _without_contacts(value)
        return f'"{value}{end}'

    return _PART.sub(part, text)


def _without_contacts(text: str) -> str:
    return _DIGITS.sub("•••••••", _ADDRESS.sub("•••@•••", text))


def _stars(text: str) -> str:
    return text[:1] + "•" * min(len(text) - 1, 12)
