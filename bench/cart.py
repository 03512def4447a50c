"""Carts: edits and orders a second through HTTP, beside the bare statements.

The catalogue has 100,000 variants and 200 places. *Spindel* is the shop's API, asked over
connections that are kept open, of two web processes. *Bare* are the statements that it can't do
without, in a transaction each through psycopg from four processes: without HTTP, and without what
makes it right (keys that make a retry harmless, prices that hold for a while, holds that have
ended, notes for the shopper). They take turns within the run, and the load generator has the same
cores. No worker follows the facts meanwhile.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context

import django
import psycopg

from bench.figures import Figure, finish, rate, ratio, wait
from bench.load import Answer, Talk, converse
from bench.processes import is_well, running, wait_for

django.setup()

from django.db import connection

from spindel.commerce.stock.reading import levels
from spindel.kit import database, sql
from spindel.staff.actions import create_token
from spindel.staff.models import Scope
from spindel.timeline.recording import own_source

_WORKERS = 2
_CONNECTIONS = 16
_PROCESSES = 4  # of the bare statements
_WANTED = 5  # variants that a shopper is interested in
_ORDERED = 2  # lines of an order


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything."""

    variants: int
    places: int
    shoppers: int
    orders: int  # in each round
    seconds: float
    rounds: int


_FULL = Size(100_000, 200, shoppers=1_000, orders=1_000, seconds=5.0, rounds=3)
_SMALL = Size(1_000, 20, shoppers=40, orders=40, seconds=0.5, rounds=1)


@dataclass(slots=True)
class Took:
    """How long each took, in seconds, and how long all of them together."""

    waits: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, waits: list[float], seconds: float) -> None:
        """Another round."""
        self.waits += waits
        self.seconds += seconds

    @property
    def per_second(self) -> float:
        """How many in a second."""
        return len(self.waits) / self.seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--small", action="store_true")
    size = _SMALL if parser.parse_args().small else _FULL
    make_goods(size)
    secret = create_token("bench", [Scope.SHOP], None)[1]
    took = {name: Took() for name in ("edits", "bare_edits", "orders", "bare_orders")}
    with running("web", _WORKERS) as (_, port):
        wait_for(lambda: is_well(port))
        keys = let_in(port, secret, size.shoppers)
        shoppers = [Shopper(key, number, size) for number, key in enumerate(keys)]
        half = len(shoppers) // 2
        _carry_on(port, [one.fills() for one in shoppers[half:]])  # and so each has a cart
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's has one
        with ProcessPoolExecutor(_PROCESSES, get_context("spawn")) as processes:
            bare = Bare(processes, list(enumerate(keys))[half:], size)
            for _ in range(size.rounds):
                _carry_on(port, [one.fills() for one in shoppers[:half]])
                sql.run("CHECKPOINT")
                load = converse(
                    port,
                    [one.edits() for one in shoppers[:half]],
                    _CONNECTIONS,
                    seconds=size.seconds,
                )
                took["edits"].add(load.waits, load.seconds)
                took["bare_edits"].add(bare.run(edit_bare), size.seconds)
                took["orders"].add(*order(port, shoppers[:half], size.orders))
                took["bare_orders"].add(bare.run(order_bare), size.seconds)
    check(len(took["orders"].waits))
    finish("cart", told(took))


def order(port: int, shoppers: list[Shopper], count: int) -> tuple[list[float], float]:
    """Order so often; carts are filled before, without being counted."""
    waits: list[float] = []
    seconds = 0.0
    while count > len(waits):
        some = shoppers[: count - len(waits)]
        _carry_on(port, [one.fills() for one in some])
        load = converse(port, [one.orders() for one in some], _CONNECTIONS)
        waits += load.waits
        seconds += load.seconds
    return waits, seconds


def _carry_on(port: int, talks: list[Talk]) -> None:
    converse(port, talks, _CONNECTIONS)


def check(orders: int) -> None:
    """Nothing was ordered twice or lost, and the levels are as their movements say."""
    row = sql.row("SELECT count(*) FROM orders_order WHERE by = ''")
    assert row == (orders,), f"{orders} orders were acknowledged, and {row} are kept"
    assert levels.verify() == []


