"""Products that are found while somebody types, with what is sold of them."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import get_language

from spindel.catalogue import reading
from spindel.catalogue.models import Variant
from spindel.catalogue.searching import search
from spindel.catalogue.wording import in_language
from spindel.commerce.common import pages
from spindel.kit import pictures

_FEW = 5  # products
_MOST_VARIANTS = 100  # of a product that was found


@dataclass(frozen=True, slots=True)
class Offered:
    """A product that was found, with the variants that are sold."""

    name: str
    picture: str
    about: str
    variants: list[tuple[str, str, int]]  # sku, options, id
    groups: list[tuple[str, list[tuple[Variant, str]]]]  # by colour: variant, size
    id: int


def found(request: HttpRequest, text: str) -> list[Offered]:
    """The first products that the text means, as they are sold."""
    text = text[:200].strip()
    if len(text) < 2:
        return []
    offered = []
    hits = search(text, {}, _FEW)
    for one in reading.in_given_order(hits.ids):
        on_sale = hits.named_first(one.pk, getattr(one, "on_sale", []))
        if not on_sale:
            continue
        named = on_sale[0].pictures if one.pk in hits.meant else []
        every = [*named, *one.pictures, *(p for each in on_sale for p in each.pictures)]
        offered.append(
            Offered(
                in_language(one.names, (get_language() or "en")[:2], one.number),
                pictures.shown(every, request),
                " · ".join(part for part in (one.brand, *one.categories[:1]) if part),
                [
                    (each.sku, pages.options_of(each) or each.sku, each.pk)
                    for each in on_sale[:_MOST_VARIANTS]
                ],
                pages.by_colour(on_sale[:_MOST_VARIANTS]),
                one.pk,
            )
        )
    return offered
