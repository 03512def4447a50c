"""What a request may look like: paths, keys, encodings, limits, and what each is answered."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import zlib

import httpx
import pytest

from spindel.collect.actions import (
    SourceSettings,
    create_source,
    create_write_key,
    revoke_write_key,
)
from spindel.collect.app import Collector
from spindel.timeline.models import Channel, Source, SourceKind
from tests.collect.support import Store, aside, client_of, eventually, kept, refused, track

_NAMES = {
    "track": "Product Viewed",
    "identify": "Customer Identified",
    "page": "Page Viewed",
    "screen": "Screen Viewed",
    "group": "Group Joined",
    "alias": "Customer Aliased",
}

APP = SourceSettings("App", SourceKind.APP, Channel.APP)


@pytest.mark.parametrize("end", ["", "/"])
@pytest.mark.parametrize("type_", list(_NAMES))
async def test_each_type_has_a_long_and_a_short_path(
    web_client: httpx.AsyncClient, store: Store, type_: str, end: str
) -> None:
    message = track(previousId="before", groupId="g", traits={})
    del message["type"]
    for number, path in enumerate((type_, type_[0])):
        kept(await web_client.post(f"/v1/{path}{end}", json=message | {"messageId": number}))
    assert [fact.name for fact in store.facts()] == [_NAMES[type_]] * 2


@pytest.mark.parametrize(
    "path", ["/v1/batch", "/v1/b", "/v1/import", "/v1/batch/", "/beacon/v1/batch"]
)
async def test_a_batch_has_several_paths(
    web_client: httpx.AsyncClient, store: Store, path: str
) -> None:
    kept(await web_client.post(path, json={"batch": [track(1), track(2)]}))
    assert store.count() == 2


async def test_the_answer_is_byte_for_byte_what_old_clients_look_for(
    web_client: httpx.AsyncClient,
) -> None:
    answer = await web_client.post("/v1/track", json=track())
    assert answer.status_code == 200
    assert answer.content == b'{"success": true}'
    assert answer.headers["content-length"] == "17"


async def test_the_path_says_the_type_whatever_the_body_says(
    web_client: httpx.AsyncClient, store: Store
) -> None:
    kept(await web_client.post("/v1/page", json=track(type="screen", name="Home")))
    assert store.facts()[0].name == "Page Viewed"


async def test_a_browser_tells_its_own_figures_and_they_are_no_facts(
    stranger: httpx.AsyncClient, store: Store
) -> None:
    kept(await stranger.post("/v1/m", json={"series": [{"type": "Counter", "value": 1}]}))
    assert store.count() == 0


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/", "/v1/track/more"])
async def test_an_unknown_path_is_not_found(web_client: httpx.AsyncClient, path: str) -> None:
    refused(await web_client.post(path, json=track()), 404, "not_found")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_messages_are_posted(web_client: httpx.AsyncClient, method: str) -> None:
    for path in ("/v1/track", "/v1/batch", "/v1/track/"):
        refused(await web_client.request(method, path), 405, "method_not_allowed")


# --- who sends ------------------------------------------------------------------------------------


def _basic(text: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}


@pytest.mark.parametrize(
    ("headers", "extra"),
    [
        (_basic("web-key:"), {}),
        (_basic("web-key"), {}),
        (_basic("web-key:some password"), {}),
        ({"Authorization": "basic " + base64.b64encode(b"web-key:").decode()}, {}),
        ({}, {"writeKey": "web-key"}),
        ({"Authorization": "Bearer some.token.of.theirs"}, {"writeKey": "web-key"}),
    ],
    ids=["basic", "no colon", "password", "lower case", "in the body", "bearer and in the body"],
)
async def test_a_key_may_be_shown_in_several_ways(
    stranger: httpx.AsyncClient,
    store: Store,
    headers: dict[str, str],
    extra: dict[str, str],
) -> None:
    kept(await stranger.post("/v1/track", json=track(1) | extra, headers=headers))
    kept(await stranger.post("/v1/batch", json={"batch": [track(2)]} | extra, headers=headers))
    assert [fact.source for fact in store.facts()] == ["web", "web"]


async def test_a_key_may_stand_in_each_message(stranger: httpx.AsyncClient, store: Store) -> None:
    batch = [track(1, writeKey="pos-key"), track(2, writeKey="pos-key")]
    kept(await stranger.post("/v1/batch", json={"batch": batch}))
    assert [fact.source for fact in store.facts()] == ["pos", "pos"]


async def test_a_broken_message_does_not_hide_the_key_of_the_next(
    stranger: httpx.AsyncClient, store: Store
) -> None:
    kept(await stranger.post("/v1/batch", json={"batch": [7, track(1, writeKey="web-key")]}))
    assert store.count() == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        _basic("wrong:"),
        _basic(""),
        {"Authorization": "Basic ???"},
        {"Authorization": "Basic /////w=="},
        {"Authorization": "Bearer web-key"},
        {"Authorization": ""},
    ],
)
async def test_without_a_good_key_nothing_is_kept(
    stranger: httpx.AsyncClient, store: Store, headers: dict[str, str]
) -> None:
    refused(await stranger.post("/v1/track", json=track(), headers=headers), 401, "bad_key")
    batch = {"batch": [track()]}
    refused(await stranger.post("/v1/batch", json=batch, headers=headers), 401, "bad_key")
    await eventually(lambda: store.tally() == {"bad_key": 2})
    assert store.count() == 0


async def test_a_fresh_key_works_at_once(collector: Collector, store: Store) -> None:
    source, key = await aside(create_source, "app", APP)
    async with client_of(collector, key.key) as client:
        kept(await client.post("/v1/track", json=track(1)))
    second = await aside(create_write_key, source)
    async with client_of(collector, second.key) as client:
        kept(await client.post("/v1/track", json=track(2)))
    assert [fact.source for fact in store.facts()] == ["app", "app"]


async def test_a_fresh_key_works_although_others_try_wrong_ones(
    collector: Collector, store: Store
) -> None:
    _, key = await aside(create_source, "app", APP)
    async with client_of(collector, "wrong") as wrong, client_of(collector, key.key) as client:
        for number in range(20):
            refused(await wrong.post("/v1/track", json=track()), 401, "bad_key")
            await eventually(lambda: key.key in collector.registry.by_key)
            kept(await client.post("/v1/track", json=track(number)))


async def test_a_revoked_key_is_refused_at_once_and_the_other_goes_on(
    collector: Collector, web: Source
) -> None:
    other = await aside(create_write_key, web)
    async with client_of(collector) as old, client_of(collector, other.key) as new:
        kept(await old.post("/v1/track", json=track(1)))
        await aside(revoke_write_key, "web-key")
        await eventually(lambda: "web-key" not in collector.registry.by_key)
        refused(await old.post("/v1/track", json=track(2)), 401, "bad_key")
        kept(await new.post("/v1/track", json=track(3)))


async def test_a_revocation_is_heard_of_while_messages_stream_in(
    collector: Collector, web_client: httpx.AsyncClient
) -> None:
    numbers = iter(range(10**6))

    async def stream() -> httpx.Response:
        while True:
            batch = {"batch": [track(next(numbers)) for _ in range(50)]}
            answer = await web_client.post("/v1/batch", json=batch)
            if answer.status_code != 200:
                return answer

    async with asyncio.TaskGroup() as streams:
        tasks = [streams.create_task(stream()) for _ in range(4)]
        await eventually(lambda: next(numbers) > 500)
        await aside(revoke_write_key, "web-key")
    for task in tasks:
        refused(task.result(), 401, "bad_key")


# --- encodings ------------------------------------------------------------------------------------


async def test_text_plain_is_read_like_json(web_client: httpx.AsyncClient, store: Store) -> None:
    headers = {"Content-Type": "text/plain;charset=UTF-8"}
    kept(await web_client.post("/v1/t", content=json.dumps(track()), headers=headers))
    kept(await web_client.post("/v1/t", content=json.dumps(track(2))))
    assert store.count() == 2


async def test_letters_of_any_kind_arrive_as_they_were(
    web_client: httpx.AsyncClient, store: Store
) -> None:
    properties = {"name": "Åsa Sørensen-Łuczak 靴 👢", "escaped": '\\u0000 \\ " / \t'}
    kept(await web_client.post("/v1/track", json=track(properties=properties)))
    content = json.dumps(track(2, properties=properties), ensure_ascii=False).encode()
    kept(await web_client.post("/v1/track", content=content))
    assert [fact.properties for fact in store.facts()] == [properties, properties]


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "deflate"])
async def test_a_body_may_be_compressed(
    web_client: httpx.AsyncClient, store: Store, encoding: str
) -> None:
    plain = json.dumps({"batch": [track(n) for n in range(500)]}).encode()
    packed = zlib.compress(plain) if encoding == "deflate" else gzip.compress(plain)
    kept(await web_client.post("/v1/batch", content=packed, headers={"Content-Encoding": encoding}))
    assert store.count() == 500


async def test_a_compressed_body_may_come_in_pieces_without_a_length(
    web_client: httpx.AsyncClient, store: Store
) -> None:
    packed = gzip.compress(json.dumps({"batch": [track(n) for n in range(500)]}).encode())

    async def pieces():  # type: ignore[no-untyped-def]  # an async generator of bytes
        for start in range(0, len(packed), 100):
            yield packed[start : start + 100]

    kept(await web_client.post("/v1/batch", content=pieces(), headers={"Content-Encoding": "gzip"}))
    assert store.count() == 500


async def test_an_unknown_encoding_is_refused(web_client: httpx.AsyncClient) -> None:
    answer = await web_client.post("/v1/t", content=b"x", headers={"Content-Encoding": "br"})
    refused(answer, 415, "bad_encoding")


# --- limits ---------------------------------------------------------------------------------------


def _of_size(size: int, number: int = 1) -> bytes:
    message = json.dumps(track(number, properties={"filling": ""}))
    return message.replace('""', '"' + "x" * (size - len(message)) + '"').encode()


async def test_a_message_holds_32_kb(web_client: httpx.AsyncClient, store: Store) -> None:
    kept(await web_client.post("/v1/track", content=_of_size(32 * 1024, 1)))
    refused(
        await web_client.post("/v1/track", content=_of_size(32 * 1024 + 1, 2)), 400, "too_large"
    )
    batch = b'{"batch":[%b,%b]}' % (_of_size(32 * 1024 + 1, 3), _of_size(32 * 1024, 4))
    kept(await web_client.post("/v1/batch", content=batch))
    assert store.count() == 2
    await eventually(lambda: store.tally() == {"kept": 2, "too_large": 2})


async def test_a_request_holds_500_kb(web_client: httpx.AsyncClient, store: Store) -> None:
    messages = b",".join(_of_size(31 * 1024, number) for number in range(16))
    filled = b'{"batch":[%b]}' % messages
    kept(await web_client.post("/v1/batch", content=filled + b" " * (500 * 1024 - len(filled))))
    assert store.count() == 16
    larger = filled + b" " * (500 * 1024 - len(filled) + 1)
    refused(await web_client.post("/v1/batch", content=larger), 413, "too_large")

    async def pieces():  # type: ignore[no-untyped-def]  # an async generator of bytes
        for start in range(0, len(larger), 50_000):
            yield larger[start : start + 50_000]

    refused(await web_client.post("/v1/batch", content=pieces()), 413, "too_large")
    assert store.count() == 16


async def test_a_batch_holds_2500_messages(web_client: httpx.AsyncClient, store: Store) -> None:
    batch = [
        {"type": "track", "event": "A", "anonymousId": "a", "messageId": n} for n in range(2_501)
    ]
    refused(await web_client.post("/v1/batch", json={"batch": batch}), 400, "too_many_messages")
    assert store.count() == 0
    kept(await web_client.post("/v1/batch", json={"batch": batch[:2_500]}))
    assert store.count() == 2_500


async def test_an_empty_batch_is_taken_care_of(web_client: httpx.AsyncClient, store: Store) -> None:
    kept(await web_client.post("/v1/batch", json={"batch": []}))
    assert store.count() == 0


# --- browsers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/v1/t", "/v1/b", "/v1/projects/web-key/settings"])
async def test_a_preflight_allows_what_the_browser_clients_send(
    stranger: httpx.AsyncClient, path: str
) -> None:
    answer = await stranger.options(
        path,
        headers={
            "Origin": "https://nordsko.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type,x-retry-count",
        },
    )
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "POST" in answer.headers["access-control-allow-methods"]
    allowed = answer.headers["access-control-allow-headers"].lower()
    assert {"authorization", "content-type", "x-retry-count"} <= set(allowed.split(","))
    assert int(answer.headers["access-control-max-age"]) > 0
    assert "access-control-allow-credentials" not in answer.headers


async def test_a_page_of_another_origin_may_send_and_read_answers(
    stranger: httpx.AsyncClient,
) -> None:
    headers = {"Origin": "https://nordsko.example", "Content-Type": "text/plain"}
    body = json.dumps(track(writeKey="web-key"))
    answer = await stranger.post("/v1/t", content=body, headers=headers)
    kept(answer)
    assert answer.headers["access-control-allow-origin"] == "*"
    answer = await stranger.post("/v1/t", content=body.replace("web-key", "x"), headers=headers)
    refused(answer, 401, "bad_key")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "Retry-After" in answer.headers["access-control-expose-headers"]


async def test_segments_browser_client_finds_its_settings(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/v1/projects/web-key/settings")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    settings = answer.json()
    assert list(settings["integrations"]) == ["Segment.io"]
    segment = settings["integrations"]["Segment.io"]
    assert segment["apiKey"] == "web-key"
    assert segment["apiHost"] == "collect.example/v1"
    assert segment["protocol"] == "http"
    assert settings["plan"]["track"]["__default"] == {"enabled": True}
    assert settings["remotePlugins"] == []


async def test_behind_https_the_browser_client_is_told_to_use_it(
    stranger: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINDEL_PUBLIC_URL", "https://crm.example.com")
    settings = (await stranger.get("/v1/projects/web-key/settings")).json()
    assert settings["integrations"]["Segment.io"]["protocol"] == "https"


async def test_rudderstacks_browser_client_finds_its_settings(
    stranger: httpx.AsyncClient,
) -> None:
    query = "p=cdn&v=3.0.0&build=modern&writeKey=web-key&lockIntegrationsVersion=false"
    for path in (f"/sourceConfig/?{query}", f"/sourceConfig?{query}"):
        answer = await stranger.get(path)
        assert answer.status_code == 200
        source = answer.json()["source"]
        assert source["id"] == "web"
        assert source["writeKey"] == "web-key"
        assert source["enabled"] is True
        assert source["destinations"] == []
        assert source["connections"] == {}
        assert isinstance(source["config"], dict)
    answer = await stranger.get("/sourceConfig/", headers=_basic("web-key:"))
    assert answer.json()["source"]["id"] == "web"


@pytest.mark.parametrize(
    "path",
    ["/v1/projects/wrong/settings", "/sourceConfig/?writeKey=wrong", "/sourceConfig/"],
)
async def test_settings_are_for_those_with_a_good_key(
    stranger: httpx.AsyncClient, path: str
) -> None:
    refused(await stranger.get(path), 401, "bad_key")
