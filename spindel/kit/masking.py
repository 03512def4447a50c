"""Hiding what could tell who somebody is: in messages as they came, and in what is shown of them.

No Django here: the collector uses it, too. What is hidden keeps its shape, so that one sees that
there is an address or a number, and a list of them reads as one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

HIDDEN = "•••"
_ADDRESS_HIDDEN = "•••@•••"
_NUMBER_HIDDEN = "•••••••"

# Begins where a word does: else a long word would be tried from each of its letters.
_ADDRESS = re.compile(r"(?<![^\s@<>,;])[^\s@<>,;]++@[^\s@<>,;]+")
_DIGITS = re.compile(r"\d(?:[ ()./-]{0,2}\d){6,}")


# A signature, a session's key or a code that was mailed, by its shape: many letters of base64, of
# both cases. Names of files, numbers in hexadecimal and UUIDs are of one.
_CODE = re.compile(r"(?<![\w-])(?=[a-z0-9_-]*[A-Z])(?=[A-Z0-9_-]*[a-z])[A-Za-z0-9_-]{32,}+")


def without_codes(value: object) -> object:
    """The value with every code hidden that opens something to whoever has it, as links hold."""
    if isinstance(value, str):
        return _CODE.sub(HIDDEN, value)
    if isinstance(value, list):
        return [without_codes(one) for one in value]
    if isinstance(value, dict):
        return {_CODE.sub(HIDDEN, name): without_codes(one) for name, one in value.items()}
    return value


def clean(text: str) -> str:
    """The text without codes, e-mail addresses and numbers as long as a telephone's."""
    text = _CODE.sub(HIDDEN, text)
    return _DIGITS.sub(_NUMBER_HIDDEN, _ADDRESS.sub(_ADDRESS_HIDDEN, text))


def hide(text: str) -> str:
    """Nothing of the text but its shape: an address, a number, or something."""
    if _ADDRESS.search(text):
        return _ADDRESS_HIDDEN
    return _NUMBER_HIDDEN if _DIGITS.search(text) else HIDDEN


# --- what is shown to those who may not see who somebody is ---------------------------------------

# Every field is outside data, so what is not known to be harmless is hidden. Names are compared
# without case and without what stands between words: `orderId` is `order_id`.


def _names(text: str) -> frozenset[str]:
    return frozenset(text.replace("_", "").split())


# What a shop writes itself, of its goods, places and campaigns, or picks from a list.
_OPEN = _names(
    "type event channel currency brand variant returned_variant category category_id list_id"
    " availability size color colour material store store_name affiliation payment_method"
    " shipping_method step coupon coupon_name promotion_id creative network campaign"
    " campaign_name medium source platform locale language country country_code region city"
    " timezone version build manufacturer model status direction gender plan tier level"
    " carrier method share_via condition next_store"
)
# Numbers of things: longer than a telephone's, and still nobody's.
_NUMBERS = _names(
    "id product_id sku variant_id order_id cart_id checkout_id receipt receipt_id transaction_id"
    " return_id refund_id wishlist_id coupon_id campaign_id email_id call_id conversation_id"
    " review_id store_id hold_id quote_id new_order_id returned_product_id returned_sku"
    " message_id user_id anonymous_id group_id session_id wanted"
)
_PLACES = _names("url path referrer link_url image_url page_url product_url href")
_TIMES = _names(
    "timestamp original_timestamp sent_at received_at created_at updated_at until since at"
    " expires_at delivered_at valid_until"
)
# Of products, pages and offers these are the shop's words; of anything else they may be a person's.
_OPEN_OF_THINGS = _names("name returned_name title value label")
_THINGS = frozenset(("products", "product", "campaign", "library", "app", "os", "page", "filters"))
# A number or a yes says little, unless it is one of these or stands among them.
_PERSONAL = re.compile(
    r"name|mail|phone|mobile|^tel|address|street|house|flat|floor|zip|post|birth|age$|ssn|social"
    r"|person|card|iban|account|contact|^ip|^lat|^lon|^lng|pin$|password|traits|recipient"
)
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII
)

_TELEPHONE = re.compile(r"(?:\+|\b00)\d(?:[ ()./-]{0,2}\d){6,}|\b07[02369](?:[ -]?\d){7}\b")
# The number of a person in Sweden (ÅÅMMDD-NNNN, or with the century), where a day of 61 to 91 is a
# coordination number, and in Denmark (DDMMÅÅ-NNNN). Standing alone: receipts hold dates, too.
_PERSONAL_NUMBER = re.compile(
    r"(?<![\w-])(?:(?:19|20)?\d\d(?:0[1-9]|1[0-2])(?:[0-3]|[6-9])\d[-+ ]?\d{4}"
    r"|[0-3]\d(?:0[1-9]|1[0-2])\d\d[- ]\d{4})(?![\w-])"
)
_PAYMENT_CARD = re.compile(r"\b\d(?:[ -]?\d){12,18}\b")


