"""What a customer has looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from spindel.catalogue.models import Product, Variant
from spindel.identity.shown import Opened
from spindel.timeline.reading import FactRow, Filters

# --- what she has looked at -----------------------------------------------------------------------

_LOOKS = ("Product Viewed", "Product Clicked", "Product Added", "Product Added to Wishlist")
_MOST_LOOKS = 60  # of her newest such facts
_MOST_GOODS = 4


@dataclass(frozen=True, slots=True)
class LookedAt:
    """A product that she has looked at, and in which variant, if the fact says so."""

    product: Product
    variant: int | None


def looked_at(her: Opened) -> list[LookedAt]:
    """The products that she has looked at last, the newest first, as far as they are sold."""
    facts = her.timeline(_MOST_LOOKS, only=Filters(names=_LOOKS)).items
    return _goods(facts, _MOST_GOODS)


def _goods(facts: Iterable[FactRow], most: int) -> list[LookedAt]:
    told = [(_word(one, "product_id"), _word(one, "sku")) for one in facts]
    numbers = {number for number, _ in told if number}
    skus = {sku for pair in told for sku in pair if sku}
    variants = {
        one.sku: one
        for one in Variant.objects.filter(sku__in=skus, removed_at=None).select_related("product")
    }
    products = {one.number: one for one in Product.objects.filter(number__in=numbers)}
    found: dict[int, LookedAt] = {}
    for number, sku in told:
        variant = variants.get(sku) or variants.get(number)
        product = variant.product if variant else products.get(number)
        if product is None or product.removed_at is not None or len(found) >= most:
            continue
        # She looks at the shoe first and chooses the size then: a size counts, whenever it was.
        known = found.get(product.pk)
        if known is None or (known.variant is None and variant):
            found[product.pk] = LookedAt(product, variant.pk if variant else None)
    return list(found.values())


def _word(fact: FactRow, name: str) -> str:
    value = fact.properties.get(name)
    return str(value)[:64] if isinstance(value, str | int) else ""
