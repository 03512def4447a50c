"""A web shop of somebody else's: another origin than Spindel's, with a strict policy of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

# What is on the device, wherever a script may put something.
DEVICE = """async () => ({
    cookies: document.cookie,
    local: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
    databases: await indexedDB.databases(),
})"""
NOTHING = {"cookies": "", "local": [], "session": [], "databases": []}


class Shop:
    """The shop's pages: the same at every path, with `head` in it; scripts by their path."""

    def __init__(self, spindel: str) -> None:
        self.spindel = spindel
        self.head = ""
        self.scripts: dict[str, str] = {}
        self.policy = (
            "default-src 'none'; base-uri 'none'; require-trusted-types-for 'script';"
            f" script-src 'self' {spindel}; connect-src {spindel}"
        )
        self.url = ""

    def tag(self, **attributes: str) -> str:
        """The script tag without a pinned version, with further attributes."""
        more = "".join(f' data-{name}="{value}"' for name, value in attributes.items())
        source = f"{self.spindel}/spindel.js"
        return f'<script async src="{source}" data-write-key="web-key"{more}></script>'

    def script(self, path: str, text: str) -> str:
        """A tag for a script of the shop's own, which runs where it stands."""
        self.scripts[path] = text
        return f'<script src="{path}"></script>'


@contextmanager
def opened(spindel: str) -> Iterator[Shop]:
    """A shop that is open, on a port of its own."""
    shop = Shop(spindel)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            script = shop.scripts.get(path)
            html = f"<!doctype html><html lang=en><head><title>Shop</title>{shop.head}</head>"
            body = (html if script is None else script).encode()
            self.send_response(404 if path == "/favicon.ico" else 200)
            kind = "text/html" if script is None else "text/javascript"
            self.send_header("content-type", f"{kind}; charset=utf-8")
            self.send_header("content-length", str(len(body)))
            if shop.policy:
                self.send_header("content-security-policy", shop.policy)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    shop.url = f"http://127.0.0.1:{listening.server_port}"
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    try:
        yield shop
    finally:
        listening.shutdown()
        listening.server_close()


class Wire:
    """What the pages of a browser context say to Spindel, and what the pages complain of."""

    def __init__(self, context: Any) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.complaints: list[str] = []
        context.on("request", self._note)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("console", self._hear)

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [message for body in self.bodies for message in body["batch"]]

    def repeated(self) -> set[str]:
        """The ids of messages that were sent more than once."""
        ids = [message["messageId"] for message in self.messages]
        return {one for one in ids if ids.count(one) > 1}

    def _note(self, request: Any) -> None:
        if urlsplit(request.url).path == "/v1/batch" and request.method == "POST":
            self.bodies.append(json.loads(request.post_data))

    def _hear(self, message: Any) -> None:
        if "Content Security Policy" in message.text or "violates" in message.text:
            self.complaints.append(message.text)