def shown(values: Mapping[str, object], *, of_things: bool = False) -> dict[str, object]:
    """The fields with only that left open which tells of things and places, not of a person.

    `of_things`: they are told of a thing. What a product is called is shown, what a person is
    called is not.
    """
    return _fields(values, of_things=of_things, personal=False)


def shown_value(name: str, value: object) -> object:
    """One field of a person as `shown` would show it: her city, but not her address."""
    return _value(name, value, of_things=False, personal=False)


def shown_identifier(kind: str, value: str) -> str:
    """What a person is recognised by: a number or a browser stays, a way to reach her does not."""
    return clean_number(value) if kind in _OPEN_KINDS else hide(value)


_OPEN_KINDS = frozenset(("user_id", "receipt", "anonymous_id", "device", "order", "customer"))


def clean_number(text: str) -> str:
    """A number of a thing, without what in truth is a code or a person's: address, telephone."""
    text = _CODE.sub(HIDDEN, text)
    for pattern in (_TELEPHONE, _PERSONAL_NUMBER):
        text = pattern.sub(_NUMBER_HIDDEN, text)
    text = _PAYMENT_CARD.sub(lambda card: _NUMBER_HIDDEN if _luhn(card[0]) else card[0], text)
    return _ADDRESS.sub(_ADDRESS_HIDDEN, text)


def _luhn(text: str) -> bool:
    """Whether the digits end in the check digit of ISO/IEC 7812, as those of cards do."""
    digits = [int(one) for one in text if one.isdecimal()][::-1]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _fields(values: Mapping[str, object], *, of_things: bool, personal: bool) -> dict[str, object]:
    return {
        clean(name) if _FIELD.fullmatch(name) else hide(name): _value(
            name, value, of_things=of_things, personal=personal
        )
        for name, value in values.items()
    }


def _value(name: str, value: object, *, of_things: bool, personal: bool) -> object:
    plain = re.sub(r"[_\-. ]", "", name).lower()
    if isinstance(value, dict):
        return _fields(
            value,
            of_things=plain in _THINGS,
            personal=(personal or bool(_PERSONAL.search(plain))) and plain not in _THINGS,
        )
    if isinstance(value, list):
        return [_value(name, one, of_things=of_things, personal=personal) for one in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(plain, value, of_things)
    if plain in _NUMBERS:
        return clean_number(str(value))
    if personal or (_PERSONAL.search(plain) and not of_things) or _DIGITS.search(str(value)):
        return hide(str(value))
    return value


def _text(plain: str, text: str, of_things: bool) -> str:
    if not text:
        return text
    if plain in _NUMBERS:
        return clean_number(text)
    if plain in _TIMES and _MOMENT.fullmatch(text):
        return text
    if plain in _PLACES:
        return _place(text)
    if plain in _OPEN or (of_things and plain in _OPEN_OF_THINGS):
        return clean(text)
    return hide(text)


def _place(text: str) -> str:
    """An address on the web as far as its path: what follows may hold anything."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return hide(text)
    host = parts.netloc.rpartition("@")[2]
    path = "/".join(clean(part) for part in unquote(parts.path).split("/"))
    return f"{parts.scheme}://{clean(host)}{path}" if host else path


# --- messages that were turned away ---------------------------------------------------------------

# What such a message may show: which fields it had, what it called itself, and when. Everything
# else a text says could be somebody's, so only its first letter and its length stay. The message
# need not be JSON at all, so what stands outside of quotes is masked, too.
_OPEN_IN_REJECTS = frozenset(
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
_TIMES_IN_REJECTS = frozenset(("timestamp", "originalTimestamp", "sentAt"))
_PART = re.compile(
    r'"(?P<text>(?:[^"\\]|\\.)*+)(?P<end>"?)(?P<colon>\s*:\s*)?'  # the last text may be cut off
    r"|(?P<word>[^\W\d_][^\s\"{}\[\],:]*)"
    r"|(?P<number>[+-]?\d[\d ().eE+-]*)",
    re.DOTALL,
)
_FIELD = re.compile(r"[\w$. -]{1,60}", re.ASCII)
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
            value = clean(value) if _FIELD.fullmatch(value) else _stars(value)
            return f'"{value}"{colon}'
        if field not in _OPEN_IN_REJECTS or found.start() != follows or "\\" in value:
            value = _stars(value)
        elif field in _TIMES_IN_REJECTS:
            value = _ADDRESS.sub(_ADDRESS_HIDDEN, value)
        else:
            value = clean(value)
        return f'"{value}{end}'

    return _PART.sub(part, text)


def _stars(text: str) -> str:
    return text[:1] + "•" * min(len(text) - 1, 12)