def told(took: dict[str, Took]) -> list[Figure]:
    """The figures of all four."""
    figures = []
    for name, what, aim in (("edits", "cart edits", 1_000), ("orders", "orders", 250)):
        through, bare = took[name], took[f"bare_{name}"]
        http = f"{what} through HTTP, {_CONNECTIONS} connections"
        without = f"{what}, bare statements, {_PROCESSES} processes"
        figures += [
            rate(f"{name}.spindel.per_second", http, through.per_second, aim),
            wait(f"{name}.spindel", http, through.waits, 50),
            wait(f"{name}.spindel", http, through.waits, 99, 100),
            rate(f"{name}.bare.per_second", without, bare.per_second),
            wait(f"{name}.bare", without, bare.waits, 99),
            ratio(
                f"{name}.ratio",
                f"{what}, beside the bare statements",
                through.per_second / bare.per_second,
            ),
        ]
    return figures


# --- goods ----------------------------------------------------------------------------------------

# A warehouse has plenty of everything, and four of the stores a hundred each; every tenth store
# sends, too.
_GOODS = """
INSERT INTO catalogue_product (id, number, names, texts, brand, categories, attributes, pictures,
                               vat, filters)
SELECT g, 'p' || g, jsonb_build_object('sv', 'Vinga ' || g), '{}', 'Vinga', '{Skor}', '{}',
       ARRAY['https://nordsko.example/' || g || '.jpg'], 2500, '{}'
FROM generate_series(1, %(variants)s / 8) g;

INSERT INTO catalogue_variant (id, product_id, sku, options, pictures, position)
SELECT g, (g - 1) / 8 + 1, 'v' || g, jsonb_build_object('size', (36 + g %% 8)::text), '{}', g %% 8
FROM generate_series(1, %(variants)s) g;

INSERT INTO catalogue_price (variant_id, market, currency, amount, sale, since)
SELECT id, 'SE', 'SEK', 129900, false, now() - interval '1 day' FROM catalogue_variant;

INSERT INTO catalogue_place (id, code, name, kind, street, postcode, city, country, time_zone,
                             hours, exceptions, ships, hands_over)
SELECT g, 'place-' || g, 'Place ' || g, CASE g WHEN 1 THEN 'warehouse' ELSE 'store' END, '', '', '',
       'SE', 'Europe/Stockholm', '{}', '{}', g %% 10 = 1, g > 1
FROM generate_series(1, %(places)s) g;

INSERT INTO stock_level (variant_id, place_id, on_hand)
SELECT id, 1, 1000000 FROM catalogue_variant
UNION ALL
SELECT id, 2 + (id * 7 + k * 31) %% (%(places)s - 1), 100
FROM catalogue_variant, generate_series(0, 3) k
ON CONFLICT DO NOTHING;

INSERT INTO stock_movement (variant_id, place_id, kind, on_hand, by)
SELECT variant_id, place_id, 'delivery', on_hand, 'bench' FROM stock_level;
"""


def make_goods(size: Size) -> None:
    """The catalogue, the places and their stock."""
    for statement in _GOODS.split(";\n"):
        if statement.strip():
            sql.run(statement, {"variants": size.variants, "places": size.places})
    own_source()
    sql.run("VACUUM ANALYZE")


# --- shoppers -------------------------------------------------------------------------------------


def let_in(port: int, secret: str, count: int) -> list[str]:
    """The keys of so many sessions."""
    keys: list[str] = []

    def come(number: int) -> Talk:
        answer = yield _request("POST", "sessions", secret, {"browser": f"browser-{number}"})
        keys.append(_said(answer)["key"])

    _carry_on(port, [come(number) for number in range(count)])
    return keys


