"""Purchases that other systems have told of: on the timeline, and in no order book of ours.

They are shown beside the orders as what they are. What is told may have any shape: what can't be
read is left out, and nothing of it is taken for more than somebody's word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from django.utils import translation

from spindel.commerce.models import Order, Shopper
from spindel.commerce.reading import shoppers, stages
from spindel.kit import money
from spindel.kit.register import Span
from spindel.timeline import reading
from spindel.timeline.reading import FactRow
from spindel.timeline.recording import OWN_SOURCE

_MOST = 100  # facts that are looked at
_MOST_LINES = 100
_LONGEST = 200
_EVER = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class ToldLine:
    """So many of something. `amount` is what one cost, in minor units, where that was said."""

    sku: str
    product: str
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
    lines: list[ToldLine]


def of_shopper(shopper: Shopper, language: str) -> list[Told]:
    """What is certainly hers, newest first: nothing before she has proved who she is."""
    spans = [(id, *_EVER) for id in sorted(shoppers.identifiers(shopper))]
    return _told(spans, language)


def _told(spans: Sequence[Span], language: str) -> list[Told]:
    if not spans:
        return []
    facts = reading.read(spans, _MOST, names=("Order Completed",)).items
    found: dict[str, FactRow] = {}
    for one in facts:
        number = _text(one.properties.get("order_id"))
        if number and one.source != OWN_SOURCE:
            found.setdefault(number, one)
    ours = set(Order.objects.filter(number__in=found).values_list("number", flat=True))
    with translation.override(language):
        return [_read(number, one) for number, one in found.items() if number not in ours]


def _read(number: str, fact: FactRow) -> Told:
    said = fact.properties
    currency = _text(said.get("currency")).upper()
    total = next((said[name] for name in ("total", "revenue", "value") if name in said), None)
    store = _text(said.get("store_name") or said.get("affiliation"))
    return Told(
        number,
        fact.occurred_at,
        fact.source,
        fact.channel,
        stages.said_of_channel(fact.channel, store),
        currency,
        _minor(total, currency),
        list(_lines(said, currency)),
    )


def _lines(said: Mapping[str, object], currency: str) -> Iterator[ToldLine]:
    products = said.get("products")
    for one in products[:_MOST_LINES] if isinstance(products, list) else ():
        if isinstance(one, dict) and (name := _text(one.get("name")) or _text(one.get("sku"))):
            many = one.get("quantity")
            yield ToldLine(
                _text(one.get("sku")),
                _text(one.get("product_id")),
                name,
                _text(one.get("variant")),
                many if isinstance(many, int) and 0 < many < 1_000 else 1,
                _minor(one.get("price"), currency),
            )


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).strip()[:_LONGEST]


def _minor(value: object, currency: str) -> int | None:
    """An amount in minor units, to the nearest; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        cents = Decimal(str(value)).quantize(Decimal(1).scaleb(-money.places(currency)))
        return money.to_minor(cents, currency)
    except (InvalidOperation, ValueError):
        return None
