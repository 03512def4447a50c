"""What somebody sees now: what is live, and what is known of her, as far as ranking needs it.

Every face asks `decide`, and nobody else says what is shown. However much is live and however much
is known of her, the same number of statements is sent.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils import timezone

from spindel.catalogue import availability, near
from spindel.catalogue.markets import Market
from spindel.decide import ranking
from spindel.decide.contents import Placement, decode
from spindel.decide.ranking import Contents, Her, Interest, LiveContent, Place, Ranked
from spindel.identity import customers
from spindel.kit import sql
from spindel.offers.basket import Basket, BasketLine
from spindel.offers.reading import EDITION, buyer, live

# --- what is live ---------------------------------------------------------------------------------

_LIVE = """
SELECT c.key, v.number, v.says::text, greatest(c.given_at, (v.says->>'since')::timestamptz)
FROM decide_content c JOIN decide_contentversion v ON v.content_id = c.id AND v.number = c.version
WHERE c.state = 'live'
"""

_OFFERS = "SELECT key, id FROM offers_offer WHERE state = 'live'"

# What this process has read last, and in which edition that was.
_read: tuple[int, Contents] = (0, Contents(()))


def contents(edition: int) -> Contents:
    """The contents that are live, as they and offers are in this edition or a later one."""
    global _read
    known, found = _read
    if known != edition:
        offers = live(edition)
        keys: dict[str, int] = dict(sql.rows(_OFFERS))
        rows = sql.rows(_LIVE)
        contents = [
            LiveContent(key, number, decode(says), fresh) for key, number, says, fresh in rows
        ]
        found = Contents(contents, offers, keys)
        _read = edition, found
    return found


# --- who asks -------------------------------------------------------------------------------------

_LOOKS = ("Product Viewed", "Product Clicked", "Product Added", "Product Added to Wishlist")
_BUYS = "Order Completed"
DISMISSED = "Promotion Dismissed"

# Whatever she is known by today, since it is hers; a browser that nobody has resolved yet is, too.
_MINE = """
WITH mine AS (
    SELECT held.identifier_id AS id, held.since FROM (
        SELECT customer_id FROM identity_tenure WHERE identifier_id = %(identifier)s::bigint
        ORDER BY since DESC LIMIT 1
    ) now
    JOIN identity_tenure held ON held.customer_id = now.customer_id
    WHERE NOT EXISTS (
        SELECT FROM identity_tenure later
        WHERE later.identifier_id = held.identifier_id AND later.since > held.since
    )
  UNION ALL
    SELECT %(identifier)s::bigint, '-infinity'::timestamptz
    WHERE NOT EXISTS (
        SELECT FROM identity_tenure WHERE identifier_id = %(identifier)s::bigint
    )
)
"""
# The name stands in the statement as in the index, so that PostgreSQL uses that.
_HERS = f"""
{_MINE}
SELECT {EDITION}, (
    SELECT json_agg(DISTINCT told.key) FROM mine CROSS JOIN LATERAL (
        SELECT properties->>'promotion_id' AS key FROM timeline_fact
        WHERE identifier_id = mine.id AND name = '{DISMISSED}' AND occurred_at >= mine.since
        ORDER BY occurred_at DESC LIMIT 500
    ) told WHERE told.key IS NOT NULL
)::text, (
    SELECT json_agg(json_build_array(r.name, r.value)
        ORDER BY r.by = '', NOT s.trusted, r.last_at DESC, r.value::text)
    FROM mine JOIN identity_trait r ON r.identifier_id = mine.id AND r.last_at >= mine.since
    JOIN timeline_source s ON s.id = r.source_id
    WHERE r.name IN ('city', 'address')
)::text, (
    SELECT bought.place_id FROM mine CROSS JOIN LATERAL (
        SELECT place_id, placed_at FROM orders_order
        WHERE identifier_id = mine.id AND place_id IS NOT NULL
        ORDER BY placed_at DESC LIMIT 1
    ) bought ORDER BY bought.placed_at DESC LIMIT 1
)
"""  # noqa: S608  # put together from constants

_MOST_GOODS = 20
# Among the newest of each identifier, so that somebody with a million facts waits no longer.
_INTERESTS = f"""
{_MINE}, newest AS (
    SELECT fact.name, fact.occurred_at, fact.properties FROM mine CROSS JOIN LATERAL (
        SELECT name, occurred_at, properties FROM timeline_fact
        WHERE identifier_id = mine.id AND occurred_at >= mine.since
        ORDER BY occurred_at DESC, sequence DESC LIMIT 100
    ) fact
    WHERE fact.name = ANY(%(names)s::text[]) ORDER BY fact.occurred_at DESC LIMIT 60
), told AS (
    SELECT newest.name = '{_BUYS}' AS bought, newest.occurred_at,
           left(one->>'product_id', 64) AS number, left(one->>'sku', 64) AS sku
    FROM newest CROSS JOIN LATERAL jsonb_array_elements(
        CASE WHEN jsonb_typeof(newest.properties->'products') = 'array'
             THEN newest.properties->'products'
             ELSE jsonb_build_array(newest.properties) END
    ) one LIMIT 200
)
SELECT p.id, p.number, p.brand, p.categories, bool_or(NOT told.bought), bool_or(told.bought),
       json_agg(found.filters)::text
