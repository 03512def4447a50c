"""The register of personal data: what each domain holds about a customer, tells and forgets.

A domain has a `personal.py` with `HOLDINGS`, and `FREE`: its tables that hold nothing about a
customer, each with the reason. `tests/house/` fails for a table that is in neither.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString

from spindel.kit import declared, sql

Span = tuple[int, datetime, datetime]  # an identifier, from when, until when


@dataclass(frozen=True, slots=True)
class Subject:
    """Whoever is told about or forgotten, by all that a table may know her by."""

    customer: int
    spans: tuple[Span, ...]  # her identifiers, and when they were hers
    keys: frozenset[tuple[str, str]]  # kind and normal form of those that are hers alone

    @property
    def parameters(self) -> dict[str, object]:
        """Who she is, for SQL that has `SPAN` in it."""
        return {
            "ids": [id for id, _, _ in self.spans],
            "since": [since for _, since, _ in self.spans],
            "until": [until for _, _, until in self.spans],
            "customer": self.customer,
        }


@dataclass(frozen=True, slots=True)
class Holding:
    """What some tables hold about customers.

    `tell` answers all of it, oldest first where it has an order, as JSON objects. `forget` takes
    away or anonymises rows, and answers how many. It runs in a transaction, and may run again.
    Those of `large` ones are first asked for so many rows at most, of those that every follower
    has come past, again and again beside other traffic; less than that means that few are left.
    Then all are asked for all that is left, while nothing of hers is half-way in (None).
    `say` puts an item of `tell` into words, as HTML that is safe.
    `kept` says what stays without her name, and why.
    `rank` goes before the order of the domains, both for whoever reads it and for the locks.
    """

    name: object  # lazily translated: what it is, to her
    tables: tuple[str, ...]
    tell: Callable[[Subject], Iterator[Mapping[str, object]]]
    forget: Callable[[Subject, int | None], int]
    large: bool = False
    say: Callable[[Mapping[str, object]], SafeString] | None = None
    kept: object = ""  # lazily translated
    rank: int = 0


def holdings() -> list[Holding]:
    """What all domains hold, the lowest first."""
    return sorted(declared.each("personal", "HOLDINGS"), key=lambda one: one.rank)


def free_tables() -> dict[str, str]:
    """The tables that hold nothing about a customer, and why."""
    modules = declared.modules("personal")
    return {table: why for module in modules for table, why in module.FREE.items()}


# --- what a domain tells and forgets by -----------------------------------------------------------

SPAN = """
unnest(%(ids)s::bigint[], %(since)s::timestamptz[], %(until)s::timestamptz[])
    AS span (id, since, until)
"""


def rows_naming_her(table: str, at: str) -> str:
    """SQL for the ids of a table's rows that name one of her identifiers while it was hers; `at` is
    the column that says when they did.
    """
    return f"""
    SELECT t.id FROM {SPAN}
    JOIN {table} t ON t.identifier_id = span.id AND t.{at} >= span.since AND t.{at} < span.until
    """  # noqa: S608  # put together from constants


def ids_of(statement: str, who: Subject) -> list[int]:
    """The ids that the statement answers for her."""
    return [id for (id,) in sql.rows(statement, who.parameters)]


def told(
    statement: str,
    names: Sequence[str],
    parameters: Mapping[str, object],
    parsed: Collection[str] = (),
) -> Iterator[Mapping[str, object]]:
    """The rows with their columns by name; those `parsed` are JSON."""
    for row in sql.rows(statement, parameters):
        item = dict(zip(names, row, strict=True))
        for name in parsed:
            if isinstance(text := item[name], str):
                item[name] = json.loads(text)
        yield item
