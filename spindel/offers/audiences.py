"""To which groups a customer belongs, as far as offers are for groups.

What lies above, such as a club, registers what it knows; it is asked in the one statement that asks
what is known of whoever buys.
"""

from __future__ import annotations

LISTED = "list:"

_LISTS = f"""
SELECT '{LISTED}' || l.key FROM mine
JOIN offers_listedcustomer c ON c.identifier_id = mine.id
JOIN offers_customerlist l ON l.id = c.list_id
"""  # noqa: S608  # put together from constants

_KNOWN: dict[str, str] = {"lists": _LISTS}


def register(name: str, groups: str) -> None:
    """Have groups known by this: a SELECT of one column, the groups' names, of whoever has the
    identifiers in `mine (id)`.
    """
    _KNOWN[name] = groups


def groups() -> str:
    """An expression: the names of all groups of whoever has the identifiers in `mine (id)`, as an
    array; null for none.
    """
    known = " UNION ALL ".join(f"({one})" for one in _KNOWN.values())
    return f"(SELECT array_agg(name) FROM ({known}) AS belongs (name))"  # noqa: S608  # of constants
