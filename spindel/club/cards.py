"""Members' numbers: what stands on a card, and is read by any till.

A number is an EAN-13 of the range that GS1 leaves to companies for their own use (prefix 29): a
scanner checks its last digit, and it is no payment card's.
"""

from __future__ import annotations

import secrets

import segno

_OURS = "29"
_LENGTH = 13


def new() -> str:
    """A number that nobody has yet, as good as certainly; it says nothing of anybody."""
    digits = _OURS + f"{secrets.randbelow(10**10):010}"
    return digits + check_digit(digits)


def check_digit(digits: str) -> str:
    """The last digit of an EAN-13, of the twelve before (GS1 General Specifications, 7.9)."""
    weighed = sum(int(one) * (3 if place % 2 else 1) for place, one in enumerate(digits))
    return str(-weighed % 10)


def is_mistyped(number: str) -> bool:
    """Whether it looks like one of ours, and its last digit says that it was not read right."""
    ours = len(number) == _LENGTH and number.isdecimal() and number.startswith(_OURS)
    return ours and check_digit(number[:-1]) != number[-1]


def spaced(number: str) -> str:
    """The number for a person to read: 29 0123 4567 890."""
    if len(number) != _LENGTH or not number.isdecimal():
        return number
    return f"{number[:2]} {number[2:6]} {number[6:10]} {number[10:]}"


def qr(number: str) -> segno.QRCode:
    """The number as a QR code."""
    return segno.make(number, error="m", micro=False)


def drawing(number: str) -> str:
    """The same as SVG that stands in a page."""
    return str(
        qr(number).svg_inline(border=2, omitsize=True, svgclass="qr", lineclass=None, light="#fff")
    )


def picture(number: str) -> str:
    """The same as a picture that can be kept: the address of a PNG that holds itself."""
    return str(qr(number).png_data_uri(scale=12, border=4))
