"""Rejects sent again: with their own clocks and ids, once, whoever presses, however often."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from spindel.collect import actions
from spindel.collect.app import Collector
from spindel.collect.models import Reject
from spindel.collect.plan import Plan, Property
from spindel.collect.replay import Summary, replay
from spindel.staff.models import AuditEntry, Role, User
from spindel.timeline.models import Source
from tests.collect.support import Store, aside, eventually, kept, refused, track
from tests.conftest import PASSWORD

PLAN: Plan = {"Product Viewed": {"price": Property("number", True)}}


@pytest.fixture
def astrid(database: str) -> User:
    """An administrator."""
    return User.objects.create_user("astrid@nordsko.example", PASSWORD, role=Role.ADMIN)


@pytest.fixture
async def strict_web(collector: Collector, web: Source) -> Source:
    """The web shop, which is strict about a plan."""
    await aside(actions.keep_plan, web, PLAN, "test")
    await aside(actions.set_strict, web, True, "test")
    await eventually(
        lambda: (origin := collector.registry.by_key["web-key"]).strict and bool(origin.plan)
    )
    return web


async def rejected(client: httpx.AsyncClient, store: Store, *messages: object) -> None:
    """Have the messages turned away, and wait until they can be looked at."""
    before = len(store.rejects())
    kept(await client.post("/v1/batch", json={"batch": list(messages)}))
    await eventually(lambda: len(store.rejects()) == before + len(messages))


async def test_what_was_turned_away_is_kept_once_the_cause_is_mended(
    strict_web: Source, web_client: httpx.AsyncClient, store: Store, astrid: User
) -> None:
    sent = datetime.now(UTC)
    ahead = timedelta(minutes=30)  # the sender's clock is wrong
    told = track(
        1,
        event="Popup Closed",
        timestamp=(sent + ahead - timedelta(seconds=90)).isoformat(),
        sentAt=(sent + ahead).isoformat(),
    )
    await rejected(web_client, store, told)
    await aside(actions.add_to_plan, strict_web, {"Popup Closed": {}}, "test")
    assert await aside(replay, strict_web, astrid) == Summary(kept=1)
    (fact,) = store.facts()
    assert fact.name == "Popup Closed"
    assert abs(fact.occurred_at - (sent - timedelta(seconds=90))) < timedelta(seconds=5)
    assert abs(fact.received_at - sent) < timedelta(seconds=5)
    assert fact.context == {"ip": "203.0.113.9"}
    assert store.rejects() == []
    entry = await aside(lambda: AuditEntry.objects.get(did="rejects.replayed"))
    assert (entry.by, entry.detail["kept"]) == (astrid.email, 1)


async def test_what_is_still_bad_stays_with_todays_reason(
    strict_web: Source, web_client: httpx.AsyncClient, store: Store, astrid: User
) -> None:
    await rejected(
        web_client,
        store,
        track(1, event="Popup Closed"),
        track(2, properties={"price": "x"}),
        track(3, timestamp="soon"),
    )
    popup: Plan = {"Popup Closed": {"shown_for": Property("number", True)}}
    await aside(actions.add_to_plan, strict_web, popup, "test")
    summary = await aside(replay, strict_web, astrid)
    assert summary.kept == 0
    assert dict(summary.refused) == {"off_plan": 2, "bad_timestamp": 1}
    assert [(one.reason, one.detail) for one in store.rejects()] == [
        ("off_plan", "shown_for: missing"),
        ("off_plan", "price: wrong_type"),
        ("bad_timestamp", ""),
    ]
    assert store.count() == 0


async def test_a_message_that_came_in_another_way_is_a_duplicate(
    strict_web: Source,
    collector: Collector,
    web_client: httpx.AsyncClient,
    store: Store,
    astrid: User,
) -> None:
    told = track(1, event="Popup Closed")
    await rejected(web_client, store, told)
    await aside(actions.keep_plan, strict_web, None, "test")
    await eventually(lambda: collector.registry.by_key["web-key"].plan is None)
    kept(await web_client.post("/v1/track", json=told))
    assert await aside(replay, strict_web, astrid) == Summary(duplicates=1)
    assert store.count() == 1
    assert store.rejects() == []


async def test_a_message_without_id_and_date_is_kept_once_even_if_it_is_tried_twice(
    strict_web: Source, web_client: httpx.AsyncClient, store: Store, astrid: User
) -> None:
    await rejected(web_client, store, track(1, event="A", messageId=None, timestamp=None))
    await aside(actions.keep_plan, strict_web, None, "test")
    (row,) = await aside(lambda: list(Reject.objects.values()))
    assert (await aside(replay, strict_web, astrid)).kept == 1
    # As if the process had died before the reject was gone.
    await aside(lambda: Reject.objects.create(**row))
    assert await aside(replay, strict_web, astrid) == Summary(duplicates=1)
    assert store.count() == 1


async def test_two_who_press_at_once_keep_nothing_twice(
    strict_web: Source, web_client: httpx.AsyncClient, store: Store, astrid: User
) -> None:
    messages = [track(n, event="A", messageId=None, timestamp=None) for n in range(40)]
    await rejected(web_client, store, *messages)
    await aside(actions.keep_plan, strict_web, None, "test")
    start = threading.Barrier(3)
    summaries: list[Summary] = []

    def press() -> None:
        start.wait()
        summaries.append(replay(strict_web, astrid))

    async def one() -> None:
        await aside(press)

    await asyncio.gather(one(), one(), one())
    assert sum(summary.kept for summary in summaries) == 40
    assert sum(summary.duplicates for summary in summaries) == 0
    assert store.count() == 40
    assert store.rejects() == []


async def test_one_or_those_of_a_reason_can_be_chosen(
    strict_web: Source, web_client: httpx.AsyncClient, store: Store, astrid: User
) -> None:
    await rejected(
        web_client, store, track(1, event="A"), track(2, properties={}), track(3, event="B")
    )
    await aside(actions.keep_plan, strict_web, None, "test")
    first = store.rejects()[0].id
    assert (await aside(lambda: replay(strict_web, astrid, reject=first))).kept == 1
    assert (await aside(lambda: replay(strict_web, astrid, reason="off_plan"))).kept == 1
    assert [fact.name for fact in store.facts()] == ["A", "Product Viewed"]
    assert [one.reason for one in store.rejects()] == ["not_in_plan"]


async def test_what_the_path_and_the_envelope_said_holds_again(
    strict_web: Source, web_client: httpx.AsyncClient, store: Store, astrid: User
) -> None:
    message = {"messageId": "p-1", "anonymousId": "anon-1", "name": "Start"}
    refused(await web_client.post("/v1/page", json=message), 400, "not_in_plan")
    body = {"batch": [track(2, event="A")], "context": {"locale": "sv-SE"}}
    kept(await web_client.post("/v1/batch", json=body))
    await eventually(lambda: len(store.rejects()) == 2)
    await aside(actions.keep_plan, strict_web, None, "test")
    assert (await aside(replay, strict_web, astrid)).kept == 2
    page, event = store.facts()
    assert (page.name, page.properties) == ("Page Viewed", {"name": "Start"})
    assert event.context is not None
    assert event.context["locale"] == "sv-SE"


async def test_an_original_is_sealed_and_one_that_is_too_large_is_not_kept(
    web_client: httpx.AsyncClient, store: Store, web: Source, astrid: User
) -> None:
    bad = track(1, event="", userId="anna.berg@example.com")
    refused(await web_client.post("/v1/track", json=bad), 400, "no_name")
    huge = track(2, properties={"x": "x" * 40_000})
    refused(await web_client.post("/v1/track", json=huge), 400, "too_large")
    await eventually(lambda: len(store.rejects()) == 2)
    small, large = sorted(store.rejects(), key=lambda one: one.reason)
    assert small.original.startswith("sealed:1:")
    assert "anna" not in small.original
    assert large.original is None
    assert await aside(lambda: replay(web, astrid, reason="too_large")) == Summary()


async def test_what_can_not_be_unsealed_says_so_and_stays(
    web_client: httpx.AsyncClient, store: Store, web: Source, astrid: User
) -> None:
    refused(await web_client.post("/v1/track", json=track(1, event="")), 400, "no_name")
    await eventually(lambda: len(store.rejects()) == 1)
    store.execute("UPDATE collect_reject SET original = 'sealed:1:broken'")
    assert await aside(replay, web, astrid) == Summary(unreadable=1)
    assert len(store.rejects()) == 1


async def test_a_message_that_is_no_utf_8_comes_back_as_it_was(
    web_client: httpx.AsyncClient, store: Store, web: Source, astrid: User
) -> None:
    body = b'{"event": "A", "anonymousId": "a", "properties": {"name": "\xe5re", "x": tru}}'
    refused(await web_client.post("/v1/track", content=body), 400, "bad_json")
    await eventually(lambda: len(store.rejects()) == 1)
    assert dict((await aside(replay, web, astrid)).refused) == {"bad_json": 1}
