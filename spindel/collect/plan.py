"""What a source should send: its tracking plan, read, compared with and learnt. Pure arithmetic.

A plan names events, and of each the properties with their types. A message is compared at the top
level of its properties; what is inside of an object or a list is not looked at.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import msgspec
import yaml

from spindel.collect.messages import UNREADABLE
from spindel.kit import yamls

LARGEST_FILE = 1024 * 1024  # bytes
MOST_EVENTS = 1_000
MOST_PROPERTIES = 200  # an event
LONGEST_NAME = 200

_DIGITS = b"-0123456789"
# A type, and the first bytes of its values in JSON.
TYPES = {
    "string": b'"',
    "number": _DIGITS,
    "integer": _DIGITS,
    "boolean": b"tf",
    "array": b"[",
    "object": b"{",
    "any": b'"tf[{' + _DIGITS,
}

# How a message can be off its source's plan; the last is noted and never a reason to drop it.
UNPLANNED, MISSING, WRONG_TYPE, UNKNOWN = "unplanned", "missing", "wrong_type", "unknown"
KINDS = (UNPLANNED, MISSING, WRONG_TYPE, UNKNOWN)

Violation = tuple[str, str]  # one of KINDS, and the property; empty for an unplanned event


class BadPlan(ValueError):
    """A file that is no tracking plan; says in a sentence why."""


@dataclass(frozen=True, slots=True)
class Property:
    """What is asked of a property."""

    type: str = "any"
    required: bool = False


Plan = dict[str, dict[str, Property]]  # by event, by property


# --- comparing ------------------------------------------------------------------------------------

_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_NULL = b"n"[0]
_UNPLANNED: tuple[Violation, ...] = ((UNPLANNED, ""),)


@dataclass(frozen=True, slots=True)
class _Event:
    first: Mapping[str, bytes]  # by property: what its value may begin with
    whole: frozenset[str]
    required: frozenset[str]


class Checker:
    """A plan, made ready for comparing many messages with it."""

    def __init__(self, plan: Plan) -> None:
        self._events = {
            event: _Event(
                {name: TYPES[one.type] for name, one in properties.items()},
                frozenset(name for name, one in properties.items() if one.type == "integer"),
                frozenset(name for name, one in properties.items() if one.required),
            )
            for event, properties in plan.items()
        }

    def check(self, name: str, properties: bytes) -> tuple[Violation, ...]:
        """How a message of this name, with these properties as a JSON object, is off the plan."""
        event = self._events.get(name)
        if event is None:
            return _UNPLANNED
        try:
            told = _decode(properties)
        except UNREADABLE:  # a lone surrogate in a name: the database will not have it either
            return ()
        found: list[Violation] = []
        required = event.required
        for key, raw in told.items():
            first = event.first.get(key)
            value = bytes(raw)
            if first is None:
                found.append((UNKNOWN, key))
            elif value[0] == _NULL:
                if key in required:
                    found.append((MISSING, key))
            elif value[0] not in first or (key in event.whole and not _is_whole(value)):
                found.append((WRONG_TYPE, key))
        if not required <= told.keys():
            found += [(MISSING, key) for key in sorted(required - told.keys())]
        return tuple(found)


def _is_whole(number: bytes) -> bool:
    if number.isdigit():
        return True
    told = Decimal(number.decode())
    # 1e900 is whole, and nothing to be written out to find it out.
    return told.as_tuple().exponent >= 0 or told == told.to_integral_value()  # type: ignore[operator]  # JSON has neither NaN nor infinity


def is_grave(violation: Violation) -> bool:
    """Whether a strict source's message is dropped for it."""
    return violation[0] != UNKNOWN


# --- files ----------------------------------------------------------------------------------------


def parse(text: bytes) -> Plan:
    """Read a plan as YAML, and so as JSON. Raises BadPlan."""
    if len(text) > LARGEST_FILE:
        raise BadPlan(f"A plan is at most {LARGEST_FILE // 1024} kB.")
    try:
        return from_document(json.loads(text))  # YAML reads most JSON, and not all
    except (ValueError, RecursionError) as error:
        if isinstance(error, BadPlan):
            raise
    try:
        document = yamls.read(text)
    except yamls.BadYaml as error:
        where = f" Line {error.line} is the first that can't be." if error.line is not None else ""
        raise BadPlan(f"This is neither YAML nor JSON.{where}") from None
    return from_document(document)


def from_document(document: object) -> Plan:
    """The plan that a decoded file, or the database, holds. Raises BadPlan."""
    events = document.get("events") if isinstance(document, dict) else None
    if not isinstance(events, dict) or not events:
        raise BadPlan("A plan begins with “events:”, and names at least one event below.")
    if len(events) > MOST_EVENTS:
        raise BadPlan(f"A plan has at most {MOST_EVENTS:,} events.")
    return {_name(event): _properties(event, events[event]) for event in sorted(events, key=str)}


