"""The label of a return that was started from home: to print, and to stick on the parcel."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from fpdf import FPDF

from spindel.catalogue.models import Place
from spindel.commerce.common import sheet
from spindel.commerce.common.seller import seller
from spindel.commerce.common.templatetags.paper import moment
from spindel.commerce.orders.return_requests import RequestView
from spindel.kit.options import stored_text

_QR = 55.0  # millimetres


def write(request: RequestView, contact: Mapping[str, str], address: Mapping[str, str]) -> bytes:
    """The label, in the language that is active; `contact` and `address` are who sends it."""
    pdf = sheet.blank(f"{title()} {request.number_spaced}", seller().name, request.made_at)
    sheet.qr(pdf, request.qr(), pdf.w - sheet.MARGIN - _QR, sheet.MARGIN, _QR)
    width = pdf.epw - _QR - 8
    sheet.write(pdf, title(), 18, bold=True, width=width)
    pdf.ln(4)
    if request.by_parcel and request.place is not None:
        sheet.write(pdf, _("To"), 9, muted=True, width=width)
        for line in [seller().name, *address_of(request.place)]:
            sheet.write(pdf, line, 14, bold=True, width=width)
    pdf.ln(4)
    sender = sender_of(contact, address)
    if sender:
        sheet.write(pdf, _("From"), 9, muted=True, width=width)
        for line in sender:
            sheet.write(pdf, line, 11, width=width)
    pdf.set_y(max(pdf.get_y(), sheet.MARGIN + _QR) + 4)
    sheet.write(pdf, request.number_spaced, 24, bold=True)
    pdf.ln(4)
    _goods(pdf, request)
    return bytes(pdf.output())


def title() -> str:
    """What it is."""
    return _("Return label")


def file_name(request: RequestView) -> str:
    """What the file is called."""
    return sheet.file_name(title(), request.number)


def address_of(place: Place) -> list[str]:
    """The place as a parcel is addressed to it, without whose it is."""
    town = " ".join(part for part in (place.postcode, place.city) if part)
    return [one for one in (place.name, place.street, town, place.country) if one]


def sender_of(contact: Mapping[str, str], address: Mapping[str, str]) -> list[str]:
    """Who sends it, and from where, as far as the order says."""
    town = " ".join(address.get(name, "") for name in ("postcode", "city")).strip()
    told = (contact.get("name", ""), address.get("street", ""), town, address.get("country", ""))
    return [one for one in told if one]


def _goods(pdf: FPDF, request: RequestView) -> None:
    for one in request.lines:
        name = f"{one.name}, {stored_text(one.options)}" if one.options else one.name
        sheet.write(pdf, f"{one.quantity} × {name}", 11)
    number = {"number": request.order_number}
    sheet.write(pdf, _("Of the order %(number)s") % number, 9, muted=True)
    if request.is_open:
        until = {"until": moment(request.until)}
        sheet.write(pdf, _("It counts as in time until %(until)s.") % until, 9, muted=True)
