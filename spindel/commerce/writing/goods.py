"""What an order's goods are, and what they cost: as was agreed, else as today."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from spindel.catalogue.reading import PRICE_NOW
from spindel.commerce import rules
from spindel.commerce.writing.draft import Draft, Item
from spindel.kit import sql
from spindel.kit.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Goods:
    """What an order keeps of a variant, and what one costs today; no price: it is not sold."""

    variant: int
    sku: str
    product: str
    name: str
    options: str
    vat_rate: int
    amount: int | None


@dataclass(frozen=True, slots=True)
class Sold:
    """A line of the order: the item as asked for, its goods, and what one costs in it."""

    item: Item
    goods: Goods
    amount: int

    @property
    def usual(self) -> int:
        """What one costs without what was agreed, if that is more."""
        return max(self.goods.amount or 0, self.amount)


_GOODS = f"""
SELECT v.id, v.sku, p.number,
       coalesce(p.names->>%(language)s, p.names->>'sv', p.names->>'da', p.names->>'en', p.number),
       (SELECT coalesce(string_agg(value, ', ' ORDER BY key DESC), '')
        FROM jsonb_each_text(v.options)),
       p.vat,
       CASE WHEN v.removed_at IS NULL AND p.removed_at IS NULL THEN price.amount END
FROM catalogue_variant v JOIN catalogue_product p ON p.id = v.product_id
LEFT JOIN LATERAL ({
    PRICE_NOW.format(variant="v.id", market="%(market)s", currency="%(currency)s")
}) price ON true
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
    found = {row[0]: Goods(*row) for row in sql.rows(_GOODS, words)}
    if set(variants) - found.keys():
        raise Refusal("no_goods")
    return found


def sold(items: Sequence[Item], goods: Mapping[int, Goods]) -> list[Sold]:
    """The lines of an order. Raises Refusal for what is not sold any more."""
    return [_sold(one, goods[one.variant]) for one in items]


def _sold(item: Item, goods: Goods) -> Sold:
    amount = goods.amount if item.amount is None else item.amount
    if amount is None:
        raise Refusal("not_sold", name=goods.name)
    return Sold(item, goods, amount)


def sums(lines: Sequence[Sold]) -> rules.Totals:
    """What the lines come to."""
    return rules.totals(
        rules.Priced(one.item.quantity, one.amount, one.goods.vat_rate) for one in lines
    )
