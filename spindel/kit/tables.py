"""Cells of tables that people open in a spreadsheet."""

from __future__ import annotations

# OWASP, CSV Injection; the last four are as wide as letters of Chinese, and read alike.
_BEGINS_A_FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # these are meant


def harmless(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula: quoted where it would be."""
    return f"'{text}" if text.startswith(_BEGINS_A_FORMULA) else text
