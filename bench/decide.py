"""What somebody sees: with 20, 200 and 2,000 live contents, each about a live offer.

There are 1,000,000 customers with a login and a browser each, 100,000 variants and 200 places.
Those who ask have looked at goods a hundred times; the others have two facts each. *Ranked* is the
function alone. *Asked* is all that a face asks in the process, beside one bare statement that finds
what somebody has looked at. *Through HTTP* is the shop's API at 300 requests a second, of two web
processes; and so is *priced*: what one piece of each of 48 variants costs her. The load generator
has the same cores.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import django
import psycopg

from bench.cart import Size, let_in, make_goods
from bench.figures import Figure, finish, ratio, wait
from bench.load import drive
from bench.price import terms
from bench.processes import is_well, running, wait_for

django.setup()

from django.db import connection
from django.utils import timezone

from spindel.catalogue.markets import Market
from spindel.decide import actions, ranking, reading
from spindel.decide.contents import OnScreen, Picture, Placement, Says, Screen, Words
from spindel.decide.models import Content
from spindel.kit import sql
from spindel.offers import actions as offers
from spindel.offers.models import Offer
from spindel.offers.reading import stand
from spindel.staff.actions import create_token
from spindel.staff.models import Scope
from spindel.timeline.recording import own_source

T = TypeVar("T")

_WORKERS = 2
_CONNECTIONS = 16
_RATE = 300.0
_SWEDISH = Market("SE", "SEK", "sv")
_START = Placement.START


@dataclass(frozen=True, slots=True)
class Asked:
    """How much there is, and how often it is asked."""

    customers: int
    asking: int
    goods: Size
    live: tuple[int, ...]
    requests: int


_FULL = Asked(
    1_000_000,
    1_000,
    Size(100_000, 200, shoppers=0, orders=0, seconds=0, rounds=0),
    (20, 200, 2_000),
    6_000,
)
_SMALL = Asked(500, 20, Size(800, 20, shoppers=0, orders=0, seconds=0, rounds=0), (5, 20, 40), 60)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--small", action="store_true")
    asked = _SMALL if parser.parse_args().small else _FULL
    chance = random.Random(1)
    make_goods(asked.goods)
    _make_customers(asked)
    secret = create_token("bench", [Scope.SHOP], None)[1]
    figures: list[Figure] = []
    with running("web", _WORKERS) as (_, port):
        wait_for(lambda: is_well(port))
        keys = let_in(port, secret, asked.asking)
        told = 0
        for many in asked.live:
            for number in range(told, many):
                _give(number, chance)
            told = many
            aims = many == asked.live[1]
            figures += _in_process(asked, many)
            figures += _through_http(port, keys, asked, many, chance, aims=aims)
    finish("decide", figures)


def _give(number: int, chance: random.Random) -> None:
    """One more offer, and content about it."""
    key = f"offer-{number}"
    offers.keep(key, terms(chance), by="bench")
    offers.set_state(key, Offer.State.LIVE, "bench")
    picture = Picture("https://nordsko.example/p.png", 1200, 400)
    says = Says(
        placements=frozenset({_START, Placement.AGENT}),
        words={one: Words("Erbjudande", "Så länge det räcker.", "/sale") for one in ("sv", "en")},
        screens={one: OnScreen(picture) for one in Screen},
        offer=key,
        priority=chance.choice((90, 100, 110)),
    )
    actions.keep(key, says, by="bench")
    actions.set_state(key, Content.State.LIVE, "bench")


# --- measured -------------------------------------------------------------------------------------

_LOOKED_AT = """
SELECT p.number, p.brand, p.categories FROM identity_tenure mine
JOIN identity_tenure hers ON hers.customer_id = mine.customer_id
CROSS JOIN LATERAL (
    SELECT properties->>'sku' AS sku FROM timeline_fact
    WHERE identifier_id = hers.identifier_id ORDER BY occurred_at DESC, sequence DESC LIMIT 60
) looked
JOIN catalogue_variant v ON v.sku = looked.sku
JOIN catalogue_product p ON p.id = v.product_id
WHERE mine.identifier_id = %s
"""


def _in_process(asked: Asked, many: int) -> list[Figure]:
    """The function alone, and all that is asked; and the statement that it can't do without."""
    browsers = [2 * number + 2 for number in range(asked.asking)]
    found = reading.contents(stand(None).edition)
    there = ranking.Place(placement=_START, market="SE", currency="SEK", at=timezone.now())
    hers = [reading.known(one)[1] for one in browsers]
    ranked = _measured(hers, lambda her: ranking.rank(found, there, her))
    spindel = _measured(browsers, lambda one: reading.decide([_START], _SWEDISH, one))
    with psycopg.connect(os.environ["SPINDEL_DATABASE_URL"], autocommit=True) as database:
        database.prepare_threshold = 0
        bare = _measured(browsers, lambda one: database.execute(_LOOKED_AT, [one]).fetchall())
    what = f"{many:,} live contents"
    half = [sorted(took)[len(took) // 2] for took in (bare, spindel)]
    return [
        wait(f"ranked_{many}", f"ranked, {what}", ranked, 50),
        wait(f"ranked_{many}", f"ranked, {what}", ranked, 99),
        wait(f"asked_{many}", f"asked in the process, {what}", spindel, 50),
        wait(f"asked_{many}", f"asked in the process, {what}", spindel, 99),
        wait(f"bare_{many}", "what somebody looked at, by a bare statement", bare, 50),
        ratio(
            f"asked_beside_bare_{many}",
            "the bare statement's time, of what was asked",
            half[0] / half[1],
        ),
    ]


def _measured(asked: Sequence[T], ask: Callable[[T], object]) -> list[float]:
    for one in asked[:10]:  # plans, and what is read once
        ask(one)
    took = []
    for one in asked:
        begun = time.perf_counter()
        ask(one)
        took.append(time.perf_counter() - begun)
    return took


def _through_http(
    port: int, keys: list[str], asked: Asked, many: int, chance: random.Random, *, aims: bool
) -> list[Figure]:
    connection.close()
    figures = []
    for name, what, path in (
        ("decide", "decided", lambda: "decide?placement=start&screen=phone"),
        ("prices", "48 variants priced", lambda: _prices(asked, chance)),
    ):
        _warm(port, keys, path)
        requests = [_request(path(), chance.choice(keys)) for _ in range(asked.requests)]
        load = drive(port, requests, _CONNECTIONS, rate=_RATE)
        said = f"{what} through HTTP at {_RATE:.0f}/s, {many:,} live"
        figures += [
            wait(f"{name}_http_{many}", said, load.waits, 50),
            wait(f"{name}_http_{many}", said, load.waits, 99, 15.0 if aims else None),
        ]
    return figures


def _warm(port: int, keys: list[str], path: Callable[[], str]) -> None:
    drive(port, [_request(path(), keys[0]) for _ in range(100)], _CONNECTIONS)


def _prices(asked: Asked, chance: random.Random) -> str:
    some = chance.sample(range(1, asked.goods.variants // 8), 6)
    return "prices?" + "&".join(f"product=p{number}" for number in some)


def _request(path: str, key: str) -> bytes:
    return (
        f"GET /api/shop/{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n\r\n"
    ).encode()


# --- customers ------------------------------------------------------------------------------------

# Customer n has the identifiers 2n + 1, a login and who she is, and 2n + 2, a browser. Brands and
# categories are those that the offers of bench/price.py are on.
_CUSTOMERS = """
UPDATE catalogue_product SET brand = 'brand-' || id %% 100,
    categories = ARRAY['category-' || id %% 100, 'category-' || (id + 37) %% 100];

UPDATE catalogue_variant SET filters = ARRAY['size=' || (options->>'size')];

INSERT INTO identity_identifier (id, kind, value)
SELECT 2 * n + 1 + part, (ARRAY['user_id', 'anonymous_id'])[part + 1],
       (ARRAY['user-', 'browser-'])[part + 1] || n
FROM generate_series(0, %(customers)s - 1) n, generate_series(0, 1) part;

INSERT INTO identity_customer (id) SELECT id FROM identity_identifier WHERE id %% 2 = 1;

INSERT INTO identity_tenure (identifier_id, since, customer_id)
SELECT id, '1900-01-01Z', id - (id + 1) %% 2 FROM identity_identifier;

INSERT INTO identity_trait (identifier_id, name, source_id, digest, value, first_at, last_at, by)
SELECT id, 'city', %(source)s, '\\x00', to_jsonb('Place ' || (2 + id %% (%(places)s - 1))),
       now(), now(), '' FROM identity_identifier WHERE id %% 2 = 1;

INSERT INTO timeline_fact (id, identifier_id, name, channel, source_id, occurred_at, properties)
SELECT gen_random_uuid(), 2 * n + 2, 'Product Viewed', 'web', %(source)s,
       now() - interval '1 day' * random() * 300,
       jsonb_build_object('sku', 'v' || 1 + (n * 31 + k * 97) %% %(variants)s, 'name', 'Vinga')
FROM generate_series(0, %(customers)s - 1) n, generate_series(1, 2) k;

INSERT INTO timeline_fact (id, identifier_id, name, channel, source_id, occurred_at, properties)
SELECT gen_random_uuid(), 2 * n + 1 + k %% 2, CASE k %% 10 WHEN 0 THEN 'Page Viewed' ELSE
       'Product Viewed' END, 'web', %(source)s, now() - interval '1 day' * random() * 300,
       jsonb_build_object('sku', 'v' || 1 + (n * 31 + k * 97) %% %(variants)s, 'name', 'Vinga')
FROM generate_series(0, %(asking)s - 1) n, generate_series(1, 100) k;
"""


def _make_customers(asked: Asked) -> None:
    words = {
        "customers": asked.customers,
        "asking": asked.asking,
        "source": own_source().pk,
        "variants": asked.goods.variants,
        "places": asked.goods.places,
    }
    for statement in _CUSTOMERS.split(";\n"):
        if statement.strip():
            sql.run(statement, words)
    sql.rows("SELECT setval('identity_identifier_id_seq', %s)", [2 * asked.customers + 1])
    sql.run("VACUUM ANALYZE")


if __name__ == "__main__":
    main()
