"""Telling Spindel of things as a source does, and reading back who is who."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping

import httpx
from django.db import connection

from spindel.collect.app import Collector
from spindel.identity.followers import FOLLOWER
from spindel.timeline import following
from spindel.timeline.following import Follower

Message = Mapping[str, object]


def tell(*batches: Iterable[Message], key: str = "web-key") -> None:
    """Send the batches one after the other through the collector, and let identity follow."""
    send(*batches, key=key)
    follow()


def send(*batches: Iterable[Message], key: str = "web-key") -> None:
    """Send the batches one after the other through the collector."""
    asyncio.run(_send([list(batch) for batch in batches], key))


def follow(window: int = following.LARGEST_WINDOW, follower: Follower = FOLLOWER) -> None:
    """Let identity, or another, catch up.

    A transaction that is open anywhere in the cluster, such as another test's, holds some facts
    back for a moment.
    """
    following.enrol(follower)

    def nothing_left() -> bool:
        while following.step(follower, window):
            pass
        return all(lag.facts == 0 for lag in following.lags() if lag.follower == follower.name)

    wait_until(nothing_left, 30)


def wait_until(true: Callable[[], object], seconds: float = 10) -> None:
    """Wait for a condition; fails the test at the deadline."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError("It did not happen in time.")
        time.sleep(0.01)


async def _send(batches: list[list[Message]], key: str) -> None:
    collector = Collector()
    await collector.start()
    try:
        transport = httpx.ASGITransport(collector)
        async with httpx.AsyncClient(transport=transport, base_url="http://spindel") as client:
            for batch in batches:
                answer = await client.post("/v1/batch", json={"batch": batch}, auth=(key, ""))
                assert answer.status_code == 200, answer.text
    finally:
        await collector.stop()


def customer_by_message() -> dict[str, int]:
    """Whose each fact is, by the fact's property `n`."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT f.properties->>'n', t.customer_id
            FROM timeline_fact f
            JOIN LATERAL (
                SELECT customer_id FROM identity_tenure
                WHERE identifier_id = f.identifier_id AND since <= f.occurred_at
                ORDER BY since DESC LIMIT 1
            ) t ON true
            WHERE f.properties ? 'n'
            """
        )
        return dict(cursor.fetchall())
