"""Django behind ASGI: its threads never wait for a client.

A request is read whole before a thread sees it, and its answer is handed over whole. Whoever sends
or reads slowly, or goes away, holds some bounded memory here and no thread. A long answer, such as
all about a customer, waits on the disk, in a file without a name; so does what
an ERP sends at once.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from queue import SimpleQueue
from tempfile import SpooledTemporaryFile, TemporaryFile
from threading import Thread
from typing import IO, Any
from urllib.parse import quote
from wsgiref.types import WSGIApplication

import msgspec

from spindel.kit.transient import is_passing
from spindel.run.asgi import Receive, Scope, Send, respond

LARGEST_BODY = 4 * 1024 * 1024
# Where much is told at once, and then how much.
LARGEST_BULK = 32 * 1024 * 1024
_BULK = frozenset(("/api/stock/movements", "/api/stock/counts"))
_MOST_BULK = 2  # at the same time, of those that are larger than others may be
_MEMORY = 64 * 1024 * 1024  # of bodies that are being read or handled
_SECONDS_TO_SEND = 30
_SECONDS_TO_ANSWER = 60  # a database that hangs answers nobody, and says nothing
_MOST_WAITING = 300  # requests; past that a client is told to come back

_LONGEST_IN_MEMORY = 4 * 1024 * 1024  # of an answer
_PIECE = 256 * 1024

_Head = tuple[int, list[tuple[bytes, bytes]]]
_Body = SpooledTemporaryFile[bytes]
_Answered = tuple[_Head, _Body]
_Job = tuple["asyncio.Future[_Answered]", dict[str, Any]]  # Any: WSGI's own shape of a request


class _Refusal(Exception):
    """An answer that Django need not give: status, code, message."""


@dataclass(slots=True)
class _Incoming:
    """A body that is being read: in memory, or what is longer than most may be, in a file."""

    largest: int
    size: int = 0
    held: bytearray = field(default_factory=bytearray)
    file: IO[bytes] | None = None

    def stream(self) -> IO[bytes]:
        """All of it, for whoever answers."""
        if self.file is None:
            return BytesIO(self.held)
        self.file.seek(0)
        return self.file


class Pages:
    """The ASGI side of a WSGI application that runs in `threads` threads.

    `later` is the page that people see where it can't answer now.
    """

    def __init__(self, application: WSGIApplication, threads: int, later: str = "") -> None:
        self._application = application
        self._later = later.encode()
        # Threads and a queue of our own: an executor's futures take twice as long as they do.
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._threads = [
            Thread(target=self._work, name=f"pages-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()
        self._held = 0
        self._waiting = 0
        self._bulk = 0

    def stop(self) -> None:
        """Let go of the threads."""
        for _ in self._threads:
            self._jobs.put(None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = _Incoming(LARGEST_BULK if scope["path"] in _BULK else LARGEST_BODY)
        self._waiting += 1
        try:
            await self._read(scope, receive, body)
            answered = await self._ask(scope, body)
        except _Gone:
            return
        except _Refusal as refusal:
            await self._refuse(scope, send, refusal)
            return
        except OSError as error:
            if not is_passing(error):
                raise
            await self._refuse(scope, send, _not_now())
            return
        finally:
            self._waiting -= 1
            self._held -= len(body.held)
            if body.file is not None:
                self._bulk -= 1
                body.file.close()
        with answered[1]:
            await _send_all(send, *answered)

    async def _ask(self, scope: Scope, body: _Incoming) -> _Answered:
        """Have a thread answer. Raises _Refusal where none does in time."""
        future: asyncio.Future[_Answered] = asyncio.get_running_loop().create_future()
        self._jobs.put((future, _environ(scope, body)))
        try:
            async with asyncio.timeout(None if scope["path"] in _BULK else _SECONDS_TO_ANSWER):
                return await future
        except TimeoutError:
            raise _not_now() from None

    async def _refuse(self, scope: Scope, send: Send, refusal: _Refusal) -> None:
        """Say no: to people by a page, to machines in their own words."""
        status, code, message = refusal.args
        accepts = dict(scope["headers"]).get(b"accept", b"")
        if status == 503 and self._later and b"text/html" in accepts:
            await respond(send, status, [*_PAGE, *_LATER], self._later)
            return
        body = msgspec.json.encode({"code": code, "message": message})
        lines = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await respond(send, status, [*lines, *(_LATER if status == 503 else ())], body)

    async def _read(self, scope: Scope, receive: Receive, body: _Incoming) -> None:
        """Read the body, in time and within bounds. Raises _Refusal, and _Gone with the client."""
        if self._waiting > _MOST_WAITING:
            raise _Refusal(503, "busy", "Too many requests wait. Please try again in a moment.")
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > body.largest:
            raise _too_large(body.largest)
        try:
            async with asyncio.timeout(_SECONDS_TO_SEND):
                while True:
                    event = await receive()
                    if event["type"] == "http.disconnect":
                        raise _Gone
                    self._take(event.get("body", b""), body)
                    if not event.get("more_body"):
                        return
        except TimeoutError:
            raise _Refusal(408, "timeout", "The request took too long to arrive.") from None

    def _take(self, part: bytes, body: _Incoming) -> None:
        """Keep a part of a body. Raises _Refusal."""
        body.size += len(part)
        if body.size > body.largest:
            raise _too_large(body.largest)
        if body.size > LARGEST_BODY and body.file is None:
            if self._bulk >= _MOST_BULK:
                raise _Refusal(503, "busy", "Others send much just now. Please try again.")
            self._bulk += 1
            body.file = TemporaryFile()  # noqa: SIM115  # closed when it is answered
            body.file.write(body.held)
            self._held -= len(body.held)
            body.held.clear()
        if body.file is not None:
            body.file.write(part)
            return
        body.held += part
        self._held += len(part)
        if self._held > _MEMORY:
            raise _Refusal(503, "busy", "Too much is being sent. Please try again.")

    def _work(self) -> None:
        """A thread's: answer one request after another."""
        while job := self._jobs.get():
            if not job[0].done():  # else it was told that nothing was done
                self._answer(*job)
            del job  # not held until the next one comes

    def _answer(self, future: asyncio.Future[_Answered], environ: dict[str, Any]) -> None:
        answered: _Answered | BaseException
        try:
            answered = self._run(environ)
        except BaseException as error:
            answered = error
        with suppress(RuntimeError):  # nobody waits any more: the loop has ended
            future.get_loop().call_soon_threadsafe(_settle, future, answered)

    def _run(self, environ: dict[str, Any]) -> _Answered:
        head: list[tuple[str, list[tuple[str, str]]]] = []
        body: _Body = SpooledTemporaryFile(_LONGEST_IN_MEMORY)  # noqa: SIM115  # the caller's

        def start_response(
            status: str, headers: list[tuple[str, str]], exc_info: object = None
        ) -> Callable[[bytes], object]:
            head[:] = [(status, headers)]
            return body.write

        chunks: Iterable[bytes] = self._application(environ, start_response)
        try:
            for chunk in chunks:  # one by one: writelines() moves to the disk only afterwards
                body.write(chunk)
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        status, headers = head[0]
        lines = [
            (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers
        ]
        return (int(status[:3]), lines), body


def _settle(future: asyncio.Future[_Answered], answered: _Answered | BaseException) -> None:
    if future.done():  # its client has gone
        return
    if isinstance(answered, BaseException):
        future.set_exception(answered)
    else:
        future.set_result(answered)


async def _send_all(send: Send, head: _Head, body: _Body) -> None:
    """Send the answer: a short one in one go, a long one in pieces, as the client takes them."""
    size = body.tell()
    body.seek(0)
    if size <= _PIECE:
        await respond(send, *head, body.read())
        return
    await send({"type": "http.response.start", "status": head[0], "headers": head[1]})
    while piece := body.read(_PIECE):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


class _Gone(Exception):
    """The client went away."""


def _too_large(most: int) -> _Refusal:
    return _Refusal(413, "too_large", f"A request holds at most {most // 1024} kB.")


def _not_now() -> _Refusal:
    return _Refusal(503, "unavailable", "Not now. Please try again.")


_LATER = ((b"retry-after", b"1"),)
_PAGE = (
    (b"content-type", b"text/html; charset=utf-8"),
    (b"content-security-policy", b"default-src 'none'; style-src 'self'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)


def _environ(scope: Scope, body: _Incoming) -> dict[str, Any]:
    server, port = scope.get("server") or ("localhost", None)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": quote(scope["query_string"], safe=_IN_A_QUERY),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server,
        "SERVER_PORT": str(port or 0),
        "REMOTE_ADDR": (scope.get("client") or ("", 0))[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body.stream(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }
    for raw, value in scope["headers"]:
        # An underscore would pass for a hyphen below: `X_Forwarded_For` is nobody's proxy.
        if b"_" in raw:
            continue
        name = raw.decode("latin-1").upper().replace("-", "_")
        text = value.decode("latin-1")
        key = name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"
        if key in environ:
            text = f"{environ[key]}{';' if name == 'COOKIE' else ','}{text}"
        environ[key] = text
    environ["CONTENT_LENGTH"] = str(body.size)
    return environ


_IN_A_QUERY = bytes(range(33, 127))
