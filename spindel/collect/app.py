"""The collector's HTTP side: Segment's tracking API as plain ASGI.

Source of the contract: Segment's HTTP tracking API, and what the official clients of Segment and
RudderStack send and accept.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import gc
import re
import time
import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import structlog

from spindel.collect import mending, steps
from spindel.collect.limits import Bucket
from spindel.collect.mending import Mended
from spindel.collect.messages import (
    LARGEST_BATCH,
    LARGEST_BODY,
    UNREADABLE,
    Batch,
    Unreadable,
    decode_batch,
    split_batch,
)
from spindel.collect.registry import Registry
from spindel.collect.steps import Draft, Origin
from spindel.collect.writer import Busy, Rejected, Unavailable, Writer, places
from spindel.kit import database, environment

Scope = MutableMapping[str, Any]  # Any: ASGI's own shape
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

log = structlog.get_logger("spindel.collect")

_TYPE_BY_PATH = {
    "/v1/track": "track",
    "/v1/t": "track",
    "/v1/identify": "identify",
    "/v1/i": "identify",
    "/v1/page": "page",
    "/v1/p": "page",
    "/v1/screen": "screen",
    "/v1/s": "screen",
    "/v1/group": "group",
    "/v1/g": "group",
    "/v1/alias": "alias",
    "/v1/a": "alias",
}
_LAST_COUNTS = 1.0  # seconds
_SECONDS_TO_SEND = 30  # or a few slow senders would hold all connections
_BATCH_PATHS = frozenset(("/v1/batch", "/v1/b", "/v1/import", "/beacon/v1/batch"))
_SETTINGS_PATH = re.compile(r"/v1/projects/([^/]{1,64})/settings/?\Z")
_HAS_ADDRESS = frozenset(("web", "app"))


class Refusal(Exception):
    """An answer other than 200: its status, code and message."""

    def __init__(self, status: int, code: str, message: str, retry_after: int = 0) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after


def tune_process() -> None:
    """For a process that collects: it makes many short-lived objects beside a large cache, so
    garbage is worth collecting, but rarely.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)


