"""Numbers of orders, quotes and returns: can be read aloud, and can not be guessed."""

from __future__ import annotations

import secrets

# Crockford's base 32: no letter that is taken for a digit.
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 11  # 55 bits of chance: nobody finds another's by trying

_MEANT = str.maketrans("OIL", "011", " -")


def new(letter: str) -> str:
    """A number that begins with R for an order and its receipt, Q for a quote, B for a return."""
    return letter + "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


def read(text: str) -> str:
    """A number as somebody has typed it, the way it is kept; numbers of tills stay as they are."""
    typed = text.strip()[:64].upper().translate(_MEANT)
    return typed if _is_ours(typed) else text.strip()[:64]


def is_ours(text: str) -> bool:
    """Whether somebody has typed a number that can't be guessed; a till's can."""
    return _is_ours(read(text))


def _is_ours(typed: str) -> bool:
    return len(typed) == _LENGTH + 1 and typed[0] in "RQB" and set(typed[1:]) <= set(_LETTERS)


def spaced(number: str) -> str:
    """The number for a person to read: R7K3 M9QX T2BF."""
    if len(number) != _LENGTH + 1:
        return number
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))
