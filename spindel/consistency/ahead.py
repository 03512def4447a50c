"""Which offers will be in each other's way in the week that comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from spindel.catalogue.pricing import PriceNow
from spindel.kit import sql
from spindel.offers.basket import BasketLine, Offer
from spindel.offers.conflicts import Conflict, conflicts
from spindel.offers.models import Offer as Kept
from spindel.offers.reading import live, stand

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ConflictView:
    """Two offers by their keys and names, why they are in each other's way, from when on, and on
    which goods, for instance.
    """

    why: str
    first: str
    first_name: str
    second: str
    second_name: str
    at: datetime
    on: tuple[str, ...]


def view(language: str) -> list[ConflictView]:
    """The conflicts of the next seven days, the first one first."""
    offers = list(live(stand(None).edition).by_id.values())
    goods, words = _kinds(offers)
    now = timezone.now()
    keys = dict(Kept.objects.filter(state=Kept.State.LIVE).values_list("pk", "key"))
    return [
        _view(one, keys, words, language)
        for one in conflicts(offers, (now, now + WEEK), goods)
        if one.first.id in keys and one.second.id in keys
    ]


def _view(one: Conflict, keys: dict[int, str], words: Sequence[str], language: str) -> ConflictView:
    first, second = one.first, one.second
    return ConflictView(
        str(one.why),
        keys[first.id],
        first.terms.name(language),
        keys[second.id],
        second.terms.name(language),
        one.at,
        tuple(words[number] for number in one.on),
    )


# Goods that no offer can tell apart, as one; those that an offer names, each by itself.
_KINDS = """
SELECT '' AS number, brand, categories, min(number) FROM catalogue_product
WHERE removed_at IS NULL GROUP BY brand, categories
UNION ALL
SELECT number, brand, categories, number FROM catalogue_product
WHERE removed_at IS NULL AND number = ANY(%(named)s::text[])
"""


def _kinds(offers: Sequence[Offer]) -> tuple[list[BasketLine], list[str]]:
    """One piece of each kind of goods that the offers may tell apart, and a product of it."""
    named = {
        number
        for one in offers
        for number in (*one.terms.goods.products, *one.terms.goods.without_products)
    }
    lines, words = [], []
    for number, brand, categories, example in sql.rows(_KINDS, {"named": sorted(named)}):
        listed = PriceNow(1)
        lines.append(
            BasketLine(0, 1, 0, listed, product=number, brand=brand, categories=categories)
        )
        words.append(example)
    return lines, words
