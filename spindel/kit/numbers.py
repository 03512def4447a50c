"""Numbers as people and their systems write them, read as a careful person reads them.

`1.290` is 1290 to a Dane and 1.29 to a Briton. Whoever can't know which is meant must not guess: it
is refused, unless somebody has said which mark stands before the decimals.
"""

from __future__ import annotations

import re
from decimal import Decimal

# Spaces of several widths, and the marks that the Swiss use.
_APART = " \u00a0\u2007\u2009\u202f'’"
_PLAIN = re.compile(r"([0-9]{1,30})(?:([.,])([0-9]{1,15}))?")
_GROUPED = re.compile(
    rf"([1-9][0-9]{{0,2}})([{_APART}.,])([0-9]{{3}}(?:\2[0-9]{{3}}){{0,8}})"
    r"(?:([.,])([0-9]{1,15}))?"
)


class NotNumber(ValueError):
    """A text is no number, or has a mark in the wrong place."""


class TooFine(NotNumber):
    """A number has more decimals than what it counts can have."""


class Unclear(NotNumber):
    """A text can be read as two numbers, `readings`; the first takes the mark for the decimals'."""

    def __init__(self, readings: tuple[Decimal, Decimal]) -> None:
        super().__init__(f"It is {readings[0].normalize():f} or {readings[1]:f}.")
        self.readings = readings


def parse_decimal(text: str, mark: str | None = None, places: int | None = None) -> Decimal:
    """A number without a sign. Raises NotNumber, Unclear and TooFine.

    `mark`, "." or ",", is what stands before the decimals, where somebody has said so; thousands
    may then be set apart by the other one. `places` is how many decimals there can be.
    """
    text = text.strip()
    plain = _PLAIN.fullmatch(text)
    if plain and plain[2] and mark not in (None, plain[2]):
        plain = None
    grouped = _GROUPED.fullmatch(text)
    if grouped and (grouped[2] in (grouped[4], mark) or mark not in (None, grouped[4] or mark)):
        grouped = None
    if plain is None and grouped is None:
        raise NotNumber("It is not written like 1290 or 1290.50.")
    # Where a currency has three decimals, three behind a point are its own.
    if plain and grouped and not (plain[2] == "." and places == len(plain[3])):
        raise Unclear((_decimal(plain[1], plain[3]), _decimal(grouped[1] + grouped[3], "")))
    if plain:
        whole, decimals = plain[1], plain[3] or ""
    else:
        assert grouped is not None
        whole = re.sub("[^0-9]", "", grouped[1] + grouped[3])
        decimals = grouped[5] or ""
    if places is not None and len(decimals) > places:
        raise TooFine(f"It has {len(decimals)} decimals, and at most {places} are possible.")
    return _decimal(whole, decimals)


def _decimal(whole: str, decimals: str) -> Decimal:
    return Decimal(f"{whole}.{decimals}" if decimals else whole)
