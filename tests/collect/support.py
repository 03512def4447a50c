"""Messages to send, and what the database and the answers say of them afterwards."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import psycopg
from django.db import connections
from psycopg.rows import namedtuple_row

from spindel.collect.app import Collector

PATIENCE = 10  # seconds


async def eventually(condition: Callable[[], bool]) -> None:
    """Wait until the condition holds; fail when it does not within the tests' patience."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        await asyncio.sleep(0.02)


async def aside(work: Callable[..., Any], *arguments: object) -> Any:
    """Do something with Django's tables while the event loop goes on."""

    def run() -> Any:
        try:
            return work(*arguments)
        finally:
            connections.close_all()

    return await asyncio.to_thread(run)


@dataclass(frozen=True)
class Fact:
    """A row of the timeline, its identifiers as `kind:value`, the strongest first."""

    name: str
    channel: str
    source: str
    occurred_at: datetime
    received_at: datetime
    properties: dict[str, Any]
    context: dict[str, Any] | None
    identifiers: tuple[str, ...]


class Store:
    """What the database holds, read over a connection of its own."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True, row_factory=namedtuple_row)

    def close(self) -> None:
        self._connection.close()

    def rows(self, query: str, *parameters: object) -> list[Any]:
        return self._connection.execute(query, parameters).fetchall()

    def execute(self, statements: str) -> None:
        self._connection.execute(statements)

    def facts(self) -> list[Fact]:
        """All facts, in order of arrival."""
        rows = self.rows(
            """
            SELECT f.*, s.slug, (
                SELECT array_agg(i.kind || ':' || i.value ORDER BY place)
                FROM unnest(f.identifier_id || f.also) WITH ORDINALITY AS u (id, place)
                JOIN identity_identifier i USING (id)
            ) AS identifiers
            FROM timeline_fact f JOIN timeline_source s ON s.id = f.source_id ORDER BY f.sequence
            """
        )
        return [
            Fact(
                row.name,
                row.channel,
                row.slug,
                row.occurred_at,
                row.received_at,
                row.properties,
                row.context,
                tuple(row.identifiers),
            )
            for row in rows
        ]

    def count(self) -> int:
        """How many facts there are."""
        return int(self.rows("SELECT count(*) AS facts FROM timeline_fact")[0].facts)

    def tally(self) -> Counter[str]:
        """How many messages had which outcome, over all sources."""
        rows = self.rows("SELECT outcome, sum(count)::int AS many FROM collect_tally GROUP BY 1")
        return Counter({row.outcome: row.many for row in rows})

    def rejects(self) -> list[Any]:
        """The rejects that can be looked at, oldest first."""
        return self.rows("SELECT * FROM collect_reject ORDER BY id")


def client_of(collector: Collector, key: str | None = "web-key") -> httpx.AsyncClient:
    """A client of the collector, from 203.0.113.9, that shows the key as the user of HTTP Basic."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(collector, client=("203.0.113.9", 5123)),
        base_url="http://collect.example",
        auth=(key, "") if key is not None else None,
    )


def track(number: int = 1, **fields: object) -> dict[str, object]:
    """A message that anybody would keep."""
    return {
        "type": "track",
        "event": "Product Viewed",
        "messageId": f"m-{number}",
        "anonymousId": "anon-1",
        "timestamp": "2026-01-15T10:00:00Z",
        "properties": {"n": number},
    } | fields


def kept(answer: httpx.Response) -> None:
    """The answer says that everything was taken care of, in the only words clients accept."""
    assert answer.status_code == 200, answer.text
    assert json.loads(answer.content) == {"success": True}
    assert answer.headers["content-type"] == "application/json"


def refused(answer: httpx.Response, status: int, code: str) -> None:
    """The answer says no, and why, as every error of the API does."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"code", "message"}
    assert body["code"] == code
    assert body["message"]
