"""Somebody is to pay: the page for it is made, once what is paid for is written."""

from __future__ import annotations

from spindel.commerce.payments import actions, commands, providers
from spindel.commerce.payments.actions import NotOpen
from spindel.commerce.payments.models import Payment

__all__ = ["NotOpen", "start"]


def start(payment: int, back: str) -> Payment:
    """The payment with the address where it is paid; asked for again, the same one.

    Speaks with the provider, so never within a transaction. She comes back to `back` afterwards.
    Raises NotOpen, and Away or NotDone: then the order waits on, and can be paid later.
    """
    found = actions.ready_page(payment)
    if found.url:
        return found
    assert found.ends_at is not None
    provider = providers.named(found.provider)
    page = provider.start(commands.bill(found), back, found.ends_at)
    kept = actions.keep_page(payment, page)
    if not kept.url:
        raise NotOpen("nothing_to_pay")
    return kept
