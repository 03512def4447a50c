"""A page that hears what happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from spindel.console.live import Live


class Stream:
    """An open page's stream."""

    def __init__(self, live: Live, path: str, cookie: str = "") -> None:
        headers = [(b"cookie", cookie.encode())] if cookie else []
        self.scope = {"type": "http", "method": "GET", "path": path, "headers": headers}
        self.status: int | None = None
        self.heard = b""
        self.changed = asyncio.Event()
        self.left = asyncio.Event()
        self.task = asyncio.create_task(live(self.scope, self._receive, self._send))

    async def _receive(self) -> dict:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        self.heard += message.get("body", b"")
        self.changed.set()

    @property
    def rings(self) -> int:
        return self.heard.count(b"event: facts")

    async def until(self, true, seconds: float = 10) -> None:
        async with asyncio.timeout(seconds):
            while not true():
                self.changed.clear()
                await self.changed.wait()


@pytest.fixture
async def live(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Live]:
    monkeypatch.setenv("SPINDEL_DATABASE_URL", database_url)
    live = Live()
    await live.start()
    yield live
    await live.stop()
