"""Masking personal data in messages that are kept to be looked at."""

from __future__ import annotations

import re

# Texts stay recognisable by their first letter and their length; names of fields, event names and
# numbers that can't be a phone's or a card's stay as they are.
_FIELD = re.compile(r'"([A-Za-z_$]{1,60})"\s*:\s*"((?:[^"\\]|\\.)*)"')
_OPEN = frozenset(
    ("type", "event", "messageId", "timestamp", "originalTimestamp", "sentAt", "channel",
     "currency", "sku", "product_id", "category", "brand", "variant", "library", "version", "locale")
)
_ADDRESS = re.compile(r"[^\s@\"<>,;]+@[^\s@\"<>,;]+")
_DIGITS = re.compile(r"\+?\d(?:[ ()-]?\d){6,}")
_MOST = 2_000


def mask(text: str | bytes) -> str:
    """The text with every value hidden that could tell who somebody is; at most 2,000 characters."""
    if isinstance(text, bytes):
        text = text[: _MOST * 2].decode("utf-8", "replace")
    text = text.replace("\0", "\ufffd")[:_MOST]
    text = _FIELD.sub(_field, text)
    text = _ADDRESS.sub("•••@•••", text)
    return _DIGITS.sub("•••••••", text) if '"' not in text else text


def _field(found: re.Match[str]) -> str:
    name, value = found[1], found[2]
    if name in _OPEN or not value:
        return found[0]
    return f'"{name}":"{value[0]}{"•" * min(len(value) - 1, 12)}"'
