"""What somebody can do with a write key that she has read in the shop's pages, and without one."""

from __future__ import annotations

import asyncio
import time

import httpx
import pytest

from spindel.collect import app, plan
from spindel.collect.app import Collector
from spindel.collect.plan import BadPlan
from spindel.identity import customers
from spindel.timeline.models import Source
from tests.collect.support import Store, client_of, refused, track
from tests.house.recorded import facts
from tests.telling import Message, tell

BY_HAND = [name for name, kind in facts().items() if kind.__module__ == "spindel.identity.facts"]


@pytest.mark.parametrize("name", BY_HAND)
async def test_what_colleagues_did_by_hand_is_not_for_a_source_to_tell(
    web_client: httpx.AsyncClient, store: Store, name: str
) -> None:
    message = track(event=name, properties={"by": "maja@nordsko.example", "name": "email"})
    refused(await web_client.post("/v1/track", json=message), 400, "bad_name")
    assert store.count() == 0


async def test_slow_senders_hold_no_connection_for_long(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "_SECONDS_TO_SEND", 0.2)
    said: list[dict] = []

    async def receive() -> dict:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(event: dict) -> None:
        said.append(event)

    scope = {"type": "http", "method": "POST", "path": "/v1/track", "headers": []}
    await asyncio.wait_for(collector(scope, receive, send), 10)
    assert said[0]["status"] == 408


async def test_no_cache_hands_out_settings_that_name_anothers_host(collector: Collector) -> None:
    async with client_of(collector) as client:
        answer = await client.get("/v1/projects/web-key/settings", headers={"host": "evil.example"})
        assert "evil.example" in answer.text
        assert answer.headers["cache-control"] == "no-store"


def _identify(n: int, **said: object) -> Message:
    return {"type": "identify", "messageId": f"i-{n}", "anonymousId": "a-browser", **said}


def test_two_who_have_logged_in_are_never_made_one_by_a_message(web: Source, pos: Source) -> None:
    """Whatever a stranger claims: a customer has one login. Others, see docs/security.md."""
    known = [
        _identify(
            n, userId=name, anonymousId=f"{name}-phone", traits={"email": f"{name}@a.example"}
        )
        for n, name in enumerate(("anna", "bodil"))
    ]
    tell(known, key="pos-key")
    anna, bodil = (customers.by_identifier("user_id", name) for name in ("anna", "bodil"))
    assert anna != bodil
    both = {"email": "anna@a.example"}, {"traits": {"email": "bodil@a.example"}}
    tell(
        [_identify(9, traits=both[0], context=both[1])],
        [_identify(10, userId="anna", traits={"email": "bodil@a.example"})],
        [{"type": "alias", "messageId": "a-1", "userId": "anna", "previousId": "bodil"}],
    )
    assert customers.by_identifier("user_id", "anna") == anna
    assert customers.by_identifier("user_id", "bodil") == bodil
    assert customers.by_identifier("email", "bodil@a.example") == bodil


def test_a_plan_whose_lines_are_merged_into_each_other_is_refused_at_once() -> None:
    lines = ["a0: &a0 {x: 1}"]
    lines += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}" for n in range(1, 40)]
    began = time.perf_counter()
    with pytest.raises(BadPlan):
        plan.parse("\n".join(lines).encode())
    assert time.perf_counter() - began < 5
