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

import psutil
import psycopg

from bench import machine
from bench.load import Load, drive
from bench.processes import is_well, running, wait_for

PEOPLE = 20_000
BATCH = 100
COPY_BATCH = 2_000
KEY = "bench-key"


def main() -> None:
    """Measure, print, and fail when an event is missing or counted twice."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--small", action="store_true")
    small = parser.parse_args().small
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped."))  # and stop what was started
    batches, paced, singles = (60, 40, 500) if small else (6_000, 1_500, 40_000)
    with psycopg.connect(os.environ["SPINDEL_DATABASE_URL"], autocommit=True) as database:
        _connect_source(database)
        measure(database, batches, paced, singles)


def measure(database: psycopg.Connection, batches: int, paced: int, singles: int) -> None:
    """Do it all; `batches` and `paced` are of a hundred events, `singles` of one."""
    events = Events()
    memory: list[float] = []
    with running("collect") as (collector, port), running("work"):

        def mark() -> None:
            memory.append(_megabytes(collector))

        wait_for(lambda: is_well(port))
        wait_for(lambda: _one(database, "SELECT count(*) FROM timeline_cursor") > 0)
        warm = drive(port, events.batches(max(1, batches // 60)), connections=32)
        wait_for(lambda: _has_caught_up(database))

        requests = events.batches(batches)
        width = sum(map(len, requests)) / len(requests) / BATCH
        database.execute("CHECKPOINT")
        start = time.perf_counter()
        full = drive(port, requests, connections=32, mark=mark)
        wait_for(lambda: _has_caught_up(database))
        linked = time.perf_counter() - start
        again = requests[-20:]
        del requests

        full_rate = batches / full.seconds
        half = drive(port, events.batches(paced), connections=32, rate=full_rate / 2)
        mark()
        one = drive(port, events.singles(singles), connections=64)
        one_rate = singles / one.seconds
        half_one = drive(port, events.singles(singles // 2), connections=64, rate=one_rate / 2)
        mark()
        drive(port, again, connections=20)  # redelivered, all at once
        wait_for(lambda: _has_caught_up(database))
        mark()

    kept = _one(database, "SELECT count(*) FROM timeline_fact")
    if kept != events.made:
        sys.exit(f"{events.made} events were acknowledged, and {kept} are kept.")
    copied = raw_copy(database, batches * BATCH)
    assert warm.waits

    acknowledged, caught_up = batches * BATCH / full.seconds, batches * BATCH / linked
    report(
        {
            "events": events.made,
            "kept": kept,
            "bytes_per_event": round(width),
            "events_per_second": round(acknowledged),
            "events_per_second_linked": round(caught_up),
            "copy_rows_per_second": round(copied),
            "ratio": round(acknowledged / copied, 3),
            "ratio_linked": round(caught_up / copied, 3),
            "single_requests_per_second": round(one_rate),
            "half_load_ms": _milliseconds(half),
            "half_load_single_ms": _milliseconds(half_one),
            "full_load_ms": _milliseconds(full),
            "memory_mb": [round(one) for one in memory],
        }
    )


def report(figures: dict[str, object]) -> None:
    """Print the table and the last line."""
    half, half_one, full = (
        f"p50 {told['p50']} ms, p99 {told['p99']} ms"
        for name in ("half_load_ms", "half_load_single_ms", "full_load_ms")
        if isinstance(told := figures[name], dict)
    )
    memory = figures["memory_mb"]
    assert isinstance(memory, list)
    rows = [
        [
            f"events/s acknowledged, 32 connections, batches of {BATCH}",
            f"{figures['events_per_second']:,}",
            f"raw COPY, rows/s: {figures['copy_rows_per_second']:,}",
            f"ratio {figures['ratio']:.2f}",
        ],
        [
            "events/s until the follower has linked them, too",
            f"{figures['events_per_second_linked']:,}",
            f"raw COPY, rows/s: {figures['copy_rows_per_second']:,}",
            f"ratio {figures['ratio_linked']:.2f}; aim 25,000/s and 0.40",
        ],
        [
            "requests/s of a single event, 64 connections",
            f"{figures['single_requests_per_second']:,}",
            "",
            "aim 4,000/s",
        ],
        ["acknowledgement at half load, batches", half, f"at full load: {full}", "aim p99 50 ms"],
        ["acknowledgement at half load, single events", half_one, "", "aim p99 50 ms"],
        [
            "collector's memory from the first tenth to the end, MB",
            f"{memory[0]} to {memory[-1]}",
            f"least {min(memory)}, most {max(memory)}",
            "aim flat",
        ],
        ["events kept", f"{figures['kept']:,}", f"sent: {figures['events']:,}", "aim equal"],
    ]
    print(machine.markdown(["what", "Spindel", "beside it", ""], rows))
    machine.finish("collect", figures)


# --- events ---------------------------------------------------------------------------------------

_PRODUCTS = ("vinga", "styrsö", "marstrand", "smögen", "fjällbacka", "grebbestad", "käringön")
_NAMES = ("Anna", "Erik", "Åsa", "Søren", "Maja", "Oskar", "Ingrid", "Bjørn")


class Events:
    """Makes requests; each event with a message id of its own. `made` counts them."""

    def __init__(self) -> None:
        self.made = 0
        self._random = random.Random(20)

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
        person, product = int(draw() * PEOPLE), int(draw() * 1_000)
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
    assert _one(database, "SELECT count(*) FROM raw_fact") == most
    return most / seconds


# --- the rest -------------------------------------------------------------------------------------


def _connect_source(database: psycopg.Connection) -> None:
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


def _has_caught_up(database: psycopg.Connection) -> bool:
    return not _one(
        database,
        "SELECT EXISTS (SELECT FROM timeline_cursor c JOIN timeline_fact f"
        " ON (f.transaction, f.sequence) > (c.transaction, c.sequence))",
    )


def _one(database: psycopg.Connection, statement: str) -> int:
    row = database.execute(statement).fetchone()
    assert row is not None
    return int(row[0])


def _milliseconds(load: Load) -> dict[str, float]:
    return {
        f"p{percent}": round(machine.percentile(load.waits, percent) * 1e3, 1)
        for percent in (50, 99)
    }


if __name__ == "__main__":
    main()
