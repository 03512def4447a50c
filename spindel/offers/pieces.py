"""What one piece costs somebody now, of each of many variants: for product pages and lists.

It is what a cart would say with that piece in it alone and without a code. However many variants
are asked for, the same number of statements is sent.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from django.utils import timezone

from spindel.catalogue.markets import Market
from spindel.catalogue.pricing import PriceNow, list_price
from spindel.catalogue.reading import LIST_PRICES
from spindel.kit import sql
from spindel.offers import explaining
from spindel.offers.basket import Basket, BasketLine, PricedLine
from spindel.offers.explaining import Discount
from spindel.offers.pricing import price
from spindel.offers.reading import Standing, buyer, live, standing


@dataclass(frozen=True, slots=True)
class PieceView:
    """What one piece of a variant of a product costs, in minor units: `amount` by the list, and
    `total` with what `discounts` take off. `was` is the regular price where a sale holds.
    """

    sku: str
    product: str
    amount: int
    was: int | None
    discounts: list[Discount]
    total: int

    @property
    def instead_of(self) -> int | None:
        """What it costs else: before a sale, or by the list where an offer counts."""
        return self.was or (self.amount if self.total != self.amount else None)


_PIECES = f"""
SELECT {
    standing("%(identifier)s::bigint")
}, v.id, v.sku, price.regular, price.sale, p.number, p.vat, p.brand, p.categories
FROM catalogue_variant v JOIN catalogue_product p ON p.id = v.product_id
CROSS JOIN LATERAL ({
    LIST_PRICES.format(variant="v.id", market="%(market)s::text", currency="%(currency)s::text")
}) price
WHERE v.id IN (
    SELECT id FROM catalogue_variant WHERE sku = ANY(%(skus)s::text[])
    UNION ALL
    SELECT size.id FROM catalogue_product model JOIN catalogue_variant size
        ON size.product_id = model.id WHERE model.number = ANY(%(products)s::text[])
) AND v.removed_at IS NULL AND p.removed_at IS NULL
ORDER BY v.sku
"""  # noqa: S608  # put together from constants


def view(
    market: Market,
    identifier: int | None,
    *,
    skus: Collection[str] = (),
    products: Collection[str] = (),
) -> list[PieceView]:
    """What one piece of each of the variants, and of each of the products, costs whoever has the
    identifier (None: somebody whom nobody knows), by SKU; what is not sold there is left out.
    """
    words = {
        "skus": list(skus),
        "products": list(products),
        "market": market.market,
        "currency": market.currency,
        "identifier": identifier,
    }
    rows = sql.prepared_rows(_PIECES, words)
    if not rows:
        return []
    stands = Standing(*rows[0][:2])
    offers = live(stands.edition)
    nothing = Basket(market=market.market, currency=market.currency, at=timezone.now(), lines=())
    hers = buyer(offers, nothing, identifier, promised=stands.promised)
    alike: dict[tuple[str, PriceNow], PricedLine] = {}  # sizes mostly cost the same
    found = []
    for id, sku, regular, sale, product, vat, brand, categories in (row[2:] for row in rows):
        listed = list_price(regular, sale)
        if listed is None:
            continue
        priced = alike.get((product, listed))
        if priced is None:
            line = BasketLine(
                id, 1, vat, listed, product=product, brand=brand, categories=categories
            )
            (priced,) = price(replace(nothing, lines=(line,)), offers, hers).lines
            alike[product, listed] = priced
        taken = explaining.discounts([priced], market.language)
        found.append(PieceView(sku, product, listed.amount, listed.was, taken, priced.total))
    return found
