"""How many pairs lie where when Nordsko opens: fewer of the outer sizes, gaps here and there."""

from __future__ import annotations

from math import exp
from random import Random

from spindel.demo.nordsko.catalogue import PRODUCTS, STORES, Product, Variant

WAREHOUSE = "boras"
SHIPPING = (WAREHOUSE, "stockholm-drottninggatan", "kobenhavn-kobmagergade")

# Pairs of a size that many wear.
_MOST = {
    WAREHOUSE: 16,
    "goteborg-vallgatan": 6,
    "stockholm-drottninggatan": 6,
    "kobenhavn-kobmagergade": 6,
    "goteborg-linne": 3,
    "stockholm-gotgatan": 3,
}
_SMALL = 3  # where not every model is on the shelf
_MIDDLE = {"women": (38.5,), "men": (43.0,), "unisex": (38.5, 42.5), "kids": (30.0,)}

# What the stories tell of. Vinga in 38 is sold out for everybody who ships, and Anna's pair waits.
TOLD = {
    "VINGA-WHT-38": {"goteborg-vallgatan": 2, "goteborg-linne": 1},
    "VINGA-BLK-38": {"goteborg-vallgatan": 2},
    "VINGA-WHT-39": {WAREHOUSE: 7, "goteborg-vallgatan": 3, "kobenhavn-kobmagergade": 4},
    "VINGA-BLK-39": {WAREHOUSE: 9, "goteborg-vallgatan": 2, "kobenhavn-kobmagergade": 3},
    "HAGA-CRM-37": {WAREHOUSE: 6, "goteborg-vallgatan": 3, "kobenhavn-kobmagergade": 2},
    "HAGA-CRM-38": {WAREHOUSE: 8, "goteborg-vallgatan": 2, "kobenhavn-kobmagergade": 2},
    "SOVMORGON-GRY-38": {WAREHOUSE: 11, "goteborg-vallgatan": 4, "goteborg-linne": 2},
}

# What else of Anna's somebody may want to take back, or sell her, as the guides say.
ANNAS = ("KAKELUGN-GRY-38", "MARSTRAND-NVY-38", "SNOLYKTA-TEA-30", "KIRUNA-BLK-38")
LEFT_ALONE = frozenset((*TOLD, *ANNAS))


def shelves() -> dict[tuple[str, str], int]:
    """Pairs by SKU and place; where there are none, nothing is said. The same every time."""
    places = (WAREHOUSE, *(store.slug for store in STORES))
    return {
        (variant.sku, place): pairs
        for place in places
        for product in PRODUCTS
        for variant in product.variants
        if (pairs := _pairs(product, variant, place))
    }


def _pairs(product: Product, variant: Variant, place: str) -> int:
    if variant.sku in TOLD:
        return TOLD[variant.sku].get(place, 0)
    most = _MOST[place]
    if most == _SMALL and Random(f"{product.id} in {place}").random() < 0.25:
        return 0
    dice = Random(f"{variant.sku} in {place}")
    if dice.random() < 0.06:
        return 0
    wanted = max(exp(-(((variant.size - one) / 2.2) ** 2)) for one in _MIDDLE[product.audience])
    return round(most * (0.15 + 0.85 * wanted) * dice.uniform(0.45, 1.1))
