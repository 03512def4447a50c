"""The collector by itself, without Django: what `spindel collect` serves."""

from __future__ import annotations

from spindel.collect.app import Collector
from spindel.run import script
from spindel.run.asgi import Health, Receive, Scope, Send, guarded, lifespan, respond


class CollectOnly:
    """The ASGI application: the collector, and /healthz."""

    def __init__(self) -> None:
        self._collector = Collector()
        self._health = Health()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan(self._collector, receive, send)
            return
        if scope["type"] != "http":
            return
        send = guarded(send)
        if self._collector.serves(scope["path"]):
            await self._collector(scope, receive, send)
        elif script.serves(scope["path"]):
            await script.answer(scope, send)
        elif scope["path"] == "/healthz":
            await self._health.answer(send, self._collector)
        else:
            await respond(send, 404, [(b"content-type", b"application/json")], _NOTHING)


_NOTHING = b'{"code":"not_found","message":"There is nothing at this address."}'

app = CollectOnly()
