"""Goods, for somebody who has to find them on the shelf."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from spindel.catalogue import wording
from spindel.catalogue.models import Variant
from spindel.kit.options import options_text


@dataclass(frozen=True, slots=True)
class Goods:
    """A variant, for somebody who has to find it on the shelf."""

    variant: int
    product: int
    sku: str
    name: str
    options: str
    picture: str


def goods_of(variants: Collection[int], language: str) -> dict[int, Goods]:
    """The variants in words of the language, by their ids."""
    found = Variant.objects.filter(pk__in=variants).select_related("product")
    return {one.pk: goods(one, language) for one in found}


def goods(variant: Variant, language: str) -> Goods:
    """The variant in words of the language; its product is read already."""
    product = variant.product
    return Goods(
        variant.pk,
        product.pk,
        variant.sku,
        wording.in_language(product.names, language, product.number),
        options(variant),
        next(iter([*variant.pictures, *product.pictures]), ""),
    )


def options(variant: Variant) -> str:
    """Its size, colour and so on, in words."""
    return options_text(variant.options)
