"""Recording a fact from within an action: the same row, in the same transaction."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.db import connection

from spindel.kit import sql
from spindel.kit.refusal import Refusal
from spindel.timeline.append import NOTIFY_FACTS
from spindel.timeline.models import Channel, Source, SourceKind

OWN_SOURCE = "spindel"

_INSERT = f"""
INSERT INTO timeline_fact (id, identifier_id, also, name, channel, source_id, occurred_at,
                           properties)
SELECT %(id)s::uuid, i.id, %(also)s::bigint[], %(name)s::text, %(channel)s::text, s.id,
       coalesce(%(at)s::timestamptz, now()), %(properties)s::jsonb
FROM identity_identifier i JOIN timeline_source s ON s.slug = '{OWN_SOURCE}'
WHERE i.id = %(identifier)s::bigint
FOR KEY SHARE OF i
RETURNING 1
"""  # noqa: S608  # put together from constants


class Gone(Refusal):
    """There is no such identifier any more."""

    code = "forgotten"


class Recorded:
    """What an action records: a frozen dataclass whose fields are the fact's properties.

    The name of the class is the fact's: `CustomersMerged` is recorded as "Customers Merged".
    """

    @classmethod
    def fact_name(cls) -> str:
        """The name that the fact has on the timeline."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", cls.__name__)


_acting: ContextVar[Callable[[], str]] = ContextVar("acting", default=str)  # nobody: ""


@contextmanager
def acting(name: Callable[[], str]) -> Iterator[None]:
    """What is recorded within says in `by` who here did it; asked for only where something is.

    Around a request, not handed down: whatever somebody here does is told of with her name.
    """
    before = _acting.set(name)
    try:
        yield
    finally:
        _acting.reset(before)


def told_by() -> dict[str, str]:
    """What a fact's properties say of who here did it; nothing where nobody here did."""
    by = _acting.get()()
    return {"by": by} if by else {}


def _properties(fact: Recorded) -> str:
    return json.dumps(told_by() | vars(fact))


def own_source() -> Source:
    """The source of what happens in Spindel itself."""
    source, _ = Source.objects.get_or_create(
        slug=OWN_SOURCE,
        defaults={
            "name": "Spindel",
            "kind": SourceKind.OTHER,
            "channel": Channel.OTHER,
            "trusted": True,
        },
    )
    return source


def record(
    fact: Recorded,
    identifier_id: int,
    channel: str = Channel.OTHER,
    also: Collection[int] = (),
    at: datetime | None = None,
) -> uuid.UUID:
    """Put the fact on the timeline of whoever the identifier is; its id.

    `also` are further identifiers that are hers: the fact is the evidence of that.
    `at` is when it happened, where that was not now.
    Refuses to run outside a transaction: what happened and its fact stand or fall together.
    Raises Gone when the customer has been forgotten; until the commit, she can't be.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A fact is recorded in the transaction of what happened.")
    id = uuid.uuid4()
    said = {
        "id": id,
        "also": list(also) or None,
        "name": fact.fact_name(),
        "channel": channel,
        "at": at,
        "properties": _properties(fact),
        "identifier": identifier_id,
    }
    if sql.prepared(_INSERT, said) is None:
        own_source()  # the very first fact of ours
        if sql.prepared(_INSERT, said) is None:
            raise Gone
    sql.wake(NOTIFY_FACTS)
    return id


_INSERT_ALL = f"""
INSERT INTO timeline_fact (id, identifier_id, also, name, channel, source_id, occurred_at,
                           properties)
SELECT told.id, i.id, string_to_array(told.also, ' ')::bigint[], told.name, %(channel)s, s.id,
       coalesce(told.at, now()), told.properties::jsonb
FROM unnest(%(ids)s::uuid[], %(identifiers)s::bigint[], %(names)s::text[], %(properties)s::text[],
            %(also)s::text[], %(at)s::timestamptz[])
     AS told (id, identifier, name, properties, also, at)
JOIN identity_identifier i ON i.id = told.identifier
JOIN timeline_source s ON s.slug = '{OWN_SOURCE}'
ORDER BY i.id
FOR KEY SHARE OF i
"""  # noqa: S608  # put together from constants


def record_all(
    facts: Iterable[tuple[Recorded, int]],
    channel: str = Channel.OTHER,
    also: Mapping[int, Collection[int]] = {},
    at: Mapping[int, datetime] = {},
) -> None:
    """As `record`, of many, each with its identifier; those of the forgotten are left out.

    `also` and `at` are by the facts' identifiers.
    """
    told = [
        (
            uuid.uuid4(),
            identifier,
            fact.fact_name(),
            _properties(fact),
            " ".join(map(str, also.get(identifier, ()))) or None,
            at.get(identifier),
        )
        for fact, identifier in facts
    ]
    if not told:
        return
    if not connection.in_atomic_block:
        raise RuntimeError("A fact is recorded in the transaction of what happened.")
    own_source()
    ids, identifiers, names, properties, others, moments = sql.columns(told)
    sql.run(
        _INSERT_ALL,
        {
            "ids": ids,
            "identifiers": identifiers,
            "names": names,
            "properties": properties,
            "also": others,
            "at": moments,
            "channel": channel,
        },
    )
    sql.wake(NOTIFY_FACTS)
