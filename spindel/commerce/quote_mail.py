"""The mail that a quote is sent with: what is offered, until when, and where to take it."""

from __future__ import annotations

from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from spindel.commerce.reading.quotes import QuoteView
from spindel.commerce.seller import seller


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it is to be sent."""

    name: str
    subject: str
    text: str
    html: str


def write(quote: QuoteView) -> Letter:
    """The mail, in the quote's language."""
    sells = seller()
    name = line_of(quote.contact.get("name", ""))
    words = {"quote": quote, "seller": sells, "name": name}
    with translation.override(quote.language):
        subject = (
            _("Your quote from %(seller)s") % {"seller": line_of(sells.name)}
            if sells.name
            else _("Your quote %(number)s") % {"number": quote.number_spaced}
        )
        return Letter(
            name,
            subject[:200],
            render_to_string("commerce/mail/quote.txt", words),
            render_to_string("commerce/mail/quote.html", words),
        )


def line_of(text: str) -> str:
    """A name as one line of a mail. What looks like an address on the web is no name."""
    line = " ".join("".join(one if one.isprintable() else " " for one in text).split())[:100]
    return "" if "://" in line or "www." in line.lower() else line
