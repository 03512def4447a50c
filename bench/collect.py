"""Collecting: events through HTTP until they are durable and linked, beside a raw COPY of them.

Each event is deduplicated, its identifiers interned, and the identity follower runs meanwhile.
The collector is one process, the follower another; the load generator has the same cores.
"""

from __future__ import annotations

import argparse
import base64
import itertools
import os
import random
import signal
import sys
import time
from collections.abc import Sequence
from uuid import UUID

import psutil
import psycopg

from bench.figures import Figure, finish, rate, ratio, wait
from bench.load import drive
from bench.processes import is_well, running, wait_for
from bench.watching import Watch
from spindel.timeline.append import fact_key

PEOPLE = 20_000
BATCH = 100
COPY_BATCH = 2_000
_FULL_LOAD = f"32 connections, batches of {BATCH}"
KEY = "bench-key"


def main() -> None:
    """Measure, print, and fail when an event is missing or counted twice."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--small", action="store_true")
    small = parser.parse_args().small
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped."))  # and stop what was started
    batches, paced, singles = (60, 40, 500) if small else (6_000, 1_500, 40_000)
    with psycopg.connect(os.environ["SPINDEL_DATABASE_URL"], autocommit=True) as database:
        connect_source(database)
        measure(database, batches, paced, singles)


def measure(database: psycopg.Connection, batches: int, paced: int, singles: int) -> None:
    """Do it all; `batches` and `paced` are of a hundred events, `singles` of one."""
    events = Events()
    memory: list[float] = []
    with running("collect") as (collector, port), running("work"):

        def mark() -> None:
            memory.append(_megabytes(collector))

        wait_until_ready(database, port)
        warm = drive(port, events.batches(max(1, batches // 60)), connections=32)
        wait_for(lambda: has_caught_up(database))

        requests = events.batches(batches)
        width = sum(map(len, requests)) / len(requests) / BATCH
        database.execute("CHECKPOINT")
        start = time.perf_counter()
        full = drive(port, requests, connections=32, mark=mark)
        wait_for(lambda: has_caught_up(database))
        linked = time.perf_counter() - start
        again = requests[-20:]
        del requests

        full_rate = batches / full.seconds
        requests = events.batches(paced)
        with Watch(database.info.dsn) as watch:
            half = drive(port, requests, connections=32, rate=full_rate / 2)
        mark()
        causes = watch.causes(half, group_sizes(database, requests))
        windows = watch.windows(database)
        del requests
        alone = drive(port, events.singles(singles), connections=64)
        one_rate = singles / alone.seconds
        half_one = drive(port, events.singles(singles // 2), connections=64, rate=one_rate / 2)
        mark()
        drive(port, again, connections=20)  # redelivered, all at once
        wait_for(lambda: has_caught_up(database))
        mark()

    kept = one(database, "SELECT count(*) FROM timeline_fact")
    if kept != events.made:
        sys.exit(f"{events.made} events were acknowledged, and {kept} are kept.")
    copied = raw_copy(database, batches * BATCH)
    assert warm.waits

    acknowledged, caught_up = batches * BATCH / full.seconds, batches * BATCH / linked
    in_batches = "acknowledgement at half load, batches"
    finish(
        "collect",
        [
            rate("events_per_second", f"events acknowledged, {_FULL_LOAD}", acknowledged, 25_000),
            rate(
                "events_per_second_linked", "events linked by the follower, too", caught_up, 25_000
            ),
            rate("copy_rows_per_second", "rows of a raw COPY", copied),
            ratio("ratio", "acknowledged, beside the COPY", acknowledged / copied, 0.4),
            ratio("ratio_linked", "linked, beside the COPY", caught_up / copied, 0.4),
            wait("half_load_ms", in_batches, half.waits, 50),
            wait("half_load_ms", in_batches, half.waits, 99, 50),
            wait("full_load_ms", "acknowledgement at full load, batches", full.waits, 99),
            rate(
                "single_requests_per_second",
                "requests of a single event, 64 connections",
                one_rate,
                4_000,
            ),
            wait(
                "half_load_single_ms",
                "acknowledgement at half load, single events",
                half_one.waits,
                99,
                50,
            ),
            Figure(
                "memory_mb", "collector's memory, at the end", round(memory[-1]), "MB", less=True
            ),
            Figure(
                "memory_growth",
                "… beside that at the first tenth",
                round(memory[-1] / memory[0], 2),
                aim=1.1,
                less=True,
            ),
            Figure("bytes_per_event", "bytes of an event as sent", round(width), less=True),
            Figure("kept", f"events kept, of {events.made:,}", kept, aim=events.made),
        ],
        [f"Acknowledgements of batches at half load:\n\n{causes} {windows}"],
    )


def group_sizes(database: psycopg.Connection, requests: Sequence[bytes]) -> dict[int, int]:
    """How many facts were committed together with each request's, by the request's number."""
    source = one(database, "SELECT id FROM timeline_source WHERE slug = 'web'")
    ids = [
        UUID(bytes=fact_key(source, request.partition(b'"messageId":"')[2][:32].decode()))
        for request in requests
    ]
    counted = database.execute(
        "SELECT number - 1, count(*) FROM unnest(%s::uuid[]) WITH ORDINALITY asked (id, number)"
        " JOIN timeline_fact f USING (id) JOIN timeline_fact g ON g.transaction = f.transaction"
        " GROUP BY 1",
        [ids],
    )
    return dict(counted.fetchall())


# --- events ---------------------------------------------------------------------------------------

_PRODUCTS = ("vinga", "styrsö", "marstrand", "smögen", "fjällbacka", "grebbestad", "käringön")
_NAMES = ("Anna", "Erik", "Åsa", "Søren", "Maja", "Oskar", "Ingrid", "Bjørn")


class Events:
    """Makes requests of so many people; each event with a message id of its own. `made` counts
    them.
    """

    def __init__(self, people: int = PEOPLE, seed: int = 20) -> None:
        self.made = 0
        self._people = people
        self._random = random.Random(seed)

    def batches(self, count: int) -> list[bytes]:
        """Requests of a hundred events each."""
        return [
            _request(
                "/v1/batch",
                f'{{"batch":[{",".join(self._event() for _ in range(BATCH))}],'
                '"sentAt":"2026-11-20T10:00:00.223Z"}',
            )
            for _ in range(count)
        ]

    def singles(self, count: int) -> list[bytes]:
        """Requests of one event each."""
        return [_request("/v1/track", self._event()) for _ in range(count)]

    def _event(self) -> str:
        """A message in a web shop: seven in ten are of visitors who have not logged in."""
        self.made += 1
        draw = self._random.random
        person, product = int(draw() * self._people), int(draw() * 1_000)
        name = _PRODUCTS[product % len(_PRODUCTS)]
        event, more, context = "Product Viewed", "", ""
        if draw() < 0.3:
            context = f'"userId":"u-{person}",'
            chance = draw()
            if chance < 0.1:
                event, more = "Order Completed", f',"order_id":"N-{self.made}"'
            elif chance < 0.2:
                event, more = "Checkout Started", f',"email":"kund.{person}@nordsko.example"'
        elif draw() < 0.2:
            event = "Product Added"
        traits = ""
        if context and event == "Product Viewed" and draw() < 0.1:
            given = _NAMES[person % len(_NAMES)]
            traits = f',"traits":{{"name":"{given} Lind {person}"}}'
        return (
            f'{{"type":"track","event":"{event}","messageId":"{self._random.getrandbits(128):032x}"'
            f',{context}"anonymousId":"anon-{person}","timestamp":"2026-11-20T10:00:00.123Z"'
            f',"properties":{{"product_id":"p{product}","sku":"{name}-{36 + product % 9}"'
            f',"name":"{name.title()}","price":1299.0,"currency":"SEK","category":"boots"{more}}}'
            f',"context":{{"page":{{"url":"https://nordsko.example/p/{name}","path":"/p/{name}"}}'
            f',"library":{{"name":"analytics.js","version":"4.1"}}{traits}}}}}'
        )


_AUTHORIZATION = base64.b64encode(f"{KEY}:".encode()).decode()


def _request(path: str, text: str) -> bytes:
    body = text.encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Basic {_AUTHORIZATION}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


# --- the other side -------------------------------------------------------------------------------

_COLUMNS = """id, identifier_id, also, name, channel, source_id, occurred_at, received_at,
              properties, context"""
_HEADER = b"PGCOPY\n\xff\r\n\0" + b"\0" * 8
_TRAILER = b"\xff\xff"


def raw_copy(database: psycopg.Connection, most: int) -> float:
    """Rows a second of a bare binary COPY of the collected rows into a fresh table like theirs."""
    rows: list[bytes] = []
    source = f"SELECT {_COLUMNS} FROM timeline_fact ORDER BY sequence LIMIT {most}"
    with database.cursor().copy(f"COPY ({source}) TO STDOUT (FORMAT BINARY)") as copy:
        for row in copy:
            rows.append(bytes(row).removeprefix(_HEADER))
    rows = [row for row in rows if row not in (b"", _TRAILER)]
    assert len(rows) == most, "the server sends a row a message"
    batches = [
        b"".join((_HEADER, *rows[at : at + COPY_BATCH], _TRAILER))
        for at in range(0, most, COPY_BATCH)
    ]
    database.execute("CREATE TABLE raw_fact (LIKE timeline_fact INCLUDING ALL)")
    database.execute("CHECKPOINT")
    start = time.perf_counter()
    for batch in batches:
        with database.cursor().copy(f"COPY raw_fact ({_COLUMNS}) FROM STDIN (FORMAT BINARY)") as to:
            to.write(batch)
    seconds = time.perf_counter() - start
    assert one(database, "SELECT count(*) FROM raw_fact") == most
    return most / seconds


# --- the rest -------------------------------------------------------------------------------------


def connect_source(database: psycopg.Connection) -> None:
    """Let in whoever shows the key."""
    source = database.execute(
        "INSERT INTO timeline_source (slug, name, kind, channel, country, trusted, created_at)"
        " VALUES ('web', 'Web', 'web', 'web', 'SE', false, now()) RETURNING id"
    ).fetchone()
    assert source is not None
    database.execute(
        "INSERT INTO timeline_writekey (source_id, key, created_at) VALUES (%s, %s, now())",
        [source[0], KEY],
    )


def _megabytes(process: psutil.Process) -> float:
    """The resident memory of the process and those below it; shared pages count in each."""
    everybody = itertools.chain([process], process.children(recursive=True))
    return sum(one.memory_info().rss for one in everybody) / 2**20


def wait_until_ready(database: psycopg.Connection, port: int) -> None:
    """Return when the collector takes messages and the follower has a place to begin."""
    wait_for(lambda: is_well(port))
    wait_for(lambda: one(database, "SELECT count(*) FROM timeline_cursor") > 0)


def has_caught_up(database: psycopg.Connection) -> bool:
    """Whether the followers have been at every fact."""
    return not one(
        database,
        "SELECT EXISTS (SELECT FROM timeline_cursor c JOIN timeline_fact f"
        " ON (f.transaction, f.sequence) > (c.transaction, c.sequence))",
    )


def one(database: psycopg.Connection, statement: str) -> int:
    """The number that the statement answers."""
    row = database.execute(statement).fetchone()
    assert row is not None
    return int(row[0])


if __name__ == "__main__":
    main()
