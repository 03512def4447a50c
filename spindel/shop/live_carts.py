"""Live carts: tells a shop's open pages that a shopper's cart has changed, or what is held for her,
on whatever device.

A process looks twice a second at the versions of the carts that it has a page of, all in one
question. A NOTIFY for every edit would make commits wait for each other (decision 0013).
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass

import psycopg
import structlog

from spindel.kit.shared_connection import SharedConnection
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
from spindel.shoppers import reading as shoppers

log = structlog.get_logger("spindel.console")

_PATH = "/live/cart"
# Of a process; see `run/serving.py`.
MOST_STREAMS = 800
MOST_OF_ONE = 10
_LOOK_EVERY = 0.5  # seconds

# The open cart that a session refers to; where that was ordered, the one that its customer has now.
# Of what is held only that it has changed is told, so it may be what is only thought to be hers.
_VERSIONS = """
SELECT s.digest, coalesce(own.id, hers.id, 0), coalesce(own.version, hers.version, 0),
       coalesce(held.those, '')
FROM shoppers_shopper s
LEFT JOIN carts_cart own ON own.id = s.cart_id AND own.state = 'open'
LEFT JOIN LATERAL (
    SELECT c.id, c.version FROM identity_tenure t
    JOIN carts_cart c ON c.customer_id = t.customer_id AND c.state = 'open'
    WHERE own.id IS NULL AND t.identifier_id = s.identifier_id
    ORDER BY t.since DESC LIMIT 1
) hers ON true
LEFT JOIN LATERAL (
    SELECT string_agg(id || ' ' || until || ' ' || is_ready, ',' ORDER BY id) AS those
    FROM (
        SELECT h.id, h.until, h.set_aside_at IS NOT NULL AS is_ready FROM stock_hold h
        WHERE h.shopper_id = s.id AND h.state = 'active' AND h.until > statement_timestamp()
        UNION
        SELECT h.id, h.until, h.set_aside_at IS NOT NULL
        FROM identity_tenure t
        JOIN identity_tenure mine ON mine.customer_id = t.customer_id
        JOIN stock_hold h ON h.identifier_id = mine.identifier_id
        WHERE t.identifier_id = s.identifier_id
          AND h.state = 'active' AND h.until > statement_timestamp()
    ) kept
) held ON true
WHERE s.digest = ANY(%s) AND s.ended_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Version:
    """What a page of the shop shows: which cart, its version, and what is held."""

    cart: int
    version: int
    held: str

    def news(self, before: Version | None) -> bytes:
        """The events that tell of what is another than before; a sign of life where nothing is."""
        told = b""
        if before is None or (self.cart, self.version) != (before.cart, before.version):
            told += b"event: cart\ndata: %d\n\n" % self.version
        if before is None or self.held != before.held:
            told += b"event: holds\ndata: changed\n\n"
        return told or b":\n\n"


class LiveCarts:
    """The ASGI application at /live/cart."""

    def __init__(self) -> None:
        self._pages: dict[bytes, set[Bell]] = defaultdict(set)
        self._versions: dict[bytes, Version | None] = {}  # None: the session is over
        self._streams = 0
        self._places = Places("cart-streams", MOST_OF_ONE)
        self._closing = asyncio.Event()
        self._looker: asyncio.Task[None] | None = None
        self._database = SharedConnection("spindel-live-carts")

    def serves(self, path: str) -> bool:
        """Whether the path is the stream's."""
        return path == _PATH

    async def start(self) -> None:
        """Begin to look."""
        self._closing = asyncio.Event()
        self._looker = asyncio.create_task(self._look())

    async def stop(self) -> None:
        """End all streams."""
        self._closing.set()
        for bells in self._pages.values():
            for bell in bells:
                bell.ring()
        if self._looker is not None:
            self._looker.cancel()
            with suppress(asyncio.CancelledError):
                await self._looker
        await self._database.close()

    # --- the database's side ----------------------------------------------------------------------

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            watched = list(self._pages)
            if not watched:
                continue
            try:
                found = await self._ask(watched)
            except (psycopg.Error, OSError) as error:
                log.warning("live_carts_not_looking", error=type(error).__name__)
                continue
            for digest in watched:
                if digest not in self._pages:
                    continue  # its pages have left meanwhile
                version = found.get(digest)
                if self._versions[digest] != version:
                    for bell in self._pages[digest]:
                        bell.ring()
                self._versions[digest] = version

    async def _ask(self, digests: Collection[bytes]) -> dict[bytes, Version]:
        rows = await self._database.rows(_VERSIONS, [list(digests)])
        return {bytes(digest): Version(*shown) for digest, *shown in rows}

    # --- the pages' side --------------------------------------------------------------------------

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        digest = _digest(scope)
        if scope["method"] != "GET":
            await refuse(send, 404)
            return
        if digest is None:
            await refuse(send, 401)
            return
        try:
            version = (await self._ask([digest])).get(digest)
        except (psycopg.Error, OSError):
            await refuse(send, 503)
            return
        if version is None:
            await refuse(send, 401)
            return
        place = self._places.take(digest) if self._streams < MOST_STREAMS else None
        if place is None:
            await refuse(send, 503)
            return
        self._streams += 1
        bell = Bell()
        self._pages[digest].add(bell)
        self._versions.setdefault(digest, version)
        left = asyncio.create_task(until_left(receive))
        stream = asyncio.create_task(self._stream(send, bell, digest))
        try:
            await asyncio.wait((left, stream), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._streams -= 1
            self._places.leave(place)
            self._pages[digest].discard(bell)
            if not self._pages[digest]:
                del self._pages[digest]
                del self._versions[digest]
            for task in (left, stream):
                task.cancel()
            await asyncio.gather(left, stream, return_exceptions=True)

    async def _stream(self, send: Send, bell: Bell, digest: bytes) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await say(send, b"retry: 2000\n\n")
        said = self._versions[digest]
        while not self._closing.is_set():
            await bell.wait(HEARTBEAT)
            version = self._versions[digest]
            if self._closing.is_set() or version is None:
                break
            await say(send, version.news(said))
            said = version
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _digest(scope: Scope) -> bytes | None:
    for name, value in scope["headers"]:
        if name == b"authorization":
            kind, _, key = value.decode("latin-1").partition(" ")
            if kind.lower() == "bearer" and key:
                return shoppers.digest(key.strip())
    return None
