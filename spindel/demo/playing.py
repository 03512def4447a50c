"""One shopper, live: her touches are sent at their own pace to the demo that runs."""

from __future__ import annotations

import json
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from spindel.demo.loading import Sender, write_keys
from spindel.demo.nordsko import Deed, shopper_story
from spindel.demo.nordsko.messages import Message
from spindel.demo.nordsko.shelves import SHIPPING
from spindel.demo.nordsko.story import MAJAS_38, VALLGATAN, shelves_for_maja

_TRIES = 50

Answer = dict[str, Any]  # what JSON holds


class NotRunning(Exception):
    """Nothing answers at the demo's address."""


class Nordsko(Protocol):
    """The demo that she comes to."""

    def send(self, source: str, message: Message) -> None:
        """Tell what one of its channels tells."""

    def ask(self, path: str, body: Message | None = None, key: str = "") -> Answer:
        """Ask its API for something, or, with a body, to do something."""


def play(home: Path, pace: float = 1.0) -> Iterator[str]:
    """Send Maja's story, a line to show for each touch; `pace` 2 is twice as fast."""
    nordsko, page = _Running(home), ""
    for source, name, anonymous in perform(nordsko, pace):
        page = page or nordsko.page(anonymous)
        yield f"{datetime.now():%H:%M:%S}  {source:6} {name}  {page}"  # noqa: DTZ005  # her clock


def perform(nordsko: Nordsko, pace: float) -> Iterator[tuple[str, str, str]]:
    """Play her story: of each touch its source, its name, and the browser that she came with."""
    run, order, anonymous = secrets.token_hex(3), "", ""
    _lay_out(nordsko, run)
    for number, step in enumerate(shopper_story(datetime.now(UTC), run)):
        time.sleep(step.after / pace)
        if isinstance(step, Deed):
            body = step.body | ({"order": order} if "order" in step.body else {})
            made = nordsko.ask(step.path, body, f"{run}-{number}")
            order = str(made.get("number", ""))
            yield step.who, step.name, anonymous
            continue
        # Now, however fast her clock runs: what Spindel records itself has the time of day, too.
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        nordsko.send(step.source, step.message | {"timestamp": now})
        anonymous = anonymous or str(step.message.get("anonymousId", ""))
        yield step.source, _name(step.message), anonymous


def _name(message: Message) -> str:
    return str(message.get("event") or message.get("name") or message["type"])


def _lay_out(nordsko: Nordsko, run: str) -> None:
    """Have her sizes where she finds them, whoever was here before: none of 38 is sent by mail."""
    moves: list[Message] = []
    sent = {"sku": MAJAS_38.sku, "kind": "transfer", "to": VALLGATAN.slug}
    for place in SHIPPING:
        if pairs := _available(nordsko, MAJAS_38.sku, place):
            moves.append(sent | {"place": place, "quantity": pairs})
    for sku, place in shelves_for_maja():
        if not _available(nordsko, sku, place) and not (sku == MAJAS_38.sku and moves):
            moves.append({"sku": sku, "kind": "delivery", "place": place, "quantity": 1})
    keyed = [move | {"key": f"maja-{run}-{number}"} for number, move in enumerate(moves)]
    if keyed:
        nordsko.ask("/api/stock/movements", {"movements": keyed})


def _available(nordsko: Nordsko, sku: str, place: str) -> int:
    levels = nordsko.ask(f"/api/stock/levels/{sku}")["items"]
    return max(0, sum(int(one["available"]) for one in levels if one["place"] == place))


class _Running:
    """The demo that runs for this home."""

    def __init__(self, home: Path) -> None:
        self._said = json.loads((home / "demo.json").read_text())
        self._sender, self._keys = Sender(self._said["url"]), write_keys()

    def send(self, source: str, message: Message) -> None:
        self._sender.send(self._keys[source], b"[" + json.dumps(message).encode() + b"]")

    def ask(self, path: str, body: Message | None = None, key: str = "") -> Answer:
        headers = {
            "Authorization": f"Bearer {self._said['api_token']}",
            "Content-Type": "application/json",
        }
        if key:
            headers["Idempotency-Key"] = key
        request = urllib.request.Request(  # noqa: S310  # the demo's own address
            self._said["url"] + path,
            headers=headers,
            data=None if body is None else json.dumps(body).encode(),
        )
        for _ in range(_TRIES):
            try:
                with urllib.request.urlopen(request, timeout=15) as answer:  # noqa: S310  # the same
                    return dict(json.load(answer))
            except urllib.error.HTTPError:
                raise
            except OSError:  # just being started again: what is asked again is done once
                time.sleep(0.2)
        raise NotRunning

    def page(self, anonymous: str) -> str:
        """The customer's page, once identity has met the browser."""
        for _ in range(30):
            found = self.ask(f"/api/customers?identifier=anonymous_id:{anonymous}")
            if found.get("items"):
                return f"{self._said['url']}/customers/{found['items'][0]['id']}/"
            time.sleep(0.1)
        return ""
