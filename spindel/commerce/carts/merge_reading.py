"""Reading carts that became one: what each had then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from spindel.catalogue.models import Variant
from spindel.catalogue.wording import in_language
from spindel.commerce.carts.models import Cart, CartMerge
from spindel.kit.options import options_text

_LATELY = timedelta(days=14)
_MOST = 3
_MOST_LINES = 100


@dataclass(frozen=True, slots=True)
class Had:
    """Something that was in a cart then."""

    name: str
    options: str
    quantity: int
    saved: bool


@dataclass(frozen=True, slots=True)
class Merge:
    """Two carts that became one: what was in hers, and what the other brought."""

    id: int
    made_at: datetime
    apart_at: datetime | None
    had: list[Had]
    brought: list[Had]


def lately(cart: Cart, language: str) -> list[Merge]:
    """What came into the cart of late while something else was in it, newest first."""
    since = timezone.now() - _LATELY
    made = CartMerge.objects.filter(into=cart, made_at__gt=since).exclude(had=[])
    found = list(made.order_by("-pk")[:_MOST])
    ids = {line[0] for one in found for line in [*one.had, *one.brought]}
    known = Variant.objects.select_related("product").in_bulk(ids)

    def said(lines: Sequence[tuple[int, int, bool]]) -> list[Had]:
        return [
            _had(known[variant], quantity, saved, language)
            for variant, quantity, saved in lines[:_MOST_LINES]
            if variant in known
        ]

    return [
        Merge(one.pk, one.made_at, one.apart_at, said(one.had), said(one.brought)) for one in found
    ]


def _had(variant: Variant, quantity: int, saved: bool, language: str) -> Had:
    product = variant.product
    return Had(
        in_language(product.names, language, product.number),
        options_text(variant.options),
        quantity,
        saved,
    )