class Collector:
    """The ASGI application. `writer` runs between the lifespan's start-up and shut-down."""

    def __init__(self) -> None:
        self.registry = Registry()
        self.writer = Writer(
            database.url(),
            self.registry,
            environment.number("SPINDEL_COLLECT_MEMORY_MB") * 1024 * 1024,
        )
        self._proxies = environment.number("SPINDEL_TRUSTED_PROXIES")
        self._buckets: dict[int, Bucket] = {}
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to write; waits a moment for the database, and goes on without it."""
        self._task = asyncio.create_task(self.writer.run())
        deadline = time.monotonic() + 5
        while not self.writer.available and time.monotonic() < deadline:
            await asyncio.sleep(0.002)

    async def stop(self) -> None:
        """Stop writing. Requests that still wait are told to come again."""
        if self._task is not None:
            await self.writer.count_the_rest(_LAST_COUNTS)
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def serves(self, path: str) -> bool:
        """Whether the path is one of the collector's."""
        return path.startswith(("/v1/", "/beacon/v1/")) or path.rstrip("/") == "/sourceConfig"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            event = await receive()
            if event["type"] == "lifespan.startup":
                tune_process()
                await self.start()
                await send({"type": "lifespan.startup.complete"})
            elif event["type"] == "lifespan.shutdown":
                await self.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        try:
            body = await self._respond(scope, headers, receive)
        except Refusal as refusal:
            body = msgspec.json.encode({"code": refusal.code, "message": refusal.message})
            await _answer(send, refusal.status, body, headers, refusal.retry_after)
        except Exception as error:
            log.error("collect_failed", error=type(error).__name__, at=places(error))
            await _answer(
                send, 503, b'{"code":"unavailable","message":"Please try again."}', headers, 5
            )
        else:
            await _answer(send, 200, body, headers)

    async def _respond(self, scope: Scope, headers: dict[bytes, bytes], receive: Receive) -> bytes:
        path, method = scope["path"], scope["method"]
        if method == "OPTIONS":
            return b""
        if method in ("GET", "HEAD"):
            if found := _SETTINGS_PATH.match(path):
                origin = await self._origin(found[1])
                return _segment_settings(found[1], origin, headers)
            if path.rstrip("/") == "/sourceConfig":
                key = _key_of_query(scope) or _key_of_header(headers) or ""
                return _rudderstack_settings(key, await self._origin(key))
            if path.rstrip("/") in _TYPE_BY_PATH or path.rstrip("/") in _BATCH_PATHS:
                raise Refusal(405, "method_not_allowed", "Send this with POST.")
            raise Refusal(404, "not_found", "There is nothing at this address.")
        if method != "POST":
            raise Refusal(405, "method_not_allowed", "Send this with POST.")
        path = path.rstrip("/")
        if path == "/v1/m":
            await _read_body(receive, headers)  # the browser client's figures about itself
            return _SUCCESS
        if path in _BATCH_PATHS:
            return await self._take_batch(scope, headers, await _read_body(receive, headers))
        type_ = _TYPE_BY_PATH.get(path)
        if type_ is None:
            raise Refusal(404, "not_found", "There is nothing at this address.")
        return await self._take_one(scope, headers, await _read_body(receive, headers), type_)

    # --- messages ---------------------------------------------------------------------------------

    async def _take_batch(self, scope: Scope, headers: dict[bytes, bytes], body: bytes) -> bytes:
        try:
            batch, mended = _decode_batch(body)
        except Unreadable as error:
            raise Refusal(400, "bad_json", f"The batch can't be read: {error}") from None
        if len(batch.batch) > LARGEST_BATCH:
            raise Refusal(
                400, "too_many_messages", f"A batch holds at most {LARGEST_BATCH} messages."
            )
        told = _key_of_header(headers) or _key_of_query(scope)
        key = told or batch.write_key or _first_key(batch.batch)
        origin = await self._origin(key)
        self._admit(origin, len(batch.batch))
        received, address = datetime.now(UTC), self._address(scope, headers, origin)
        context = bytes(batch.context)
        if context and mending.is_empty(context):
            mended += ("empty_object",) * (context[:1] != b"{")
            context = b""
        if context and not _is_object(context):
            raise Refusal(400, "bad_json", "The batch's context is not an object.")
        if context == b"null":
            context = b""
        good: list[Draft] = []
        for raw in batch.batch:
            draft = Draft(
                origin, bytes(raw), received, batch.sent_at, context, address, mended=mended
            )
            reason = self._steps(draft)
            if reason is None:
                good.append(draft)
            else:
                self._reject(draft, reason)
        await self._write(good)
        return _SUCCESS

    async def _take_one(
        self, scope: Scope, headers: dict[bytes, bytes], body: bytes, type_: str
    ) -> bytes:
        received = datetime.now(UTC)
        key = _key_of_header(headers) or _key_of_body(body)
        origin = await self._origin(key)
        self._admit(origin, 1)
        draft = Draft(
            origin, body, received, address=self._address(scope, headers, origin), type=type_
        )
        reason = self._steps(draft)
        if reason is not None:
            self._reject(draft, reason)
            raise Refusal(400, reason, steps.REASONS[reason])
        await self._write([draft])
        # Whoever sends must not learn that somebody was a customer, and asked to be forgotten.
        if draft.refused and draft.refused != steps.FORGOTTEN:
            raise Refusal(400, draft.refused, steps.REASONS[draft.refused])
        return _SUCCESS

    def _steps(self, draft: Draft) -> str | None:
        reason = steps.run(draft)
        if reason is not None:
            return reason
        return None if self.writer.identifies(draft) else "no_identifier"

    def _reject(self, draft: Draft, reason: str) -> None:
        self.writer.reject([Rejected.of(draft, reason)])

    async def _write(self, drafts: list[Draft]) -> None:
        drafts = [one for one in drafts if not one.is_test]
        if not drafts:
            return
        try:
            await self.writer.write(drafts)
        except Unavailable:
            raise _away() from None
        except Busy:
            raise Refusal(
                429, "too_many_requests", "More is waiting than can be held. Slow down.", 1
            ) from None

    # --- who sends --------------------------------------------------------------------------------

    async def _origin(self, key: str | None) -> Origin:
        origin = self.registry.by_key.get(key or "")
        if origin is None and key:
            with suppress(Unavailable):
                await self.writer.look_up_keys()
            origin = self.registry.by_key.get(key)
        if origin is None and not self.registry.loaded:
            raise _away()
        if origin is None:
            self.writer.reject([Rejected(None, "bad_key", "", b"")])
            raise Refusal(401, "bad_key", "The write key is missing, unknown or revoked.")
        self.registry.used.add(origin.key)
        return origin

    def _admit(self, origin: Origin, messages: int) -> None:
        if origin.rate_limit is None:
            return
        bucket = self._buckets.get(origin.id)
        if bucket is None or bucket.rate != origin.rate_limit:
            bucket = self._buckets[origin.id] = Bucket(origin.rate_limit)
        wait = bucket.take(messages)
        if wait:
            raise Refusal(
                429,
                "too_many_requests",
                f"This source may send {origin.rate_limit} messages a second.",
                wait,
            )

    def _address(self, scope: Scope, headers: dict[bytes, bytes], origin: Origin) -> bytes:
        """The client's IP address as a JSON field, where customers' own devices send."""
        if origin.kind not in _HAS_ADDRESS:
            return b""
        if self._proxies:
            hops = headers.get(b"x-forwarded-for", b"").decode("latin-1").split(",")
            address = hops[-self._proxies].strip() if len(hops) >= self._proxies else ""
        else:
            address = scope["client"][0] if scope.get("client") else ""
        return b'"ip":"%b"' % address.encode() if steps.is_address(address) else b""


