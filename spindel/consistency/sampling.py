"""About which customers and goods faces are asked: what is promised or on offer, up to a bound, and
a sample of the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from django.db.models import Q, QuerySet

from spindel.catalogue.markets import Market
from spindel.catalogue.models import Product, Variant
from spindel.catalogue.probing import Question
from spindel.catalogue.reading import countries, currency_of
from spindel.consistency.models import FEED, Difference
from spindel.identity import customers
from spindel.kit import sql
from spindel.offers.reading import live, stand

MOST_PROMISES = 500
MOST_OFFERED = 300  # products
LANGUAGES = {"SE": "sv", "DK": "da"}


@dataclass(frozen=True, slots=True)
class Sample:
    """How much is asked about: so many customers and products beside those that have to be. The
    same seed chooses the same ones.
    """

    customers: int = 10
    products: int = 20
    seed: int = 0


def questions(sample: Sample) -> Iterator[Question]:
    """What is asked, customer by customer: first of nobody, then of the sample."""
    chance = Random(sample.seed)  # noqa: S311  # a sample is no secret
    offered = _on_offer(sample.seed, min(MOST_OFFERED, 10 * sample.products))
    rest = _some_products(sample.seed, sample.products)
    goods = _variants({*offered, *rest}, chance)
    promised, again = _promised(), _differing()
    people = [None, *dict.fromkeys([*_some_customers(chance, sample.customers), *promised, *again])]
    owners = customers.of([one for one in people if one is not None])
    markets = _markets()
    skus = {sku for found in again.values() for sku in found}
    differing = {one.sku: one for one in _of_skus(skus)}
    few = goods[: sample.products]
    for who in people:
        if who is not None and who not in owners:
            continue  # forgotten since, or nobody's yet
        if who is None:
            asked = goods
        else:
            hers = _variants(set(promised.get(who, ())), chance)
            asked = [*hers, *few]
        asked = [*asked, *(differing[sku] for sku in again.get(who, ()) if sku in differing)]
        unique = list({one.pk: one for one in asked}.values())
        for market in markets:
            yield Question(who, None if who is None else owners[who], market, unique)


def _markets() -> list[Market]:
    found = ((one, currency_of(one), LANGUAGES.get(one, "en")) for one in sorted(countries()))
    return [Market(one, currency, language) for one, currency, language in found if currency]


# --- goods ----------------------------------------------------------------------------------------


def _sold() -> QuerySet[Product]:
    return Product.objects.filter(removed_at=None)


def _on_offer(seed: int, most: int) -> list[int]:
    """Products that an offer is on which is live."""
    named = Q(pk__in=[])
    for offer in live(stand(None).edition).by_id.values():
        goods = offer.terms.goods
        on = Q()
        if goods.products:
            on &= Q(number__in=goods.products)
        if goods.categories:
            on &= Q(categories__overlap=sorted(goods.categories))
        if goods.brands:
            on &= Q(brand__in=goods.brands)
        if on:  # else it is on all, of which there is a sample
            named |= on
    return _shuffled(_sold().filter(named), seed, most)


def _some_products(seed: int, most: int) -> list[int]:
    return _shuffled(_sold(), seed, most)


def _shuffled(products: QuerySet[Product], seed: int, most: int) -> list[int]:
    ids = sorted(products.values_list("pk", flat=True))
    Random(seed).shuffle(ids)  # noqa: S311  # the same
    return ids[:most]


def _variants(products: Collection[int], chance: Random) -> list[Variant]:
    """One variant of each of the products, in the order of their ids."""
    found: Mapping[int, list[Variant]] = defaultdict(list)
    sold = Variant.objects.filter(product__in=products, removed_at=None)
    for one in sold.select_related("product").order_by("product_id", "pk"):
        found[one.product_id].append(one)
    chosen = [chance.choice(some) for some in found.values()]
    chance.shuffle(chosen)
    return chosen


def _of_skus(skus: Collection[str]) -> Sequence[Variant]:
    sold = Variant.objects.filter(sku__in=skus, removed_at=None, product__removed_at=None)
    return list(sold.select_related("product"))


# --- customers ------------------------------------------------------------------------------------

_PROMISED = """
SELECT p.identifier_id, array_agg(DISTINCT g.id) FILTER (WHERE g.id IS NOT NULL) FROM (
    SELECT identifier_id, terms FROM offers_pricepromise
    WHERE state = 'open' AND until > statement_timestamp() AND identifier_id IS NOT NULL
    ORDER BY made_at DESC LIMIT %(most)s
) p
LEFT JOIN LATERAL jsonb_array_elements_text(p.terms -> 'goods' -> 'products') number ON true
LEFT JOIN catalogue_product g ON g.number = number.value AND g.removed_at IS NULL
GROUP BY p.identifier_id
"""


def _promised() -> dict[int, list[int]]:
    """To whom something is promised, and on which products."""
    found = sql.rows(_PROMISED, {"most": MOST_PROMISES})
    return {identifier: products or [] for identifier, products in found}


def _differing() -> dict[int | None, list[str]]:
    """Who was answered differently by our faces before: to be asked again, whoever has waited for
    it the longest first.
    """
    found: dict[int | None, list[str]] = defaultdict(list)
    ours = Difference.objects.filter(until=None).exclude(face__startswith=FEED)
    open = ours.order_by("seen_at", "pk")[:1_000]
    for identifier, sku in open.values_list("identifier_id", "sku"):
        found[identifier].append(sku)
    return found


_SOME = """
SELECT DISTINCT found.id FROM unnest(%(points)s::float8[]) point
CROSS JOIN LATERAL (
    SELECT i.id FROM identity_identifier i
    WHERE i.id >= (SELECT min(id) + point * (max(id) - min(id)) FROM identity_identifier)::bigint
      AND i.kind IN ('user_id', 'email', 'phone')
    ORDER BY i.id LIMIT 1
) found
ORDER BY found.id
"""


def _some_customers(chance: Random, most: int) -> list[int]:
    """Identifiers of customers, wherever they stand."""
    points = [chance.random() for _ in range(most)]
    return [id for (id,) in sql.rows(_SOME, {"points": points})] if most else []
