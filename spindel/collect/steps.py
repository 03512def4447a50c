"""What happens to a message between the wire and the timeline, as a list of named steps.

Each step looks at a draft, completes it, and answers None, or the reason why the message is
turned away. Reasons are counted by source and shown; `docs/collect.md` explains each.
"""

from __future__ import annotations

import ipaddress
import json
import re
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import blake2b

import msgspec

from spindel.collect import mending
from spindel.collect.mending import FORMER_NAMES, ORDERS, Mended
from spindel.collect.messages import (
    LARGEST_MESSAGE,
    UNREADABLE,
    Context,
    Device,
    ExternalId,
    Message,
    Order,
    Parts,
    Person,
    decode_message,
    deepest,
)
from spindel.collect.plan import UNPLANNED, Checker, Violation, is_grave
from spindel.identity.rules import KINDS
from spindel.timeline.append import fact_key

# Every reason why a message can be turned away, in plain words.
REASONS = {
    "too_large": "The message is larger than 32 kB.",
    "bad_json": "The message is not JSON that can be read.",
    "wrong_type": "A field has another type than the API says.",
    "unknown_type": "The type is none of identify, track, page, screen, group and alias.",
    "no_name": "A track message without an event name.",
    "bad_name": "The event name is over 200 characters, holds control characters, or is one of"
    " those that Spindel alone records.",
    "bad_timestamp": "The timestamp can't be read.",
    "timestamp_too_old": "The timestamp is before 1970.",
    "timestamp_in_future": "The timestamp is more than a day ahead.",
    "bad_properties": "Properties, traits or context are not JSON objects.",
    "too_deep": "Properties, traits or context are nested over 100 levels deep.",
    "number_out_of_range": "A number has over a thousand digits before or after its point.",
    "no_identifier": "Nothing in the message says whose it is.",
    "not_in_plan": "The source is strict, and its tracking plan has no such event.",
    "off_plan": "The source is strict, and a property is missing or of another type than planned.",
    "not_storable": "The database refused a value.",
    "forgotten": "It tells of somebody from before she asked to be forgotten.",
    "bad_row": "A row of a file can't be read as its mapping says.",
}
FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True)
class Origin:
    """The source of a message, as far as the steps need it."""

    id: int
    slug: str
    kind: str
    channel: str
    country: str
    trusted: bool
    rate_limit: int | None
    strict: bool = False
    key: int = 0  # which of its write keys was shown
    plan: Checker | None = None


@dataclass(slots=True)
class Draft:
    """A message on its way to become a fact."""

    origin: Origin
    raw: bytes
    received_at: datetime
    sent_at: object = None  # of the batch's envelope
    shared_context: bytes = b""  # the same
    address: bytes = b""  # the client's, as a JSON field; empty where it is not kept
    type: str = ""  # what the path says, where it says it
    largest: int = LARGEST_MESSAGE  # bytes
    message: Message = field(default_factory=Message)
    key: bytes = b""
    name: str = ""
    channel: str = ""
    occurred_at: datetime = datetime.min  # noqa: DTZ901  # set by the step that reads the clock
    properties: bytes = b"{}"
    context: bytes | None = None
    claims: list[tuple[str, str]] = field(default_factory=list)
    off_plan: tuple[Violation, ...] = ()
    mended: Mended = ()
    detail: str = ""
    refused: str = ""  # why the database would not have it after all

    @property
    def is_test(self) -> bool:
        """Whether somebody tries from a source's page if messages come through.

        Such a one goes through all steps, and is kept and counted nowhere: nobody was there.
        """
        return self.name == "Test Message Sent" and self.message.anonymous_id == "spindel-test"


# --- the steps ------------------------------------------------------------------------------------


def decode(draft: Draft) -> str | None:
    """Read the message's own fields; what is inside properties stays as it came."""
    if len(draft.raw) > draft.largest:
        return "too_large"
    try:
        if not draft.raw.isascii():
            draft.raw.decode()  # what stays undecoded must be UTF-8, too
        draft.message = decode_message(draft.raw)
    except UNREADABLE as error:
        if (reason := _decode_mended(draft, error)) is not None:
            draft.detail = str(error)[:200]
            return reason
    if draft.type:
        draft.message.type = draft.type
    return None


def _decode_mended(draft: Draft, error: Exception) -> str | None:
    """Read what can't be read as it is; why that is in vain, or None."""
    text, mended = draft.raw, Mended()
    if not isinstance(error, msgspec.ValidationError):
        text, mended = mending.readable(text)
        if not mended:
            return "bad_json"
    try:
        try:
            draft.message = decode_message(text)
        except msgspec.ValidationError:
            text, more = mending.well_typed(text)
            mended += more
            draft.message = decode_message(text)
    except msgspec.ValidationError:
        return "wrong_type"
    except UNREADABLE:
        return "bad_json"
    draft.mended += mended
    return None


