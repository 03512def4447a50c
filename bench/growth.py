"""How cost grows: collecting, linking and finding with 1, 10 and 30 million facts there beforehand.

The facts are a sample that was collected and linked, copied as other people's (filling.py). Who
comes is anybody of all of them, so neither what the collector remembers nor what lies in memory
spares it from looking up. Asked for by its name alone: it takes a while, and about a gigabyte of
disk for a million facts.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import django
import psycopg

from bench.collect import BATCH, Events, connect_source, has_caught_up, one, wait_until_ready
from bench.figures import Figure, finish, rate, wait
from bench.filling import Sample, multiply, take_sample
from bench.load import drive
from bench.processes import running, wait_for

django.setup()

from django.db import connection, transaction

from spindel.identity import actions, customers, graph
from spindel.identity.searching import search

_PER_PERSON = 25
_KEY = "timeline_fact_pkey"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many facts there are beforehand, in turn; the people of the sample; what is done then."""

    facts: tuple[int, ...]
    people: int
    batches: int
    paced: int
    searches: int
    rounds: int


_FULL = Sizes((1_000_000, 10_000_000, 30_000_000), 1_000, 1_500, 1_000, 400, 25)
_SMALL = Sizes((5_000, 20_000), 40, 10, 10, 10, 2)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--small", action="store_true")
    sizes = _SMALL if parser.parse_args().small else _FULL
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped."))  # and stop what was started
    url = os.environ["SPINDEL_DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as database:
        connect_source(database)
        sample = collect_sample(database, sizes.people)
        copies = 1
        measured, filled = [], []
        for facts in sizes.facts:
            start = time.perf_counter()
            wanted = max(copies, facts // sample.facts)
            multiply(url, sample, copies, wanted)
            copies = wanted
            size = one(database, "SELECT pg_database_size(current_database())") / 2**30
            filled.append(
                f"{facts:,} in {time.perf_counter() - start:,.0f} s ({size:.1f} GiB in all)"
            )
            print(filled[-1], file=sys.stderr)
            measured.append(measure(database, sample, copies, sizes))
            people = copies * sample.people
            print(f"measured with {facts:,} facts, {people:,} people", file=sys.stderr)
    finish(
        "growth",
        [
            Figure(
                f"{figure.name}.{facts}",
                f"{figure.what}, {facts:,} facts there",
                figure.value,
                figure.unit,
                figure.aim,
                figure.less,
            )
            for same in zip(*measured, strict=True)
            for facts, figure in zip(sizes.facts, same, strict=True)
        ],
        [f"Filled to {'; to '.join(filled)}."],
    )


def collect_sample(database: psycopg.Connection, people: int) -> Sample:
    """Collect and link what is copied."""
    events = Events(people)
    with running("collect") as (_, port), running("work"):
        wait_until_ready(database, port)
        drive(port, events.batches(max(1, people * _PER_PERSON // BATCH)), connections=32)
        wait_for(lambda: has_caught_up(database))
    return take_sample(database, people)


def measure(
    database: psycopg.Connection, sample: Sample, copies: int, sizes: Sizes
) -> list[Figure]:
    """All of it at the size that there is now."""
    return [
        *collect(database, Events(copies * sample.people, seed=copies), sizes),
        *find(Somebody(database, sample, copies), sizes),
    ]


# --- collecting -----------------------------------------------------------------------------------


def collect(database: psycopg.Connection, events: Events, sizes: Sizes) -> list[Figure]:
    """At full load, until all is linked; then at half of it."""
    with running("collect") as (_, port), running("work"):
        wait_until_ready(database, port)
        drive(port, events.batches(max(1, sizes.batches // 30)), connections=32)
        wait_for(lambda: has_caught_up(database))
        requests = events.batches(sizes.batches)
        database.execute("CHECKPOINT")
        written, read = _written(database), _read(database)
        start = time.perf_counter()
        full = drive(port, requests, connections=32)
        wait_for(lambda: has_caught_up(database))
        linked = time.perf_counter() - start
        written, read = _written(database) - written, _read(database) - read
        full_rate = sizes.batches / full.seconds
        half = drive(port, events.batches(sizes.paced), connections=32, rate=full_rate / 2)
        wait_for(lambda: has_caught_up(database))
    many = sizes.batches * BATCH
    key = one(database, f"SELECT pg_relation_size('{_KEY}')")
    return [
        rate("events_per_second", "events acknowledged", many / full.seconds),
        rate("events_per_second_linked", "events linked, too", many / linked),
        wait("half_load_ms", "acknowledgement at half load, batches", half.waits, 99),
        Figure("written", "bytes of log (WAL) an event", round(written / many), less=True),
        Figure("key_mb", "the index of the facts' keys", round(key / 2**20), "MB", less=True),
        Figure(
            "key_read",
            "… its pages not in the database's memory, per 1,000 events",
            round(1_000 * read / many, 1),
            less=True,
        ),
    ]


def _written(database: psycopg.Connection) -> int:
    return one(database, "SELECT pg_current_wal_insert_lsn() - '0/0'")


def _read(database: psycopg.Connection) -> int:
    """Pages of the keys' index that were not in shared buffers; told once a session is idle."""
    time.sleep(1.1)
    return one(
        database,
        f"SELECT idx_blks_read FROM pg_statio_user_indexes WHERE indexrelname = '{_KEY}'",
    )


# --- finding, reading, merging --------------------------------------------------------------------


class Somebody:
    """Draws people from all that there are, by what the sample has of them."""

    def __init__(self, database: psycopg.Connection, sample: Sample, copies: int) -> None:
        self._chance = random.Random(copies)
        self._sample = sample
        self._copies = copies
        self._ids = self._column(
            database, "SELECT id FROM sample_identity_identifier WHERE kind = 'user_id' ORDER BY id"
        )
        self._addresses = self._column(
            database,
            "SELECT substring(value from '[0-9]+') FROM sample_identity_identifier"
            " WHERE kind = 'email' ORDER BY id",
        )
        self._orders = self._column(
            database,
            "SELECT substring(key from '[0-9]+') FROM sample_identity_lookup"
            " WHERE key LIKE 'o:%' ORDER BY key",
        )

    @staticmethod
    def _column(database: psycopg.Connection, statement: str) -> list[int]:
        return [int(value) for (value,) in database.execute(statement)]

    def _drawn(self, numbers: list[int], step: int) -> int:
        return self._chance.choice(numbers) + self._chance.randrange(self._copies) * step

    def customer(self) -> int:
        """The id of one who has logged in."""
        return customers.living(self._drawn(self._ids, self._sample.stride))

    def address(self) -> str:
        """Of e-mail."""
        return f"kund.{self._drawn(self._addresses, self._sample.people)}@nordsko.example"

    def order(self) -> str:
        """An order's number."""
        return f"N-{self._drawn(self._orders, self._sample.facts)}"


def find(somebody: Somebody, sizes: Sizes) -> list[Figure]:
    """What a page and an agent ask for; nothing is in memory but by chance."""
    chosen = [somebody.customer() for _ in range(sizes.searches)]
    with transaction.atomic():
        graph.lock()
        assert not graph.settle(chosen), "the copies are as their evidence says"
    merges, splits = [], []
    for customer, other in zip(chosen[: sizes.rounds], chosen[-sizes.rounds :], strict=True):
        if customer == other or customers.living(other) != other:
            continue
        taken = [span[0] for span in customers.spans(other)]
        merges.append(_timed(lambda a=customer, b=other: actions.merge_customers(a, b, "bench")))
        whole = customers.living(customer)
        splits.append(_timed(lambda a=whole, b=taken: actions.split_customer(a, b, "bench")))
    pages = [_timed(lambda c=customer: customers.timeline(c, 50)) for customer in chosen]
    figures = [
        wait("merge_ms", "merge of two customers", merges, 50),
        wait("split_ms", "split of a customer", splits, 50),
        wait("newest_50_ms", "a customer's newest 50 facts", pages, 95),
    ]
    for name, what, text in (
        ("email", "found by e-mail", somebody.address),
        ("order", "found by order number", somebody.order),
    ):
        seconds = []
        for typed in [text() for _ in range(sizes.searches)]:
            start = time.perf_counter()
            hits = search(typed)
            seconds.append(time.perf_counter() - start)
            assert hits, f"{typed} is there"
        figures.append(wait(f"search_ms.{name}", what, seconds, 95, 50))
    return figures


def _timed(what: Callable[[], object]) -> float:
    start = time.perf_counter()
    what()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
    connection.close()
