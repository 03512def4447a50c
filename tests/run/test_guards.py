"""What is answered beside Django tells browsers to be careful, too."""

from __future__ import annotations

import pytest

from spindel.run.collect_app import CollectOnly
from tests.run.cast import Client, Event


@pytest.mark.parametrize("path", ["/nope", "/v1/track"])
async def test_answers_of_the_collector_are_guarded(path: str) -> None:
    heads: list[dict[bytes, bytes]] = []

    async def send(event: Event) -> None:
        if event["type"] == "http.response.start":
            heads.append(dict(event["headers"]))

    client = Client(path=path, method="GET")
    await CollectOnly()(client.scope, client.receive, send)
    assert heads[0][b"x-content-type-options"] == b"nosniff"
    assert heads[0][b"content-security-policy"] == b"default-src 'none'; frame-ancestors 'none'"
    assert heads[0][b"referrer-policy"] == b"same-origin"