_TYPES = {
    "track": "",
    "identify": "Customer Identified",
    "page": "Page Viewed",
    "screen": "Screen Viewed",
    "group": "Group Joined",
    "alias": "Customer Aliased",
}
# They say who of the colleagues did what by hand: not for a source to tell, whose key is public.
_OURS = frozenset(
    (
        "Customers Merged",
        "Customer Split",
        "Trait Corrected",
        "Note Written",
        "Details Changed",
    )
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def give_name(draft: Draft) -> str | None:
    """Name the fact: the event's name, or what a message of this type means."""
    message = draft.message
    name = _TYPES.get(message.type or "")
    if name is None:
        return "unknown_type"
    if not name:
        event = (message.event or "").strip()
        if not event:
            return "no_name"
        if len(event) > 200 or _CONTROL.search(event) or event in _OURS:
            return "bad_name"
        name = FORMER_NAMES.get(event, event)
        if name is not event:
            draft.mended += ("former_names",)
    draft.name = name
    channel = message.channel
    draft.channel = channel if channel in _CHANNELS else draft.origin.channel
    return None


_CHANNELS = frozenset(
    ("web", "app", "store", "phone", "chat", "email", "sms", "social", "service", "other")
)  # Segment's own values of the field (browser, server, mobile) say nothing about the customer


def give_key(draft: Draft) -> str | None:
    """Know the message again. One without an id of its own is known by its content, if dated."""
    message_id = draft.message.message_id
    if message_id is None or message_id == "":
        dated = draft.message.timestamp is not None
        message_id = blake2b(draft.raw, digest_size=16).hexdigest() if dated else uuid.uuid4().hex
    draft.key = fact_key(draft.origin.id, str(message_id))
    return None


_UNIX_DIGITS = 13  # of one in milliseconds
_OLDEST = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)


def _moment(value: object) -> datetime | None:
    """An ISO 8601 text, or a Unix time in seconds or milliseconds, as an aware datetime."""
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value / 1000 if abs(value) > 1e11 else value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def _mended_moment(draft: Draft, value: object) -> datetime | None:
    found = mending.moment(value) if isinstance(value, str) else None
    if found is not None and "time" not in draft.mended:
        draft.mended += ("time",)
    return found


def read_clock(draft: Draft) -> str | None:
    """When it happened, by our clock: a client's clock is corrected by when it said it sent.

    Segment's rule: timestamp = receivedAt - (sentAt - the client's timestamp).
    """
    message, received = draft.message, draft.received_at
    told = message.timestamp if message.timestamp is not None else message.original_timestamp
    if told is None:
        draft.occurred_at = received
        return None
    occurred = _moment(told)
    if occurred is None:
        if told == "":
            draft.mended += ("time",)
            draft.occurred_at = received
            return None
        occurred = _mended_moment(draft, told)
        if occurred is None:
            return "bad_timestamp"
    sent = message.sent_at if message.sent_at is not None else draft.sent_at
    try:
        if sent is not None:
            sent_at = _moment(sent) or _mended_moment(draft, sent)
            # A date without a value (year 1) says nothing of the client's clock.
            if sent_at is not None and sent_at >= _OLDEST:
                occurred = received - (sent_at - occurred)
        if occurred > received:
            if occurred - received > _DAY:
                return "timestamp_in_future"
            occurred = received
        elif occurred < _OLDEST:
            # 1712120400000, a Unix time as a text, is read as a day in 1712.
            if isinstance(told, str) and len(told) == _UNIX_DIGITS and told.isdecimal():
                message.timestamp = int(told)
                draft.mended += ("time",)
                return read_clock(draft)
            return "timestamp_too_old"
        draft.occurred_at = occurred.astimezone(UTC)
    except OverflowError:
        return "bad_timestamp"
    return None


_EMPTY = b"{}"
# An escaped NUL, after an even number of backslashes.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_NUL_INSIDE = "nul"


def _object(raw: msgspec.Raw) -> bytes | None:
    """The bytes of a JSON object; None stands for something else."""
    text = bytes(raw)
    if not text or text == b"null":
        return _EMPTY
    return text if text[0] == 0x7B else None


def _joined(extra: bytes, text: bytes) -> bytes:
    """The JSON object `text` with the fields `extra` put in front, where its own win over them."""
    rest = text[1:].lstrip()
    return b"{" + extra + (b"" if rest.startswith(b"}") else b",") + rest


