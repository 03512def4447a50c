"""What real clients send that is nearly right, read as it was meant; and what that is called.

Nobody comes here with a message that needs no mending: the steps call these where they would have
turned one away. What was mended is counted by source and kind, and `docs/collect.md` explains each.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import msgspec

# Every way of mending a message, in plain words.
MENDINGS = {
    "byte_order_mark": "A byte order mark stood before it.",
    "lost_character": "A text held half a character, NUL, or bytes that are not UTF-8: U+FFFD now.",
    "control_character": "A text held a line break or another control character as it is: escaped"
    " now.",
    "not_a_number": "NaN, Infinity or undefined stood where a value belongs: null now.",
    "empty_object": "[] or another empty value stood where an object belongs: left out now.",
    "field_left_out": "A field of the message was false, or of another type than the API says: left"
    " out now.",
    "number_as_text": "A number stood where a text belongs, or 42.0 for 42: as text now.",
    "time": "A time was written in another way than ISO 8601's usual one, or empty.",
    "former_names": "Names of the first e-commerce spec: those of the second now.",
}

_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_objects = msgspec.json.Decoder(list[dict[str, msgspec.Raw]]).decode
_encode = msgspec.json.Encoder().encode
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
Mended = tuple[str, ...]  # in which ways, a key of MENDINGS each


# --- text that is nearly JSON ---------------------------------------------------------------------

_MARK = b"\xef\xbb\xbf"
_LOST = b"\\ufffd"
# An escape; of those of two halves of a character both, where they belong together.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<lost>u[dD][89a-fA-F][0-9a-fA-F]{2}|u0000)|.)",
    re.DOTALL,
)
_TEXT_OR_WORD = re.compile(
    rb'"(?:[^"\\]|\\.)*+"|(?P<word>-?\bInfinity\b|\bNaN\b|\bundefined\b)', re.DOTALL
)
_CONTROL = re.compile(rb"[\x00-\x1f]")


def readable(text: bytes) -> tuple[bytes, Mended]:
    """The text as JSON that can be read, as far as its characters are what keeps it from that."""
    kinds: dict[str, None] = {}
    if text.startswith(_MARK):  # RFC 8259, section 8.1, lets us pass over it
        text = text[len(_MARK) :]
        kinds["byte_order_mark"] = None
    if not text.isascii():
        try:
            text.decode()
        except UnicodeDecodeError:
            text = text.decode("utf-8", "replace").encode()
            kinds["lost_character"] = None

    def part(found: re.Match[bytes]) -> bytes:
        if found["word"] is not None:
            kinds["not_a_number"] = None
            return b"null"
        return _CONTROL.sub(control, found[0])

    def control(found: re.Match[bytes]) -> bytes:
        kinds["control_character"] = None
        return b"\\u%04x" % found[0][0]

    text = _TEXT_OR_WORD.sub(part, text)
    whole = without_lost(text)
    if whole != text:
        kinds["lost_character"] = None
    return whole, tuple(kinds)


def without_lost(text: bytes) -> bytes:
    """The JSON with U+FFFD for the escapes of what is no character: half of one, and NUL, which
    the database can't keep.
    """
    return _ESCAPE.sub(lambda found: found[0] if found["lost"] is None else _LOST, text)


# --- fields of the wrong type ---------------------------------------------------------------------

_IDS = frozenset(("messageId", "userId", "anonymousId", "previousId", "groupId"))
_WORDS = frozenset(("type", "event", "name", "category", "channel", "writeKey"))
_TIMES = frozenset(("timestamp", "originalTimestamp", "sentAt"))
_EMPTY = re.compile(rb'\s*(?:\[\s*\]|\{\s*\}|""|false|0)\s*')


def is_empty(text: bytes) -> bool:
    """Whether the JSON is a value with which programs say that there is none: PHP's [] for {}."""
    return _EMPTY.fullmatch(text) is not None


