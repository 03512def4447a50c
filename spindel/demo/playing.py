"""One shopper, live: her touches are sent at their own pace to the demo that runs."""

from __future__ import annotations

import json
import secrets
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from spindel.demo.loading import Sender, write_keys
from spindel.demo.nordsko import shopper_story


def play(home: Path, pace: float = 1.0) -> Iterator[str]:
    """Send Maja's story, a line to show for each touch; `pace` 2 is twice as fast."""
    said = json.loads((home / "demo.json").read_text())
    sender, keys, page = Sender(said["url"]), write_keys(), ""
    began = at = datetime.now(UTC)
    for after, source, message in shopper_story(began, secrets.token_hex(3)):
        time.sleep(after / pace)
        at += timedelta(seconds=after)
        if pace != 1:  # the story's own clock runs ahead of ours
            message["timestamp"] = datetime.now(UTC).isoformat(timespec="milliseconds")
        sender.send(keys[source], b"[" + json.dumps(message).encode() + b"]")
        page = page or _page(said, str(message.get("anonymousId", "")))
        name = message.get("event") or message.get("name") or message["type"]
        yield f"{datetime.now():%H:%M:%S}  {source:6} {name}  {page}"  # noqa: DTZ005  # her clock


def _page(said: dict[str, str], anonymous: str) -> str:
    """The customer's page, once identity has met the browser."""
    for _ in range(30):
        request = urllib.request.Request(  # noqa: S310  # the demo's own address
            f"{said['url']}/api/customers?identifier=anonymous_id:{anonymous}",
            headers={"Authorization": f"Bearer {said['api_token']}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310  # the same
                found = json.load(answer)
        except (OSError, ValueError):  # not there yet, or just being started again
            found = {}
        if found.get("items"):
            return f"{said['url']}/customers/{found['items'][0]['id']}/"
        time.sleep(0.1)
    return ""
