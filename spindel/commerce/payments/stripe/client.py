"""Asking Stripe, by its own library. Never within a transaction: it may take its time."""

from __future__ import annotations

import functools
import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Literal, TypeVar

import msgspec
import stripe
from stripe import StripeClient, StripeObject
from stripe.params.checkout import SessionCreateParams

from spindel.commerce.common import numbers
from spindel.commerce.payments.interface import Away, Bill, NotDone, Page, Seen
from spindel.commerce.payments.stripe.objects import (
    Charge,
    Intent,
    Refund,
    Session,
    to_stripe,
)
from spindel.kit import environment

_SECONDS = 15.0  # for an answer
_LANGUAGES: dict[str, Literal["sv", "da", "en"]] = {"sv": "sv", "da": "da", "en": "en"}

T = TypeVar("T")

stripe.enable_telemetry = False
logging.getLogger("stripe").setLevel(logging.WARNING)  # it tells of every request


def start(bill: Bill, back: str, until: datetime) -> Page:
    """Make a Checkout Session. It names the order and the sum, and nothing of her."""
    ends = int(until.timestamp())
    ours = {"payment": str(bill.key), "order": bill.number}
    asked: SessionCreateParams = {
        "mode": "payment",
        "allowed_payment_method_types": ["card"],
        "client_reference_id": str(bill.key),
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": bill.currency.lower(),
                    "unit_amount": to_stripe(bill.amount, bill.currency),
                    "product_data": {"name": numbers.spaced(bill.number)},
                },
            }
        ],
        "payment_intent_data": {"capture_method": "manual", "metadata": ours},
        "metadata": ours,
        "success_url": back,
        "cancel_url": back,
        "expires_at": ends,
        "locale": _LANGUAGES.get(bill.language, "auto"),
    }
    # The same page, however often it is asked for; another when it is to be another.
    once = str(uuid.uuid5(bill.key, f"{ends} {back}"))
    with _errors():
        made = _client().v1.checkout.sessions.create(asked, {"idempotency_key": once})
    session = _read(made, Session)
    if not session.url:
        raise Away("no url")
    return Page(session.id, session.url)


def capture(bill: Bill, amount: int, key: uuid.UUID) -> Seen:
    """Take the money that was set aside, or some of it."""
    with _errors():
        intent = _intent(bill)
        try:
            made = _client().v1.payment_intents.capture(
                intent,
                {
                    "amount_to_capture": to_stripe(amount, bill.currency),
                    "expand": ["latest_charge"],
                },
                {"idempotency_key": str(key)},
            )
        except stripe.InvalidRequestError as error:
            seen = _retrieve(intent).seen()
            if seen.captured:  # before, and the answer was lost
                return seen
            raise NotDone(_code(error), seen) from None
    return _read(made, Intent).seen()


def refund(bill: Bill, amount: int, key: uuid.UUID, again: bool) -> Seen:
    """Pay some of it back."""
    with _errors():
        intent = _intent(bill)
        # Stripe knows keys for a day. So that what was asked before that is not done twice:
        done = _refund_by(intent, key) if again else None
        if done is None:
            made = _client().v1.refunds.create(
                {
                    "payment_intent": intent,
                    "amount": to_stripe(amount, bill.currency),
                    "metadata": {"command": str(key), "payment": str(bill.key)},
                    "expand": ["charge"],
                },
                {"idempotency_key": str(key)},
            )
            done = _read(made, Refund)
    if done.status in ("failed", "canceled"):
        raise NotDone(f"refund {done.status}")
    if isinstance(done.charge, Charge):
        return done.charge.seen()
    return Seen()


def _refund_by(intent: str, key: uuid.UUID) -> Refund | None:
    asked = {"payment_intent": intent, "limit": 100}
    for one in _client().v1.refunds.list(asked).data:  # type: ignore[arg-type]  # a TypedDict's
        found = _read(one, Refund)
        if found.metadata.get("command") == str(key):
            return found
    return None


def cancel(bill: Bill, key: uuid.UUID, unless_paid: bool) -> Seen:
    """End the page; and let go of what was set aside, unless that is to be kept."""
    with _errors():
        intent = _ended(bill, key)
        if intent is None:
            return Seen(ended=True)
        seen = intent.seen()
        if seen.ended or seen.captured:
            return seen
        if unless_paid:
            if not seen.authorised:
                raise Away("under way")
            return seen
        try:
            made = _client().v1.payment_intents.cancel(
                intent.id, {"expand": ["latest_charge"]}, {"idempotency_key": f"{key} intent"}
            )
        except stripe.InvalidRequestError:
            seen = _retrieve(intent.id).seen()
            if seen.ended or seen.captured:
                return seen
            raise
    return _read(made, Intent).seen()


def _ended(bill: Bill, key: uuid.UUID) -> Intent | None:
    """The payment that the page has become; None where it has ended without."""
    if not bill.reference.startswith("cs_"):
        return _retrieve(bill.reference)
    session = _session(bill.reference)
    if session.status == "open":
        # Refused: she has paid, or it has ended, this moment.
        with suppress(stripe.InvalidRequestError):
            _client().v1.checkout.sessions.expire(
                bill.reference, {}, {"idempotency_key": f"{key} session"}
            )
        session = _session(bill.reference)
    if session.status == "open":
        raise Away("still open")
    if isinstance(session.payment_intent, Intent) and session.status == "complete":
        return session.payment_intent
    return None


def _intent(bill: Bill) -> str:
    """What Stripe calls the payment, once she has paid."""
    if bill.reference.startswith("cs_"):
        found = _session(bill.reference).payment_intent
        if isinstance(found, Intent):
            return found.id
    elif bill.reference:
        return bill.reference
    raise NotDone("not paid")


def _session(id: str) -> Session:
    asked: list[str] = ["payment_intent", "payment_intent.latest_charge"]
    return _read(_client().v1.checkout.sessions.retrieve(id, {"expand": asked}), Session)


def _retrieve(intent: str) -> Intent:
    found = _client().v1.payment_intents.retrieve(intent, {"expand": ["latest_charge"]})
    return _read(found, Intent)


def _read(found: StripeObject, kind: type[T]) -> T:
    """Its object as we read it. Raises Away for what is none."""
    try:
        return msgspec.convert(found.to_dict(), kind)
    except msgspec.ValidationError:
        raise Away("unreadable") from None


def _client() -> StripeClient:
    url = environment.value("SPINDEL_STRIPE_URL").rstrip("/")
    return _made(environment.value("SPINDEL_STRIPE_KEY"), url)


@functools.lru_cache(2)
def _made(key: str, url: str) -> StripeClient:
    if not key:
        raise Away("not set up")
    return StripeClient(
        key,
        base_addresses={"api": url} if url else {},
        max_network_retries=1,
        http_client=stripe.RequestsClient(timeout=_SECONDS),
    )


@contextmanager
def _errors() -> Iterator[None]:
    """What Stripe refuses, for good or for now; as a code, as its words may name somebody."""
    try:
        yield
    except (stripe.CardError, stripe.InvalidRequestError, stripe.IdempotencyError) as error:
        if error.http_status == 409:  # the same request is under way
            raise Away(_code(error)) from None
        raise NotDone(_code(error)) from None
    except stripe.StripeError as error:
        raise Away(_code(error)) from None


def _code(error: stripe.StripeError) -> str:
    parts = (type(error).__name__, error.http_status, error.code)
    return " ".join(str(one) for one in parts if one)[:120]
