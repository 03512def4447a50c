"""What was sold lately, which what lies above says: orders register it."""

from __future__ import annotations

_READ: list[str] = []


def register(sold: str) -> None:
    """Have sales known by this: a SELECT of what was sold in the last 28 days, with the columns
    product (its number), currency, pieces and amount (minor units, discounts taken off).
    """
    _READ[:] = [sold]


def sold() -> str:
    """That statement; one that finds nothing where nobody has registered any."""
    nothing = "SELECT ''::text, ''::text, 0::bigint, 0::bigint WHERE false"
    return _READ[0] if _READ else nothing