_SUCCESS = b'{"success": true}'


# Made anew each time: an exception that is raised twice holds on to the frames of both.
def _away() -> Refusal:
    return Refusal(503, "unavailable", "The database is away. Nothing was kept: send it again.", 2)


def _too_large() -> Refusal:
    return Refusal(413, "too_large", f"A request holds at most {LARGEST_BODY // 1024} kB.")


def _decode_batch(body: bytes) -> tuple[Batch, Mended]:
    try:
        return decode_batch(body), ()
    except UNREADABLE:
        return split_batch(body)


def _is_object(text: bytes) -> bool:
    if not text.isascii():
        try:
            text.decode()
        except UnicodeDecodeError:
            return False
    return text == b"null" or text[:1] == b"{"


def _first_key(items: list[msgspec.Raw]) -> str | None:
    """Some clients put the key into each message."""
    return next((key for raw in items if (key := _key_of_body(bytes(raw)))), None)


class _Keyed(msgspec.Struct, rename="camel"):
    write_key: str | None = None


_decode_keyed = msgspec.json.Decoder(_Keyed).decode


def _key_of_body(body: bytes) -> str | None:
    with suppress(*UNREADABLE):
        return _decode_keyed(body).write_key
    with suppress(*UNREADABLE):
        return _decode_keyed(mending.readable(body)[0]).write_key
    return None


def _key_of_header(headers: dict[bytes, bytes]) -> str | None:
    """The user name of HTTP Basic, with or without the colon after it."""
    authorization = headers.get(b"authorization", b"")
    if authorization[:6].lower() != b"basic ":
        return None
    try:
        user, _, _ = base64.b64decode(authorization[6:], validate=False).partition(b":")
        return user.decode() or None
    except (binascii.Error, ValueError):
        return None


def _key_of_query(scope: Scope) -> str | None:
    """RudderStack's browser client asks for its settings, and sends its beacons, with it there."""
    if not scope["query_string"]:
        return None
    return dict(parse_qsl(scope["query_string"].decode("latin-1"))).get("writeKey")


