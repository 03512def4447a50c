"""A source's tracking plan at work: noted, counted, and where it is strict, kept to."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from spindel.collect import actions
from spindel.collect.app import Collector
from spindel.collect.plan import Plan, Property
from spindel.timeline.models import Source, WriteKey
from tests.collect.support import Store, aside, eventually, kept, refused, track

PLAN: Plan = {
    "Product Viewed": {"price": Property("number", True), "n": Property("number")},
    "Page Viewed": {"name": Property("string", True)},
    "Customer Identified": {},
}


@pytest.fixture
async def planned(collector: Collector, web: Source) -> Source:
    """The web shop with a plan, which the collector has heard of."""
    await aside(actions.keep_plan, web, PLAN, "test")
    await eventually(lambda: collector.registry.by_key["web-key"].plan is not None)
    return web


async def strict(collector: Collector, source: Source) -> None:
    await aside(actions.set_strict, source, True, "test")
    await eventually(lambda: collector.registry.by_key["web-key"].strict)


def violations(store: Store) -> dict[tuple[str, str, str], int]:
    rows = store.rows(
        "SELECT event, property, kind, sum(count)::int AS n FROM collect_violation GROUP BY 1, 2, 3"
    )
    return {(row.event, row.property, row.kind): row.n for row in rows}


OFF = [
    track(1, properties={"price": 12, "n": 1}),
    track(2, properties={"price": "12 kr"}),
    track(3, properties={"n": 3}),
    track(4, properties={"price": 1, "colour": "red"}),
    track(5, event="Popup Closed"),
]
FOUND = {
    ("Product Viewed", "price", "wrong_type"): 1,
    ("Product Viewed", "price", "missing"): 1,
    ("Product Viewed", "colour", "unknown"): 1,
    ("Popup Closed", "", "unplanned"): 1,
}


async def test_what_is_off_the_plan_is_counted_and_kept(
    planned: Source, web_client: httpx.AsyncClient, store: Store
) -> None:
    kept(await web_client.post("/v1/batch", json={"batch": OFF}))
    assert store.count() == 5
    await eventually(lambda: violations(store) == FOUND)
    kept(await web_client.post("/v1/track", json=track(6, event="Popup Closed")))
    await eventually(lambda: violations(store)["Popup Closed", "", "unplanned"] == 2)


async def test_a_strict_source_keeps_to_the_plan_and_may_say_more(
    planned: Source, collector: Collector, web_client: httpx.AsyncClient, store: Store
) -> None:
    await strict(collector, planned)
    kept(await web_client.post("/v1/batch", json={"batch": OFF}))
    assert [fact.properties["price"] for fact in store.facts()] == [12, 1]
    await eventually(lambda: store.tally() == {"kept": 2, "off_plan": 2, "not_in_plan": 1})
    await eventually(lambda: violations(store) == FOUND)
    await eventually(lambda: len(store.rejects()) == 3)
    assert {reject.detail for reject in store.rejects()} == {
        "price: wrong_type",
        "price: missing",
        "",
    }
    refused(await web_client.post("/v1/track", json=track(9, event="B")), 400, "not_in_plan")


async def test_system_events_may_be_planned(
    planned: Source, collector: Collector, web_client: httpx.AsyncClient, store: Store
) -> None:
    await strict(collector, planned)
    page = track(1, type="page", name="Start", event=None)
    kept(await web_client.post("/v1/page", json=page))
    answer = await web_client.post("/v1/page", json=track(2, type="page", event=None))
    refused(answer, 400, "off_plan")
    kept(await web_client.post("/v1/identify", json=track(3, traits={"plan": "gold"})))
    refused(await web_client.post("/v1/screen", json=track(4, name="Start")), 400, "not_in_plan")


async def test_strict_without_a_plan_means_nothing(
    collector: Collector, web: Source, web_client: httpx.AsyncClient, store: Store
) -> None:
    await strict(collector, web)
    kept(await web_client.post("/v1/batch", json={"batch": OFF}))
    assert store.count() == 5


async def test_a_plan_holds_for_the_next_message_once_it_is_changed(
    planned: Source, collector: Collector, web_client: httpx.AsyncClient, store: Store
) -> None:
    await strict(collector, planned)
    refused(await web_client.post("/v1/track", json=OFF[4]), 400, "not_in_plan")
    before = collector.registry.by_key["web-key"].plan
    await aside(actions.add_to_plan, planned, {"Popup Closed": {}}, "test")
    await eventually(lambda: collector.registry.by_key["web-key"].plan is not before)
    kept(await web_client.post("/v1/track", json=OFF[4]))
    await aside(actions.keep_plan, planned, None, "test")
    await eventually(lambda: collector.registry.by_key["web-key"].plan is None)
    kept(await web_client.post("/v1/track", json=track(8, event="Whatever")))


async def test_violations_of_two_collectors_are_added_up(
    planned: Source, web_client: httpx.AsyncClient, store: Store
) -> None:
    other = Collector()
    await other.start()
    try:
        transport = httpx.ASGITransport(other)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://other", auth=("web-key", "")
        ) as client:
            for n in range(10):
                body = {"batch": [track(n, event="Popup Closed")]}
                answers = await asyncio.gather(
                    web_client.post("/v1/batch", json=body), client.post("/v1/batch", json=body)
                )
                for answer in answers:
                    kept(answer)
        await eventually(lambda: violations(store).get(("Popup Closed", "", "unplanned")) == 20)
    finally:
        await other.stop()


async def test_a_flood_of_names_is_counted_as_one(
    planned: Source, web_client: httpx.AsyncClient, store: Store
) -> None:
    batch = [track(n, event=f"Event {n}") for n in range(2_000)]
    kept(await web_client.post("/v1/batch", json={"batch": batch}))
    await eventually(lambda: sum(violations(store).values()) == 2_000)
    assert len(violations(store)) <= 1_001
    assert violations(store)["…", "", "unplanned"] >= 999


async def test_an_example_shows_nothing_of_who_it_was(
    planned: Source, web_client: httpx.AsyncClient, store: Store
) -> None:
    secret = {"price": "anna.berg@example.com", "anna.berg@example.com": 1}
    kept(await web_client.post("/v1/track", json=track(1, properties=secret, userId="anna.berg")))
    await eventually(lambda: len(violations(store)) == 2)
    for row in store.rows("SELECT * FROM collect_violation"):
        assert "nna" not in f"{row.example}{row.event}{row.property}"
        assert row.example


# --- keys -----------------------------------------------------------------------------------------


async def test_a_key_remembers_when_it_was_last_used(
    collector: Collector, web_client: httpx.AsyncClient, store: Store
) -> None:
    kept(await web_client.post("/v1/track", json=track()))
    used = "SELECT used_at FROM timeline_writekey WHERE key = 'web-key' AND used_at IS NOT NULL"
    await eventually(lambda: bool(store.rows(used)))


async def test_a_rotated_key_goes_on_until_it_is_revoked(
    collector: Collector, web: Source, web_client: httpx.AsyncClient
) -> None:
    old = await aside(lambda: WriteKey.objects.get(key="web-key"))
    new = await aside(actions.rotate_write_key, old, "test")
    again = await aside(actions.rotate_write_key, old, "test")
    assert again.key == new.key
    kept(await web_client.post("/v1/track", json=track(1)))
    kept(await web_client.post("/v1/track", json=track(2), auth=(new.key, "")))
    await aside(actions.revoke_write_key, "web-key")
    await eventually(lambda: "web-key" not in collector.registry.by_key)
    refused(await web_client.post("/v1/track", json=track(3)), 401, "bad_key")
    await aside(actions.restore_write_key, "web-key", "test")
    kept(await web_client.post("/v1/track", json=track(3)))


async def test_an_archived_source_lets_nobody_write_until_it_is_restored(
    collector: Collector, web: Source, web_client: httpx.AsyncClient
) -> None:
    await aside(actions.archive_source, web, "test")
    await eventually(lambda: "web-key" not in collector.registry.by_key)
    refused(await web_client.post("/v1/track", json=track(1)), 401, "bad_key")
    await aside(actions.restore_source, web, "test")
    kept(await web_client.post("/v1/track", json=track(1)))
