"""Stock: holds a second on one hot variant and over ten thousand, beside the bare statements.

Several processes hold one pair at a time. *Spindel* is the action `reserve`, with the fact on a
customer's timeline and the key that makes a retry harmless; *bare* is an UPDATE and two
INSERTs (hold and movement) in a transaction through psycopg, without fact and events. They take
turns within the run.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from multiprocessing import get_context

import django
import psycopg

from bench.figures import Figure, finish, rate, ratio, wait

django.setup()

from django.db import connection
from django.utils import timezone

from spindel.catalogue.models import Place, Product
from spindel.commerce.common.rules import Line
from spindel.commerce.stock.actions import holds
from spindel.commerce.stock.actions.movements import MOST_LINES, Move, move
from spindel.commerce.stock.models import Movement
from spindel.commerce.stock.reading import levels
from spindel.identity.interning import intern
from spindel.identity.rules import Key
from spindel.kit import database, sql
from spindel.kit.idempotency import Request
from spindel.staff.actors import Actor
from spindel.timeline.recording import own_source

_PROCESSES = 4
_CUSTOMERS = 1_000

Took = list[float]  # seconds, one for each hold


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--small", action="store_true")
    small = parser.parse_args().small
    count, seconds, rounds = (200, 0.5, 1) if small else (10_000, 4.0, 3)
    variants, place = make(count)
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's has one
    figures: list[Figure] = []
    with ProcessPoolExecutor(_PROCESSES, get_context("spawn")) as processes:
        for name, chosen in (("one_hot", variants[:1]), (f"{count}", variants)):
            took: dict[str, Took] = {"spindel": [], "bare": []}
            for _ in range(rounds):
                for side in took:
                    jobs = [
                        processes.submit(work, side, chosen, place, seconds)
                        for _ in range(_PROCESSES)
                    ]
                    took[side] += [one for job in jobs for one in job.result()]
            figures += told(f"holds_on_{name}", len(chosen), took, seconds * rounds)
    assert levels.verify() == []  # the bare statements write movements, too
    finish("stock", figures)


def told(name: str, variants: int, took: dict[str, Took], seconds: float) -> list[Figure]:
    """The figures of holds over so many variants."""
    what = "holds on one hot variant" if variants == 1 else f"holds over {variants:,} variants"
    figures = []
    for side, words in (("spindel", what), ("bare", f"{what}, bare statements")):
        figures += [
            rate(f"{name}.{side}.per_second", words, len(took[side]) / seconds),
            wait(f"{name}.{side}", words, took[side], 50),
            wait(f"{name}.{side}", words, took[side], 99),
        ]
    beside = len(took["spindel"]) / len(took["bare"])
    return [*figures, ratio(f"{name}.ratio", f"{what}, beside the bare statements", beside, 0.5)]


# --- goods and customers --------------------------------------------------------------------------


def make(count: int) -> tuple[list[int], int]:
    """So many variants with plenty of each in one place; and customers to hold them for."""
    product = Product.objects.create(number="vinga", names={"sv": "Vinga"})
    place = Place.objects.create(code="goteborg", name="Göteborg")
    rows = sql.rows(
        "INSERT INTO catalogue_variant (product_id, sku, options, pictures, position)"
        " SELECT %s, 'vinga-' || g, '{\"size\": \"38\"}', '{}', 0 FROM generate_series(1, %s) g"
        " RETURNING id",
        [product.pk, count],
    )
    variants = [id for (id,) in rows]
    now = timezone.now()
    for start in range(0, count, MOST_LINES):
        arrived = [
            Move(f"d{id}", Movement.Kind.DELIVERY, id, place.pk, 1_000_000, now)
            for id in variants[start : start + MOST_LINES]
        ]
        move(arrived, "bench", "bench")
    asyncio.run(_intern([("user_id", f"u-{number}") for number in range(_CUSTOMERS)]))
    own_source()
    sql.run("VACUUM ANALYZE")
    return variants, place.pk


async def _intern(keys: list[Key]) -> None:
    async with await psycopg.AsyncConnection.connect(database.url(), autocommit=True) as bare:
        assert sorted((await intern(bare, keys)).values()) == list(range(1, _CUSTOMERS + 1))


# --- the two sides --------------------------------------------------------------------------------


def work(side: str, variants: list[int], place: int, seconds: float) -> Took:
    """Hold pairs for so long, in this process; how long each took."""
    hold = _by_spindel(place) if side == "spindel" else _by_bare_statements(place)
    chance = random.Random()
    for _ in range(20):  # connections, plans
        hold(chance.choice(variants), chance)
    took = []
    end = time.perf_counter() + seconds
    while (begun := time.perf_counter()) < end:
        hold(chance.choice(variants), chance)
        took.append(time.perf_counter() - begun)
    return took


Hold = Callable[[int, random.Random], None]


def _by_spindel(place: int) -> Hold:
    until = timezone.now() + timedelta(days=1)

    def hold(variant: int, chance: random.Random) -> None:
        holds.reserve(
            [Line(variant, place, 1)],
            until,
            request=Request("bench", uuid.uuid4().hex),
            actor=Actor("bench"),
            whose=chance.randint(1, _CUSTOMERS),
        )

    return hold


_UPDATE = """
UPDATE stock_level SET held = held + 1
WHERE variant_id = %s AND place_id = %s AND on_hand - held >= 1
"""
_INSERT_HOLD = """
INSERT INTO stock_hold (variant_id, place_id, quantity, until, identifier_id, channel, by, key,
                           line, content)
VALUES (%s, %s, 1, %s, %s, 'other', 'bench', %s, 0, %s) RETURNING id
"""
_INSERT_MOVEMENT = """
INSERT INTO stock_movement (variant_id, place_id, kind, held, hold_id, by)
VALUES (%s, %s, 'hold', 1, %s, 'bench')
"""


def _by_bare_statements(place: int) -> Hold:
    bare = psycopg.connect(database.url())
    until = timezone.now() + timedelta(days=1)

    def hold(variant: int, chance: random.Random) -> None:
        key, whose = uuid.uuid4(), chance.randint(1, _CUSTOMERS)
        with bare.transaction():
            assert bare.execute(_UPDATE, [variant, place]).rowcount == 1
            made = bare.execute(_INSERT_HOLD, [variant, place, until, whose, key, key]).fetchone()
            assert made is not None
            bare.execute(_INSERT_MOVEMENT, [variant, place, made[0]])

    return hold


if __name__ == "__main__":
    main()
    connection.close()