def take_properties(draft: Draft) -> str | None:
    """The fact's properties and context, as JSON objects that the database can hold."""
    message = draft.message
    kind = message.type
    raw = message.traits if kind in ("identify", "group") else message.properties
    properties, context = _object(raw), _object(message.context)
    if properties is None or context is None:
        properties, context = _emptied(draft, raw), _emptied(draft, message.context)
        if properties is None or context is None:
            return "bad_properties"
    if draft.mended or (draft.name in ORDERS and b'"order_id"' not in properties):
        properties = _in_second_spec(draft, properties)
    if kind in ("page", "screen"):
        if message.category:
            properties = _joined(b'"category":' + msgspec.json.encode(message.category), properties)
        if message.name:
            properties = _joined(b'"name":' + msgspec.json.encode(message.name), properties)
    elif kind == "group" and message.group_id is not None:
        properties = _joined(b'"group_id":' + msgspec.json.encode(message.group_id), properties)
    elif kind == "alias" and message.previous_id is not None:
        properties = b'{"previous_id":' + msgspec.json.encode(message.previous_id) + b"}"
    if draft.shared_context:
        try:
            context = _merged(draft.shared_context, context)
        except UNREADABLE:
            return "bad_properties"
    if kind == "identify" and properties == _EMPTY and b'"traits"' in context:
        properties = _traits_of(context)
    if draft.address:
        context = _joined(draft.address, context)
    trouble = _unfit(properties, context)
    if trouble is not None:
        if trouble != _NUL_INSIDE:
            return trouble
        draft.mended += ("lost_character",)
        properties, context = mending.without_lost(properties), mending.without_lost(context)
        if (trouble := _unfit(properties, context)) is not None:
            return trouble
    draft.properties = properties
    draft.context = None if context == _EMPTY else context
    return None


def _emptied(draft: Draft, raw: msgspec.Raw) -> bytes | None:
    """As `_object`, and what programs write for an empty object as one."""
    found = _object(raw)
    if found is None and mending.is_empty(bytes(raw)):
        found = _EMPTY
        draft.mended += ("empty_object",)
    return found


def _in_second_spec(draft: Draft, properties: bytes) -> bytes:
    former = "former_names" in draft.mended
    if not (former or draft.name in ORDERS):
        return properties
    renamed = mending.in_second_spec(draft.name, properties, former=former)
    if renamed is None:
        return properties
    if not former:
        draft.mended += ("former_names",)
    return renamed


def _traits_of(context: bytes) -> bytes:
    """RudderStack's clients tell the traits of an identify in its context alone."""
    try:
        return _object(_decode_context(context).traits) or _EMPTY
    except UNREADABLE:
        return _EMPTY


def _merged(outer: bytes, inner: bytes) -> bytes:
    if inner == _EMPTY:
        return outer
    both: dict[str, msgspec.Raw] = msgspec.json.decode(outer, type=dict[str, msgspec.Raw])
    both |= msgspec.json.decode(inner, type=dict[str, msgspec.Raw])
    return msgspec.json.encode(both)


_WIDEST = 1_000  # digits
_DEEPEST = 100  # brackets
# Digits become 0, signs - and brackets {, so that a look for a shape is as fast as one for a word.
_SHAPE = bytes.maketrans(b"123456789E+[", b"000000000e-{")
_LONG = b"0" * _WIDEST


def _unfit(*texts: bytes) -> str | None:
    """Why the database can't hold the JSON objects, or readers in some language can't read them.

    PostgreSQL would keep 1e100000, and hand it out as a text of 100,000 digits.
    """
    both = b"".join(texts)
    if b"\\u0000" in both and _NUL.search(both):
        return _NUL_INSIDE
    shape = both.translate(_SHAPE)
    if shape.count(b"{") > _DEEPEST and max(map(deepest, texts)) > _DEEPEST:
        return "too_deep"
    if b"0e000" in shape or b"0e-000" in shape or _LONG in shape:
        try:
            for text in texts:
                json.loads(text, parse_float=_check_number, parse_int=_check_number)
        except (OverflowError, ArithmeticError):
            return "number_out_of_range"
    return None


def _check_number(number: str) -> None:
    if not -_WIDEST < Decimal(number).adjusted() < _WIDEST:
        raise OverflowError


