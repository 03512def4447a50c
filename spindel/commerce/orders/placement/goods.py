"""What an order's goods are, and what they cost: as was agreed, else as today."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone

from spindel.catalogue.pricing import PriceNow, list_price
from spindel.catalogue.reading import LIST_PRICES
from spindel.commerce.orders.placement.draft import Draft, Item
from spindel.kit import money, sql
from spindel.kit.refusal import Refusal
from spindel.offers import delivery
from spindel.offers import reading as offers
from spindel.offers.basket import Basket, BasketLine, Priced, PricedLine
from spindel.offers.pricing import price


@dataclass(frozen=True, slots=True)
class Goods:
    """What an order keeps of a variant, and its list price today; none: it is not sold."""

    variant: int
    sku: str
    product: str
    name: str
    options: str
    vat_rate: int
    price: PriceNow | None
    brand: str
    categories: Sequence[str]

    @property
    def amount(self) -> int | None:
        """What one costs everybody today."""
        return self.price.amount if self.price else None


@dataclass(frozen=True, slots=True)
class Sold:
    """A line of the order: the item as asked for, its goods, and what it costs."""

    item: Item
    goods: Goods
    priced: PricedLine

    @property
    def amount(self) -> int:
        """What one costs, before adjustments."""
        return self.priced.amount or 0


@dataclass(frozen=True, slots=True)
class Costs:
    """What an order comes to: its lines, and that they come."""

    lines: Sequence[Sold]
    fees: Sequence[PricedLine] = ()

    @property
    def totals(self) -> money.Totals:
        """What it comes to in all, with the VAT in it."""
        return money.totals(
            [
                *((one.priced.total, one.goods.vat_rate) for one in self.lines),
                *((one.total, one.line.vat_rate) for one in self.fees),
            ]
        )


_GOODS = f"""
SELECT v.id, v.sku, p.number,
       coalesce(p.names->>%(language)s, p.names->>'sv', p.names->>'da', p.names->>'en', p.number),
       (SELECT coalesce(string_agg(value, ', ' ORDER BY key DESC), '')
        FROM jsonb_each_text(v.options)),
       p.vat,
       CASE WHEN v.removed_at IS NULL AND p.removed_at IS NULL THEN price.regular END,
       CASE WHEN v.removed_at IS NULL AND p.removed_at IS NULL THEN price.sale END,
       p.brand, p.categories
FROM catalogue_variant v JOIN catalogue_product p ON p.id = v.product_id
CROSS JOIN LATERAL ({
    LIST_PRICES.format(variant="v.id", market="%(market)s", currency="%(currency)s")
}) price
WHERE v.id = ANY(%(variants)s)
"""  # noqa: S608  # put together from constants


def read_goods(draft: Draft) -> dict[int, Goods]:
    """What the order's variants are and cost today, by their ids. Raises Refusal."""
    variants = {one.variant for one in draft.items}
    return goods_of(variants, draft.market, draft.currency, draft.language)


def goods_of(
    variants: Collection[int], market: str, currency: str, language: str
) -> dict[int, Goods]:
    """What the variants are and cost today, by their ids. Raises Refusal for those not there."""
    words = {
        "variants": list(variants),
        "language": language,
        "market": market,
        "currency": currency,
    }
    found = {
        id: Goods(id, sku, product, name, options, vat, list_price(regular, sale), *kind)
        for id, sku, product, name, options, vat, regular, sale, *kind in sql.rows(_GOODS, words)
    }
    if set(variants) - found.keys():
        raise Refusal("no_goods")
    return found


def priced(
    items: Sequence[Item],
    goods: Mapping[int, Goods],
    market: str,
    currency: str,
    identifier: int | None = None,
    at: datetime | None = None,
    *,
    delivered: bool = False,
) -> Priced:
    """What the items cost: as was agreed, else as today. `identifier` is whose they are to be.
    `delivered`: and what it costs that they come.
    """
    lines = [
        BasketLine(
            one.variant,
            one.quantity,
            goods[one.variant].vat_rate,
            goods[one.variant].price,
            agreed=one.amount,
            product=goods[one.variant].product,
            brand=goods[one.variant].brand,
            categories=goods[one.variant].categories,
        )
        for one in items
    ]
    at = at or timezone.now()
    basket = Basket(market=market, currency=currency, at=at, lines=lines)
    if all(one.amount is not None for one in items):
        return price(basket)  # no offer changes what was agreed
    stands = offers.stand(identifier)
    if delivered:
        fees = delivery.fees(stands.edition, market, currency)
        basket = delivery.with_fees(basket, fees, {str(one.fulfilment) for one in items})
    return offers.priced(basket, identifier, stands)


def costs_today(
    items: Sequence[Item],
    goods: Mapping[int, Goods],
    market: str,
    currency: str,
    identifier: int | None = None,
) -> list[int | None]:
    """What one of each item costs whoever has the identifier (None: everybody) today, when all of
    them are bought: with what offers take off, and without what was agreed. None: it is not sold.
    """
    bare = [replace(one, quantity=max(1, one.quantity), amount=None) for one in items]
    costs = priced(bare, goods, market, currency, identifier)
    return [
        None if line.amount is None else line.total // one.quantity
        for one, line in zip(bare, costs.lines, strict=True)
    ]


def sold(draft: Draft, goods: Mapping[int, Goods], *, delivered: bool = False) -> Costs:
    """An order at what it costs; `delivered`: with what it costs that it comes. Raises Refusal for
    what is not sold any more.
    """
    costs = priced(
        *(draft.items, goods, draft.market, draft.currency, draft.whose, draft.at),
        delivered=delivered,
    )
    lines = [
        Sold(item, goods[item.variant], one)
        for item, one in zip(draft.items, costs.lines, strict=True)
    ]
    for one in lines:
        if one.priced.amount is None:
            raise Refusal("not_sold", name=one.goods.name)
    return Costs(lines, costs.fees)
