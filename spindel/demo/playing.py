"""One shopper, live: her touches are sent at their own pace to the demo that runs."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from spindel.demo.doors import Doors, Open
from spindel.demo.nordsko import Deed, shopper_story
from spindel.demo.nordsko.messages import Message
from spindel.demo.nordsko.shelves import SHIPPING
from spindel.demo.nordsko.story import MAJAS_38, VALLGATAN, shelves_for_maja


def play(home: Path, pace: float = 1.0) -> Iterator[str]:
    """Send Maja's story, a line to show for each touch; `pace` 2 is twice as fast."""
    doors, page = Open(home), ""
    for source, name, anonymous in perform(doors, pace):
        page = page or _page(doors, anonymous)
        yield f"{datetime.now():%H:%M:%S}  {source:6} {name}  {page}"  # noqa: DTZ005  # her clock


def perform(doors: Doors, pace: float) -> Iterator[tuple[str, str, str]]:
    """Play her story: of each touch its source, its name, and the browser that she came with."""
    run, order, anonymous = secrets.token_hex(3), "", ""
    _lay_out(doors, run)
    for number, step in enumerate(shopper_story(datetime.now(UTC), run)):
        time.sleep(step.after / pace)
        if isinstance(step, Deed):
            body = step.body | ({"order": order} if "order" in step.body else {})
            made = doors.ask(step.path, body, f"{run}-{number}")
            order = str(made.get("number", ""))
            yield step.who, step.name, anonymous
            continue
        # Now, however fast her clock runs: what Spindel records itself has the time of day, too.
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        doors.send(step.source, step.message | {"timestamp": now})
        anonymous = anonymous or str(step.message.get("anonymousId", ""))
        yield step.source, _name(step.message), anonymous


def _name(message: Message) -> str:
    return str(message.get("event") or message.get("name") or message["type"])


def _lay_out(doors: Doors, run: str) -> None:
    """Have her sizes where she finds them, whoever was here before: none of 38 is sent by mail."""
    moves: list[Message] = []
    sent = {"sku": MAJAS_38.sku, "kind": "transfer", "to": VALLGATAN.slug}
    for place in SHIPPING:
        if pairs := _available(doors, MAJAS_38.sku, place):
            moves.append(sent | {"place": place, "quantity": pairs})
    for sku, place in shelves_for_maja():
        if not _available(doors, sku, place) and not (sku == MAJAS_38.sku and moves):
            moves.append({"sku": sku, "kind": "delivery", "place": place, "quantity": 1})
    keyed = [move | {"key": f"maja-{run}-{number}"} for number, move in enumerate(moves)]
    if keyed:
        doors.ask("/api/stock/movements", {"movements": keyed})


def _available(doors: Doors, sku: str, place: str) -> int:
    levels = doors.ask(f"/api/stock/levels/{sku}")["items"]
    return max(0, sum(int(one["available"]) for one in levels if one["place"] == place))


def _page(doors: Open, anonymous: str) -> str:
    """The customer's page, once identity has met the browser."""
    for _ in range(30):
        found = doors.ask(f"/api/customers?identifier=anonymous_id:{anonymous}")
        if found.get("items"):
            return f"{doors.url}/customers/{found['items'][0]['id']}/"
        time.sleep(0.1)
    return ""
