"""What a server of pages is asked with."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

Event = MutableMapping[str, Any]


class Client:
    """A request of these parts, and what was answered."""

    def __init__(self, *parts: bytes, leaves: bool = False, **scope: object) -> None:
        self.scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "POST",
            "path": "/å",
            "query_string": b"",
            "headers": [],
            **scope,
        }
        self._events: list[Event] = [
            {"type": "http.request", "body": part, "more_body": True} for part in parts
        ]
        if leaves:
            self._events.append({"type": "http.disconnect"})
        else:
            self._events.append({"type": "http.request", "body": b"", "more_body": False})
        self.status = 0
        self.body = b""

    async def receive(self) -> Event:
        return self._events.pop(0)

    async def send(self, event: Event) -> None:
        self.status = event.get("status", self.status)
        self.body += event.get("body", b"")
