"""The facts that quotes record."""

from __future__ import annotations

from dataclasses import dataclass

from spindel.commerce.common.facts import Products
from spindel.timeline.recording import Recorded

# --- quotes ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _OfQuote:
    """What every fact about a quote tells: its number, what it comes to, and the goods."""

    quote_id: str
    total: float
    currency: str
    products: Products


@dataclass(frozen=True)
class QuoteSent(_OfQuote, Recorded):
    """She has been offered goods at a price, until a moment."""

    until: str
    by: str


@dataclass(frozen=True)
class QuoteChanged(_OfQuote, Recorded):
    """What she was offered is something else now."""

    until: str
    by: str


@dataclass(frozen=True)
class QuoteAccepted(_OfQuote, Recorded):
    """She has taken the offer; the order has this number."""

    order_id: str


@dataclass(frozen=True)
class QuoteFailed(_OfQuote, Recorded):
    """She wanted to take the offer and could not: sold_out, changed, expired, withdrawn or
    not_right.
    """

    reason: str


@dataclass(frozen=True)
class QuoteWithdrawn(_OfQuote, Recorded):
    """The offer was taken back."""

    by: str


@dataclass(frozen=True)
class QuoteExpired(_OfQuote, Recorded):
    """Its time was up."""
