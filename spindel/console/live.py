"""The doorbell: tells open pages, over server-sent events, that something has happened.

Nothing about a customer passes here. A page that hears the bell fetches what it shows itself, with
its own permissions. One listening connection a process serves all its pages.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.cookies import CookieError, SimpleCookie
from importlib import import_module

import psycopg
import structlog
from django.conf import settings
from django.contrib.auth import get_user
from django.db import DatabaseError, connection
from django.http import HttpRequest
from psycopg import AsyncConnection

from spindel.collect.followers import NOTIFY_FIGURES
from spindel.identity import shown
from spindel.identity.followers import NOTIFY_CUSTOMERS
from spindel.kit import database
from spindel.kit.slots import Places
from spindel.kit.streams import (
    HEADERS,
    HEARTBEAT,
    Bell,
    Receive,
    Scope,
    Send,
    refuse,
    say,
    until_left,
)
from spindel.staff import sessions
from spindel.staff.models import User
from spindel.staff.permissions import may

log = structlog.get_logger("spindel.console")

_PATH = re.compile(r"/live/(?:all|customers/(\d{1,19}))\Z")
# Of a process: streams leave room for requests (`run/serving.py`).
MOST_STREAMS = 400
MOST_OF_ONE = 25  # whichever processes they are at: one person's leave room for everybody's
LEAST_BETWEEN = 0.25
_CHECK_AGAIN = 60.0
# At once, each with a connection of the pool; and so long a stream waits for its turn.
_CHECKS = 2
_LONGEST_CHECK = 5.0


class Live:
    """The ASGI application below /live/."""

    def __init__(self) -> None:
        self._everything: set[Bell] = set()
        self._of_customer: dict[int, set[Bell]] = defaultdict(set)
        self._streams = 0
        self._places = Places("streams", MOST_OF_ONE)
        self._checks = ThreadPoolExecutor(_CHECKS, "live")
        self._closing = asyncio.Event()
        self._listener: asyncio.Task[None] | None = None

    def serves(self, path: str) -> bool:
        """Whether the path is one of the streams'."""
        return path.startswith("/live/") and path != "/live/"  # that is a page

    async def start(self) -> None:
        """Begin to listen; goes on without the database until it is there."""
        self._closing = asyncio.Event()
        self._listener = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        """End all streams, and stop listening."""
        self._closing.set()
        self._ring_all()
        if self._listener is not None:
            self._listener.cancel()
            with suppress(asyncio.CancelledError):
                await self._listener

    # --- the database's side ----------------------------------------------------------------------

    async def _listen(self) -> None:
        pause = 0.2
        while True:
            try:
                listening = await AsyncConnection.connect(
                    database.url(), autocommit=True, connect_timeout=3
                )
                async with listening:
                    await listening.execute(f"LISTEN {NOTIFY_CUSTOMERS}; LISTEN {NOTIFY_FIGURES}")
                    pause = 0.2
                    self._ring_all()  # something may have happened while nobody listened
                    async for note in listening.notifies():
                        self._hear(note.payload)
            except (psycopg.Error, OSError) as error:
                log.warning("live_not_listening", error=type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5)

    def _hear(self, payload: str) -> None:
        if payload == "*":
            self._ring_all()
            return
        for bell in self._everything:
            bell.ring()
        for word in payload.split():
            for bell in self._of_customer.get(int(word), ()):
                bell.ring()

    def _ring_all(self) -> None:
        for bells in (self._everything, *self._of_customer.values()):
            for bell in bells:
                bell.ring()

    # --- the pages' side --------------------------------------------------------------------------

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = _PATH.match(scope["path"])
        if found is None or scope["method"] != "GET":
            await refuse(send, 404)
            return
        customer = int(found[1]) if found[1] else None
        key = _session_key(scope)
        try:
            allowed = await self._is_allowed(key, customer)
        except (DatabaseError, psycopg.Error, TimeoutError):
            await refuse(send, 503)
            return
        if not allowed:
            await refuse(send, 401)
            return
        place = self._places.take(key.encode()) if self._streams < MOST_STREAMS else None
        if place is None:
            await refuse(send, 503)
            return
        bell = Bell()
        bells = self._everything if customer is None else self._of_customer[customer]
        bells.add(bell)
        self._streams += 1
        left = asyncio.create_task(until_left(receive))
        stream = asyncio.create_task(self._stream(send, bell, key, customer))
        try:
            await asyncio.wait((left, stream), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._streams -= 1
            self._places.leave(place)
            bells.discard(bell)
            if customer is not None and not bells:
                self._of_customer.pop(customer, None)
            for task in (left, stream):
                task.cancel()
            await asyncio.gather(left, stream, return_exceptions=True)

    async def _is_allowed(self, key: str, customer: int | None) -> bool:
        """As `_allowed`. Raises TimeoutError where many wait, who are left alone then."""
        check = asyncio.get_running_loop().run_in_executor(self._checks, _allowed, key, customer)
        return await asyncio.wait_for(check, _LONGEST_CHECK)

    async def _stream(self, send: Send, bell: Bell, key: str, customer: int | None) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await say(send, b"retry: 2000\n\n")
        checked = time.monotonic()
        while not self._closing.is_set():
            rang = await bell.wait(HEARTBEAT)
            if self._closing.is_set():
                break
            if time.monotonic() - checked > _CHECK_AGAIN:
                # Where it is away, this is asked again when it is back.
                with suppress(DatabaseError, psycopg.Error, TimeoutError):
                    if not await self._is_allowed(key, customer):
                        break
                    checked = time.monotonic()
            await say(send, b"event: facts\ndata: 1\n\n" if rang else b":\n\n")
            await asyncio.sleep(LEAST_BETWEEN)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _session_key(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"cookie":
            try:
                cookie = SimpleCookie(value.decode("latin-1")).get(settings.SESSION_COOKIE_NAME)
            except CookieError:
                continue
            if cookie is not None:
                return cookie.value
    return ""


def _allowed(key: str, customer: int | None) -> bool:
    """Whether the session is somebody's who may hear of the customer, or of everything.

    Runs in a thread: Django's side blocks.
    """
    if not key:
        return False
    try:
        request = HttpRequest()
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
        user = get_user(request)
        if sessions.is_over(request.session):
            return False
        if not isinstance(user, User):
            return False
        if customer is None:
            return may(user, "live.see")
        return shown.may_open(user, customer)
    finally:
        connection.close()  # back to the pool: this thread may not come again
