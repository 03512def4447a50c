"""What the ASGI applications share."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import cache
from typing import Any, Protocol

import msgspec
import structlog

from spindel.collect.app import Collector
from spindel.kit import database, environment, health

Scope = MutableMapping[str, Any]  # Any: ASGI's own shape
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

# Sent to the processes that serve before they are told to stop.
STOP_IS_NEAR = signal.SIGUSR1

log = structlog.get_logger("spindel.run")


class Part(Protocol):
    """Something that runs between an application's start-up and its shut-down."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


async def lifespan(part: Part, receive: Receive, send: Send) -> None:
    """Answer ASGI's start-up and shut-down events for the part."""
    await receive()
    try:
        await part.start()
    except Exception as error:
        # Unanswered, the server would go on without the part.
        log.error("start_failed", error=type(error).__name__, exc_info=True)
        await send({"type": "lifespan.startup.failed", "message": type(error).__name__})
        return
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await part.stop()
    await send({"type": "lifespan.shutdown.complete"})


async def respond(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    """Send a whole answer."""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def guarded(send: Send) -> Send:
    """Tell browsers, with every answer, to do nothing with it but what it says it is for.

    Pages say more than this, and themselves.
    """

    async def guarded_send(event: MutableMapping[str, Any]) -> None:
        if event["type"] == "http.response.start":
            said = {name for name, _ in event["headers"]}
            event["headers"] = [
                *event["headers"],
                *((name, value) for name, value in _guards() if name not in said),
            ]
        await send(event)

    return guarded_send


@cache
def _guards() -> tuple[tuple[bytes, bytes], ...]:
    guards = [
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
        (b"referrer-policy", b"same-origin"),
    ]
    if environment.value("SPINDEL_PUBLIC_URL").startswith("https:"):
        guards.append((b"strict-transport-security", b"max-age=31536000"))
    return tuple(guards)


class Health:
    """Answers /healthz, beside the threads for pages: it tells of the rest when they wait."""

    _SECONDS_GOOD = 0.5  # anybody may ask, as often as they like

    def __init__(self) -> None:
        self._asked_at = 0.0
        self._asked: asyncio.Task[dict[str, str]] | None = None

    async def answer(self, send: Send, collector: Collector | None) -> None:
        """200 when all is well, else 503, and which part is not."""
        state: Mapping[str, str] = {}
        if collector is not None:
            available = collector.writer.available
            state = {"collector": "ok" if available else "waits for the database"}
        status, said = health.verdict({**await self._database(), **state})
        lines = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
        await respond(send, status, lines, msgspec.json.encode(said))

    async def _database(self) -> dict[str, str]:
        now = time.monotonic()
        if self._asked is None or (
            self._asked.done() and now - self._asked_at > self._SECONDS_GOOD
        ):
            self._asked_at = now
            self._asked = asyncio.create_task(asyncio.to_thread(health.check, database.url()))
        return await asyncio.shield(self._asked)
