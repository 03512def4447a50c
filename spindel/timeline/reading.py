"""Reading facts: the newest of a customer's timeline first, a page at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from spindel.kit import pagination, sql
from spindel.kit.pagination import Page
from spindel.kit.register import Span
from spindel.timeline.recording import OWN_SOURCE

LARGEST_PAGE = 200


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact as people and machines are shown it. `identifier` is `kind:value`."""

    id: UUID
    name: str
    channel: str
    source: str
    occurred_at: datetime
    received_at: datetime
    properties: dict[str, object]
    context: dict[str, object]
    identifier: str
    cursor: str

    @property
    def by(self) -> str:
        """Who here did it, of what Spindel has recorded; empty: the customer herself, or nobody."""
        by = self.properties.get("by") if self.source == OWN_SOURCE else ""
        return by if isinstance(by, str) else ""


# The newest of each span, then the newest of those: sorting all of a customer's facts would take
# a hundred times as long when she has a million (bench/identity.py).
_READ = """
SELECT f.id, f.name, f.channel, s.slug, f.occurred_at, f.received_at, f.properties, f.context,
       i.kind || ':' || i.value, f.sequence
FROM unnest(%(ids)s::bigint[], %(since)s::timestamptz[], %(until)s::timestamptz[])
     AS span (id, since, until)
CROSS JOIN LATERAL (
    SELECT * FROM timeline_fact
    WHERE identifier_id = span.id AND occurred_at >= span.since AND occurred_at < span.until
      {filters}
    ORDER BY occurred_at DESC, sequence DESC LIMIT %(limit)s
) f
JOIN timeline_source s ON s.id = f.source_id
JOIN identity_identifier i ON i.id = f.identifier_id
ORDER BY f.occurred_at DESC, f.sequence DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which facts are asked for, of these channels and names; all of them, where nothing is said.

    `text` stands in the fact's name or its properties, in whatever case; `between` is from the one
    moment until the other.
    """

    channels: Collection[str] = ()
    names: Collection[str] = ()
    text: str = ""
    between: tuple[datetime, datetime] | None = None


ALL = Filters()


def read(
    spans: Sequence[Span],
    limit: int = 50,
    before: str | None = None,
    after: str | None = None,
    only: Filters = ALL,
) -> Page[FactRow]:
    """The newest facts in the spans, at most `limit`. Raises BadCursor."""
    limit = max(1, min(limit, LARGEST_PAGE))
    filters, parameters = "", columns(spans) | {"limit": limit + 1}
    if older := pagination.position(before):
        filters += " AND (occurred_at, sequence) < (%(before_at)s, %(before)s)"
        parameters["before_at"], parameters["before"] = older
    if newer := pagination.position(after):
        filters += " AND (occurred_at, sequence) > (%(after_at)s, %(after)s)"
        parameters["after_at"], parameters["after"] = newer
    if only.channels:
        filters += " AND channel = ANY(%(channels)s)"
        parameters["channels"] = list(only.channels)
    if only.names:
        filters += " AND name = ANY(%(names)s)"
        parameters["names"] = list(only.names)
    if only.text:
        filters += " AND (name ILIKE %(text)s OR properties::text ILIKE %(text)s)"
        parameters["text"] = "%" + re.sub(r"([\\%_])", r"\\\1", only.text) + "%"
    if only.between:
        filters += " AND occurred_at >= %(first)s AND occurred_at < %(last)s"
        parameters["first"], parameters["last"] = only.between
    rows = sql.rows(_READ.format(filters=filters), parameters)
    return pagination.page([_fact(row) for row in rows], limit, lambda fact: fact.cursor)


def _fact(row: sql.Row) -> FactRow:
    (
        id,
        name,
        channel,
        source,
        occurred_at,
        received_at,
        properties,
        context,
        identifier,
        sequence,
    ) = row
    return FactRow(
        id,
        name,
        channel,
        source,
        occurred_at,
        received_at,
        json.loads(properties),
        json.loads(context) if context else {},
        identifier,
        pagination.cursor(occurred_at, sequence),
    )


def columns(spans: Sequence[Span]) -> dict[str, object]:
    """The spans as the arrays that `unnest` takes: ids, since and until."""
    return {
        "ids": [id for id, _, _ in spans],
        "since": [since for _, since, _ in spans],
        "until": [until for _, _, until in spans],
    }


@dataclass(frozen=True, slots=True)
class Use:
    """How a channel was used: how often, as far as was counted, and when last."""

    count: int
    last_at: datetime


_RECENT = 2_000

# The facts `f` that somebody was there for. Not those that Spindel has recorded on no channel, as
# it was put right who is who, nor those that the clock has brought about.
SEEN = f"""NOT (
    f.source_id = coalesce((SELECT id FROM timeline_source WHERE slug = '{OWN_SOURCE}'), 0)
    AND (f.channel = 'other'
         OR f.name IN ('Cart Abandoned', 'Reservation Expired', 'Quote Expired')))"""  # noqa: S608  # put together from constants

_CHANNELS = f"""
SELECT channel, count(*), max(occurred_at) FROM (
    SELECT f.channel, f.occurred_at
    FROM unnest(%(ids)s::bigint[], %(since)s::timestamptz[], %(until)s::timestamptz[])
         AS span (id, since, until)
    CROSS JOIN LATERAL (
        SELECT f.channel, f.occurred_at FROM timeline_fact f
        WHERE {SEEN}
          AND identifier_id = span.id AND occurred_at >= span.since AND occurred_at < span.until
        ORDER BY occurred_at DESC, sequence DESC LIMIT %(limit)s
    ) f ORDER BY f.occurred_at DESC LIMIT %(limit)s
) recent GROUP BY channel
"""  # noqa: S608  # put together from constants


def channels(spans: Sequence[Span]) -> dict[str, Use]:
    """How each channel was used, over the newest 2,000 facts of `SEEN`: enough to draw from."""
    rows = sql.rows(_CHANNELS, columns(spans) | {"limit": _RECENT})
    return {name: Use(count, last) for name, count, last in rows}
