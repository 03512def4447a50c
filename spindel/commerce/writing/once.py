"""That the same request writes its order once, however often it is sent."""

from __future__ import annotations

import json
import uuid

from django.db import connection

from spindel.commerce import ledger
from spindel.commerce.ledger import KeyReused
from spindel.commerce.models import Order
from spindel.commerce.writing.draft import Draft
from spindel.kit import sql


def before(draft: Draft) -> Order | None:
    """The order that the same request has written before; whoever else asks now waits.

    Raises KeyReused when the key was used for something else.
    """
    lock(draft.source, draft.key)
    found = Order.objects.filter(key=ledger.key(draft.source, draft.key)).first()
    if found is not None and found.content != content(draft):
        raise KeyReused
    return found


def lock(source: str, key: str) -> None:
    """Have whoever asks by the same key wait for the end of the transaction."""
    if not connection.in_atomic_block:
        raise RuntimeError("An order is written in the transaction of what it is for.")
    sql.prepared(*locking(source, key))


def locking(source: str, key: str) -> tuple[str, dict[str, object]]:
    """The statement of `lock`, for whoever sends it together with others."""
    return _LOCK, {"key": str(ledger.key(source, key))}


_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%(key)s::text, 0))"


def content(draft: Draft) -> uuid.UUID:
    """What was asked for, so short that it says nothing: to tell the same key's use again."""
    items = [[one.variant, one.quantity, one.fulfilment, one.place] for one in draft.items]
    return ledger.key(json.dumps(sorted(items, key=str)), f"{draft.pay_by} {draft.cart}")
