"""In the background: what was decided is asked of the providers.

What is asked for again (`kit.due`) has the same key, and the provider does it once. Those of one
payment are asked for one after the other.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from spindel.commerce.payments import actions, commands, providers
from spindel.commerce.payments.interface import Away, NotDone
from spindel.commerce.payments.models import PaymentCommand
from spindel.kit.background import Job
from spindel.kit.due import Later, Never, Queue

log = structlog.get_logger("spindel.commerce.payments")

TRIED_FOR = timedelta(days=7)  # a bank keeps money set aside for as long
LEASE = timedelta(minutes=5)  # far longer than all that one attempt asks
_PAUSES = tuple(timedelta(seconds=seconds) for seconds in (15, 60, 120, 300, 600, 1800, 3600))

_ONE_AFTER_THE_OTHER = """
NOT EXISTS (
    SELECT FROM payments_paymentcommand before
    WHERE before.payment_id = q.payment_id AND before.id < q.id
      AND before.done_at IS NULL AND before.failed_at IS NULL)
"""


def step() -> bool:
    """Ask a provider for what is due first; whether there may be more."""
    return _COMMANDS.take(_carry_out) is not None


def _carry_out(command: PaymentCommand) -> None:
    payment, provider = command.payment, providers.named(command.payment.provider)
    # One that was asked for before may be done, and be in the sums already.
    is_new = command.attempts == 1 or provider.by_books
    is_refund = command.kind == PaymentCommand.Kind.REFUND
    if is_refund and is_new and command.amount > commands.left(payment):
        raise Never(commands.TOO_MUCH)
    try:
        seen = commands.carry_out(provider, payment, command)
    except Away as away:
        raise Later(str(away)) from None
    except NotDone as refusal:
        actions.give_up(command.pk, str(refusal), refusal.seen)
        log.error("payment_refused", command=command.pk, kind=command.kind, error=str(refusal))
    else:
        actions.carried_out(command.pk, seen)
        log.info("payment_asked", command=command.pk, kind=command.kind)


_COMMANDS = Queue(
    name="payments.commands",
    model=PaymentCommand,
    lease=LEASE,
    pauses=_PAUSES,
    ends=lambda command: command.made_at + TRIED_FOR,
    give_up=lambda command, why: actions.give_up(command.pk, why),
    ready=_ONE_AFTER_THE_OTHER,
)

JOBS = (Job(name="payments.commands", step=step, hears=commands.NOTIFY_PAYMENTS, lane="payments"),)
