"""Mappings: which column of a file says what. `docs/import.md` explains each key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from spindel.kit import yamls
from spindel.timeline.models import Channel

Scalar = str | int | float | bool
SHIPPED = Path(__file__).resolve().parent.parent / "mappings"


class Unusable(Exception):
    """The file or its mapping can't be used as it is; the text says what to change."""


class Field(msgspec.Struct, forbid_unknown_fields=True):
    """Where a value comes from, and what is done to it, in this order."""

    column: str | None = None
    template: str | None = None
    value: Scalar | None = None
    values: dict[str, Scalar] | None = None
    default: Scalar | None = None
    lower: bool = False
    prefix: str = ""
    number: bool = False


class Time(msgspec.Struct, forbid_unknown_fields=True):
    """Where a time comes from and how it is written; `format` is strptime's, or `unix`."""

    column: str
    format: str | None = None
    zone: str | None = None


class Condition(msgspec.Struct, forbid_unknown_fields=True):
    """Something that holds for a row, or does not. One of the tests beside the column."""

    column: str
    equals: Scalar | None = None
    any_of: list[Scalar] | None = None
    starts_with: str | None = None
    empty: bool | None = None
    below: int | float | None = None
    above: int | float | None = None


class File(msgspec.Struct, forbid_unknown_fields=True):
    """How the file is written, where its name and its first line don't tell."""

    format: Literal["csv", "jsonl", "parquet"] | None = None
    delimiter: str | None = None
    encoding: str | None = None
    decimal: Literal[".", ","] | None = None


class Customer(msgspec.Struct, forbid_unknown_fields=True):
    """What recognises the customer; `external` names other systems."""

    user_id: str | Field | None = None
    anonymous_id: str | Field | None = None
    email: str | Field | None = None
    phone: str | Field | None = None
    card: str | Field | None = None
    external: dict[str, str | Field] = {}


class _Common(msgspec.Struct, forbid_unknown_fields=True, tag_field="kind", kw_only=True):
    file: File = msgspec.field(default_factory=File)
    skip: list[Condition] = []
    customer: Customer = msgspec.field(default_factory=Customer)
    channel: str | Field | None = None


class Events(_Common, tag="events", kw_only=True):
    """Rows that are events; with `as_is`, rows that are Segment messages already."""

    as_is: bool = False
    event: str | Field | None = None
    timestamp: str | Time | None = None
    message_id: str | Field | None = None
    properties: dict[str, str | Field] = {}


class Customers(_Common, tag="customers", kw_only=True):
    """Rows that each say something about a customer."""

    timestamp: str | Time | None = None
    message_id: str | Field | None = None
    traits: dict[str, str | Field] = {}


class Orders(_Common, tag="orders", kw_only=True):
    """Rows that are the lines of orders."""

    order_id: str | Field
    timestamp: str | Time
    line: dict[str, str | Field]
    currency: str | Field | None = None
    refund: list[Condition] = []
    properties: dict[str, str | Field] = {}


Plan = Events | Customers | Orders

_COLUMN = re.compile(r"\{([^{}]+)\}")


def find(name: str | Path) -> Path:
    """The mapping's file: at this path, or of this name among those that ship."""
    path = Path(name)
    shipped = SHIPPED / f"{path.name}.yml"
    if not path.exists() and path.name == str(path) and shipped.exists():
        return shipped
    return path


def load(path: Path) -> Plan:
    """Read a mapping. Raises Unusable with one line that names the key."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        ours = ", ".join(sorted(file.stem for file in SHIPPED.glob("*.yml")))
        raise Unusable(f"There is no mapping {path}. Those that ship are: {ours}.") from None
    except (OSError, UnicodeError) as error:
        raise Unusable(f"The mapping {path} can't be read: {error}") from None
    try:
        plan: Plan = msgspec.convert(_said(text), Plan)
        _check(plan)
    except yamls.BadYaml as error:
        raise Unusable(f"{path.name} is not YAML: {error}") from None
    except msgspec.ValidationError as error:
        raise Unusable(f"{path.name}: {_readable(str(error))}") from None
    return plan


def _said(text: str) -> object:
    said = yamls.read(text)
    if not isinstance(said, dict):
        raise msgspec.ValidationError("it should hold keys, `kind` first")
    return said


def _readable(error: str) -> str:
    """`line.quantity: expected …` out of msgspec's "Expected … - at `$.line.quantity`"."""
    message, _, place = error.partition(" - at ")
    key = place.strip("`").removeprefix("key in ").strip("`").removeprefix("$").removeprefix(".")
    message = message.replace("Object contains unknown field", "there is no key here named")
    message = message.replace("Object missing required field", "it lacks the key")
    message = message.replace("object", "keys").replace("array", "list")
    return f"{key}: {message[:1].lower()}{message[1:]}" if key else message


