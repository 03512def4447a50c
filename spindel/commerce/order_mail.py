"""The mail with the link to an order's page: to see how far it has come, or to pay for it."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from spindel.commerce.dues import Due
from spindel.commerce.quote_mail import Letter, line_of
from spindel.commerce.reading.orders import OrderView
from spindel.commerce.seller import seller


def write(order: OrderView, due: Due | None) -> Letter:
    """The mail, in the order's language."""
    sells = seller()
    name = line_of(order.contact.get("name", ""))
    words = {"order": order, "due": due, "seller": sells, "name": name}
    number = {"number": order.number_spaced}
    with translation.override(order.language):
        subject = (
            _("Your order %(number)s waits for your payment") if due else _("Your order %(number)s")
        )
        return Letter(
            name,
            (subject % number)[:200],
            render_to_string("commerce/mail/order.txt", words),
            render_to_string("commerce/mail/order.html", words),
        )
