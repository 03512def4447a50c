"""The mail that a quote is sent with: what is offered, until when, and where to take it."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _

from spindel.commerce.common.mail_layout import Content, Goods, Letter, Row, called, written
from spindel.commerce.common.seller import seller
from spindel.commerce.common.templatetags.paper import moment
from spindel.commerce.quotes.reading import QuoteLineView, QuoteView
from spindel.kit.templatetags.look import minor_words


def write(quote: QuoteView) -> Letter:
    """The mail, in the quote's language."""
    with translation.override(quote.language):
        return written(_content(quote), quote.language)


def _content(quote: QuoteView) -> Content:
    sells = seller().name
    by = {"by": quote.by, "seller": sells}
    until = _("It is yours until %(until)s.") % {"until": moment(quote.until)}
    held = _("Until then the goods are kept for you.")
    sums = [
        (_("Total"), minor_words(quote.total, quote.currency)),
        (_("of which VAT"), minor_words(quote.vat, quote.currency)),
    ]
    return Content(
        subject=(_("Your quote from %(seller)s") % by)
        if sells
        else _("Your quote %(number)s") % {"number": quote.number_spaced},
        name=called(quote.contact.get("name", "")),
        lead=(_("%(by)s at %(seller)s has put this together for you:") % by)
        if sells
        else _("%(by)s has put this together for you:") % by,
        goods=[Goods([_row(one, quote.currency) for one in quote.lines], sums=sums)],
        note=quote.note,
        button=_("Look at it and accept it"),
        url=quote.url,
        small=[f"{until} {held}" if quote.holds else until],
        about=_("Quote %(number)s") % {"number": quote.number_spaced},
    )


def _row(line: QuoteLineView, currency: str) -> Row:
    cheaper = {
        "amount": minor_words(line.amount, currency),
        "was": minor_words(line.list_amount, currency),
    }
    return Row(
        line.quantity,
        line.name,
        line.words,
        minor_words(line.total, currency),
        _("%(amount)s each instead of %(was)s") % cheaper if line.list_amount > line.amount else "",
    )
