"""What people do at the console that needs more than one of the other actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils import timezone

from spindel.commerce.common.rules import Line
from spindel.commerce.orders import actions as orders
from spindel.commerce.orders import history as booking
from spindel.commerce.orders import payment_links as asking
from spindel.commerce.orders.actions import Some
from spindel.commerce.orders.models import Order
from spindel.commerce.stock import ledger
from spindel.commerce.stock.actions import holds
from spindel.commerce.stock.models import Hold
from spindel.identity import receivers as whose
from spindel.kit import idempotency
from spindel.kit.actions import action
from spindel.kit.idempotency import KeyReused
from spindel.kit.refusal import Refusal


class ChangedMeanwhile(Refusal):
    """More has become of it than whoever asks has seen."""


@action(records="Order Updated")
def cancel_as_seen(
    id: int, some: Sequence[Some], left: Mapping[int, int], *, by: str, why: str
) -> Order:
    """Cancel some of the order, unless other quantities are left of these lines than was seen.

    So a form that is sent twice cancels once. Raises as `orders.cancel`, and ChangedMeanwhile.
    """
    order = booking.lock(id)
    now = {one.line: one.quantity - one.delivered - one.cancelled for one in order.lines.all()}
    if any(now.get(one.line) != left.get(one.line) for one in some):
        raise ChangedMeanwhile("order_changed")
    return orders.cancel(id, some, by=by, why=why)


@action(records="Stock Reserved")
def move_hold(
    hold: int,
    place: int,
    until: datetime,
    *,
    key: str,
    source: str,
    by: str,
    channel: str,
    promised_by: int,
) -> Hold:
    """Keep in another place what is held, until then, and not here any more: both or neither.

    The same key again answers the same hold. Raises as `holds.reserve` and `holds.release`.
    """
    old = Hold.objects.filter(pk=hold).first()
    if old is None:
        raise holds.NoHold
    # In the order of everybody else: two that change places don't wait for each other.
    whose.stay([old.identifier_id])
    ledger.lock([(old.variant_id, old.place_id), (old.variant_id, place)])
    own = f"{source} hold {old.pk}"
    done = Hold.objects.filter(key=idempotency.key(own, key)).first()
    if done is not None:
        if done.place_id != place:
            raise KeyReused
        return done
    old.refresh_from_db()
    if old.state != Hold.State.ACTIVE or old.until <= timezone.now():
        raise holds.Ended(old)
    (new,) = holds.reserve(
        [Line(old.variant_id, place, old.quantity)],
        until,
        key=key,
        source=own,
        by=by,
        channel=channel,
        whose=old.identifier_id,
        asked="moved",
        promised_by=promised_by,
    )
    holds.release(old.pk, by)
    return new


@action(silent="That she is sent the link to her order again says nothing new of her.")
def send_order_link(id: int, key: str, source: str) -> str:
    """Mail the link to the order's page to whoever placed it; the address it goes to.

    The same key again sends nothing. Raises booking.NoOrder, and Refusal.
    """
    order = Order.objects.filter(pk=id).first()
    if order is None:
        raise booking.NoOrder
    return asking.mail_link(order, key, source)
