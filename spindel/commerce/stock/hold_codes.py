"""The code of a hold: short enough to be said at a counter, and made up by nobody.

H, the hold's id in Crockford's base 32, and five letters that only this installation can write
behind it. One that was misheard has others there, so they are the check digits, too. Trying hits
one hold in 33 million times, and whoever looks holds up is let try a few:
`store/views/hold_by_code.py`.
"""

from __future__ import annotations

from django.utils.crypto import constant_time_compare, salted_hmac

from spindel.commerce.common.numbers import LETTERS, MEANT

_FEWEST = 3  # letters of the id, so that the first codes look like all others
_SIGNED = 5
_MOST = 1 + 13 + _SIGNED  # of the largest id that the database has
_LONGEST_TYPED = 60  # with spaces


class NoSuchCode(LookupError):
    """It is no code of a hold; it was mistyped, or made up."""


def code(hold: int) -> str:
    """The code of the hold with this id, as it is scanned."""
    return f"H{_letters(hold, _FEWEST)}{_signature(hold)}"


def looks_like(text: str) -> bool:
    """Whether it has the form of a code, however it is typed."""
    typed = _typed(text)
    return (
        1 + _FEWEST + _SIGNED <= len(typed) <= _MOST
        and typed[0] == "H"
        and set(typed[1:]) <= set(LETTERS)
    )


def _typed(text: str) -> str:
    return text[:_LONGEST_TYPED].upper().translate(MEANT)


def read(text: str) -> int:
    """The id of the hold whose code somebody has typed or scanned. Raises NoSuchCode."""
    if not looks_like(text):
        raise NoSuchCode
    typed = _typed(text)
    told, signature = typed[1:-_SIGNED], typed[-_SIGNED:]
    hold = 0
    for letter in told:
        hold = hold * 32 + LETTERS.index(letter)
    if told != _letters(hold, _FEWEST) or not constant_time_compare(signature, _signature(hold)):
        raise NoSuchCode
    return hold


def spaced(code: str) -> str:
    """The code for a person to read: H2Q 7K3 M9X."""
    return " ".join(code[start : start + 3] for start in range(0, len(code), 3))


def _signature(hold: int) -> str:
    found = salted_hmac("commerce.hold", str(hold), algorithm="sha256").digest()
    return _letters(int.from_bytes(found[:8], "big") % 32**_SIGNED, _SIGNED)


def _letters(value: int, least: int) -> str:
    """The number in base 32, with so many letters at least."""
    found = ""
    while value or len(found) < least:
        value, digit = divmod(value, 32)
        found = LETTERS[digit] + found
    return found
