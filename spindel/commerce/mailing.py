"""Writing the mails that tell customers what has become of what they ordered or have had held."""

from __future__ import annotations

from datetime import timedelta

from django.utils import translation

from spindel.commerce import noted as notices
from spindel.commerce.common.rules import Incomplete
from spindel.commerce.noted import Noted
from spindel.commerce.orders import order_mail, receipts
from spindel.commerce.orders import reading as orders
from spindel.commerce.orders.models import Order
from spindel.identity.rules import NOWHERE, normalise
from spindel.kit import sql
from spindel.kit.actions import action
from spindel.kit.idempotency import Request
from spindel.messages.actions import send_mail, send_mails, take_back
from spindel.messages.models import Mail
from spindel.messages.rules import NotSent
from spindel.staff import audit
from spindel.staff.models import User

TOO_LATE = timedelta(days=1)  # as for mails that no server takes

# What was noted first, once it has had time to be undone or to be followed by more of its kind; and
# of an order of which something was cancelled whatever else of it was by now: it is told as one.
_TAKE = """
WITH first AS (
    SELECT id, kind, about FROM common_notice
    WHERE made_at <= statement_timestamp() - %(settles)s::interval
    ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED
), more AS (
    SELECT n.id FROM common_notice n JOIN orders_orderevent e ON e.id = n.about
    WHERE n.kind = 'cancelled' AND e.order_id IN (
        SELECT e.order_id FROM first JOIN orders_orderevent e ON e.id = first.about
        WHERE first.kind = 'cancelled')
    FOR UPDATE OF n SKIP LOCKED
)
DELETE FROM common_notice WHERE id IN (SELECT id FROM first UNION SELECT id FROM more)
RETURNING id, kind, about, amount, made_at > statement_timestamp() - %(late)s::interval
"""
SETTLES = timedelta(seconds=5)


@action(silent="What the mails tell of was recorded as it happened.")
def write_mails(most: int, settles: timedelta = timedelta()) -> int:
    """Write the mails of what was noted first, each once; how many notes were seen to.

    As many statements for many as for one. What was noted within `settles` waits; what was more
    than a day ago is told no more. That something lies ready which does not after all is taken
    back, or where that mail may have left, told.
    """
    words = {"most": most, "settles": settles, "late": TOO_LATE}
    taken = sorted(sql.rows(_TAKE, words))
    noted = [Noted(*row[1:4]) for row in taken if row[4]]
    untrue = notices.not_ready(noted)
    left = take_back(set(untrue)) if untrue else set()
    send_mails(notices.mails(noted, [one for key, one in untrue.items() if key in left]))
    return len(taken)


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
