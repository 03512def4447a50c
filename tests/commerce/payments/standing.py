"""The bank as a server of its own, which may be away or lose an answer."""

from __future__ import annotations

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
from django.http import HttpResponse
from django.test import Client

from spindel.demo.payments import ROOT
from spindel.demo.payments.app import application
from spindel.demo.payments.bank import Bank, Thing

KEY = "sk_test_of_the_shop"
SECRET = "whsec_of_the_shop"
WEBHOOK = "/webhooks/stripe"


class StandingBank:
    """Answers at `url` until it is stopped. What it has to tell, it tells when a test says so."""

    def __init__(self, file: Path) -> None:
        self.away = False
        self.lose = 0  # so many answers, of what was done
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}{ROOT}"
        self.bank = Bank(file, key=KEY, secret=SECRET, page=self.url, webhook="")
        self._app = httpx.ASGITransport(application(self.bank))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    async def _ask(
        self, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> httpx.Response:
        async with httpx.AsyncClient(transport=self._app, base_url="http://bank") as client:
            return await client.request(method, path, content=body, headers=headers)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        standing = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer("GET")

            def do_POST(self) -> None:
                self._answer("POST")

            def _answer(self, method: str) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if standing.away:
                    return  # hangs up
                standing.asked.append(f"{method} {self.path.removeprefix(ROOT)}")
                answer = asyncio.run(standing._ask(method, self.path, body, dict(self.headers)))
                if standing.lose and method == "POST":
                    standing.lose -= 1
                    return
                self.send_response(answer.status_code)
                for name in ("content-type", "location", "content-security-policy"):
                    if name in answer.headers:
                        self.send_header(name, answer.headers[name])
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler

    # what happens there

    def pay(self, page: str) -> None:
        """She pays at the page."""
        self.bank.pay(page.rpartition("/")[2])

    def refuse(self, page: str) -> None:
        """Her card is refused there."""
        self.bank.refuse(page.rpartition("/")[2])

    # what it tells

    def events(self, *kinds: str) -> list[Thing]:
        """What it has to tell, or that of these kinds."""
        return [one for one in self.bank.events() if not kinds or one["type"] in kinds]

    def tell(self, *events: Thing) -> None:
        """Tell the events, in this order; without any, all there are."""
        for one in events or self.events():
            answer = self.post(one)
            assert answer.status_code == 200, answer.content

    def post(self, event: Thing, signature: str | None = None) -> HttpResponse:
        """Tell an event once."""
        body = json.dumps(event)
        return Client().post(
            WEBHOOK,
            body,
            content_type="application/json",
            headers={"Stripe-Signature": signature or self.bank.sign(body)},
        )
