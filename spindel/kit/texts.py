"""What people type, as it is kept: without what nobody sees, and no longer than it may be.

Machines are refused such text instead (`kit/schema.py`): what a program sends is what it means.
"""

from __future__ import annotations

import re

# Controls but tab and the ends of lines (Unicode, category Cc), and halves of surrogate pairs
# (Cs). PostgreSQL keeps no NUL; a terminal, a mail or a spreadsheet obeys the others.
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")


def plain(text: str, most: int) -> str:
    """What is looked for, or names something: as it was typed, its gaps, too."""
    return _UNSEEN.sub("", text).strip()[:most]


def line(text: str, most: int) -> str:
    """One line, with single spaces."""
    return " ".join(_UNSEEN.sub("", text).split())[:most].rstrip()


def lines(text: str, most: int) -> str:
    """Several lines, each ended as on Unix."""
    return _UNSEEN.sub("", text).replace("\r\n", "\n").replace("\r", "\n").strip()[:most].rstrip()
