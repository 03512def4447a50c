"""Reading customers: who they are now, what is known of them, and their timelines."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

from spindel.identity import graph, naming
from spindel.identity.resolve import Joint
from spindel.identity.rules import KINDS
from spindel.kit import sql
from spindel.kit.clock import BEGINNING, NEVER
from spindel.kit.pagination import Page
from spindel.kit.register import Span
from spindel.kit.saying import NotThere
from spindel.timeline import reading
from spindel.timeline.reading import ALL, SEEN, FactRow, Filters, Use


class NotFound(NotThere):
    """There is no such customer."""

    code = "no_such_customer"


def living(id: int) -> int:
    """Who the customer with this id is today: herself, or the one she has become part of."""
    row = sql.row(
        "SELECT customer_id FROM identity_tenure WHERE identifier_id = %s AND since = %s",
        [id, BEGINNING],
    )
    if row is None:
        raise NotFound
    return int(row[0])


def living_each(ids: Collection[int]) -> dict[int, int]:
    """As `living`, of many."""
    found: dict[int, int] = dict(
        sql.rows(
            "SELECT identifier_id, customer_id FROM identity_tenure"
            " WHERE identifier_id = ANY(%s) AND since = %s",
            [list(ids), BEGINNING],
        )
    )
    for id in ids:
        if id not in found:
            raise NotFound
    return found


def find(id: int) -> int | None:
    """As `living`, but None where there is no such customer."""
    try:
        return living(id)
    except NotFound:
        return None


def of(identifiers: Collection[int]) -> dict[int, int]:
    """Whose each of the identifiers is today; of somebody who was just forgotten, nobody's."""
    rows = sql.rows(
        "SELECT DISTINCT ON (identifier_id) identifier_id, customer_id FROM identity_tenure"
        " WHERE identifier_id = ANY(%s) ORDER BY identifier_id, since DESC",
        [list(identifiers)],
    )
    return dict(rows) if identifiers else {}


def ids(customer: int) -> list[int]:
    """Every id that leads to the customer today: her own, and of those who became part of her."""
    found = sql.rows(
        "SELECT identifier_id FROM identity_tenure WHERE customer_id = %s AND since = %s",
        [customer, BEGINNING],
    )
    return [customer, *(id for (id,) in found if id != customer)]


def by_identifier(kind: str, value: str) -> int | None:
    """The customer who has the identifier, given in its normal form, today; None if nobody."""
    row = sql.row(
        "SELECT t.customer_id FROM identity_tenure t JOIN identity_identifier i"
        " ON i.id = t.identifier_id WHERE i.kind = %s AND i.value = %s"
        " ORDER BY t.since DESC LIMIT 1",
        [kind, value],
    )
    return None if row is None else row[0]


# A tenure ends where the identifier's next one begins.
_SPANS = """
SELECT t.identifier_id, t.since, coalesce(later.since, %s)
FROM identity_tenure t
LEFT JOIN LATERAL (
    SELECT since FROM identity_tenure
    WHERE identifier_id = t.identifier_id AND since > t.since ORDER BY since LIMIT 1
) later ON true
WHERE t.customer_id = %s
ORDER BY t.identifier_id, t.since
"""


def spans(customer: int) -> list[Span]:
    """Which identifiers are the customer's, from when until when."""
    return [(id, since, until) for id, since, until in sql.rows(_SPANS, [NEVER, customer])]


def span_words(customer: int) -> dict[str, object]:
    """The same as the words of a statement that unnests them as (id, since, until)."""
    found = spans(customer)
    return {
        "ids": [id for id, _, _ in found],
        "since": [since for _, since, _ in found],
        "until": [until for _, _, until in found],
    }


def held(customer: int) -> str:
    """A digest of `spans`: another where anything has joined her, or left her."""
    return blake2b(repr(spans(customer)).encode(), digest_size=8).hexdigest()


def timeline(
    id: int,
    limit: int = 50,
    before: str | None = None,
    after: str | None = None,
    only: Filters = ALL,
) -> Page[FactRow]:
    """The customer's facts, newest first. Raises NotFound, and BadCursor."""
    return reading.read(spans(living(id)), limit, before, after, only)


# --- what is known --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why an identifier is the customer's: what it was seen with, when, by which rule."""

    link: int
    rule: str  # message, alias or by hand
    at: datetime
    made_at: datetime
    by: str
    fact_id: UUID | None
    with_kind: str
    with_value: str


