"""Mailing an order's receipt."""

from __future__ import annotations

from django.utils import translation

from spindel.commerce.common.rules import Incomplete
from spindel.commerce.orders import order_mail, receipts
from spindel.commerce.orders import reading as orders
from spindel.commerce.orders.models import Order
from spindel.identity.rules import NOWHERE, normalise
from spindel.kit.actions import action
from spindel.kit.idempotency import Request
from spindel.messages.actions import send_mail
from spindel.messages.models import Mail
from spindel.messages.rules import NotSent
from spindel.staff import audit
from spindel.staff.models import User


@action(silent="That a receipt was mailed says nothing new of whoever bought it.")
def mail_receipt(id: int, to: str, *, link: bool, by: User, request: Request) -> Mail:
    """Mail an order's receipt, as a PDF, to the address that somebody here has typed or confirmed.

    `link`: with the link to the order's page, by which a customer acts; else only where it is the
    address that the order is for. The same request again mails nothing. Raises Incomplete.
    """
    from spindel.commerce.orders import (
        receipt_pdf as pdf,  # half a second that nobody else should wait
    )

    order = Order.objects.get(pk=id)
    address = normalise("email", to, NOWHERE) or ""
    named = request.part(f"receipt {id} {address}").id
    if done := Mail.objects.filter(key=named).first():
        return done
    view = orders.view(order, order.language)
    receipt = receipts.of(view)
    hers = order.identifier_id is not None and (link or address == order.contact_email)
    letter = order_mail.receipt(view, paid=receipt.is_paid, hers=hers)
    with translation.override(order.language):
        content, name = pdf.write(receipt), pdf.file_name(receipt)
    try:
        mail = send_mail(
            letter.mail(
                to,
                language=order.language,
                purpose="receipt",
                key=named,
                identifier=order.identifier_id,
                attached=(name, content),
            )
        )
    except NotSent as error:
        raise Incomplete("not_mailed", "email", why=error) from error
    audit.note(by, "order.receipt_mailed", detail={"name": order.number})
    return mail
