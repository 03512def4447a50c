"""Stripe's objects, as far as they are read; and its amounts.

They come in answers and in what it tells by itself, the same either way.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from babel.numbers import get_currency_precision
from msgspec import Meta, Struct, field

from spindel.commerce.payments.interface import Disputed, Seen

# Of currencies that are neither, Stripe counts hundredths, also of those that have none in use.
_WHOLE = frozenset(
    (
        *("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF"),
        *("VND", "VUV", "XAF", "XOF", "XPF"),
    )
)
_THOUSANDTHS = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])


# What is not of these is not kept: it would be no text, number or time of the database's.
Text = Annotated[str, Meta(max_length=255, pattern="^[^\\0]*$")]
Address = Annotated[str, Meta(max_length=2000, pattern="^[^\\0]*$")]
Money = Annotated[int, Meta(ge=0, le=10**15)]
Currency = Annotated[str, Meta(pattern="^[A-Za-z]{3}$")]
Seconds = Annotated[int, Meta(ge=0, le=253_402_300_799)]  # since 1970, to the end of 9999


def _units(currency: str) -> tuple[int, int]:
    """How many of Stripe's units there are to one of the currency, and how many of our minor."""
    theirs = 0 if currency in _WHOLE else 3 if currency in _THOUSANDTHS else 2
    return 10**theirs, 10 ** get_currency_precision(currency)


def to_stripe(amount: int, currency: str) -> int:
    """An amount in minor units as Stripe writes it."""
    theirs, ours = _units(currency)
    return amount * theirs // ours


def from_stripe(amount: int, currency: str) -> int:
    """What Stripe writes, in minor units."""
    theirs, ours = _units(currency.upper())
    return amount * ours // theirs


class Charge(Struct):
    """What was taken of a card."""

    id: Text
    currency: Currency
    amount_captured: Money = 0
    amount_refunded: Money = 0
    payment_intent: Text | None = None
    metadata: dict[str, str] = field(default_factory=dict)

    def seen(self) -> Seen:
        """How far the payment has come."""
        return Seen(
            authorised=from_stripe(self.amount_captured, self.currency),
            captured=from_stripe(self.amount_captured, self.currency),
            refunded=from_stripe(self.amount_refunded, self.currency),
            currency=self.currency.upper(),
            reference=self.payment_intent or "",
        )


class Intent(Struct):
    """Stripe's PaymentIntent: what a page, once used, has become."""

    id: Text
    currency: Currency
    status: str = ""
    amount_capturable: Money = 0
    amount_received: Money = 0
    latest_charge: Charge | Text | None = None
    metadata: dict[str, str] = field(default_factory=dict)

    def seen(self) -> Seen:
        """How far the payment has come."""
        charge = self.latest_charge
        money = self.amount_capturable + self.amount_received
        return Seen(
            authorised=from_stripe(money, self.currency),
            captured=from_stripe(self.amount_received, self.currency),
            refunded=charge.seen().refunded if isinstance(charge, Charge) else 0,
            currency=self.currency.upper(),
            ended=self.status == "canceled",
            reference=self.id if money or self.status == "canceled" else "",
        )


class Session(Struct):
    """Stripe's Checkout Session: a page to pay at."""

    id: Text
    status: str = ""
    url: Address | None = None
    payment_intent: Intent | Text | None = None
    client_reference_id: Text | None = None
    metadata: dict[str, str] = field(default_factory=dict)


class EvidenceDetails(Struct):
    """Until when an answer counts; 0 where none does."""

    due_by: Seconds | None = None


class Dispute(Struct):
    """That she has asked her bank for the money back."""

    id: Text
    amount: Money
    currency: Currency
    payment_intent: Text | None = None
    reason: Text = ""
    status: str = ""
    evidence_details: EvidenceDetails = field(default_factory=EvidenceDetails)

    def read(self) -> Disputed:
        """How far it has come. Of what we do not know somebody has to look."""
        due = self.evidence_details.due_by
        return Disputed(
            reference=self.id,
            amount=from_stripe(self.amount, self.currency),
            currency=self.currency.upper(),
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

    id: Text
    status: str | None = ""
    charge: Charge | Text | None = None
    metadata: dict[str, str] = field(default_factory=dict)
