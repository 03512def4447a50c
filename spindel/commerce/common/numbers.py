"""Numbers of orders, quotes and returns: can be read aloud, and can not be guessed."""

from __future__ import annotations

import secrets
import unicodedata

# Crockford's base 32: no letter that is taken for a digit.
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LONGEST = 64  # of a till's
_LENGTH = 11  # 55 bits of chance: nobody finds another's by trying

MEANT = str.maketrans("OIL", "011", " -")


def new(letter: str) -> str:
    """A number that begins with R for an order and its receipt, Q for a quote, B for a return,
    A for one that was started from home.
    """
    return letter + "".join(secrets.choice(LETTERS) for _ in range(_LENGTH))


def read(text: str) -> str:
    """A number as somebody has typed it, the way it is kept.

    Numbers of tills stay as they are, but for what nobody sees: how an å is put together, and which
    spaces there are, and how many.
    """
    text = " ".join(unicodedata.normalize("NFC", text).split())[:_LONGEST]
    typed = text.upper().translate(MEANT)
    return typed if _is_ours(typed) else text


def is_ours(text: str) -> bool:
    """Whether somebody has typed a number that can't be guessed; a till's can."""
    return _is_ours(read(text))


def _is_ours(typed: str) -> bool:
    return len(typed) == _LENGTH + 1 and typed[0] in "RQBA" and set(typed[1:]) <= set(LETTERS)


def spaced(number: str) -> str:
    """The number for a person to read: R7K3 M9QX T2BF."""
    if len(number) != _LENGTH + 1:
        return number
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


class InAddress:
    """How a number stands in an address: as in a JSON pointer (RFC 6901), as it may have a slash.

    A slash that is only quoted is a slash again before anybody asks whose it is.
    """

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        """The number."""
        return value.replace("~1", "/").replace("~0", "~")

    def to_url(self, value: str) -> str:
        """The part of the address."""
        return value.replace("~", "~0").replace("/", "~1")
