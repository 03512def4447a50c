"""To which groups a customer belongs, as far as offers are for groups.

What lies above, such as a club, registers what it knows; it is asked in the one statement that asks
what is known of whoever buys.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from spindel.kit import sql

LISTED = "list:"

_LISTS = f"""
SELECT '{LISTED}' || l.key FROM mine
JOIN offers_listedcustomer c ON c.identifier_id = mine.id
JOIN offers_customerlist l ON l.id = c.list_id
"""  # noqa: S608  # put together from constants

_KNOWN: dict[str, str] = {"lists": _LISTS}


class Group(NamedTuple):
    """A group that an offer can be for: what offers call it, what people do, and how many are in
    it.
    """

    name: str
    label: str
    customers: int


_MOST = 200
_NAMED_LISTS = """
SELECT l.key, l.name,
       (SELECT count(*) FROM offers_listedcustomer c WHERE c.list_id = l.id)
FROM offers_customerlist l ORDER BY l.name, l.key LIMIT %(most)s
"""


def _lists() -> list[Group]:
    rows = sql.rows(_NAMED_LISTS, {"most": _MOST})
    return [Group(f"{LISTED}{key}", name, customers) for key, name, customers in rows]


_NAMED: dict[str, Callable[[], Sequence[Group]]] = {"lists": _lists}


def register(name: str, groups: str, named: Callable[[], Sequence[Group]] | None = None) -> None:
    """Have groups known by this: a SELECT of one column, the groups' names, of whoever has the
    identifiers in `mine (id)`; and by `named` all the groups that there are.
    """
    _KNOWN[name] = groups
    if named is not None:
        _NAMED[name] = named


def named() -> list[Group]:
    """The groups that an offer can be for."""
    return [group for of_one in _NAMED.values() for group in of_one()]


def groups() -> str:
    """An expression: the names of all groups of whoever has the identifiers in `mine (id)`, as an
    array; null for none.
    """
    return f"(SELECT array_agg(name) FROM ({known()}) AS belongs (name))"  # noqa: S608  # of constants


def known() -> str:
    """A SELECT of one column: the groups' names, of whoever has the identifiers in `mine (id)`."""
    return " UNION ALL ".join(f"({one})" for one in _KNOWN.values())
