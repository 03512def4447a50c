"""Exactly once, and nothing dropped unseen: duplicates, races, reasons, masked rejects, limits."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import httpx
import pytest

from spindel.collect.actions import SourceSettings, create_source
from spindel.collect.app import Collector
from spindel.collect.steps import REASONS
from spindel.timeline.models import Channel, Source, SourceKind, WriteKey
from tests.collect.support import Store, aside, client_of, eventually, kept, refused, track

OTHER = SourceSettings("S", SourceKind.OTHER, Channel.OTHER)


def _limited(rate: int) -> tuple[Source, WriteKey]:
    """A source that may send so many messages a second."""
    return create_source("f", replace(OTHER, rate_limit=rate))


def _batch(start: int, stop: int) -> dict[str, object]:
    return {"batch": [track(n, userId=f"u-{n}") for n in range(start, stop)]}


async def test_a_duplicate_within_a_batch_is_counted_once(
    web_client: httpx.AsyncClient, store: Store
) -> None:
    kept(await web_client.post("/v1/batch", json={"batch": [track(1), track(2), track(1)]}))
    assert store.count() == 2
    assert store.tally() == {"kept": 2, "duplicate": 1}


async def test_the_first_of_two_with_the_same_id_is_kept(
    web_client: httpx.AsyncClient, store: Store
) -> None:
    kept(await web_client.post("/v1/track", json=track(event="First")))
    kept(await web_client.post("/v1/track", json=track(event="Second")))
    assert [fact.name for fact in store.facts()] == ["First"]


async def test_a_batch_that_overlaps_another_adds_what_is_new(
    web_client: httpx.AsyncClient, store: Store
) -> None:
    kept(await web_client.post("/v1/batch", json=_batch(0, 10)))
    kept(await web_client.post("/v1/batch", json=_batch(5, 15)))
    assert store.count() == 15
    assert store.tally() == {"kept": 15, "duplicate": 5}


async def test_one_sources_message_id_does_not_swallow_anothers(
    web_client: httpx.AsyncClient, pos_client: httpx.AsyncClient, store: Store
) -> None:
    kept(await web_client.post("/v1/track", json=track()))
    kept(await pos_client.post("/v1/track", json=track()))
    assert [fact.source for fact in store.facts()] == ["web", "pos"]
    assert store.tally() == {"kept": 2}


async def test_eleven_redeliveries_some_at_once_are_counted_once(
    web_client: httpx.AsyncClient, store: Store
) -> None:
    async def deliver() -> None:
        kept(await web_client.post("/v1/batch", json=_batch(0, 100)))

    await deliver()
    await asyncio.gather(*(deliver() for _ in range(6)))
    for _ in range(4):
        await deliver()
    assert store.count() == 100
    assert store.tally() == {"kept": 100, "duplicate": 1_000}


async def test_two_collectors_given_the_same_messages_in_opposite_order_keep_each_once(
    collector: Collector, store: Store
) -> None:
    other = Collector()
    await other.start()
    try:
        async with client_of(collector) as one, client_of(other) as two:
            for start in range(0, 2_000, 500):
                messages = [track(n, userId=f"u-{n}") for n in range(start, start + 500)]
                shuffled = random.Random(start).sample(messages, 500)
                posts = []
                for batch in (messages, messages[::-1], shuffled):
                    for client in (one, two):
                        posts.append(client.post("/v1/batch", json={"batch": batch}))
                for answer in await asyncio.gather(*posts):
                    kept(answer)
    finally:
        await other.stop()
    assert store.count() == 2_000
    assert store.tally() == {"kept": 2_000, "duplicate": 10_000}
    people = store.rows("SELECT count(*) AS n FROM identity_identifier WHERE kind = 'user_id'")
    assert people[0].n == 2_000


async def test_many_sources_at_once_are_each_counted_right(
    collector: Collector, store: Store
) -> None:
    made = [await aside(create_source, f"s{n}", OTHER) for n in range(8)]

    async def send(key: str, number: int) -> None:
        async with client_of(collector, key) as client:
            for start in range(0, 200, 20):
                body = json.dumps(_batch(start, start + 20))
                body = body.replace('"Product Viewed"', '""', number)
                kept(await client.post("/v1/batch", content=body))

    await asyncio.gather(*(send(key.key, n) for n, (_, key) in enumerate(made)))
    await eventually(lambda: sum(store.tally().values()) == 1_600)
    rows = store.rows(
        "SELECT source_id, outcome, sum(count)::int AS many FROM collect_tally GROUP BY 1, 2"
    )
    counted = {(row.source_id, row.outcome): row.many for row in rows}
    for number, (source, _) in enumerate(made):
        assert counted[source.id, "kept"] == 200 - 10 * number
        assert counted.get((source.id, "no_name"), 0) == 10 * number


# --- reasons --------------------------------------------------------------------------------------

_BAD: dict[str, bytes] = {
    "too_large": json.dumps(track(properties={"x": "x" * 33_000})).encode(),
    "bad_json": b'{"type":"track","event":"A","anonymousId":"a","properties":{"x":tru}}',
    "wrong_type": json.dumps(track(timestamp=True)).encode(),
    "unknown_type": json.dumps(track(type="click")).encode(),
    "no_name": json.dumps(track(event=" ")).encode(),
    "bad_name": json.dumps(track(event="A" * 201)).encode(),
    "bad_timestamp": json.dumps(track(timestamp="soon")).encode(),
    "timestamp_too_old": json.dumps(track(timestamp="1912-04-15T00:00:00Z")).encode(),
    "timestamp_in_future": json.dumps(track(timestamp="2999-01-01T00:00:00Z")).encode(),
    "bad_properties": json.dumps(track(properties=["x"])).encode(),
    "number_out_of_range": json.dumps(track(properties={"x": 1})).replace("1}", "1e9999}").encode(),
    "no_identifier": json.dumps(track(anonymousId=None)).encode(),
    "too_deep": json.dumps(track(properties={"x": eval("[" * 100 + "]" * 100)})).encode(),
    "not_storable": json.dumps(track(event="Refused By A Trigger")).encode(),
}


@pytest.fixture
def picky_database(store: Store) -> Iterator[None]:
    """No value that the database refuses is known to pass the steps: it refuses a name here."""
    store.execute(
        """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE data_exception; END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON timeline_fact FOR EACH ROW
        WHEN (new.name = 'Refused By A Trigger') EXECUTE FUNCTION refuse()
        """
    )
    yield
    store.execute("DROP FUNCTION refuse() CASCADE")


def test_every_reason_is_tried_here() -> None:
    elsewhere = {"bad_row", "not_in_plan", "off_plan", "forgotten"}  # files, plans, privacy
    assert set(_BAD) | elsewhere == set(REASONS)


@pytest.mark.parametrize("reason", list(_BAD))
@pytest.mark.usefixtures("picky_database")
async def test_a_bad_message_is_dropped_alone_and_counted_with_its_reason(
    web_client: httpx.AsyncClient, store: Store, web: Source, reason: str
) -> None:
    good = [json.dumps(track(n)).encode() for n in (11, 12)]
    body = b'{"batch":[%b]}' % b",".join([good[0], _BAD[reason], good[1]])
    kept(await web_client.post("/v1/batch", content=body))
    assert [fact.properties["n"] for fact in store.facts()] == [11, 12]
    await eventually(lambda: store.tally() == {"kept": 2, reason: 1})
    await eventually(lambda: len(store.rejects()) == 1)
    reject = store.rejects()[0]
    assert (reject.source_id, reject.reason) == (web.id, reason)
    assert reject.message


@pytest.mark.parametrize("reason", [reason for reason in _BAD if reason != "unknown_type"])
@pytest.mark.usefixtures("picky_database")
async def test_a_bad_message_by_itself_is_refused_with_its_reason(
    web_client: httpx.AsyncClient, store: Store, reason: str
) -> None:
    refused(await web_client.post("/v1/track", content=_BAD[reason]), 400, reason)
    await eventually(lambda: store.tally() == {reason: 1})
    assert store.count() == 0


async def test_rejects_show_nothing_of_who_it_was(
    web_client: httpx.AsyncClient, store: Store
) -> None:
    secrets = {
        "email": "anna.berg@example.com",
        "phone": "+46 70 174 06 05",
        "mobile": 46701740605,
        "firstName": "Anna",
        "address1": "Storgatan 5",
        "tags": ["Anna", "Berg"],
        "note": 'says "Anna Berg" \\',
        "anna.berg@example.com": {"deeper": ["0701740605", "Berg"]},
    }
    whole = json.dumps(
        track(event=["A"], userId="anna.berg@example.com", properties=secrets, name="Anna Berg")
    )
    unquoted = whole.replace('"', "")
    single = whole.replace('"', "'")
    for body in (whole, whole[:-200], whole[1:], unquoted, single, whole.replace('"', "", 1)):
        answer = await web_client.post("/v1/track", content=body)
        assert answer.status_code == 400
        assert "nna" not in answer.text
    long = json.dumps(track(event=["A"], x="x" * 1_950, properties=secrets))
    assert (await web_client.post("/v1/track", content=long)).status_code == 400
    await eventually(lambda: len(store.rejects()) == 7)
    for reject in store.rejects():
        shown = reject.message + reject.detail
        for secret in ("nna", "erg", "example.com", "174", "701740", "torgatan"):
            assert secret not in shown
    assert '"type":' in store.rejects()[0].message.replace('" :', '":')


async def test_a_flood_of_rejects_leaves_the_latest_and_hides_nobody_elses(
    web_client: httpx.AsyncClient, pos_client: httpx.AsyncClient, store: Store
) -> None:
    refused(await pos_client.post("/v1/track", json=track(event="")), 400, "no_name")
    for start in range(0, 20_000, 2_000):
        batch = [track(n, event="") for n in range(start, start + 2_000)]
        kept(await web_client.post("/v1/batch", json={"batch": batch}))
    await eventually(lambda: store.tally()["no_name"] == 20_001)
    await eventually(lambda: any("m-19999" in reject.message for reject in store.rejects()))
    assert len(store.rejects()) < 2_000
    assert len({reject.source_id for reject in store.rejects()}) == 2


# --- one that floods ------------------------------------------------------------------------------


async def test_a_source_over_its_rate_is_told_when_to_come_again_and_others_go_on(
    web: Source, collector: Collector, pos_client: httpx.AsyncClient, store: Store
) -> None:
    _, key = await aside(partial(_limited, 50))
    async with client_of(collector, key.key) as client:
        kept(await client.post("/v1/batch", json=_batch(0, 50)))
        answer = await client.post("/v1/batch", json=_batch(50, 100))
        refused(answer, 429, "too_many_requests")
        wait = answer.headers["retry-after"]
        assert wait.isdecimal()
        assert 1 <= int(wait) <= 2
        kept(await pos_client.post("/v1/batch", json=_batch(0, 200)))
        deadline = time.monotonic() + 5
        while (await client.post("/v1/batch", json=_batch(50, 100))).status_code == 429:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
    assert store.tally() == {"kept": 300}


async def test_a_batch_larger_than_the_rate_comes_through_and_is_paid_off_later(
    collector: Collector, store: Store
) -> None:
    _, key = await aside(partial(_limited, 10))
    async with client_of(collector, key.key) as client:
        kept(await client.post("/v1/batch", json=_batch(0, 100)))
        answer = await client.post("/v1/track", json=track())
        refused(answer, 429, "too_many_requests")
        assert 9 <= int(answer.headers["retry-after"]) <= 11


async def test_a_source_that_may_send_nothing_is_told_so(collector: Collector) -> None:
    _, key = await aside(partial(_limited, 0))
    async with client_of(collector, key.key) as client:
        for _ in range(2):
            refused(await client.post("/v1/track", json=track()), 429, "too_many_requests")


async def test_a_flood_fills_its_own_share_of_memory_and_another_is_served(
    web: Source, pos: Source, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINDEL_COLLECT_MEMORY_MB", "4")
    collector = Collector()
    await collector.start()
    try:
        async with client_of(collector) as flood, client_of(collector, "pos-key") as till:
            posts = [
                flood.post("/v1/batch", json=_batch(n, n + 500)) for n in range(0, 20_000, 500)
            ]
            flooding = asyncio.gather(*posts)
            answers = [await till.post("/v1/track", json=track(n)) for n in range(20)]
            for answer in answers:
                kept(answer)
            codes = [answer.status_code for answer in await flooding]
    finally:
        await collector.stop()
    assert set(codes) == {200, 429}
    assert store.tally()["kept"] == 20 + 500 * codes.count(200)


async def test_a_test_from_the_sources_page_is_answered_and_is_nowhere(
    web_client: httpx.AsyncClient, store: Store
) -> None:
    test = track(event="Test Message Sent", anonymousId="spindel-test", messageId="t1")
    test.pop("userId", None)
    kept(await web_client.post("/v1/track", json=test))
    kept(await web_client.post("/v1/batch", json={"batch": [{"type": "track", **test}]}))
    # Whoever calls an event of the shop's own so is meant by it.
    kept(await web_client.post("/v1/track", json=track(event="Test Message Sent")))
    assert store.count() == 1
    assert store.tally() == {"kept": 1}
    assert store.rejects() == []
