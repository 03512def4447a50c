"""To which groups a customer belongs, as far as offers are for groups.

What lies above, such as a club, registers what it knows; it is asked in the one statement that asks
what is known of whoever buys.
"""

from __future__ import annotations

from typing import NamedTuple

from spindel.kit import sql

LISTED = "list:"

_LISTS = f"""
SELECT '{LISTED}' || l.key FROM mine
JOIN offers_listedcustomer c ON c.identifier_id = mine.id
JOIN offers_customerlist l ON l.id = c.list_id
"""  # noqa: S608  # put together from constants

_NAMED_LISTS = f"""
SELECT '{LISTED}' || l.key, l.name,
       (SELECT count(*) FROM offers_listedcustomer c WHERE c.list_id = l.id)
FROM offers_customerlist l
"""  # noqa: S608  # put together from constants

_KNOWN: dict[str, str] = {"lists": _LISTS}
_NAMED: dict[str, str] = {"lists": _NAMED_LISTS}


def register(name: str, groups: str, named: str = "") -> None:
    """Have groups known by this: a SELECT of one column, the groups' names, of whoever has the
    identifiers in `mine (id)`. `named` is a SELECT of all the groups that there are: their names,
    what people call them, and how many customers are in each.
    """
    _KNOWN[name] = groups
    if named:
        _NAMED[name] = named


class Group(NamedTuple):
    """A group that an offer can be for: what offers call it, what people do, and how many are in
    it.
    """

    name: str
    label: str
    customers: int


_MOST = 200


def named() -> list[Group]:
    """The groups that an offer can be for."""
    every = " UNION ALL ".join(f"({one})" for one in _NAMED.values())
    asked = f"SELECT * FROM ({every}) AS every (name, label, many) ORDER BY 2 LIMIT {_MOST}"  # noqa: S608  # the same
    return [Group(*row) for row in sql.rows(asked)]


def groups() -> str:
    """An expression: the names of all groups of whoever has the identifiers in `mine (id)`, as an
    array; null for none.
    """
    known = " UNION ALL ".join(f"({one})" for one in _KNOWN.values())
    return f"(SELECT array_agg(name) FROM ({known}) AS belongs (name))"  # noqa: S608  # of constants
