"""A server that stands for one outside, as fetching sees it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from spindel.kit import fetching


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        asked.append((self.headers["Host"], self.path))
        if self.path.startswith("/drips"):
            began = b"HTTP/1.0 200 OK\r\n" + (b"\r\n" if self.path == "/drips" else b"X: ")
            with suppress(OSError):
                self.wfile.write(began)
                while not over.wait(0.02):
                    self.wfile.write(b"x")
            return
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
            self.end_headers()
            return
        self.send_response(200 if self.path != "/gone" else 404)
        self.end_headers()
        self.wfile.write(b"x" * (5_000 if self.path == "/large" else 5))

    def log_message(self, *_: object) -> None:
        pass


asked: list[tuple[str | None, str]] = []
over = threading.Event()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server of "the internet", as `feeds.example`: here it is one of this machine's."""
    server = HTTPServer(("127.0.0.1", 0), _Site)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    port = server.server_address[1]
    real = socket.getaddrinfo

    def found(host: str, *more: object, **others: object) -> object:
        names = {"feeds.example": "127.0.0.1", "xn--bcher-kva.example": "127.0.0.1"}
        names |= {"inside.example": "127.0.0.2"}
        return real(names.get(host, host), *more, **others)  # type: ignore[arg-type]  # as asked

    monkeypatch.setattr(socket, "getaddrinfo", found)
    monkeypatch.setattr(fetching, "is_outside", lambda one: one == "127.0.0.1")
    asked.clear()
    over.clear()
    yield f"http://feeds.example:{port}"
    over.set()
    server.shutdown()
    thread.join()
    server.server_close()