def _check(plan: Plan) -> None:
    """What the shapes alone don't tell. Raises ValidationError."""
    for key, field in fields(plan):
        if isinstance(field, Field):
            if sum(x is not None for x in (field.column, field.template, field.value)) != 1:
                _refuse(key, "give one of `column`, `template` and `value`")
        elif isinstance(field, Time):
            _check_time(key, field)
    for index, condition in enumerate(plan.skip):
        _check_condition(f"skip[{index}]", condition)
    if plan.file.delimiter is not None and len(plan.file.delimiter) != 1:
        _refuse("file.delimiter", "one character")
    if plan.file.encoding is not None:
        try:
            "".encode(plan.file.encoding)
        except LookupError:
            _refuse("file.encoding", f"there is no encoding {plan.file.encoding!r}")
    channel = plan.channel.value if isinstance(plan.channel, Field) else None
    if channel is not None and channel not in Channel.values:
        _refuse("channel.value", "one of " + ", ".join(Channel.values))
    if isinstance(plan, Orders):
        for index, condition in enumerate(plan.refund):
            _check_condition(f"refund[{index}]", condition)
        for name in ("quantity", "price"):
            if name not in plan.line:
                _refuse(f"line.{name}", "needed, to know what the order comes to")
        return
    if isinstance(plan, Events) and plan.as_is:
        for name in ("event", "timestamp", "message_id", "properties", "channel"):
            if getattr(plan, name):
                _refuse(name, "messages that are taken `as_is` say this themselves")
        if plan.customer != Customer():
            _refuse("customer", "messages that are taken `as_is` say this themselves")
        return
    if isinstance(plan, Events):
        for name in ("event", "timestamp"):
            if getattr(plan, name) is None:
                _refuse(name, "needed, unless messages are taken `as_is`")
    if plan.customer == Customer():
        _refuse("customer", "say at least one column that recognises the customer")


def _check_time(key: str, time: Time) -> None:
    if time.zone is not None:
        try:
            ZoneInfo(time.zone)
        except (OSError, ValueError, KeyError):
            _refuse(f"{key}.zone", f"there is no time zone {time.zone!r}")
    if time.format not in (None, "unix"):
        try:
            datetime.strptime("", time.format)  # noqa: DTZ007  # only whether it is a format
        except ValueError as error:
            if "does not match" not in str(error):
                _refuse(f"{key}.format", str(error))


def _check_condition(key: str, condition: Condition) -> None:
    tests = [
        name for name in condition.__struct_fields__[1:] if getattr(condition, name) is not None
    ]
    if len(tests) != 1:
        _refuse(key, "give one of `equals`, `any_of`, `starts_with`, `empty`, `below` and `above`")


def _refuse(key: str, why: str) -> None:
    raise msgspec.ValidationError(f"{why} - at `$.{key}`")


def fields(plan: Plan) -> Iterator[tuple[str, str | Field | Time]]:
    """Every field of the mapping with its key, `customer.email` say."""

    def walk(key: str, value: object) -> Iterator[tuple[str, str | Field | Time]]:
        if isinstance(value, str | Field | Time):
            yield key, value
        elif isinstance(value, Customer):
            yield from walk(key, msgspec.structs.asdict(value))
        elif isinstance(value, Mapping):
            for name, inner in value.items():
                yield from walk(f"{key}.{name}" if key else name, inner)

    yield from walk("", {n: v for n, v in msgspec.structs.asdict(plan).items() if n != "file"})


def columns(plan: Plan) -> Iterator[tuple[str, str]]:
    """Every column that the mapping asks for, after the key that asks."""
    for key, field in fields(plan):
        if isinstance(field, str):
            names = columns_of(field) or [field]
        elif field.column is not None:
            names = [field.column]
        else:
            names = columns_of(field.template or "") if isinstance(field, Field) else []
        yield from ((key, name) for name in names)
    refund = plan.refund if isinstance(plan, Orders) else []
    for key, conditions in (("skip", plan.skip), ("refund", refund)):
        yield from ((key, condition.column) for condition in conditions)


def columns_of(template: str) -> list[str]:
    """The columns that a template names in braces; empty when the text is none."""
    return _COLUMN.findall(template)


def pieces(template: str) -> list[str]:
    """The template cut at its columns: text, column, text, column, …, text."""
    return _COLUMN.split(template)