@dataclass(frozen=True, slots=True)
class IdentifierRow:
    """An identifier of a customer. A device has been hers only from `since` until `until`."""

    id: int
    kind: str
    value: str
    since: datetime | None
    until: datetime | None
    shared: bool
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class TraitValue:
    """A value that a source gave, and when it first and last did."""

    value: object
    source: str
    first_at: datetime
    last_at: datetime
    by: str
    corrected: bool


@dataclass(frozen=True, slots=True)
class TraitRow:
    """A trait: the value that counts, and all that were given, the one that counts first."""

    name: str
    value: object
    source: str
    at: datetime
    by: str
    corrected: bool
    history: list[TraitValue]


@dataclass(frozen=True, slots=True)
class Profile:
    """A customer as her page shows her."""

    id: int
    name: str
    identifiers: list[IdentifierRow]
    traits: list[TraitRow]
    channels: dict[str, Use]

    @property
    def called(self) -> str:
        """What to call the customer on a page."""
        known = any(not KINDS[row.kind].device for row in self.identifiers)
        return naming.called(self.name, self.id, known=known)


def profile(id: int) -> Profile:
    """All that is known of a customer but her facts. Raises NotFound."""
    customer = living(id)
    held = spans(customer)
    traits = _traits([customer]).get(customer, [])
    rows = _identifiers(customer, held)
    name = _names({customer: traits})[customer]
    return Profile(customer, name, rows, traits, reading.channels(held))


def _identifiers(customer: int, held: list[Span]) -> list[IdentifierRow]:
    around = graph.neighbourhood([identifier for identifier, _, _ in held])
    evidence = {one.edge: one for one in around.evidence}

    def because(joint: Joint | None) -> Evidence | None:
        if joint is None:
            return None
        told, stronger = evidence[joint.edge], around.nodes[joint.edge.a]
        return Evidence(
            told.id,
            "message" if told.rule == graph.SEEN else told.rule,
            told.edge.since if told.edge.explicit else told.edge.occurred_at,
            told.made_at,
            told.by,
            told.fact_id,
            stronger.kind,
            stronger.value,
        )

    tree = around.resolve().tree
    # What joined first; of hands that a device went through at one moment, the last has it.
    joints = {joint.b: joint for joint in reversed(tree)}
    joints |= {joint.b: joint for joint in tree if joint.edge.seen}
    rows = [
        IdentifierRow(
            node.id,
            node.kind,
            node.value,
            None if since == BEGINNING else since,
            None if until == NEVER else until,
            node.shared is not None,
            because(joints.get((identifier, since))),
        )
        for identifier, since, until in held
        if (node := around.nodes.get(identifier))
    ]
    return sorted(rows, key=lambda row: (KINDS[row.kind].strength, row.since or BEGINNING, row.id))


# What a person has put right comes first, then what trusted sources say, then the others; of
# equals the newest. A trait that a device brought belongs to whoever had the device then.
_TRAITS = """
SELECT t.customer_id, r.name, r.value, s.slug, r.first_at,
       CASE WHEN later.since IS NULL OR r.last_at < later.since THEN r.last_at ELSE r.first_at END
           AS said_at,
       r.by,
       CASE WHEN r.by <> '' THEN 2 WHEN s.trusted THEN 1 ELSE 0 END AS rank
FROM identity_tenure t
JOIN identity_trait r ON r.identifier_id = t.identifier_id AND r.last_at >= t.since
JOIN timeline_source s ON s.id = r.source_id
LEFT JOIN LATERAL (
    SELECT since FROM identity_tenure
    WHERE identifier_id = t.identifier_id AND since > t.since ORDER BY since LIMIT 1
) later ON true
WHERE t.customer_id = ANY(%s)
  AND (later.since IS NULL OR r.last_at < later.since
       OR (r.first_at >= t.since AND r.first_at < later.since))
ORDER BY t.customer_id, r.name, rank DESC, said_at DESC, s.slug, r.value::text
LIMIT 20000
"""


def _traits(ids: Collection[int]) -> dict[int, list[TraitRow]]:
    given: dict[int, dict[str, list[TraitValue]]] = {}
    for customer, name, value, source, first, last, by, rank in sql.rows(_TRAITS, [list(ids)]):
        told = TraitValue(json.loads(value), source, first, last, by, rank == 2)
        given.setdefault(customer, {}).setdefault(name, []).append(told)
    return {
        customer: [
            TraitRow(
                name,
                values[0].value,
                values[0].source,
                values[0].last_at,
                values[0].by,
                values[0].corrected,
                values,
            )
            for name, values in traits.items()
        ]
        for customer, traits in given.items()
    }


