"""A sheet of A4 as PDF: what every paper of ours has in common."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from pathlib import Path

import segno
import ttf_opensans  # type: ignore[import-untyped]  # it has no types
from django.utils.translation import get_language
from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos

# Has the letters of all of Europe; the fonts that every PDF may use have only some.
_FONTS = Path(ttf_opensans.__file__).parent / "ttf"
MARGIN = 20.0  # millimetres, as is all below but sizes of letters
INK, MUTED, LINE = (27, 31, 36), (102, 106, 113), (214, 209, 200)


def blank(title: str, author: str, at: datetime) -> FPDF:
    """An empty sheet, in the language that is active."""
    pdf = FPDF(format="A4")
    pdf.set_margin(MARGIN)
    pdf.set_auto_page_break(True, MARGIN)
    pdf.add_font("sans", "", str(_FONTS / "OpenSans-Regular.ttf"))
    pdf.add_font("sans", "B", str(_FONTS / "OpenSans-SemiBold.ttf"))
    pdf.set_title(title)
    pdf.set_author(plain(author))
    pdf.set_lang(get_language() or "en")
    pdf.set_creation_date(at)
    pdf.add_page()
    return pdf


def qr(pdf: FPDF, code: segno.QRCode, x: float, y: float, size: float) -> None:
    """The squares, with the white around them that scanners need."""
    matrix = [bytes(row) for row in code.matrix_iter(border=2)]
    side = size / len(matrix)
    pdf.set_fill_color(0, 0, 0)
    for down, row in enumerate(matrix):
        for across, dark in enumerate(row):
            if dark:
                pdf.rect(x + across * side, y + down * side, side, side, style="F")


def write(
    pdf: FPDF, text: str, size: float, *, bold: bool = False, muted: bool = False, width: float = 0
) -> None:
    """A paragraph; `size` is of its letters, in points."""
    pdf.set_font("sans", "B" if bold else "", size)
    pdf.set_text_color(*(MUTED if muted else INK))
    pdf.multi_cell(
        width, size * 0.5, plain(text), align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT
    )


def file_name(title: str, number: str) -> str:
    """What the file is called, in letters that every program and header can read."""
    told = (one for one in f"{title}-{number}" if one.isascii() and (one.isalnum() or one == "-"))
    return f"{''.join(told)[:70]}.pdf"


def plain(text: str) -> str:
    """The text without what can't be printed; narrow spaces as others, which the font has."""
    text = text.replace("\u202f", "\xa0")
    return "".join(one for one in text if unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Co"))
