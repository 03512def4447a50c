"""The register of personal data: what each domain holds about a customer, tells and forgets.

A domain has a `personal.py` with `HOLDINGS`, and `FREE`: its tables that hold nothing about a
customer, each with the reason. `tests/house/` fails for a table that is in neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString

from spindel.kit import declared

Span = tuple[int, datetime, datetime]  # an identifier, from when, until when


@dataclass(frozen=True, slots=True)
class Subject:
    """Whoever is told about or forgotten, by all that a table may know her by."""

    customer: int
    spans: tuple[Span, ...]  # her identifiers, and when they were hers
    keys: frozenset[tuple[str, str]]  # kind and normal form of those that are hers alone


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
    """

    name: object  # lazily translated: what it is, to her
    tables: tuple[str, ...]
    tell: Callable[[Subject], Iterator[Mapping[str, object]]]
    forget: Callable[[Subject, int | None], int]
    large: bool = False
    say: Callable[[Mapping[str, object]], SafeString] | None = None
    kept: object = ""  # lazily translated


def holdings() -> list[Holding]:
    """What all domains hold, the lowest first."""
    return list(declared.each("personal", "HOLDINGS"))


def free_tables() -> dict[str, str]:
    """The tables that hold nothing about a customer, and why."""
    modules = declared.modules("personal")
    return {table: why for module in modules for table, why in module.FREE.items()}
