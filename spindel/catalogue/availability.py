"""What is in stock where, as the domain knows that keeps the stock.

The catalogue lies below it, and is told how to ask.
"""

from __future__ import annotations

_RELATIONS: list[str] = []


def register(relation: str) -> None:
    """Have stock looked for by this: a SELECT of `variant` and `place`, where some can be had."""
    _RELATIONS[:] = [relation]


def relation() -> str:
    """A SELECT of `variant` and `place`; of nothing where nobody keeps stock."""
    nothing = "SELECT NULL::bigint AS variant, NULL::bigint AS place WHERE false"
    return _RELATIONS[0] if _RELATIONS else nothing
