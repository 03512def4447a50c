"""The shop as a part of the server that a demo runs on."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from spindel.kit import environment

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from spindel.demo.storefront.spindel import Spindel


class Storefront:
    """Answers below /shop/, where this home is a demo; there is none for anybody else.

    What it needs to know stands in demo.json, which is written when the demo is made: after the
    server has started.
    """

    def __init__(self) -> None:
        self._told = environment.home() / "demo.json"
        self._written = 0
        self._app: ASGIApp | None = None
        self._spindel: Spindel | None = None
        self._closing: set[asyncio.Task[None]] = set()

    def serves(self, path: str) -> bool:
        """Whether the path is one of the shop's, and there is a shop."""
        return (path == "/shop" or path.startswith("/shop/")) and self._opened() is not None

    async def stop(self) -> None:
        """Let go of the connections."""
        if self._spindel is not None:
            await self._spindel.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._opened()
        assert app is not None
        await app(scope, receive, send)

    def _opened(self) -> ASGIApp | None:
        """The shop as demo.json now tells of it; None where that tells of none."""
        try:
            written = self._told.stat().st_mtime_ns
            if written == self._written:
                return self._app
            told = json.loads(self._told.read_text())
            url, token, key = told["url"], told["shop"]["token"], told["shop"]["write_key"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        # Not before: only a demo has a shop, and what is its own is not loaded elsewhere.
        from spindel.demo.storefront.app import application
        from spindel.demo.storefront.goods import Stock
        from spindel.demo.storefront.spindel import Spindel
        from spindel.demo.storefront.visiting import Shop

        if self._spindel is not None:
            task = asyncio.get_running_loop().create_task(self._spindel.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
        self._spindel = Spindel(url, token)
        secure = environment.value("SPINDEL_SHOP_URL").startswith("https:")
        self._app = application(Shop(self._spindel, key, Stock(self._spindel), secure))
        self._written = written
        return self._app
