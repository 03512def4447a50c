"""The label of a return that was started from home: to print, and to stick on the parcel."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from fpdf import FPDF

from spindel.catalogue.models import Place
from spindel.commerce.common import pdf as common_pdf
from spindel.commerce.common.seller import seller
from spindel.commerce.common.templatetags.paper import moment
from spindel.commerce.orders.return_requests import RequestView
from spindel.kit.options import stored_text

_QR = 55.0  # millimetres


def write(request: RequestView, contact: Mapping[str, str], address: Mapping[str, str]) -> bytes:
    """The label, in the language that is active; `contact` and `address` are who sends it."""
    pdf = common_pdf.blank(f"{title()} {request.number_spaced}", seller().name, request.made_at)
    common_pdf.qr(pdf, request.qr(), pdf.w - common_pdf.MARGIN - _QR, common_pdf.MARGIN, _QR)
    width = pdf.epw - _QR - 8
    common_pdf.write(pdf, title(), 18, bold=True, width=width)
    pdf.ln(4)
    if request.by_parcel and request.place is not None:
        common_pdf.write(pdf, _("To"), 9, muted=True, width=width)
        for line in [seller().name, *address_of(request.place)]:
            common_pdf.write(pdf, line, 14, bold=True, width=width)
    pdf.ln(4)
    sender = sender_of(contact, address)
    if sender:
        common_pdf.write(pdf, _("From"), 9, muted=True, width=width)
        for line in sender:
            common_pdf.write(pdf, line, 11, width=width)
    pdf.set_y(max(pdf.get_y(), common_pdf.MARGIN + _QR) + 4)
    common_pdf.write(pdf, request.number_spaced, 24, bold=True)
    pdf.ln(4)
    _goods(pdf, request)
    return bytes(pdf.output())


def title() -> str:
    """What it is."""
    return _("Return label")


def file_name(request: RequestView) -> str:
    """What the file is called."""
    return common_pdf.file_name(title(), request.number)


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
        common_pdf.write(pdf, f"{one.quantity} × {name}", 11)
    number = {"number": request.order_number}
    common_pdf.write(pdf, _("Of the order %(number)s") % number, 9, muted=True)
    if request.is_open:
        until = {"until": moment(request.until)}
        common_pdf.write(pdf, _("It counts as in time until %(until)s.") % until, 9, muted=True)