def is_address(text: str) -> bool:
    """Whether the text is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


# What a message may recognise somebody by, and in which of its parts it stands.
_decode_person = msgspec.json.Decoder(Person).decode
_decode_parts = msgspec.json.Decoder(Parts).decode
_PERSON: tuple[tuple[str, msgspec.json.Decoder[str | int | float]], ...] = (
    ("email", msgspec.json.Decoder(str)),
    ("phone", msgspec.json.Decoder(str | int | float)),
    ("card", msgspec.json.Decoder(str | int | float)),
)
_decode_context = msgspec.json.Decoder(Context).decode
_decode_device = msgspec.json.Decoder(Device).decode
_decode_external = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_external_id = msgspec.json.Decoder(ExternalId).decode
_decode_order = msgspec.json.Decoder(Order).decode


def find_identifiers(draft: Draft) -> str | None:
    """Whose it is: every identifier the message carries, not yet in its normal form."""
    message, claims = draft.message, draft.claims
    if message.user_id is not None:
        claims.append(("user_id", str(message.user_id)))
    if message.type == "alias" and message.previous_id is not None:
        previous = str(message.previous_id)
        claims.append(("anonymous_id", previous))
        if draft.origin.trusted:
            claims.append(("user_id", previous))
    # What a group's traits say is the company's: its switchboard would make its people one.
    properties = draft.properties if message.type != "group" else _EMPTY
    if b'"email"' in properties or b'"phone"' in properties or b'"card"' in properties:
        _recognise(properties, draft)
    context = draft.context
    if context is not None and (
        b'"traits"' in context or b'"token"' in context or b'"externalIds"' in context
    ):
        _recognise_context(context, draft)
    if message.anonymous_id is not None:
        claims.append(("anonymous_id", str(message.anonymous_id)))
    if not claims and b'"order_id"' in properties:
        recognise_receipt(draft)
    return None if claims else "no_identifier"


def _recognise(text: bytes, draft: Draft) -> None:
    claims = draft.claims
    try:
        person = _decode_person(text)
    except UNREADABLE:
        person = _readable(text, draft)
    if person.email:
        claims.append(("email", person.email))
    if person.phone:
        claims.append(("phone", str(person.phone)))
    if person.card:
        claims.append(("card", str(person.card)))


def _readable(text: bytes, draft: Draft) -> Person:
    """Those of the person's fields that can be read, when another is a list, say."""
    person = Person()
    with suppress(*UNREADABLE):
        parts = _decode_parts(text)
        for name, decoder in _PERSON:
            with suppress(*UNREADABLE):
                setattr(person, name, _as_id(decoder.decode(getattr(parts, name)), draft))
    return person


def _as_id(value: str | int | float | None, draft: Draft) -> str | None:
    if isinstance(value, float):
        draft.mended += ("number_as_text",)
    return mending.as_id(value)


def _recognise_context(text: bytes, draft: Draft) -> None:
    try:
        context = _decode_context(text)
    except UNREADABLE:
        return
    if bytes(context.traits):
        _recognise(bytes(context.traits), draft)
    if bytes(context.device):
        with suppress(*UNREADABLE):
            if token := _decode_device(context.device).token:
                draft.claims.append(("device", token))
    if bytes(context.external_ids):
        with suppress(*UNREADABLE):
            for raw in _decode_external(context.external_ids)[:10]:
                _recognise_external(raw, draft)


def _recognise_external(raw: msgspec.Raw, draft: Draft) -> None:
    with suppress(*UNREADABLE):
        external = _decode_external_id(raw)
        known_as = _as_id(external.id, draft)
        if external.type and known_as is not None:
            draft.claims.append(("external", f"{external.type}:{known_as}"))


def recognise_receipt(draft: Draft) -> None:
    """A purchase by somebody unknown, or by "guest", is known by its receipt."""
    try:
        order = _decode_order(draft.properties)
    except UNREADABLE:
        return
    if (number := _as_id(order.order_id, draft)) is not None:
        draft.claims.append(("receipt", f"{draft.origin.slug}/{number}"))


def keep_to_plan(draft: Draft) -> str | None:
    """Compare with the source's tracking plan, where it has one."""
    origin = draft.origin
    if origin.plan is None:
        return None
    draft.off_plan = origin.plan.check(draft.name, draft.properties)
    if not (draft.off_plan and origin.strict):
        return None
    grave = list(filter(is_grave, draft.off_plan))
    if not grave:
        return None
    draft.detail = ", ".join(f"{name}: {kind}" for kind, name in grave if name)[:200]
    return "not_in_plan" if grave[0][0] == UNPLANNED else "off_plan"


STEPS: tuple[Callable[[Draft], str | None], ...] = (
    decode,
    give_name,
    give_key,
    read_clock,
    take_properties,
    find_identifiers,
    keep_to_plan,
)

STRENGTH = {kind.name: kind.strength for kind in KINDS.values()}


def run(draft: Draft) -> str | None:
    """Take the draft through every step; the reason why it was turned away, or None."""
    for step in STEPS:
        reason = step(draft)
        if reason is not None:
            return reason
    return None
