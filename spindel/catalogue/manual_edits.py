"""What people change of products by hand; feeds leave it alone until it is given back.

By hand means a field of a product or of a variant, whether it is sold (`active`), and the regular
price in a market (`price` and its market).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

from spindel.catalogue.product_input import PriceData, ProductData, VariantData
from spindel.kit import sql

ACTIVE, PRICE = "active", "price."
_OF_PRODUCTS = ("names", "texts", "brand", "categories", "attributes", "pictures", "vat")
_OF_VARIANTS = ("gtin", "options", "pictures")

Values = dict[str, Any]  # Any: a field's value, as JSON has it


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A product as it is: its fields, and those of its variants by SKU, each with `by_hand`."""

    product: Values
    variants: dict[str, Values]

    @property
    def seen(self) -> str:
        """What tells this from any other state of it."""
        text = json.dumps([self.product, self.variants], sort_keys=True)
        return blake2b(text.encode(), digest_size=12).hexdigest()


_PRODUCT = """
SELECT jsonb_build_object(
    'names', names, 'texts', texts, 'brand', brand, 'categories', categories,
    'attributes', attributes, 'pictures', pictures, 'vat', vat, 'active', removed_at IS NULL,
    'by_hand', by_hand
)::text FROM catalogue_product WHERE number = %s
"""

_VARIANTS = """
SELECT v.sku, jsonb_build_object(
    'gtin', v.gtin, 'options', v.options, 'pictures', v.pictures, 'active', v.removed_at IS NULL,
    'by_hand', v.by_hand
)::text, coalesce((
    SELECT jsonb_object_agg('price.' || market, jsonb_build_array(currency, amount)) FROM (
        SELECT DISTINCT ON (market) market, currency, amount FROM catalogue_price
        WHERE variant_id = v.id AND NOT sale AND since <= clock_timestamp()
          AND (until IS NULL OR until > clock_timestamp())
        ORDER BY market, since DESC
    ) p
), '{}')::text
FROM catalogue_variant v JOIN catalogue_product p ON p.id = v.product_id
WHERE p.number = %s ORDER BY v.position, v.id
"""


def snapshot(number: str) -> Snapshot | None:
    """The product now; None where there is none of that number."""
    found = sql.row(_PRODUCT, [number])
    if found is None:
        return None
    rows = sql.rows(_VARIANTS, [number])
    return Snapshot(
        json.loads(found[0]),
        {sku: json.loads(fields) | json.loads(prices) for sku, fields, prices in rows},
    )


def difference(before: Snapshot | None, after: Snapshot) -> tuple[list[str], dict[str, list[str]]]:
    """The fields that have changed, of the product and of its variants by SKU; of what is new,
    those that say something.
    """
    former = before or Snapshot({}, {})
    variants = {
        sku: _changed(former.variants.get(sku, {}), fields)
        for sku, fields in after.variants.items()
    }
    return _changed(former.product, after.product), {k: v for k, v in variants.items() if v}


def _changed(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    names = sorted((before.keys() | after.keys()) - {"by_hand"})
    return [
        one
        for one in names
        if before.get(one) != after.get(one) and (one in before or after.get(one) or one == ACTIVE)
    ]


_KEEP_PRODUCT = """
UPDATE catalogue_product
SET by_hand = ARRAY(SELECT DISTINCT one FROM unnest(by_hand || %s::text[]) one ORDER BY one)
WHERE number = %s RETURNING id
"""
_KEEP_VARIANTS = """
UPDATE catalogue_variant v
SET by_hand = ARRAY(
    SELECT DISTINCT one FROM unnest(v.by_hand || string_to_array(t.fields, ' ')) one ORDER BY one
)
FROM unnest(%s::text[], %s::text[]) AS t (sku, fields) WHERE v.sku = t.sku
"""


def keep(number: str, product: Sequence[str], variants: Mapping[str, Sequence[str]]) -> int:
    """Have feeds leave these fields alone; the product's id."""
    row = sql.row(_KEEP_PRODUCT, [list(product), number])
    assert row is not None
    if variants:
        pairs = [(sku, " ".join(fields)) for sku, fields in variants.items()]
        sql.run(_KEEP_VARIANTS, sql.columns(pairs))
    return int(row[0])


_ACTIVE_PRODUCT = """
UPDATE catalogue_product SET removed_at = CASE WHEN %(active)s THEN NULL
    ELSE coalesce(removed_at, now()) END
WHERE number = %(number)s AND (removed_at IS NULL) <> %(active)s
"""
_ACTIVE_VARIANTS = """
UPDATE catalogue_variant v SET removed_at = CASE WHEN t.active THEN NULL
    ELSE coalesce(v.removed_at, now()) END
FROM unnest(%s::text[], %s::boolean[]) AS t (sku, active)
WHERE v.sku = t.sku AND (v.removed_at IS NULL) <> t.active
"""


def set_active(number: str, active: bool, variants: Mapping[str, bool]) -> None:
    """Sell the product and its variants, or don't."""
    sql.run(_ACTIVE_PRODUCT, {"number": number, "active": active})
    if variants:
        sql.run(_ACTIVE_VARIANTS, sql.columns(list(variants.items())))


_KEPT_PRODUCTS = "SELECT number, by_hand FROM catalogue_product WHERE number = ANY(%s)"
_KEPT_VARIANTS = "SELECT sku, by_hand FROM catalogue_variant WHERE sku = ANY(%s)"


def of_variants(skus: Sequence[str]) -> dict[str, set[str]]:
    """What is kept by hand of the variants, where something is."""
    return {sku: set(kept) for sku, kept in sql.rows(_KEPT_VARIANTS, [list(skus)]) if kept}


def yielding(products: Sequence[ProductData]) -> list[ProductData]:
    """What a feed tells, without what people keep by hand."""
    numbers = [one.number for one in products]
    kept = {one: set(fields) for one, fields in sql.rows(_KEPT_PRODUCTS, [numbers]) if fields}
    variants = of_variants([one.sku for product in products for one in product.variants])
    if not kept and not variants:
        return list(products)
    nothing: set[str] = set()
    return [
        replace(
            product,
            variants=[_yielding(one, variants.get(one.sku, nothing)) for one in product.variants],
            **dict.fromkeys(kept.get(product.number, nothing) & set(_OF_PRODUCTS)),  # type: ignore[arg-type]  # None says nothing
        )
        for product in products
    ]


def _yielding(variant: VariantData, kept: set[str]) -> VariantData:
    if not kept:
        return variant
    return replace(
        variant,
        prices=[one for one in variant.prices if not keeps(kept, one)],
        **dict.fromkeys(kept & set(_OF_VARIANTS)),  # type: ignore[arg-type]  # None says nothing
    )


def keeps(kept: set[str], price: PriceData) -> bool:
    """Whether a regular price of the market is kept by hand; a sale stands beside it."""
    return not price.sale and f"{PRICE}{price.market}" in kept
