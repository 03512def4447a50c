"""A receipt as PDF, on a sheet of A4, to print or to send on."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import ttf_opensans  # type: ignore[import-untyped]  # it has no types
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from fpdf import FPDF, FontFace
from fpdf.enums import Align, TableBordersLayout, XPos, YPos

from spindel.catalogue.options import stored_text
from spindel.commerce.reading.receipts import Receipt, Row
from spindel.commerce.templatetags.paper import moment, paid_by, rate
from spindel.kit.templatetags.look import minor_words, number

# Has the letters of all of Europe; the fonts that every PDF may use have only some.
_FONTS = Path(ttf_opensans.__file__).parent / "ttf"
_MARGIN = 20.0  # millimetres, as is all below but sizes of letters
_QR = 30.0
_INK, _MUTED, _LINE = (27, 31, 36), (102, 106, 113), (214, 209, 200)


def write(receipt: Receipt) -> bytes:
    """The receipt, in the language that is active."""
    pdf = FPDF(format="A4")
    pdf.set_margin(_MARGIN)
    pdf.set_auto_page_break(True, _MARGIN)
    pdf.add_font("sans", "", str(_FONTS / "OpenSans-Regular.ttf"))
    pdf.add_font("sans", "B", str(_FONTS / "OpenSans-SemiBold.ttf"))
    pdf.set_title(f"{title(receipt)} {receipt.number_spaced}")
    pdf.set_author(_plain(receipt.seller.name))
    pdf.set_lang(get_language() or "en")
    pdf.set_creation_date(receipt.at)
    pdf.add_page()
    _head(pdf, receipt)
    _goods(pdf, receipt)
    _sums(pdf, receipt)
    return bytes(pdf.output())


def title(receipt: Receipt) -> str:
    """What it is: a receipt, or before anything is paid the confirmation of an order."""
    return _("Receipt") if receipt.is_paid else _("Order confirmation")


def file_name(receipt: Receipt) -> str:
    """What the file is called, in letters that every program and header can read."""
    plain = "".join(
        one
        for one in f"{title(receipt)}-{receipt.number}"
        if one.isascii() and (one.isalnum() or one == "-")
    )
    return f"{plain[:70]}.pdf"


def _head(pdf: FPDF, receipt: Receipt) -> None:
    _qr(pdf, receipt, pdf.w - _MARGIN - _QR, _MARGIN)
    width = pdf.epw - _QR - 8
    sells = receipt.seller
    if sells.name:
        _write(pdf, sells.name, 14, bold=True, width=width)
    about = " · ".join(part for part in (sells.address, sells.number) if part)
    if about:
        _write(pdf, about, 9, muted=True, width=width)
    pdf.ln(6)
    _write(pdf, title(receipt), 18, bold=True, width=width)
    _write(pdf, receipt.number_spaced, 11, width=width)
    told = [moment(receipt.at), receipt.place, receipt.by]
    _write(pdf, " · ".join(one for one in told if one), 9, muted=True, width=width)
    pdf.set_y(max(pdf.get_y(), _MARGIN + _QR) + 8)


def _qr(pdf: FPDF, receipt: Receipt, x: float, y: float) -> None:
    """The number as squares, with the white around it that scanners need."""
    matrix = [bytes(row) for row in receipt.qr().matrix_iter(border=2)]
    side = _QR / len(matrix)
    pdf.set_fill_color(0, 0, 0)
    for down, row in enumerate(matrix):
        for across, dark in enumerate(row):
            if dark:
                pdf.rect(x + across * side, y + down * side, side, side, style="F")


def _write(
    pdf: FPDF, text: str, size: float, *, bold: bool = False, muted: bool = False, width: float = 0
) -> None:
    pdf.set_font("sans", "B" if bold else "", size)
    pdf.set_text_color(*(_MUTED if muted else _INK))
    pdf.multi_cell(
        width, size * 0.5, _plain(text), align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT
    )


def _goods(pdf: FPDF, receipt: Receipt) -> None:
    money = receipt.currency
    _ready(pdf)
    with pdf.table(
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        col_widths=(14, 86, 35, 35),
        text_align=(Align.R, Align.L, Align.R, Align.R),
        headings_style=FontFace(emphasis="BOLD", color=_MUTED),
        line_height=5.5,
        padding=(1.2, 1.5),
    ) as table:
        table.row([_("Pieces"), _("Goods"), _("Each"), _("Total")])
        for one in receipt.rows:
            table.row(_cells(one, money))
        for one in receipt.back:
            table.row(_cells(one, money, _("Came back")))
    pdf.ln(5)


def _cells(row: Row, money: str, before: str = "") -> list[str]:
    name = f"{row.name}, {stored_text(row.options)}" if row.options else row.name
    name = f"{before}: {name}" if before else name
    return [
        number(row.quantity),
        _plain(name),
        _plain(minor_words(row.amount, money)),
        _plain(minor_words(row.total, money)),
    ]


def _sums(pdf: FPDF, receipt: Receipt) -> None:
    money = receipt.currency
    _ready(pdf)
    with pdf.table(
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        col_widths=(50, 40, 40, 40),
        text_align=(Align.L, Align.R, Align.R, Align.R),
        headings_style=FontFace(emphasis="BOLD", color=_MUTED),
        line_height=5.5,
        padding=(1.2, 1.5),
    ) as table:
        table.row([_("VAT"), _("Without VAT"), _("VAT"), _("With VAT")])
        for one in receipt.vat:
            amounts = [one.net, one.vat, one.total]
            table.row(
                [_plain(rate(one.rate)), *(_plain(minor_words(each, money)) for each in amounts)]
            )
        sums = [sum(x.net for x in receipt.vat), sum(x.vat for x in receipt.vat), receipt.total]
        bold = FontFace(emphasis="BOLD")
        table.row([_("Total"), *(_plain(minor_words(each, money)) for each in sums)], style=bold)
    pdf.ln(5)
    if receipt.provider:
        _write(pdf, f"{_('How it is paid')}: {paid_by(receipt.provider)}", 10)
    if receipt.paid:
        _write(pdf, f"{_('Paid')}: {minor_words(receipt.paid, money)}", 10)
    if receipt.paid_back:
        _write(pdf, f"{_('Paid back')}: {minor_words(receipt.paid_back, money)}", 10)


def _ready(pdf: FPDF) -> None:
    pdf.set_font("sans", "", 10)
    pdf.set_text_color(*_INK)
    pdf.set_draw_color(*_LINE)
    pdf.set_fill_color(255, 255, 255)


def _plain(text: str) -> str:
    """The text without what can't be printed; narrow spaces as others, which the font has."""
    text = text.replace("\u202f", "\xa0")
    return "".join(one for one in text if unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Co"))
