"""A receipt as PDF, on a sheet of A4, to print or to send on."""

from __future__ import annotations

from django.utils.translation import gettext as _
from fpdf import FPDF, FontFace
from fpdf.enums import Align, TableBordersLayout

from spindel.commerce.common import pdf as common_pdf
from spindel.commerce.common.templatetags.paper import moment, rate
from spindel.commerce.orders.receipts import Receipt, Row
from spindel.commerce.payments.templatetags.ways_to_pay import paid_by
from spindel.kit.options import stored_text
from spindel.kit.templatetags.look import minor_words, number

_QR = 30.0  # millimetres


def write(receipt: Receipt) -> bytes:
    """The receipt, in the language that is active."""
    named = f"{title(receipt)} {receipt.number_spaced}"
    pdf = common_pdf.blank(named, receipt.seller.name, receipt.at)
    _head(pdf, receipt)
    _goods(pdf, receipt)
    _sums(pdf, receipt)
    return bytes(pdf.output())


def title(receipt: Receipt) -> str:
    """What it is: a receipt, or before anything is paid the confirmation of an order."""
    return _("Receipt") if receipt.is_paid else _("Order confirmation")


def file_name(receipt: Receipt) -> str:
    """What the file is called, in letters that every program and header can read."""
    return common_pdf.file_name(title(receipt), receipt.number)


def _head(pdf: FPDF, receipt: Receipt) -> None:
    common_pdf.qr(pdf, receipt.qr(), pdf.w - common_pdf.MARGIN - _QR, common_pdf.MARGIN, _QR)
    width = pdf.epw - _QR - 8
    sells = receipt.seller
    if sells.name:
        common_pdf.write(pdf, sells.name, 14, bold=True, width=width)
    about = " · ".join(part for part in (sells.address, sells.number) if part)
    if about:
        common_pdf.write(pdf, about, 9, muted=True, width=width)
    pdf.ln(6)
    common_pdf.write(pdf, title(receipt), 18, bold=True, width=width)
    common_pdf.write(pdf, receipt.number_spaced, 11, width=width)
    told = [moment(receipt.at), receipt.place, receipt.by]
    common_pdf.write(pdf, " · ".join(one for one in told if one), 9, muted=True, width=width)
    pdf.set_y(max(pdf.get_y(), common_pdf.MARGIN + _QR) + 8)


def _goods(pdf: FPDF, receipt: Receipt) -> None:
    money = receipt.currency
    _ready(pdf)
    with pdf.table(
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        col_widths=(14, 86, 35, 35),
        text_align=(Align.R, Align.L, Align.R, Align.R),
        headings_style=FontFace(emphasis="BOLD", color=common_pdf.MUTED),
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
    for one in row.discounts:
        name += f"\n{one.name} −{minor_words(one.amount, money)}"
    return [
        number(row.quantity),
        common_pdf.plain(name),
        common_pdf.plain(minor_words(row.amount, money)),
        common_pdf.plain(minor_words(row.total, money)),
    ]


def _sums(pdf: FPDF, receipt: Receipt) -> None:
    money = receipt.currency
    _ready(pdf)
    with pdf.table(
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        col_widths=(50, 40, 40, 40),
        text_align=(Align.L, Align.R, Align.R, Align.R),
        headings_style=FontFace(emphasis="BOLD", color=common_pdf.MUTED),
        line_height=5.5,
        padding=(1.2, 1.5),
    ) as table:
        table.row([_("VAT"), _("Without VAT"), _("VAT"), _("With VAT")])
        for one in receipt.vat:
            amounts = [one.net, one.vat, one.total]
            table.row(
                [
                    common_pdf.plain(rate(one.rate)),
                    *(common_pdf.plain(minor_words(each, money)) for each in amounts),
                ]
            )
        sums = [sum(x.net for x in receipt.vat), sum(x.vat for x in receipt.vat), receipt.total]
        bold = FontFace(emphasis="BOLD")
        table.row(
            [_("Total"), *(common_pdf.plain(minor_words(each, money)) for each in sums)], style=bold
        )
    pdf.ln(5)
    if receipt.gift_card:
        amount = minor_words(receipt.gift_card, money)
        common_pdf.write(pdf, f"{_('Paid with a gift card')}: {amount}", 10)
    if receipt.provider:
        common_pdf.write(pdf, f"{_('How it is paid')}: {paid_by(receipt.provider)}", 10)
    if receipt.paid:
        common_pdf.write(pdf, f"{_('Paid')}: {minor_words(receipt.paid, money)}", 10)
    if receipt.paid_back:
        common_pdf.write(pdf, f"{_('Paid back')}: {minor_words(receipt.paid_back, money)}", 10)


def _ready(pdf: FPDF) -> None:
    pdf.set_font("sans", "", 10)
    pdf.set_text_color(*common_pdf.INK)
    pdf.set_draw_color(*common_pdf.LINE)
    pdf.set_fill_color(255, 255, 255)
