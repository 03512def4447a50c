"""What Stripe tells by itself: signed, as often as it takes, and in any order.

Each tells how far the payment has come, so none depends on another.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import stripe
from msgspec import Struct

from spindel.commerce.payments.interface import Heard, NotTrue, Seen
from spindel.commerce.payments.stripe.objects import (
    Charge,
    Dispute,
    Intent,
    Refund,
    Seconds,
    Session,
    Text,
)

# Before that, what was set aside and never taken counted as paid back.
_SUMS_SINCE = "2025-03-31"
_TOLERANCE = 300  # seconds: what was signed before that may be somebody's copy


class _Data(Struct):
    object: msgspec.Raw


class _Named(Struct):
    id: Text
    type: Text


class _Event(_Named):
    data: _Data
    created: Seconds = 0
    api_version: str | None = None


def read(body: bytes, signature: str, secret: str) -> Heard:
    """What it has told. Raises NotTrue for what it has not, or what has not even a name."""
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, _TOLERANCE)
        named = msgspec.json.decode(body, type=_Named)
    # The library compares letters of the header that can't be compared.
    except (stripe.SignatureVerificationError, TypeError, *_UNREADABLE):
        raise NotTrue from None
    heard = Heard(event=named.id, kind=named.type[:80], at=None)
    try:
        return _heard(heard, msgspec.json.decode(body, type=_Event))
    except _UNREADABLE:
        return replace(heard, unreadable=True)


_UNREADABLE = (ValueError, RecursionError)  # msgspec's errors are ValueErrors


def _heard(heard: Heard, event: _Event) -> Heard:
    if event.created:
        heard = replace(heard, at=datetime.fromtimestamp(event.created, UTC))
    if event.type.startswith("charge.dispute."):
        dispute = msgspec.json.decode(event.data.object, type=Dispute)
        return replace(heard, reference=dispute.payment_intent or "", disputed=dispute.read())
    if event.type.startswith("charge.") and (event.api_version or "") < _SUMS_SINCE:
        return heard
    return _meaning(heard, event.type, event.data.object)


def _meaning(heard: Heard, kind: str, told: msgspec.Raw) -> Heard:
    if kind.startswith("checkout.session."):
        session = msgspec.json.decode(told, type=Session)
        # That it was paid is told by the payment itself.
        ended = Seen(ended=True) if kind == "checkout.session.expired" else None
        payment = _key(session.client_reference_id)
        return replace(heard, payment=payment, page=session.id, seen=ended)
    if kind.startswith("payment_intent."):
        intent = msgspec.json.decode(told, type=Intent)
        refused = Seen(refused=True) if kind == "payment_intent.payment_failed" else None
        payment = _key(intent.metadata.get("payment"))
        return replace(heard, payment=payment, seen=refused or intent.seen())
    if kind in ("charge.succeeded", "charge.captured", "charge.refunded", "charge.updated"):
        charge = msgspec.json.decode(told, type=Charge)
        return replace(heard, payment=_key(charge.metadata.get("payment")), seen=charge.seen())
    if kind == "refund.failed":
        refund = msgspec.json.decode(told, type=Refund)
        payment = _key(refund.metadata.get("payment"))
        return replace(heard, payment=payment, failed=_key(refund.metadata.get("command")))
    return heard


def _key(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None  # of something else that the same account is used for
