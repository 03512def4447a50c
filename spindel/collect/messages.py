"""The messages of the Segment tracking API, as decoded from the wire.

Source: Segment's HTTP tracking API and its e-commerce spec, version 2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from spindel.collect import mending
from spindel.collect.mending import Mended

# What the API takes at most, in bytes and messages (Segment's own limits).
LARGEST_MESSAGE = 32 * 1024
LARGEST_BODY = 500 * 1024
LARGEST_BATCH = 2_500


class Message(msgspec.Struct, rename="camel", gc=False):
    """One message. Unknown fields are passed over; `properties` and its like stay undecoded."""

    type: str | None = None
    message_id: str | int | None = None
    user_id: str | int | None = None
    anonymous_id: str | int | None = None
    previous_id: str | int | None = None
    group_id: str | int | None = None
    event: str | None = None
    name: str | None = None
    category: str | None = None
    timestamp: str | int | float | None = None
    original_timestamp: str | int | float | None = None
    sent_at: str | int | float | None = None
    channel: str | None = None
    write_key: str | None = None
    properties: msgspec.Raw = msgspec.Raw()
    traits: msgspec.Raw = msgspec.Raw()
    context: msgspec.Raw = msgspec.Raw()


class Batch(msgspec.Struct, rename="camel"):
    """The envelope of a batch. What it says of context holds for each message inside."""

    batch: list[msgspec.Raw]
    sent_at: str | int | float | None = None
    write_key: str | None = None
    context: msgspec.Raw = msgspec.Raw()


class Person(msgspec.Struct, gc=False):
    """The traits and properties that recognise somebody."""

    email: str | None = None
    phone: str | int | None = None
    card: str | int | None = None


class Device(msgspec.Struct, gc=False):
    """A device that is told of: its push token recognises it."""

    token: str | None = None


class ExternalId(msgspec.Struct, gc=False):
    """A customer's id in a named system: `{"type": "klarna", "id": "17"}`."""

    id: str | int | float | None = None
    type: str | None = None


class Context(msgspec.Struct, rename="camel", gc=False):
    """The parts of a message's context that recognise somebody."""

    traits: msgspec.Raw = msgspec.Raw()
    device: msgspec.Raw = msgspec.Raw()
    external_ids: msgspec.Raw = msgspec.Raw()


class Order(msgspec.Struct, gc=False):
    """The number that a purchase is known by."""

    order_id: str | int | float | None = None


class Parts(msgspec.Struct, gc=False):
    """A Person whose fields may be of any type."""

    email: msgspec.Raw = msgspec.Raw()
    phone: msgspec.Raw = msgspec.Raw()
    card: msgspec.Raw = msgspec.Raw()


# What decoding raises for bytes that are no JSON, or not the JSON that was asked for.
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

decode_message = msgspec.json.Decoder(Message).decode
decode_batch = msgspec.json.Decoder(Batch).decode

# One token of JSON that matters for where a message ends: a string, or a bracket, or a comma.
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[\]{},]', re.DOTALL)
_BATCH = re.compile(rb'"batch"\s*:\s*\[')


class Unreadable(ValueError):
    """A request whose body can't be taken apart into messages."""


def split_batch(body: bytes) -> tuple[Batch, Mended]:
    """Take a batch apart by its brackets alone, so that one bad message spoils no other; and say
    how what stands around the messages was mended.

    The slow way in, for bodies that `decode_batch` refuses: a lone surrogate, `NaN`, or brackets
    nested by the thousand in one message. Raises Unreadable when the brackets don't balance.
    """
    found = _BATCH.search(body)
    if found is None:
        raise Unreadable("There is no batch in it.")
    items, end = [], found.end()
    for start, stop in _items(body, found.end()):
        items.append(msgspec.Raw(body[start:stop].strip()))
        end = stop
    outside, mended = mending.readable(body[: found.end()] + body[end:])
    try:
        outside, more = mending.well_typed(outside)
        envelope = decode_batch(outside)
    except UNREADABLE as error:
        raise Unreadable(str(error)) from None
    envelope.batch = [item for item in items if bytes(item)]
    return envelope, mended + more


def _items(body: bytes, position: int) -> Iterator[tuple[int, int]]:
    """Where each item of the array that opens before `position` starts and stops."""
    start, depth = position, 0
    for token in _TOKEN.finditer(body, position):
        mark = token[0]
        if mark in (b"[", b"{"):
            depth += 1
        elif mark in (b"]", b"}") and depth:
            depth -= 1
        elif mark == b"]":
            yield start, token.start()
            return
        elif mark == b"," and not depth:
            yield start, token.start()
            start = token.end()
    raise Unreadable("The batch does not end.")


def deepest(text: bytes) -> int:
    """How deep the brackets of a JSON text are nested."""
    depth = most = 0
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark in (b"[", b"{"):
            depth += 1
            most = max(most, depth)
        elif mark in (b"]", b"}"):
            depth -= 1
    return most
