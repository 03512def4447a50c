"""Codes that customers type: how they are read, made and kept."""

from __future__ import annotations

import hashlib
import re
import secrets

LEAST_CODE, MOST_CODE = 4, 40

_GAPS = re.compile(r"[\s\-_.]+")
# Crockford's base 32: no letter that is taken for a digit, or that makes words.
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHANCE = 11  # letters of 5 bits: nobody guesses one of a million


def read(typed: str) -> str:
    """A code as it counts: capitals, without the gaps that people type; empty where it is none."""
    code = _GAPS.sub("", typed[: 2 * MOST_CODE]).upper()
    return code if len(code) <= MOST_CODE and code.isalnum() else ""


def digest(code: str) -> bytes:
    """What is kept of a code that has been `read`."""
    return hashlib.sha256(code.encode()).digest()


def new(chance: int = _CHANCE) -> str:
    """A code for one customer of so many letters by chance, and a last one that is a check digit: a
    slip is seen without asking.
    """
    code = "".join(secrets.choice(_LETTERS) for _ in range(chance))
    return code + _check(code)


def is_slip(code: str) -> bool:
    """Whether it looks like one of `new`, but has been mistyped."""
    return len(code) == _CHANCE + 1 and set(code) <= set(_LETTERS) and _check(code[:-1]) != code[-1]


def _check(code: str) -> str:
    """Luhn's check digit in base 32 (ISO/IEC 7812-1, annex B, generalised): it sees each wrong
    letter, and two neighbours that have changed places.
    """
    whole = 0
    for place, letter in enumerate(reversed(code)):
        value = _LETTERS.index(letter) * (2 - place % 2)
        whole += value // 32 + value % 32
    return _LETTERS[-whole % 32]
