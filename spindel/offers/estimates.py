"""What an offer would touch, before it is given: how many products, and what they sell for.

However many products and orders there are, few statements are asked: what was sold is read once
and kept for a while by each process.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from spindel.catalogue.pricing import PriceNow
from spindel.kit import sql
from spindel.kit.money import places
from spindel.offers import sales
from spindel.offers.audiences import Group
from spindel.offers.basket import BasketLine
from spindel.offers.eligible import covers
from spindel.offers.terms import (
    WHOLE,
    AmountOffEach,
    Benefit,
    FixedPrice,
    Goods,
    PercentOff,
)

_WEEKS = 4  # in the sales that are registered
_KEPT_FOR = 600.0  # seconds


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many customers are known, how many products an offer is on, and what those sell for in a
    week by currency, in minor units; `off` is the most that it would take off of that, empty where
    nobody can say.
    """

    customers: int
    products: int
    sales: Mapping[str, int]
    off: Mapping[str, int]


class _Sold(NamedTuple):
    product: str
    brand: str
    categories: list[str]
    currency: str
    pieces: int
    amount: int


_SOLD = """
SELECT p.number, p.brand, p.categories, sold.currency, sold.pieces, sold.amount
FROM ({sold}) AS sold (product, currency, pieces, amount)
JOIN catalogue_product p ON p.number = sold.product
"""

_CUSTOMERS = "SELECT count(*) FROM identity_customer"


class _Lately(NamedTuple):
    customers: int
    sold: list[_Sold]


_read: tuple[float, _Lately] | None = None


def _lately() -> _Lately:
    global _read
    now = time.monotonic()
    if _read is None or now - _read[0] > _KEPT_FOR:
        ((customers,),) = sql.rows(_CUSTOMERS)
        sold = [_Sold(*row) for row in sql.rows(_SOLD.format(sold=sales.sold()))]
        _read = now, _Lately(customers, sold)
    return _read[1]


def forget() -> None:
    """Have sales read anew."""
    global _read
    _read = None


_PRODUCTS = """
SELECT count(*) FROM catalogue_product
WHERE removed_at IS NULL
  AND (cardinality(%(products)s::text[]) = 0 OR number = ANY(%(products)s::text[]))
  AND (cardinality(%(brands)s::text[]) = 0 OR brand = ANY(%(brands)s::text[]))
  AND (cardinality(%(categories)s::text[]) = 0 OR categories && %(categories)s::varchar[])
  AND NOT number = ANY(%(without_products)s::text[])
  AND NOT brand = ANY(%(without_brands)s::text[])
  AND NOT categories && %(without_categories)s::varchar[]
"""


def estimate(goods: Goods, benefit: Benefit | None, groups: Collection[Group] = ()) -> Estimate:
    """What an offer on the goods would touch, as far as the catalogue and last month's orders say;
    what it would take off, where it is said what it gives. Without groups it is for everybody.
    """
    names = ("products", "brands", "categories")
    words = {
        name: sorted(getattr(goods, name))
        for name in (*names, *(f"without_{one}" for one in names))
    }
    ((products,),) = sql.rows(_PRODUCTS, words)
    lately = _lately()
    sold: dict[str, int] = defaultdict(int)
    off: dict[str, int] = defaultdict(int)
    for one in lately.sold:
        if _is_on(goods, one):
            sold[one.currency] += one.amount
            off[one.currency] += _off(benefit, one) if benefit else 0
    customers = sum(one.customers for one in groups) if groups else lately.customers
    return Estimate(customers, products, _a_week(sold), _a_week(off))


def _a_week(amounts: Mapping[str, int]) -> dict[str, int]:
    """Of four weeks' amounts one's, without what stands behind the point."""
    found = {}
    for currency, amount in sorted(amounts.items()):
        whole = 10 ** places(currency)
        if amount:
            found[currency] = amount // _WEEKS // whole * whole
    return found


def _is_on(goods: Goods, sold: _Sold) -> bool:
    """Whether it was on what was sold, had that not been on sale."""
    line = BasketLine(
        0,
        sold.pieces,
        0,
        PriceNow(0, None),
        product=sold.product,
        brand=sold.brand,
        categories=sold.categories,
    )
    return covers(goods, line)


def _off(benefit: Benefit, sold: _Sold) -> int:
    """What it would have taken off of that; 0 where it depends on whole baskets."""
    if isinstance(benefit, PercentOff):
        return sold.amount * benefit.rate // WHOLE
    if isinstance(benefit, AmountOffEach | FixedPrice):
        amount = benefit.amounts.get(sold.currency)
        if amount is None:
            return 0
        if isinstance(benefit, FixedPrice):
            return max(0, sold.amount - amount * sold.pieces)
        return min(sold.amount, amount * sold.pieces)
    return 0
