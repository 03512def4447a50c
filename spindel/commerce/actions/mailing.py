"""Writing the mails that tell customers what has become of what they ordered or have had held."""

from __future__ import annotations

from datetime import timedelta

from django.utils import translation

from spindel.commerce import order_mail
from spindel.commerce.models import Order
from spindel.commerce.reading import notices, orders, receipts
from spindel.commerce.reading.notices import Noted
from spindel.commerce.rules import Incomplete
from spindel.identity.rules import NOWHERE, normalise
from spindel.kit import idempotency, sql
from spindel.kit.actions import action
from spindel.messages.actions import send_mail, send_mails
from spindel.messages.models import Mail
from spindel.messages.rules import Refused as NotSent
from spindel.staff import audit
from spindel.staff.models import User

TOO_LATE = timedelta(days=1)  # as for mails that no server takes

_TAKE = """
DELETE FROM commerce_notice WHERE id = ANY(ARRAY(
    SELECT id FROM commerce_notice ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED))
RETURNING id, kind, about, amount, made_at > statement_timestamp() - %s
"""


@action(silent="What the mails tell of was recorded as it happened.")
def write_mails(most: int) -> int:
    """Write the mails of what was noted first, each once; how many notes were seen to.

    As many statements for many as for one. What was noted more than a day ago is told no more.
    """
    taken = sorted(sql.rows(_TAKE, [most, TOO_LATE]))
    send_mails(notices.mails([Noted(*row[1:4]) for row in taken if row[4]]))
    return len(taken)


@action(silent="That a receipt was mailed says nothing new of whoever bought it.")
def mail_receipt(id: int, to: str, *, link: bool, by: User, source: str, key: str) -> Mail:
    """Mail an order's receipt, as a PDF, to the address that somebody here has typed or confirmed.

    `link`: with the link to the order's page, by which a customer acts; else only where it is the
    address that the order is for. The same key again mails nothing. Raises Incomplete.
    """
    from spindel.commerce import receipt_pdf as pdf  # half a second that nobody else should wait

    order = Order.objects.get(pk=id)
    address = normalise("email", to, NOWHERE) or ""
    named = idempotency.key(f"{source} receipt {id} {address}", key)
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
        raise Incomplete("contact", str(error), "email") from error
    audit.note(by, "order.receipt_mailed", detail={"name": order.number})
    return mail
