"""What somebody would pay with an offer that is not given yet, or as it is given: the very function
that prices carts and orders is asked, with the offer among those that are live.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from spindel.catalogue.models import Product
from spindel.catalogue.pricing import list_price
from spindel.catalogue.reading import LIST_PRICES
from spindel.kit import sql
from spindel.offers import explaining, reading
from spindel.offers.basket import Basket, BasketLine, Code, NotApplied, Offer, Priced, Reason
from spindel.offers.eligible import Offers
from spindel.offers.pricing import price
from spindel.offers.terms import Goods

_CODE = "PREVIEW"  # stands for one of its codes


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Who buys what, where and when, and whether she has entered a code of the offer. `pieces` are
    how many of each product, by its number. `identifier` None: somebody whom nobody knows.
    """

    market: str
    currency: str
    at: datetime
    pieces: Mapping[str, int]
    identifier: int | None = None
    has_code: bool = True


@dataclass(frozen=True, slots=True)
class Reasons:
    """In a customer's language: what counts, with what it takes off, and what does not, and why."""

    language: str
    counts: list[explaining.Discount]
    not_applied: list[tuple[str, str]]  # the offer's name, and why it does not count


@dataclass(frozen=True, slots=True)
class Answer:
    """What she would pay: her goods by their products' numbers, and all of it. `counts` says if the
    offer does.
    """

    products: list[str]
    priced: Priced
    counts: bool
    reasons: list[Reasons]


_LINES = f"""
SELECT DISTINCT ON (p.number) v.id, p.number, p.vat, p.brand, p.categories, price.regular,
       price.sale
FROM catalogue_product p JOIN catalogue_variant v ON v.product_id = p.id
CROSS JOIN LATERAL ({
    LIST_PRICES.format(variant="v.id", market="%(market)s::text", currency="%(currency)s::text")
}) price
WHERE p.number = ANY(%(products)s::text[]) AND p.removed_at IS NULL AND v.removed_at IS NULL
ORDER BY p.number, coalesce(price.regular, price.sale) IS NULL, v.position, v.id
"""  # noqa: S608  # put together from constants


def answer(offer: Offer, question: Question, languages: Sequence[str]) -> Answer:
    """What she would pay, were the offer given as it stands."""
    lines, products = _lines(question)
    live = reading.live(reading.stand(None).edition)
    others = [one for one in live.by_id.values() if one.id != offer.id]
    offers = Offers([*others, offer], reading.zones())
    basket = Basket(
        market=question.market,
        currency=question.currency,
        at=question.at,
        lines=lines,
        codes=[_CODE] if offer.terms.needs_code and question.has_code else [],
    )
    hers = reading.buyer(offers, replace(basket, codes=()), question.identifier)
    if basket.codes:
        hers = replace(hers, codes={_CODE: Code(offer)})
    priced = price(basket, offers, hers)
    reasons = [_reasons(one, offer, priced, question) for one in languages]
    return Answer(products, priced, offer.id in priced.applied, reasons)


def _lines(question: Question) -> tuple[list[BasketLine], list[str]]:
    words = {
        "products": list(question.pieces),
        "market": question.market,
        "currency": question.currency,
    }
    lines, products = [], []
    for variant, number, vat, brand, categories, regular, sale in sql.rows(_LINES, words):
        products.append(number)
        lines.append(
            BasketLine(
                variant,
                question.pieces[number],
                vat,
                list_price(regular, sale),
                product=number,
                brand=brand,
                categories=categories,
            )
        )
    return lines, products


def _reasons(language: str, offer: Offer, priced: Priced, question: Question) -> Reasons:
    told = [one for one in priced.not_applied if one.offer is not None]
    touched = {one.offer.id for one in told if one.offer} | set(priced.applied)
    if offer.id not in touched:
        reason = Reason.WRONG_GOODS
        if offer.terms.needs_code and not question.has_code:
            reason = Reason.UNKNOWN_CODE
        told.append(NotApplied(reason, offer))
    words = [
        (one.offer.terms.name(language), explaining.why_not(one, language, question.currency))
        for one in told
        if one.offer is not None
    ]
    return Reasons(language, explaining.discounts(priced.lines, language), words)


_SOME = 2


def some_products(goods: Goods) -> list[str]:
    """A few products that an offer is on, by their numbers, to begin with."""
    found = Product.objects.filter(removed_at=None)
    if goods.products:
        found = found.filter(number__in=list(goods.products))
    if goods.brands:
        found = found.filter(brand__in=list(goods.brands))
    if goods.categories:
        found = found.filter(categories__overlap=list(goods.categories))
    found = found.exclude(number__in=list(goods.without_products))
    found = found.exclude(brand__in=list(goods.without_brands))
    if goods.without_categories:
        found = found.exclude(categories__overlap=list(goods.without_categories))
    return list(found.order_by("pk").values_list("number", flat=True)[:_SOME])