class Shopper:
    """Somebody with a cart, and what she asks for."""

    def __init__(self, key: str, number: int, size: Size) -> None:
        self._key = key
        self._number = number
        self._chance = random.Random(number)
        self._wanted = [f"v{id}" for id in wanted(number, size)]
        self._there: set[str] = set()  # in her cart

    def fills(self) -> Talk:
        """Puts into the cart what she will order."""
        for sku in self._wanted[:_ORDERED]:
            _said((yield self._add(sku)))

    def edits(self) -> Talk:
        """Puts in, changes and takes out, on and on."""
        while True:
            sku, chance = self._chance.choice(self._wanted), self._chance.random()
            if chance < 0.5 or sku not in self._there:
                _said((yield self._add(sku)))
            elif chance < 0.75:
                said = {"quantity": self._chance.randint(1, 4)}
                _said((yield self._ask("PUT", f"cart/lines/{sku}", said)))
            else:
                self._there.discard(sku)
                _said((yield self._ask("DELETE", f"cart/lines/{sku}")))

    def orders(self) -> Talk:
        """Orders what is in the cart, once."""
        contact = {"name": "Anna Lind", "email": f"kund.{self._number}@nordsko.example"}
        address = {"street": "Vasagatan 1", "postcode": "411 37", "city": "Göteborg"}
        said = {"pay_by": "invoice", "contact": contact, "address": address}
        self._there.clear()
        _said((yield self._ask("POST", "orders", said)))

    def _add(self, sku: str) -> bytes:
        self._there.add(sku)
        return self._ask("POST", "cart/lines", {"sku": sku})

    def _ask(self, method: str, path: str, said: object = None) -> bytes:
        return _request(method, path, self._key, said)


def wanted(number: int, size: Size) -> list[int]:
    """The variants that a shopper is interested in, by their ids."""
    return random.Random(number).sample(range(1, size.variants + 1), _WANTED)


def _said(answer: Answer) -> dict[str, str]:
    if answer.status not in (200, 201):
        raise RuntimeError(f"Refused: {answer.status} {answer.body[:300]!r}")
    said: dict[str, str] = json.loads(answer.body)
    return said


