"""What is ordered for somebody who is not here, and paid by card: she is mailed a link to do so.

The goods are kept until it is paid, as long as `payment_due.WAITS_FOR_HER`.
"""

from __future__ import annotations

from spindel.catalogue.markets import Market
from spindel.commerce.common.rules import Incomplete
from spindel.commerce.orders import history, order_mail, payment_due
from spindel.commerce.orders import reading as orders
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.placing import Checkout
from spindel.commerce.payments.models import Payment
from spindel.identity.ownership import Under
from spindel.kit.actions import action
from spindel.kit.idempotency import Request
from spindel.kit.refusal import Refusal
from spindel.messages.actions import send_mail
from spindel.messages.rules import NotSent
from spindel.staff.actors import Actor


@action(records="Order Completed")
def order_cart(
    who: Under, checkout: Checkout, market: Market, *, actor: Actor, request: Request
) -> Order:
    """Order what is in the cart of whoever is served by this identifier, to be paid as she says.

    By card: she is mailed the link to her order, where she pays. The same request again is the same
    order, and mails nothing. Raises as `placing.place_cart_for`.
    """
    payment_due.check(checkout.pay_by, str(checkout.contact.get("email", "")))
    order = placing.place_cart_for(who, checkout, market, actor=actor, request=request)
    ask_to_pay(order, request)
    return order


@action(silent="That she is to pay is recorded with the order.")
def ask_to_pay(order: Order, request: Request) -> None:
    """Mail the link to an order that was just written to whoever is to pay for it, if somebody is.

    Within the transaction that has written it. The same request again mails nothing.
    """
    order = history.lock(order.pk)
    payment = Payment.objects.select_for_update().filter(order_id=order.pk).order_by("pk").first()
    if payment is None or order.state != Order.State.AWAITING_PAYMENT:
        return
    if payment.waits_until is None and payment.ends_at is None:
        payment.waits_until = payment.made_at.replace(microsecond=0) + payment_due.WAITS_FOR_HER
        payment.save(update_fields=["waits_until"])
    mail_link(order, request)


@action(silent="That she is sent the link to her order says nothing new of her.")
def mail_link(order: Order, request: Request) -> str:
    """Mail the link to the order's page to whoever placed it; the address it goes to.

    While it is to be paid, that is what the mail is about. The same request again mails nothing.
    Raises Refusal, also for an address that is none.
    """
    to = str(order.contact.get("email", ""))
    if not to:
        raise Refusal("no_address_in_order")
    letter = order_mail.link(orders.view(order, order.language), payment_due.due(order))
    try:
        send_mail(
            letter.mail(
                to,
                language=order.language,
                purpose="order",
                key=request.part(f"link {order.pk}").id,
                identifier=order.identifier_id,
            )
        )
    except NotSent as error:
        raise Incomplete("not_mailed", why=error) from error
    return to
