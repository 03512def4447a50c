"""What a basket costs: with 20, 200 and 2,000 live offers, and a code that is one of a million.

Baskets have ten lines, of 100,000 variants. Of the offers most are on some products, some on
categories or brands, and one in twenty on everything, half of those for whoever has a code.
*Priced* is the function alone, in one process; *asked* is all that a cart asks of the database
besides, beside the one statement that it can't do without. *A list* is what one piece of each of 48
variants costs her, as a page of a shop asks, beside a bare statement for their list prices.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

import django
import psycopg

from bench.figures import Figure, finish, ratio, wait

django.setup()

from spindel.catalogue.markets import Market
from spindel.catalogue.pricing import PriceNow
from spindel.kit import sql
from spindel.offers import actions, codes, pieces, reading
from spindel.offers.basket import Basket, BasketLine
from spindel.offers.basket import Offer as LiveOffer
from spindel.offers.eligible import Offers
from spindel.offers.models import Offer
from spindel.offers.pricing import price
from spindel.offers.terms import (
    AmountOff,
    AmountOffEach,
    Benefit,
    FixedPrice,
    Goods,
    PercentOff,
    PiecesForLess,
    Stacking,
    Terms,
)

T = TypeVar("T")

_VARIANTS, _LINES = 100_000, 10
_CATEGORIES = [f"category-{number}" for number in range(100)]
_BRANDS = [f"brand-{number}" for number in range(100)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--small", action="store_true")
    small = parser.parse_args().small
    baskets, all_codes = (50, 1_000) if small else (3_000, 1_000_000)
    chance = random.Random(1)
    asked = [_basket(chance) for _ in range(baskets)]
    figures: list[Figure] = []
    for many in (20, 200, 2_000):
        live = Offers([LiveOffer(id, 1, terms(chance)) for id in range(1, many + 1)])
        took = _measured(asked, lambda basket, live=live: price(basket, live))
        aims = (1.0, 3.0) if many == 200 else (None, None)
        what = f"ten lines priced, {many:,} live offers"
        figures += [
            wait(f"priced_{many}", what, took, 50, aims[0]),
            wait(f"priced_{many}", what, took, 99, aims[1]),
        ]
    figures += _with_a_code(chance, asked, all_codes)
    figures += _a_list(chance, 800 if small else _VARIANTS, 20 if small else 1_000)
    finish("price", figures)


def _measured(asked: Sequence[T], ask: Callable[[T], object]) -> list[float]:
    took = []
    for one in asked:
        begun = time.perf_counter()
        ask(one)
        took.append(time.perf_counter() - begun)
    return took


def _with_a_code(chance: random.Random, asked: list[Basket], many: int) -> list[Figure]:
    """Baskets with one of so many codes, of an offer for one use each; 200 others are live."""
    for number in range(200):
        actions.keep(f"offer-{number}", terms(chance), by="bench")
        actions.set_state(f"offer-{number}", Offer.State.LIVE, "bench")
    letter = Terms(names={"sv": "Brevet"}, benefit=PercentOff(1_000), needs_code=True, most_each=1)
    offer = actions.keep("letter", letter, by="bench")
    actions.set_state("letter", Offer.State.LIVE, "bench")
    sql.run(
        """
        INSERT INTO offers_offercode (digest, offer_id, text, uses_left)
        SELECT sha256(('CODE' || number)::bytea), %s, '', 1 FROM generate_series(1, %s) number
        """,
        [offer.pk, many],
    )
    with psycopg.connect(os.environ["SPINDEL_DATABASE_URL"], autocommit=True) as database:
        database.execute("VACUUM ANALYZE offers_offercode")
        database.prepare_threshold = 0
        coded = [replace(one, codes=[f"CODE{chance.randrange(1, many + 1)}"]) for one in asked]
        spindel = _measured(coded, lambda one: reading.priced(one, None, reading.stand(None)))
        bare = _measured(
            coded,
            lambda one: database.execute(
                "SELECT offer_id, uses_left FROM offers_offercode WHERE digest = %s",
                [codes.digest(one.codes[0])],
            ).fetchall(),
        )
    what = f"asked with one of {many:,} codes, 200 live offers"
    half = [sorted(took)[len(took) // 2] for took in (bare, spindel)]
    return [
        wait("asked", what, spindel, 50),
        wait("asked", what, spindel, 99),
        wait("bare", "the code's row by a bare statement", bare, 50),
        ratio(
            "asked_beside_bare", "the bare statement's time, of what was asked", half[0] / half[1]
        ),
    ]


# Four variants a product, of the brands and categories that offers are on.
_GOODS = """
INSERT INTO catalogue_product (id, number, names, texts, brand, categories, attributes, pictures,
                               vat, filters)
