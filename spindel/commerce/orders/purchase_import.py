"""Purchases that other systems have told of come into the book, so that they can come back here.

From then on they are orders as any: what came back is counted on their lines, which refuse more,
and goods come into stock by the ledger. Their money was paid to the system that sold them, and goes
back there. There is one order with a number: so a purchase comes into the book once, from whichever
counter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from spindel.catalogue.models import Place, Variant
from spindel.catalogue.reading import currency_of
from spindel.commerce.common import numbers
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.orders.external_purchases import Line, Purchase
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement import rows
from spindel.commerce.orders.placement.draft import Draft, Item
from spindel.commerce.orders.placement.goods import goods_of, sold
from spindel.identity import identifiers
from spindel.kit import idempotency, money
from spindel.kit.actions import action
from spindel.kit.idempotency import Request
from spindel.kit.refusal import Refusal
from spindel.staff.actors import Actor
from spindel.timeline.models import Fact

_LANGUAGES = {"SE": "sv", "DK": "da"}


@action(silent="What was bought was told of when it was.")
def take_over(purchase: Purchase) -> Order:
    """Put the purchase into the book as it was told of. Again: the same order.

    Only what a trusted source has told, as goods are given for it. What is known to have come back
    there is left out, as are goods that are in no catalogue. No more counts as paid than was told.
    Raises Refusal, and recording.Gone.
    """
    if not purchase.comes_back:
        raise Refusal("not_vouched_for")
    number = numbers.read(purchase.number)
    key = idempotency.key("told", number)
    idempotency.lock(idempotency.key("number", number))  # as whoever tells of a till's purchase
    if done := Order.objects.filter(number=number).first():
        return done
    found = Fact.objects.filter(pk=purchase.fact)
    owner = found.values_list("identifier_id", flat=True).first()
    place = _place(purchase)
    where = place.pk if place else None
    market, currency = _market(purchase, place)
    parts = _parts(purchase, currency, _variants(purchase.lines))
    if owner is None or not parts:
        raise Refusal("not_known_enough")
    identifiers.stay([owner])
    draft = Draft(
        request=Request("told", number),
        items=[
            Item(one.variant, one.quantity, Fulfilment.HAND_OVER, where, one.amount)
            for one in parts
        ],
        whose=owner,
        market=market,
        currency=currency,
        language=_LANGUAGES.get(market, "en"),
        actor=Actor(purchase.source, channel=purchase.channel, place=where),
        pay_by="elsewhere",
        at=purchase.at,
        number=number,
        asked=key,
    )
    goods = goods_of({one.variant for one in parts}, market, currency, draft.language)
    costs = sold(draft, goods)
    comes_to = costs.totals
    return rows.insert(draft, costs, [], [], comes_to, comes_to.total, awaited=False)


def _place(purchase: Purchase) -> Place | None:
    """The store where it was bought, if the book knows one by that name."""
    if not purchase.store:
        return None
    return Place.objects.filter(name=purchase.store).order_by("pk").first()


def _market(purchase: Purchase, place: Place | None) -> tuple[str, str]:
    """Of which market it is, and in what money. Raises Refusal."""
    currency = purchase.currency.upper()
    countries = list(Place.objects.order_by("pk").values_list("country", flat=True))
    if place is not None:
        countries.insert(0, place.country)
    for country in countries:
        if currency_of(country) == currency:
            return country, currency
    raise Refusal("other_currency")


@dataclass(frozen=True, slots=True)
class _Part:
    """So many of a variant that are out, and what one had cost, in minor units."""

    variant: int
    quantity: int
    amount: int


def _parts(purchase: Purchase, currency: str, variants: Mapping[str, int]) -> list[_Part]:
    """What can come back of it. Together it counts for no more than was paid and not paid back."""
    told = [(one, _minor(_price(one, purchase), currency)) for one in purchase.lines]
    worth = sum(one.quantity * (amount or 0) for one, amount in told)
    paid = _paid(purchase, currency)
    bound = worth if paid is None else min(worth, paid)
    back = Counter(purchase.back)
    found = []
    for one, amount in told:
        gone = min(one.quantity, back[one.number])
        back[one.number] -= gone
        variant, left = variants.get(one.number), one.quantity - gone
        if variant is None or amount is None or not 1 <= left <= 999:
            continue
        found.append(_Part(variant, left, amount * bound // worth if worth else 0))
    return found


def _price(line: Line, purchase: Purchase) -> float | None:
    """What one had cost: as was told, else by what all of it came to."""
    if line.price is not None or purchase.total is None or len(purchase.lines) > 1:
        return line.price
    return purchase.total / max(1, line.quantity)


def _paid(purchase: Purchase, currency: str) -> int | None:
    """What was paid for it and has not gone back, where that was told."""
    if purchase.total is None:
        return None
    left = _minor(purchase.total - purchase.refunded, currency)
    return max(0, left or 0)


def _minor(value: float | None, currency: str) -> int | None:
    """An amount in minor units, never more than was told; None for what is no price."""
    if value is None or value < 0:
        return None
    try:
        cents = Decimal(str(value)).quantize(Decimal(1).scaleb(-money.places(currency)))
        return money.to_minor(cents, currency)
    except (InvalidOperation, ValueError):
        return None


def _variants(lines: Sequence[Line]) -> dict[str, int]:
    """Which goods of the catalogue are meant, by their numbers."""
    numbers_ = {one.number for one in lines if one.number}
    return dict(Variant.objects.filter(sku__in=numbers_).values_list("sku", "pk"))