def _request(method: str, path: str, key: str, said: object) -> bytes:
    body = b"" if said is None else json.dumps(said).encode()
    head = (
        f"{method} /api/shop/{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
        f"Idempotency-Key: {uuid.uuid4().hex}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


# --- the bare statements --------------------------------------------------------------------------


class Bare:
    """Runs bare statements in processes, for the shoppers who have these numbers and keys."""

    def __init__(
        self, processes: ProcessPoolExecutor, keys: list[tuple[int, str]], size: Size
    ) -> None:
        self._processes = processes
        self._keys = keys
        self._size = size

    def run(self, what: Callable[[psycopg.Connection, Cart], None]) -> list[float]:
        """How long each took."""
        mine = [self._keys[n::_PROCESSES] for n in range(_PROCESSES)]
        jobs = [
            self._processes.submit(_repeat, what, keys, n, self._size)
            for n, keys in enumerate(mine)
        ]
        return [wait for job in jobs for wait in job.result()]


@dataclass(frozen=True, slots=True)
class Cart:
    """What bare statements are about: whose cart, one of the variants, and a number."""

    digest: bytes
    variant: int
    many: int


def _repeat(
    what: Callable[[psycopg.Connection, Cart], None],
    keys: list[tuple[int, str]],
    seed: int,
    size: Size,
) -> list[float]:
    waits = []
    with psycopg.connect(database.url()) as bare:
        carts = _carts(keys, seed, size)
        for _ in range(20):  # plans
            what(bare, next(carts))
        end = time.perf_counter() + size.seconds
        while (begun := time.perf_counter()) < end:
            what(bare, next(carts))
            waits.append(time.perf_counter() - begun)
    return waits


def _carts(keys: list[tuple[int, str]], seed: int, size: Size) -> Iterator[Cart]:
    chance = random.Random(seed)
    known = [(hashlib.sha256(key.encode()).digest(), wanted(n, size)) for n, key in keys]
    while True:
        digest, variants = chance.choice(known)
        yield Cart(digest, chance.choice(variants), chance.randint(1, 4))


_LOCK = """
SELECT c.id, s.browser_id FROM shoppers_shopper s JOIN carts_cart c ON c.id = s.cart_id
WHERE s.digest = %s FOR UPDATE OF c
"""
_PUT = """
INSERT INTO carts_cartline (cart_id, variant_id, quantity, seen_amount)
SELECT %s, variant_id, %s, amount FROM catalogue_price WHERE variant_id = %s AND market = 'SE'
ON CONFLICT (cart_id, variant_id) DO UPDATE SET quantity = excluded.quantity
"""
_BUMP = "UPDATE carts_cart SET version = version + 1, changed_at = now() WHERE id = %s"
_TELL = """
INSERT INTO timeline_fact (id, identifier_id, name, channel, source_id, occurred_at, properties)
SELECT %s, %s, %s, 'web', id, now(), %s FROM timeline_source WHERE slug = 'spindel'
"""
_READ = """
SELECT l.variant_id, v.sku, p.names, v.options, l.quantity, price.amount, level.on_hand - level.held
FROM carts_cartline l
JOIN catalogue_variant v ON v.id = l.variant_id
JOIN catalogue_product p ON p.id = v.product_id
JOIN catalogue_price price ON price.variant_id = v.id AND price.market = 'SE'
JOIN stock_level level ON level.variant_id = v.id AND level.place_id = 1
WHERE l.cart_id = %s ORDER BY l.id
"""


def edit_bare(bare: psycopg.Connection, cart: Cart) -> None:
    """Lock the cart, put the line, bump the version, insert the fact, read the lines."""
    with bare.transaction():
        found = bare.execute(_LOCK, [cart.digest]).fetchone()
        assert found is not None
        id, who = found
        bare.execute(_PUT, [id, cart.many, cart.variant])
        bare.execute(_BUMP, [id])
        said = json.dumps({"cart_id": id, "sku": f"v{cart.variant}", "quantity": cart.many})
        bare.execute(_TELL, [uuid.uuid4(), who, "Product Added", said])
        bare.execute(_READ, [id]).fetchall()


_TAKE = """
UPDATE stock_level SET held = held + 1
WHERE variant_id = %s AND place_id = 1 AND on_hand - held >= 1
"""
_ORDER = """
INSERT INTO orders_order (number, key, content, identifier_id, cart_id, state, channel, by,
                            market, currency, language, total, vat, contact, address)
VALUES (%s, %s, %s, %s, %s, 'confirmed', 'web', 'bare', 'SE', 'SEK', 'sv', %s, %s, '{}', '{}')
RETURNING id
"""
_LINE = """
INSERT INTO orders_orderline (order_id, line, variant_id, sku, product, name, options, quantity,
                              amount, list_amount, total, vat_rate, fulfilment)
VALUES (%s, %s, %s, %s, 'p', 'Vinga', '38', 1, %s, %s, %s, 2500, 'ship') RETURNING id
"""
_HOLD = """
INSERT INTO stock_hold (variant_id, place_id, quantity, until, channel, by, key, line, content,
                           order_line_id)
VALUES (%s, 1, 1, '9000-01-01Z', 'web', 'bare', %s, %s, %s, %s) RETURNING id
"""
_MOVE = """
INSERT INTO stock_movement (variant_id, place_id, kind, held, hold_id, by)
VALUES (%s, 1, 'hold', 1, %s, 'bare')
"""
_PAY = """
INSERT INTO payments_payment (order_id, number, language, provider, key, state, currency, amount,
                              reference, url)
VALUES (%s, 'bare', 'sv', 'invoice', %s, 'pending', 'SEK', %s, '', '')
"""


def order_bare(bare: psycopg.Connection, cart: Cart) -> None:
    """Lock and read a cart, take the stock, insert order, lines, holds, payment and fact."""
    with bare.transaction():
        found = bare.execute(_LOCK, [cart.digest]).fetchone()
        assert found is not None
        id, who = found
        lines = sorted(bare.execute(_READ, [id]).fetchall())[:_ORDERED]
        key, total = uuid.uuid4(), sum(line[5] for line in lines)
        said = [key.hex, key, key, who, id, total, total // 5]
        made = bare.execute(_ORDER, said).fetchone()
        assert made is not None
        for number, (variant, sku, _, _, _, amount, _) in enumerate(lines):
            assert bare.execute(_TAKE, [variant]).rowcount == 1
            line = bare.execute(_LINE, [made[0], number, variant, sku, *[amount] * 3]).fetchone()
            assert line is not None
            hold = bare.execute(_HOLD, [variant, key, number, key, line[0]]).fetchone()
            assert hold is not None
            bare.execute(_MOVE, [variant, hold[0]])
        bare.execute(_PAY, [made[0], uuid.uuid4(), total])
        bare.execute(_BUMP, [id])
        told = json.dumps({"order_id": key.hex, "total": total / 100})
        bare.execute(_TELL, [uuid.uuid4(), who, "Order Completed", told])


if __name__ == "__main__":
    main()
    connection.close()
