"""In the background: what was decided is asked of the providers, and pages end.

A command is claimed in a transaction of its own before it is asked for, by putting its next attempt
off beyond the longest that this can take. When somebody dies with it, it is asked for again by the
same key, and the provider does it once. Those of one payment are asked for one after the other.
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.utils import timezone

from spindel.commerce import dues, payments
from spindel.commerce.actions import payments as actions
from spindel.commerce.models import PaymentCommand
from spindel.commerce.payments import keeping
from spindel.commerce.payments.interface import Away, NotDone
from spindel.kit import sql

log = structlog.get_logger("spindel.commerce.payments")

TRIED_FOR = timedelta(days=7)  # a bank keeps money set aside for as long
LEASE = timedelta(minutes=5)  # far longer than all that one attempt asks
_PAUSES = tuple(timedelta(seconds=seconds) for seconds in (15, 60, 120, 300, 600, 1800, 3600))
_PART = 50

# What is put off for longer than anything is, was so before the clock was put back.
_CLAIM = """
UPDATE commerce_paymentcommand SET attempts = attempts + 1, due = now() + %(lease)s
WHERE id = (
    SELECT c.id FROM commerce_paymentcommand c
    WHERE c.done_at IS NULL AND c.failed_at IS NULL
      AND (c.due <= now() OR c.due > now() + %(longest)s) AND NOT EXISTS (
        SELECT FROM commerce_paymentcommand before
        WHERE before.payment_id = c.payment_id AND before.id < c.id
          AND before.done_at IS NULL AND before.failed_at IS NULL)
    ORDER BY c.due LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING *
"""

# Nobody has paid by then: what has become of the page is to be asked, once.
_OVER = """
SELECT p.id FROM commerce_order o JOIN commerce_payment p ON p.order_id = o.id
WHERE o.state = 'awaiting' AND coalesce(p.ends_at, p.waits_until, p.made_at + %(waits)s) < now()
  AND (p.reference <> '' OR coalesce(p.waits_until, p.made_at + %(waits)s) < now())
  AND NOT EXISTS (SELECT FROM commerce_paymentcommand c
                  WHERE c.payment_id = p.id AND c.kind = 'cancel')
ORDER BY p.id LIMIT %(part)s
"""


def step() -> bool:
    """Do a piece of what is due; whether there may be more."""
    over = sql.rows(_OVER, {"waits": dues.WAITS_FOR_PAGE, "part": _PART})
    for (payment,) in over:
        actions.end_page(payment)
    command = _claim()
    if command is not None:
        _carry_out(command)
    return command is not None


def _claim() -> PaymentCommand | None:
    claimed = PaymentCommand.objects.raw(_CLAIM, {"lease": LEASE, "longest": _PAUSES[-1]})
    return next(iter(claimed), None)


def _carry_out(command: PaymentCommand) -> None:
    payment, provider = command.payment, payments.named(command.payment.provider)
    # One that was asked for before may be done, and be in the sums already.
    is_new = command.attempts == 1 or provider.by_books
    is_refund = command.kind == PaymentCommand.Kind.REFUND
    if is_refund and is_new and command.amount > keeping.left(payment):
        _give_up(command, NotDone(keeping.TOO_MUCH))
        return
    try:
        seen = keeping.carry_out(provider, payment, command)
    except Away as away:
        _later(command, str(away))
    except NotDone as refusal:
        _give_up(command, refusal)
    else:
        actions.carried_out(command.pk, seen)
        log.info("payment_asked", command=command.pk, kind=command.kind)


def _later(command: PaymentCommand, why: str) -> None:
    if command.made_at + TRIED_FOR <= timezone.now():
        _give_up(command, NotDone(why))
        return
    pause = _PAUSES[min(command.attempts, len(_PAUSES)) - 1]
    actions.put_off(command, pause, why)
    log.warning("payment_put_off", command=command.pk, error=why, attempts=command.attempts)


def _give_up(command: PaymentCommand, refusal: NotDone) -> None:
    actions.given_up(command.pk, str(refusal), refusal.seen)
    log.error("payment_given_up", command=command.pk, kind=command.kind, error=str(refusal))