async def _read_body(receive: Receive, headers: dict[bytes, bytes]) -> bytes:
    """The body, unzipped; never more of it than is allowed. Raises Refusal."""
    declared = headers.get(b"content-length", b"0")
    if declared.isdigit() and (len(declared) > 9 or int(declared) > LARGEST_BODY):
        raise _too_large()
    try:
        async with asyncio.timeout(_SECONDS_TO_SEND):
            body = await _received(receive)
    except TimeoutError:
        raise Refusal(408, "timeout", "The request took too long to arrive.") from None
    encoding = headers.get(b"content-encoding", b"identity").strip().lower()
    if encoding in (b"gzip", b"deflate"):
        return _unzipped(body)
    if encoding not in (b"identity", b""):
        raise Refusal(415, "bad_encoding", "Send it plain, or with gzip.")
    return bytes(body)


async def _received(receive: Receive) -> bytes:
    parts, size = [], 0
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise Refusal(400, "incomplete", "The connection ended before the message did.")
        part = event.get("body", b"")
        size += len(part)
        if size > LARGEST_BODY:
            raise _too_large()
        parts.append(part)
        if not event.get("more_body"):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def _unzipped(body: bytes) -> bytes:
    """The body out of its gzip or zlib wrapping; stops at the limit, whatever it would grow to."""
    unzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    try:
        plain = unzip.decompress(body, LARGEST_BODY + 1)
    except zlib.error:
        raise Refusal(400, "bad_gzip", "The body is not the gzip it says it is.") from None
    if len(plain) > LARGEST_BODY:
        raise _too_large()
    if not unzip.eof:
        raise Refusal(400, "bad_gzip", "The gzip ends before its time.")
    return plain


# --- what browser clients ask for first -----------------------------------------------------------


def _segment_settings(key: str, origin: Origin, headers: dict[bytes, bytes]) -> bytes:
    host = headers.get(b"host", b"localhost").decode("latin-1")
    return msgspec.json.encode(
        {
            "integrations": {
                "Segment.io": {
                    "apiKey": key,
                    "apiHost": f"{host}/v1",
                    "protocol": _scheme(headers),
                    "versionSettings": {"version": "4.4.7", "componentTypes": ["browser"]},
                }
            },
            "plan": {"track": {"__default": {"enabled": True}}},
            "edgeFunction": {},
            "analyticsNextEnabled": True,
            "middlewareSettings": {},
            "enabledMiddleware": {},
            "metrics": {"sampleRate": 0},
            "legacyVideoPluginsEnabled": False,
            "remotePlugins": [],
        }
    )


def _scheme(headers: dict[bytes, bytes]) -> str:
    public = environment.value("SPINDEL_PUBLIC_URL")
    if public:
        return public.partition(":")[0]
    return "https" if headers.get(b"x-forwarded-proto") == b"https" else "http"


def _rudderstack_settings(key: str, origin: Origin) -> bytes:
    return msgspec.json.encode(
        {
            "source": {
                "id": origin.slug,
                "name": origin.slug,
                "writeKey": key,
                "enabled": True,
                "config": {
                    "statsCollection": {"errors": {"enabled": False}, "metrics": {"enabled": False}}
                },
                "connections": {},
                "destinations": [],
                "dataplanes": {},
            },
            "updatedAt": "2026-01-01T00:00:00.000Z",
        }
    )


# --- answers --------------------------------------------------------------------------------------

_JSON = (b"content-type", b"application/json")
# Settings name the host that was asked for: a cache would hand them to those who asked for another.
_NO_STORE = (b"cache-control", b"no-store")


async def _answer(
    send: Send, status: int, body: bytes, headers: dict[bytes, bytes], retry_after: int = 0
) -> None:
    lines = [_JSON, _NO_STORE, (b"content-length", b"%d" % len(body))]
    origin = headers.get(b"origin")
    if origin is not None:
        # Write keys are no cookies: any page may send, and none can read anything.
        lines += [
            (b"access-control-allow-origin", b"*"),
            (b"access-control-expose-headers", b"Retry-After"),
        ]
        if b"access-control-request-method" in headers:
            lines += [
                (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
                (
                    b"access-control-allow-headers",
                    headers.get(b"access-control-request-headers", b"Authorization, Content-Type"),
                ),
                (b"access-control-max-age", b"86400"),
            ]
    if retry_after:
        lines.append((b"retry-after", b"%d" % retry_after))
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": body})
