"""What every stream of server-sent events is made of (ASGI)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

Scope = MutableMapping[str, Any]  # Any: ASGI's own shape
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
HEARTBEAT = 15.0  # seconds; shorter than what proxies wait for

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


class Bell:
    """One open page. However often it is rung before it looks, it rings once."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Have whoever waits look."""
        self._rung.set()

    async def wait(self, seconds: float) -> bool:
        """Whether it rang within so many seconds."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), seconds)
        rang = self._rung.is_set()
        self._rung.clear()
        return rang


async def say(send: Send, text: bytes) -> None:
    """Send a piece of a stream."""
    await send({"type": "http.response.body", "body": text, "more_body": True})


async def until_left(receive: Receive) -> None:
    """Wait until whoever listens has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def refuse(send: Send, status: int) -> None:
    """Answer that there is no stream."""
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"0")]
    if status == 503:
        headers.append((b"retry-after", b"5"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
