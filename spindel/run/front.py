"""What listens on the port: machine traffic and live streams as ASGI, everything else as pages."""

from __future__ import annotations

import asyncio
import os
from threading import Thread
from typing import TYPE_CHECKING

from spindel.collect.app import Collector
from spindel.demo.letters.part import Letters
from spindel.demo.payments import opening
from spindel.demo.storefront.part import Storefront
from spindel.kit import database, environment
from spindel.run import script
from spindel.run.asgi import STOP_IS_NEAR, Health, Receive, Scope, Send, guarded, lifespan
from spindel.run.pages import Pages

if TYPE_CHECKING:
    from spindel.console.live import Live
    from spindel.demo.payments.app import DemoBank
    from spindel.shop.live_carts import LiveCarts


class Front:
    """The ASGI application; with the collector or, where that runs apart, without."""

    def __init__(self, *, collects: bool) -> None:
        self._collects = collects
        self._collector: Collector | None = None
        self._live: Live
        self._carts: LiveCarts
        self._pages: Pages
        self._health = Health()
        self._shop = Storefront()
        self._letters = Letters()
        self._bank: DemoBank | None = None
        self._figures: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Start the parts."""
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "spindel.kit.settings")
        # Sets Django up, which the others may need.
        from spindel.console import wsgi  # isort: skip

        from spindel.console import failing, warming  # isort: skip
        from spindel.console.live import Live  # isort: skip
        from spindel.shop.live_carts import LiveCarts  # isort: skip
        from django.conf import settings  # isort: skip
        from spindel.kit import observe  # isort: skip

        database.give_up_in_time(settings.DATABASES["default"])
        threads = environment.number("SPINDEL_WEB_THREADS")
        self._pages = Pages(wsgi.application, threads, failing.page(503))
        # Others are answered meanwhile.
        Thread(target=warming.warm, name="warm", daemon=True).start()
        self._live = Live()
        await self._live.start()
        self._carts = LiveCarts()
        await self._carts.start()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(
            STOP_IS_NEAR, lambda: self._tasks.add(loop.create_task(self._end_streams()))
        )
        self._bank = opening.at_hand()
        if self._bank is not None:
            await self._bank.start()
        self._figures = await observe.tell_others()
        if self._collects:
            self._collector = Collector()
            await self._collector.start()

    async def stop(self) -> None:
        """Stop them in the opposite order."""
        if self._figures is not None:
            self._figures.close()
        if self._collector is not None:
            await self._collector.stop()
        if self._bank is not None:
            await self._bank.stop()
        await self._shop.stop()
        await self._letters.stop()
        await self._end_streams()
        self._pages.stop()

    async def _end_streams(self) -> None:
        await self._live.stop()
        await self._carts.stop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan(self, receive, send)
        elif scope["type"] == "http":
            path = scope["path"]
            send = guarded(send)
            if self._collector is not None and self._collector.serves(path):
                await self._collector(scope, receive, send)
            elif script.serves(path):
                await script.answer(scope, send)
            elif self._carts.serves(path):
                await self._carts(scope, receive, send)
            elif self._live.serves(path):
                await self._live(scope, receive, send)
            elif self._shop.serves(path):
                await self._shop(scope, receive, send)
            elif self._letters.serves(path):
                await self._letters(scope, receive, send)
            elif self._bank is not None and self._bank.serves(path):
                await self._bank(scope, receive, send)
            elif path == "/healthz":
                await self._health.answer(send, self._collector)
            else:
                await self._pages(scope, receive, send)


app = Front(collects=True)
pages = Front(collects=False)