# What a person has put right first, then the newest.
_TRUSTED = """
SELECT r.name, r.value, r.last_at, r.by <> ''
FROM identity_trait r JOIN timeline_source s ON s.id = r.source_id
WHERE r.identifier_id = ANY(%s) AND (r.by <> '' OR s.trusted)
ORDER BY r.name, r.by <> '' DESC, r.last_at DESC, r.value::text
LIMIT 1000
"""


@dataclass(frozen=True, slots=True)
class Told:
    """A value of a trait, and when it was said last; `by_hand`: by a person, and no source."""

    value: object
    at: datetime
    by_hand: bool


def trusted_traits(identifiers: Collection[int]) -> dict[str, list[Told]]:
    """What trusted sources, people here or the customers themselves have said of whoever has these
    identifiers: of each trait what counts first.
    """
    found: dict[str, list[Told]] = {}
    for name, value, at, by_hand in sql.rows(_TRUSTED, [list(identifiers)]):
        found.setdefault(name, []).append(Told(json.loads(value), at, by_hand))
    return found


def _names(traits: Mapping[int, Collection[TraitRow]]) -> dict[int, str]:
    """What the customers with these traits are called; "" for whom no name is known of."""
    told = {
        id: naming.of_traits({row.name: row.value for row in rows}) for id, rows in traits.items()
    }
    return told | naming.elsewhere([id for id, name in told.items() if not name])


def city(traits: Collection[TraitRow]) -> str:
    """Where the customer lives, as far as a source has said."""
    return city_of({row.name: row.value for row in traits})


def city_of(told: Mapping[str, object]) -> str:
    """The same of her traits' values."""
    address = told.get("address")
    for value in (told.get("city"), address.get("city") if isinstance(address, dict) else None):
        if isinstance(value, str) and value:
            return value[:60]
    return ""


@dataclass(frozen=True, slots=True)
class Summary:
    """A customer in a list."""

    id: int
    name: str
    email: str
    phone: str
    city: str
    last_at: datetime | None
    known: bool  # has an identifier of her own, not just a device's

    @property
    def called(self) -> str:
        """What to call the customer on a page."""
        return naming.called(self.name, self.id, known=self.known)


_LAST_SEEN = f"""
SELECT t.customer_id, max(seen.occurred_at)
FROM identity_tenure t
LEFT JOIN LATERAL (
    SELECT since FROM identity_tenure
    WHERE identifier_id = t.identifier_id AND since > t.since ORDER BY since LIMIT 1
) later ON true
CROSS JOIN LATERAL (
    SELECT f.occurred_at FROM timeline_fact f
    WHERE f.identifier_id = t.identifier_id AND f.occurred_at >= t.since
      AND f.occurred_at < coalesce(later.since, 'infinity') AND {SEEN}
    ORDER BY f.occurred_at DESC, f.sequence DESC LIMIT 1
) seen
WHERE t.customer_id = ANY(%s) GROUP BY t.customer_id
"""  # noqa: S608  # put together from constants


def last_seen(ids: Collection[int]) -> dict[int, datetime]:
    """When something last happened that the customers were there for, as `reading.SEEN` has it."""
    return dict(sql.rows(_LAST_SEEN, [list(ids)]))


_HELD = """
SELECT t.customer_id, i.kind, i.value
FROM identity_tenure t JOIN identity_identifier i ON i.id = t.identifier_id
WHERE t.customer_id = ANY(%s)
ORDER BY t.customer_id, i.id
LIMIT 5000
"""


def summaries(ids: Collection[int]) -> dict[int, Summary]:
    """The customers with these ids, for a list; ids that are nobody's are left out."""
    held = sql.rows(_HELD, [list(ids)])
    traits, seen = _traits(ids), last_seen(ids)
    living = {customer for customer, *_ in held}
    names = _names({customer: traits.get(customer, []) for customer in living})
    found: dict[int, Summary] = {}
    for customer in living:
        rows = [row for row in held if row[0] == customer]
        values = {kind: value for _, kind, value in reversed(rows)}
        found[customer] = Summary(
            customer,
            names[customer],
            values.get("email", ""),
            values.get("phone", ""),
            city(traits.get(customer, [])),
            seen.get(customer),
            any(not KINDS[kind].device for _, kind, _ in rows),
        )
    return found