def well_typed(text: bytes) -> tuple[bytes, Mended]:
    """The message, or a batch's envelope, with fields of the types that the API says.

    A field that can't be taken is left out, but for a time that says something else than none: what
    it tells did not happen now. Raises DecodeError for what is no object.
    """
    fields, kinds = _decode_fields(text), dict[str, None]()
    for name, raw in list(fields.items()):
        value = bytes(raw)
        if value[:1] in b'"n' or not value:
            continue
        number = value[:1] in b"-0123456789"
        if name in _TIMES:
            if not number and is_empty(value):
                del fields[name]
                kinds["field_left_out"] = None
        elif name in _IDS | _WORDS:
            told = as_id(msgspec.json.decode(value)) if number else None
            if told is None:
                del fields[name]
                kinds["field_left_out"] = None
            elif not (name in _IDS and value.lstrip(b"-").isdigit()):
                fields[name] = msgspec.Raw(_encode(told))
                kinds["number_as_text"] = None
    return _encode(fields), tuple(kinds)


def as_id(value: str | int | float | None) -> str | None:
    """The value as an identifier: of numbers those that are whole, 42.0 as 42 is."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else None
    return None if value is None else str(value)


# --- times ----------------------------------------------------------------------------------------

_UNIX = re.compile(r"\d{10}(?:\d{3})?(?:\.\d{1,9})?", re.ASCII)
_LEAP_SECOND = re.compile(r"(?<=:\d\d:)60(?=$|[.,Z+ -])", re.ASCII)


def moment(text: str) -> datetime | None:
    """A time as RFC 3339 (section 5.6) allows it beside the usual: t, z, and the leap second, which
    is the next one's first moment, as on a Unix clock; and a Unix time that is written as text.
    """
    text = text.strip().upper().removesuffix(" UTC")
    if _UNIX.fullmatch(text):
        seconds = float(text)
        return datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)
    usual, leaps = _LEAP_SECOND.subn("59", text)
    try:
        found = datetime.fromisoformat(usual) + timedelta(seconds=leaps)
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


# --- the first e-commerce spec --------------------------------------------------------------------

# Names of events of Segment's first e-commerce spec, and what the second calls them.
FORMER_NAMES = {
    "Viewed Product Category": "Product List Viewed",
    "Viewed Promotion": "Promotion Viewed",
    "Clicked Promotion": "Promotion Clicked",
    "Clicked Product": "Product Clicked",
    "Viewed Product": "Product Viewed",
    "Added Product": "Product Added",
    "Removed Product": "Product Removed",
    "Started Order": "Checkout Started",
    "Updated Order": "Order Updated",
    "Completed Order": "Order Completed",
    "Refunded Order": "Order Refunded",
    "Cancelled Order": "Order Cancelled",
    "Viewed Checkout Step": "Checkout Step Viewed",
    "Completed Checkout Step": "Checkout Step Completed",
}
ORDERS = frozenset(
    (
        *("Checkout Started", "Order Updated", "Order Completed", "Order Refunded"),
        "Order Cancelled",
    )
)

# What the first spec calls `id`, by the event's name in the second.
_ID_OF = {
    **dict.fromkeys(("Promotion Viewed", "Promotion Clicked"), "promotion_id"),
    **dict.fromkeys(
        ("Product Clicked", "Product Viewed", "Product Added", "Product Removed"), "product_id"
    ),
    **dict.fromkeys(ORDERS, "order_id"),
}
# The first writes its names orderId, the second order_id.
_PROPERTIES = {
    re.sub(r"_(.)", lambda found: found[1].upper(), name): name
    for name in (
        *("order_id", "checkout_id", "product_id", "promotion_id", "cart_id", "list_id"),
        *("coupon_id", "wishlist_id", "payment_method", "shipping_method", "image_url"),
    )
}


def in_second_spec(name: str, properties: bytes, *, former: bool) -> bytes | None:
    """The event's properties by their names in the second spec; None where they have them already.

    `former`: the event itself had its name of the first, in which `id` alone says of what.
    """
    try:
        told = _decode_fields(properties)
    except _UNREADABLE:
        return None
    renamed = _renamed(told, _ID_OF.get(name) if former else None)
    with suppress(KeyError, *_UNREADABLE):  # there are none, or not as the specs say
        products = _decode_objects(bytes(told["products"]))
        goods = [_renamed(one, "product_id" if former else None) for one in products]
        if goods != products:
            renamed["products"] = msgspec.Raw(_encode(goods))
    return _encode(renamed) if renamed != told else None


def _renamed(told: Mapping[str, msgspec.Raw], id_of: str | None) -> dict[str, msgspec.Raw]:
    names = {**_PROPERTIES, "id": id_of or "id"}
    return {
        name if (new := names.get(name, name)) in told else new: value
        for name, value in told.items()
    }
