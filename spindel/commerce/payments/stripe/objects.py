"""Stripe's objects, as far as they are read; and its amounts.

They come in answers and in what it tells by itself, the same either way.
"""

from __future__ import annotations

from datetime import UTC, datetime

from babel.numbers import get_currency_precision
from msgspec import Struct, field

from spindel.commerce.payments.interface import Disputed, Seen

# Of currencies that are neither, Stripe counts hundredths, also of those that have none in use.
_WHOLE = frozenset(
    (
        *("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF"),
        *("VND", "VUV", "XAF", "XOF", "XPF"),
    )
)
_THOUSANDTHS = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])


def _factor(currency: str) -> int:
    """How many of Stripe's units one of our minor units is."""
    theirs = 0 if currency in _WHOLE else 3 if currency in _THOUSANDTHS else 2
    return int(10 ** (theirs - get_currency_precision(currency)))


def to_stripe(amount: int, currency: str) -> int:
    """An amount in minor units as Stripe writes it."""
    return amount * _factor(currency)


def from_stripe(amount: int, currency: str) -> int:
    """What Stripe writes, in minor units."""
    return amount // _factor(currency.upper())


class Charge(Struct):
    """What was taken of a card."""

    id: str
    currency: str
    amount_captured: int = 0
    amount_refunded: int = 0
    payment_intent: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)

    def seen(self) -> Seen:
        """How far the payment has come."""
        return Seen(
            authorised=from_stripe(self.amount_captured, self.currency),
            captured=from_stripe(self.amount_captured, self.currency),
            refunded=from_stripe(self.amount_refunded, self.currency),
            reference=self.payment_intent or "",
        )


class Intent(Struct):
    """Stripe's PaymentIntent: what a page, once used, has become."""

    id: str
    currency: str
    status: str = ""
    amount_capturable: int = 0
    amount_received: int = 0
    latest_charge: Charge | str | None = None
    metadata: dict[str, str] = field(default_factory=dict)

    def seen(self) -> Seen:
        """How far the payment has come."""
        charge = self.latest_charge
        money = self.amount_capturable + self.amount_received
        return Seen(
            authorised=from_stripe(money, self.currency),
            captured=from_stripe(self.amount_received, self.currency),
            refunded=charge.seen().refunded if isinstance(charge, Charge) else 0,
            ended=self.status == "canceled",
            reference=self.id if money or self.status == "canceled" else "",
        )


class Session(Struct):
    """Stripe's Checkout Session: a page to pay at."""

    id: str
    status: str = ""
    url: str | None = None
    payment_intent: Intent | str | None = None
    client_reference_id: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)


class EvidenceDetails(Struct):
    """Until when an answer counts; 0 where none does."""

    due_by: int | None = None


class Dispute(Struct):
    """That she has asked her bank for the money back."""

    id: str
    amount: int
    currency: str
    payment_intent: str | None = None
    reason: str = ""
    status: str = ""
    evidence_details: EvidenceDetails = field(default_factory=EvidenceDetails)

    def read(self) -> Disputed:
        """How far it has come. Of what we do not know somebody has to look."""
        due = self.evidence_details.due_by
        return Disputed(
            reference=self.id,
            amount=from_stripe(self.amount, self.currency),
            reason=self.reason[:40],
            state=_STATES.get(self.status.removeprefix("warning_").removeprefix("appeal_"), "open"),
            due_by=datetime.fromtimestamp(due, UTC) if due else None,
        )


_STATES = {
    "needs_response": "open",
    "under_review": "review",
    "closed": "won",  # a bank asked, and let it rest
    "prevented": "won",
    "won": "won",
    "lost": "lost",
}


class Refund(Struct):
    """Money on its way back."""

    id: str
    status: str | None = ""
    charge: Charge | str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
