"""Purchases that other systems have told of, as the shop's pages show them to their customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from django.utils import translation

from spindel.commerce.orders import external_purchases, stages
from spindel.commerce.orders.external_purchases import Purchase
from spindel.kit import money
from spindel.kit.register import Span
from spindel.shoppers import reading as shoppers
from spindel.shoppers.models import Shopper
from spindel.timeline import reading

_MOST = 100  # facts that are looked at
_EVER = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class ToldLine:
    """So many of something. `amount` is what one cost, in minor units, where that was said."""

    number: str
    name: str
    options: str
    quantity: int
    amount: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """A purchase that the system called `source` has told of, in words of a language."""

    number: str
    at: datetime
    source: str
    channel: str
    channel_text: str
    currency: str
    total: int | None
    comes_back: bool
    lines: list[ToldLine]


def of_shopper(shopper: Shopper, language: str) -> list[Told]:
    """What is certainly hers, newest first: nothing before she has proved who she is."""
    spans = [(id, *_EVER) for id in sorted(shoppers.identifiers(shopper))]
    return _told(spans, language)


def purchase_of(shopper: Shopper, number: str) -> Purchase | None:
    """The one with this number that is certainly hers."""
    spans = [(id, *_EVER) for id in sorted(shoppers.identifiers(shopper))]
    if not spans:
        return None
    facts = reading.read(spans, _MOST, only=reading.Filters(names=external_purchases.NAMES)).items
    return next((one for one in external_purchases.purchases(facts) if one.number == number), None)


def _told(spans: Sequence[Span], language: str) -> list[Told]:
    if not spans:
        return []
    facts = reading.read(spans, _MOST, only=reading.Filters(names=external_purchases.NAMES)).items
    found: dict[str, Purchase] = {}
    for one in external_purchases.purchases(facts):
        if one.number:
            found.setdefault(one.number, one)
    with translation.override(language):
        return [_said(one) for one in found.values()]


def _said(one: Purchase) -> Told:
    currency = one.currency.upper()
    return Told(
        one.number,
        one.at,
        one.source,
        one.channel,
        stages.said_of_channel(one.channel, one.store),
        currency,
        _minor(one.total, currency),
        one.comes_back,
        [
            ToldLine(
                line.number,
                line.name,
                line.variant,
                line.quantity,
                _minor(line.price, currency),
            )
            for line in one.lines
            if line.name
        ],
    )


def _minor(value: float | None, currency: str) -> int | None:
    """An amount in minor units, to the nearest; None where it was not told."""
    if value is None:
        return None
    try:
        cents = Decimal(str(value)).quantize(Decimal(1).scaleb(-money.places(currency)))
        return money.to_minor(cents, currency)
    except (InvalidOperation, ValueError):
        return None