FROM told CROSS JOIN LATERAL (
    SELECT product_id, filters FROM catalogue_variant
    WHERE sku = ANY(ARRAY[told.sku, told.number]) AND removed_at IS NULL
    UNION ALL
    SELECT id, ARRAY[]::text[] FROM catalogue_product WHERE number = told.number
) found
JOIN catalogue_product p ON p.id = found.product_id AND p.removed_at IS NULL
GROUP BY p.id ORDER BY max(told.occurred_at) DESC, p.number LIMIT {_MOST_GOODS}
"""  # noqa: S608  # put together from constants

_STORES = """
SELECT id, name, city FROM catalogue_place WHERE closed_at IS NULL AND hands_over ORDER BY id
"""


def _here() -> str:
    """Of some products those that a place has, and whether in one of the sizes."""
    return f"""
        SELECT v.product_id, bool_or(v.filters && %(sizes)s::text[])
        FROM catalogue_variant v JOIN ({availability.relation()}) there
            ON there.variant = v.id AND there.place = %(place)s::bigint
        WHERE v.product_id = ANY(%(products)s::bigint[]) AND v.removed_at IS NULL
        GROUP BY v.product_id
    """  # noqa: S608  # put together from constants


@dataclass(frozen=True, slots=True)
class Decision:
    """What she sees in a placement, the first first, and what she doesn't. `nothing` says why there
    is nothing to see: "no_content", or "none_for_her"; else it is empty.
    """

    ranked: Ranked
    nothing: str


def decide(
    placements: Collection[Placement],
    market: Market,
    identifier: int | None,
    product: str = "",
) -> dict[Placement, Decision]:
    """What whoever has the identifier sees in the placements now, in the market; None: somebody
    whom nobody knows. `product` is the number of the one that the page is about.
    """
    edition, her = known(identifier)
    found = contents(edition)
    at = timezone.now()
    nothing = Basket(market=market.market, currency=market.currency, at=at, lines=())
    her = replace(her, buyer=buyer(found.offers, nothing, identifier))
    about = _product(product) if product else None
    decisions = {}
    for placement in placements:
        place = Place(
            placement=placement,
            market=market.market,
            currency=market.currency,
            at=at,
            product=about if placement is Placement.PRODUCT else None,
        )
        ranked = ranking.rank(found, place, her)
        decisions[placement] = Decision(ranked, _nothing(ranked))
    return decisions


def _nothing(ranked: Ranked) -> str:
    if ranked.shown:
        return ""
    return "none_for_her" if ranked.not_shown else "no_content"


_PRODUCT = """
SELECT id, brand, categories FROM catalogue_product
WHERE number = %(number)s::text AND removed_at IS NULL
"""


def _product(number: str) -> BasketLine | None:
    row = sql.prepared(_PRODUCT, {"number": number})
    if row is None:
        return None
    id, brand, categories = row
    return BasketLine(id, 1, 0, None, product=number, brand=brand, categories=categories)


def known(identifier: int | None) -> tuple[int, Her]:
    """In which edition contents are, and what is known of whoever has the identifier, besides what
    they have used.
    """
    if identifier is None:
        row = sql.prepared(f"SELECT {EDITION}", {})
        return (int(row[0]) if row else 0), Her()
    words = {"identifier": identifier, "names": [*_LOOKS, _BUYS]}
    hers, goods, stores = sql.together((_HERS, words), (_INTERESTS, words), (_STORES, {}))
    edition, dismissed, traits, last = hers[0]
    store = near.choose([near.Store(*one) for one in stores], _city(traits), last)
    return edition, Her(
        dismissed=frozenset(json.loads(dismissed or "[]")),
        interests=_interests(goods, store),
        store=store.name if store else "",
    )


def _city(traits: str | None) -> str:
    told: dict[str, object] = {}
    for name, value in json.loads(traits or "[]"):
        told.setdefault(name, value)
    return customers.city_of(told)


def _interests(goods: Sequence[sql.Row], store: near.Store | None) -> list[Interest]:
    sizes = {
        one
        for *_, filters in goods
        for several in json.loads(filters)
        for one in several
        if one.startswith("size=")
    }
    here = _in_store([id for id, *_ in goods], sizes, store)
    return [
        Interest(
            BasketLine(id, 1, 0, None, product=number, brand=brand, categories=categories),
            looked=looked,
            bought=bought,
            here=id in here,
            fits=here.get(id, False),
        )
        for id, number, brand, categories, looked, bought, _ in goods
    ]


def _in_store(
    products: list[int], sizes: Collection[str], store: near.Store | None
) -> Mapping[int, bool]:
    if not products or store is None:
        return {}
    words = {"products": products, "sizes": sorted(sizes), "place": store.id}
    return {id: bool(fits) for id, fits in sql.prepared_rows(_here(), words)}


# --- who was shown an offer -----------------------------------------------------------------------

# Facts about a content name the content, and as `creative` the version that was seen; a shop's own
# may not say which. As `offers.shown.register` asks.
SHOWN_AN_OFFER = """
SELECT f.identifier_id FROM timeline_fact f
JOIN decide_content c ON c.key = f.properties->>'promotion_id'
WHERE f.received_at >= greatest(%(since)s::timestamptz, now() - interval '30 days')
  AND f.name IN ('Promotion Viewed', 'Promotion Clicked')
  AND EXISTS (
      SELECT FROM decide_contentversion v
      WHERE v.content_id = c.id AND v.says->>'offer' = %(key)s
        AND (v.number::text = f.properties->>'creative'
             OR (f.properties->>'creative' ~ '^[0-9]+$') IS NOT TRUE))
"""