SELECT g, 'product-' || g, '{}', '{}', 'brand-' || g %% 100,
       ARRAY['category-' || g %% 100, 'category-' || (g + 37) %% 100], '{}', '{}', 2500, '{}'
FROM generate_series(0, %(variants)s / 4) g;

INSERT INTO catalogue_variant (id, product_id, sku, options, pictures, position)
SELECT g, g / 4, 'v' || g, '{}', '{}', g %% 4 FROM generate_series(0, %(variants)s - 1) g;

INSERT INTO catalogue_price (variant_id, market, currency, amount, sale, since)
SELECT id, 'SE', 'SEK', 5000 + id %% 850 * 100, false, now() - interval '1 day'
FROM catalogue_variant
"""
_LIST_PRICES = """
SELECT v.sku, p.amount FROM catalogue_variant v JOIN catalogue_price p ON p.variant_id = v.id
WHERE v.sku = ANY(%s) AND p.market = 'SE' AND p.currency = 'SEK' AND p.since <= now()
"""


def _a_list(chance: random.Random, variants: int, times: int) -> list[Figure]:
    """A page of 48 variants, of so many; the 200 offers are live still."""
    for statement in _GOODS.split(";\n"):
        sql.run(statement, {"variants": variants})
    sql.run("VACUUM ANALYZE catalogue_product, catalogue_variant, catalogue_price")
    pages = [[f"v{id}" for id in chance.sample(range(variants), 48)] for _ in range(times)]
    swedish = Market("SE", "SEK", "sv")
    spindel = _measured(pages, lambda one: pieces.view(swedish, None, skus=one))
    with psycopg.connect(os.environ["SPINDEL_DATABASE_URL"], autocommit=True) as database:
        database.prepare_threshold = 0
        bare = _measured(pages, lambda one: database.execute(_LIST_PRICES, [one]).fetchall())
    what = "a list of 48 variants, 200 live offers"
    half = [sorted(took)[len(took) // 2] for took in (bare, spindel)]
    return [
        wait("list", what, spindel, 50),
        wait("list", what, spindel, 99),
        wait("list_bare", "their list prices by a bare statement", bare, 50),
        ratio("list_beside_bare", "the bare statement's time, of the list's", half[0] / half[1]),
    ]


def _basket(chance: random.Random) -> Basket:
    lines = [
        BasketLine(
            variant,
            chance.randrange(1, 4),
            2_500,
            PriceNow(chance.randrange(5_000, 90_000)),
            product=f"product-{variant // 4}",
            brand=chance.choice(_BRANDS),
            categories=chance.sample(_CATEGORIES, 2),
        )
        for variant in chance.sample(range(_VARIANTS), _LINES)
    ]
    return Basket(market="SE", currency="SEK", at=datetime.now(UTC), lines=lines)


def terms(chance: random.Random) -> Terms:
    """Any offer, such as shops make."""
    where, code = chance.random(), False
    if where < 0.6:
        products = chance.sample(range(_VARIANTS // 4), 50)
        goods = Goods(products=frozenset(f"product-{number}" for number in products))
    elif where < 0.8:
        goods = Goods(categories=frozenset(chance.sample(_CATEGORIES, 2)))
    elif where < 0.95:
        goods = Goods(brands=frozenset(chance.sample(_BRANDS, 2)))
    else:
        goods, code = Goods(), chance.random() < 0.5
    return Terms(
        names={"sv": "Erbjudande"},
        benefit=_benefit(chance),
        goods=goods,
        needs_code=code,
        stacking=Stacking.TOGETHER if chance.random() < 0.2 else Stacking.BEST,
        minimum={"SEK": 50_000} if chance.random() < 0.3 else {},
    )


def _benefit(chance: random.Random) -> Benefit:
    kind = chance.random()
    if kind < 0.6:
        return PercentOff(chance.randrange(500, 4_000))
    if kind < 0.75:
        return AmountOffEach({"SEK": chance.randrange(1_000, 9_000)})
    if kind < 0.85:
        return FixedPrice({"SEK": chance.randrange(10_000, 30_000)})
    return PiecesForLess(3) if kind < 0.95 else AmountOff({"SEK": 10_000})


if __name__ == "__main__":
    main()
