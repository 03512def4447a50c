"""The public doors of the demo that runs: its collector, its API and its bank's page, over HTTP."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, NoReturn, Protocol
from urllib.parse import urlencode

from django.db import connection

from spindel.demo.loading import NoAnswer, Sender, write_keys
from spindel.demo.nordsko.messages import Message

_TRIES = 50

Answer = dict[str, Any]  # what JSON holds


class NotRunning(Exception):
    """Nothing answers at the demo's address."""


class TurnedAway(Exception):
    """The API has answered that it can't be done; the text is its code for that."""


class Doors(Protocol):
    """Where Nordsko's customers and systems come in."""

    def send(self, source: str, message: Message) -> None:
        """Tell what one of its channels tells. Raises TurnedAway."""

    def ask(self, path: str, body: Message | None = None, key: str = "", token: str = "") -> Answer:
        """Ask the API for something, or, with a body, to do something, once for each key.

        `token` is a shopper's own, or `SHOP`; without it Nordsko's systems ask. Raises TurnedAway.
        """

    def press(self, page: str, button: str) -> None:
        """Press `pay` or `refuse` at the bank's page."""


SHOP = "the shop's"


class Open:
    """The doors of the demo that runs for a home. Raises NotRunning while nothing answers there."""

    def __init__(self, home: Path) -> None:
        self._said = json.loads((home / "demo.json").read_text())
        self.url: str = self._said["url"]
        self._sender, self._keys = Sender(self.url), write_keys()
        connection.close()

    def send(self, source: str, message: Message) -> None:
        try:
            self._sender.send(self._keys[source], b"[" + json.dumps(message).encode() + b"]")
        except NoAnswer:
            raise NotRunning from None
        except (KeyError, RuntimeError):  # somebody has taken the source's key away
            raise TurnedAway("source") from None

    def ask(self, path: str, body: Message | None = None, key: str = "", token: str = "") -> Answer:
        shop: str = self._said["shop"]["token"]
        bearer = shop if token == SHOP else token or self._said["api_token"]
        headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        data = None if body is None else json.dumps(body).encode()
        return dict(json.loads(_fetch(self.url + path, data, headers)))

    def press(self, page: str, button: str) -> None:
        _fetch(page, urlencode({"do": button}).encode(), {})


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


def _fetch(url: str, data: bytes | None, headers: dict[str, str]) -> bytes:
    request = urllib.request.Request(url, data, headers)  # noqa: S310  # the demo's own address
    for _ in range(_TRIES):
        try:
            with _OPENER.open(request, timeout=15) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                if error.code < 400:
                    return b""
                if error.code not in (429, 502, 503):
                    _refuse(error)
        except OSError:
            pass
        time.sleep(0.2)  # just being started again: what is asked again is done once
    raise NotRunning


def _refuse(error: urllib.error.HTTPError) -> NoReturn:
    try:
        code = str(json.load(error)["code"])
    except (ValueError, KeyError, TypeError):
        code = str(error.code)
    raise TurnedAway(code) from None