def _properties(event: object, told: object) -> dict[str, Property]:
    if told is None:
        return {}
    if not isinstance(told, dict):
        raise BadPlan(f"Below “{event}” should stand its properties, each with its type.")
    if len(told) > MOST_PROPERTIES:
        raise BadPlan(f"“{event}” has more than {MOST_PROPERTIES} properties.")
    read = {_name(name): _property(f"{event}: {name}", one) for name, one in told.items()}
    # The database keeps no order: what must be there first, then by name.
    return dict(sorted(read.items(), key=lambda item: (not item[1].required, item[0])))


def _property(where: str, told: object) -> Property:
    if isinstance(told, str):
        told = {"type": told}
    if told is None:
        told = {}
    if not isinstance(told, dict) or not told.keys() <= {"type", "required"}:
        raise BadPlan(f"{where} takes a type and required, and nothing else.")
    type_, required = told.get("type", "any"), told.get("required", False)
    if not isinstance(type_, str) or type_ not in TYPES:
        raise BadPlan(f"{where}: the type is one of {', '.join(TYPES)}.")
    if not isinstance(required, bool):
        raise BadPlan(f"{where}: required is true or false.")
    return Property(type_, required)


_NAME = re.compile(rf"(?=.*\S)[^\x00-\x1f\x7f\ud800-\udfff]{{1,{LONGEST_NAME}}}")


def _name(name: object) -> str:
    # YAML reads a bare `yes` or `5` as something else than a text.
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise BadPlan(f"“{str(name)[:40]}” is no name: put it between quotes, and keep it short.")
    return name


def to_document(plan: Plan) -> dict[str, object]:
    """The plan as JSON, as it is kept and handed out."""
    return {
        "events": {
            event: {
                name: {"type": one.type, "required": one.required}
                for name, one in properties.items()
            }
            for event, properties in plan.items()
        }
    }


def to_yaml(plan: Plan) -> str:
    """The plan as a file to edit."""
    return yaml.safe_dump(
        to_document(plan), allow_unicode=True, sort_keys=False, default_flow_style=None, width=100
    )


def merged(plan: Plan, more: Plan) -> Plan:
    """Both; where an event is in both, as `more` has it. Raises BadPlan past the limits."""
    both = plan | more
    if len(both) > MOST_EVENTS:
        raise BadPlan(f"A plan has at most {MOST_EVENTS:,} events.")
    return both


# --- learning -------------------------------------------------------------------------------------

_ENOUGH = 20  # messages, before what they have is taken to be required
# What nearly all have is meant; the few others are the mistakes that one wants to hear of.
_NEARLY_ALL = 0.99
_MOSTLY = 0.95
_LEARNT_AS = {
    byte: type_
    for type_, first in TYPES.items()
    if type_ not in ("any", "integer")
    for byte in first
}
_CONTACT = re.compile(r"@|(?:\d[ ()./-]{0,2}){7}|[\x00-\x1f\x7f]")


def is_plain(name: str) -> bool:
    """Whether the name of an event or property can be shown: it holds nothing like an address."""
    return len(name) <= LONGEST_NAME and not _CONTACT.search(name)


@dataclass(slots=True)
class Seen:
    """What was seen of an event: how many messages, and of which types its properties were."""

    messages: int = 0
    types: dict[str, Counter[str]] = field(default_factory=dict)

    def properties(self) -> dict[str, Property]:
        """What to ask of the properties from now on, those that are always there first."""
        learnt = {
            name: Property(
                type_ if count >= _MOSTLY * types.total() else "any",
                self.messages >= _ENOUGH and types.total() >= _NEARLY_ALL * self.messages,
            )
            for name, types in self.types.items()
            for type_, count in types.most_common(1)
        }
        ordered = sorted(learnt, key=lambda name: (not learnt[name].required, name))
        return {name: learnt[name] for name in ordered[:MOST_PROPERTIES]}


def look(messages: Iterable[tuple[str, bytes]]) -> dict[str, Seen]:
    """What is seen in messages, each a name and its properties as JSON; the most frequent first.

    Names that could be somebody's address or number are passed over.
    """
    found: dict[str, Seen] = {}
    for name, properties in messages:
        seen = found.setdefault(name, Seen())
        try:
            told = _decode(properties)
        except UNREADABLE:
            continue
        seen.messages += 1
        for key, raw in told.items():
            type_ = _LEARNT_AS.get(bytes(raw)[0])
            if type_ is not None and (key in seen.types or len(seen.types) < 5 * MOST_PROPERTIES):
                seen.types.setdefault(key, Counter())[type_] += 1
    for seen in found.values():
        seen.types = {name: types for name, types in seen.types.items() if is_plain(name)}
    frequent = sorted(found, key=lambda name: (-found[name].messages, name))
    return {name: found[name] for name in frequent if is_plain(name)}
