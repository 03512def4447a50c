"""Whatever arrives: a clear 4xx or a drop with a reason, never a 5xx, never a lost neighbour."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spindel.collect import steps
from spindel.collect.messages import LARGEST_MESSAGE
from spindel.kit.masking import mask
from tests.collect.support import Store, eventually, kept, refused, track

_DEEP = b"[" * 10_000 + b"]" * 10_000
_VALUES: dict[str, bytes] = {
    "NaN": b"NaN",
    "Infinity": b"-Infinity",
    "huge exponent": b"1e400000",
    "large exponent": b"1e9999",
    "tiny": b"1e-99999",
    "endless exponent": b"1e" + b"9" * 400,
    "5,000 digits": b"1" * 5_000,
    "4,301 digits": b"1" + b"0" * 4_300,
    "5,000 decimals": b"0." + b"1" * 5_000,
    "minus zero": b"-0",
    "leading zero": b"007",
    "lone surrogate": b'"\\ud800 and more"',
    "lone low surrogate": b'"\\udc00"',
    "raw surrogate": b'"\xed\xa0\x80"',
    "invalid UTF-8": b'"\xff\xfe"',
    "overlong UTF-8": b'"\xc0\x80"',
    "escaped NUL": b'"a\\u0000b"',
    "raw NUL": b'"a\0b"',
    "raw newline": b'"a\nb"',
    "deep": _DEEP,
    "deep, half as much": b"[" * 500 + b"]" * 500,
    "deep objects": b'{"a":' * 3_000 + b"1" + b"}" * 3_000,
    "unclosed text": b'"abc',
    "unknown escape": b'"\\x"',
    "bare word": b"undefined",
    "nothing": b"",
    "null": b"null",
    "true": b"true",
    "number": b"7",
    "float": b"1.5",
    "empty text": b'""',
    "list": b'["x"]',
    "object": b'{"x":{"y":["z"]}}',
    "long text": b'"' + b"x" * 30_000 + b'"',
    "10,000 keys": b"{%b}" % b",".join(b'"k%d":1' % n for n in range(2_500)),
    "duplicate keys": b'{"email":"a@example.com","email":7,"email":"b@example.com"}',
    "surrogate as key": b'{"\\ud800x":1}',
    "invalid UTF-8 as key": b'{"\xff":1}',
    "control characters": b'"\\u0001\\u001f\\u007f\\u0085"',
}
_FIELDS = (
    *("type", "event", "messageId", "userId", "anonymousId", "previousId", "groupId", "name"),
    *(
        "category",
        "timestamp",
        "originalTimestamp",
        "sentAt",
        "channel",
        "writeKey",
        "integrations",
    ),
    *("properties", "traits", "context", "properties.x", "properties.email", "properties.phone"),
    *("context.traits", "context.device", "context.externalIds", "context.ip", "unknown"),
)


def _with(field: str, value: bytes, number: int) -> bytes:
    """A good message but for one field."""
    outer, _, inner = field.partition(".")
    message = track(number, userId=f"u-{number}")
    message.pop(outer, None)
    if inner:
        value = b'{"%b":%b}' % (inner.encode(), value)
    return json.dumps(message).encode()[:-1] + b',"%b":%b}' % (outer.encode(), value)


def _clear(answer: httpx.Response) -> None:
    """Success, or a refusal with a code and a message."""
    assert answer.status_code in (200, 400, 401, 413, 415), (answer.status_code, answer.text)
    body = json.loads(answer.content)
    if answer.status_code == 200:
        assert body == {"success": True}
    else:
        assert set(body) == {"code", "message"}


@pytest.mark.parametrize("value", list(_VALUES))
async def test_a_strange_value_in_any_field_gets_a_clear_answer(
    web_client: httpx.AsyncClient, store: Store, value: str
) -> None:
    counted = 0
    for number, field in enumerate(_FIELDS):
        _clear(await web_client.post("/v1/track", content=_with(field, _VALUES[value], number)))
        counted += 1
    await eventually(lambda: sum(store.tally().values()) == counted)
    assert set(store.tally()) <= {"kept", "bad_key", *steps.REASONS}
    assert store.tally()["not_storable"] == 0
    # Whoever reads what was kept, in Python or elsewhere, can.
    assert len(store.facts()) == store.tally()["kept"]


@pytest.mark.parametrize(
    "value", [value for value in _VALUES if value not in ("unclosed text", "writeKey")]
)
async def test_a_strange_value_in_any_field_costs_no_neighbour(
    web_client: httpx.AsyncClient, store: Store, value: str
) -> None:
    for number, field in enumerate(_FIELDS):
        good = [json.dumps(track(number * 10 + n)).encode() for n in (0, 1)]
        strange = _with(field, _VALUES[value], number * 10 + 5)
        body = b'{"batch":[%b,\n%b , %b],"sentAt":"2026-01-15T10:00:01Z"}' % (
            good[0],
            strange,
            good[1],
        )
        kept(await web_client.post("/v1/batch", content=body))
    await eventually(lambda: sum(store.tally().values()) == 3 * len(_FIELDS))
    numbers = [fact.properties.get("n", -1) % 10 for fact in store.facts()]
    assert numbers.count(0) == numbers.count(1) == len(_FIELDS)


async def test_a_strange_envelope_gets_a_clear_answer(
    web_client: httpx.AsyncClient, store: Store
) -> None:
    good = json.dumps(track()).encode()
    for field in ("sentAt", "context", "integrations", "writeKey", "unknown"):
        for value in _VALUES.values():
            body = b'{"batch":[%b],"%b":%b}' % (good, field.encode(), value)
            _clear(await web_client.post("/v1/batch", content=body))
    assert store.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"\0",
        b"null",
        b"[]",
        b"{}",
        b"7",
        b'"text"',
        b"{",
        b"}",
        b'{"batch":}',
        b'{"batch":null}',
        b'{"batch":7}',
        b'{"batch":"text"}',
        b'{"batch":{}}',
        b'{"batch":[',
        b'{"batch":[{]}',
        b'{"batch":[{"type":"track"}',
        b'{"batch":[]]}',
        b'{"batch":[]}}',
        b'{"x":{"batch":[{}]}}',
        b'[{"type":"track"}]',
        '{"batch":[]}'.encode("utf-16"),
        b"type=track&event=A",
        b"<xml/>",
        _DEEP,
        b'{"a":' * 50_000,
        b'{"batch":' + _DEEP[:10_000],
        b'"' * 100_001,
        b"\\" * 100_000,
        b'{"batch":[' + b'"' + b"\\\\" * 100_000,
        b"\xff" * 1_000,
        b"1" * 10_000,
    ],
    ids=lambda body: repr(body[:20]),
)
async def test_a_body_that_is_no_message_is_refused(
    web_client: httpx.AsyncClient, store: Store, body: bytes
) -> None:
    answer = await web_client.post("/v1/batch", content=body)
    refused(answer, 400, "bad_json")
    answer = await web_client.post("/v1/track", content=body)
    assert answer.status_code == 400
    _clear(answer)
    assert store.count() == 0


@pytest.mark.parametrize("item", [b"null", b"7", b'"text"', b"[]", b"{}", b"[{}]", b"true"])
async def test_an_item_that_is_no_message_is_dropped_alone(
    web_client: httpx.AsyncClient, store: Store, item: bytes
) -> None:
    good = json.dumps(track()).encode()
    kept(await web_client.post("/v1/batch", content=b'{"batch":[%b,%b]}' % (item, good)))
    await eventually(lambda: sum(store.tally().values()) == 2)
    assert store.count() == 1


async def test_deep_brackets_among_good_neighbours_are_dropped_alone(
    web_client: httpx.AsyncClient, store: Store
) -> None:
    good = [json.dumps(track(n)).encode() for n in range(20)]
    deep = b'{"type":"track","event":"A","userId":"u","properties":{"x":%b}}' % _DEEP
    body = b'{"batch":[%b]}' % b",".join([*good[:10], deep, *good[10:]])
    kept(await web_client.post("/v1/batch", content=body))
    assert store.count() == 20
    await eventually(lambda: sum(store.tally().values()) == 21)


# --- compression ----------------------------------------------------------------------------------


async def test_a_truncated_gzip_is_refused_at_whatever_byte_it_ends(
    web_client: httpx.AsyncClient, store: Store
) -> None:
    whole = gzip.compress(json.dumps({"batch": [track(n) for n in range(10)]}).encode())
    headers = {"Content-Encoding": "gzip"}
    for end in (0, 1, 2, 9, 10, 11, len(whole) // 2, len(whole) - 9, len(whole) - 1):
        answer = await web_client.post("/v1/batch", content=whole[:end], headers=headers)
        refused(answer, 400, "bad_gzip")
    wrong = whole[:-8] + bytes([whole[-8] ^ 1]) + whole[-7:]
    answer = await web_client.post("/v1/batch", content=wrong, headers=headers)
    refused(answer, 400, "bad_gzip")
    for plain in (b"{}", json.dumps({"batch": [track()]}).encode()):
        answer = await web_client.post("/v1/batch", content=plain, headers=headers)
        refused(answer, 400, "bad_gzip")
    assert store.count() == 0


async def test_a_zip_bomb_is_refused_without_unpacking_it(web_client: httpx.AsyncClient) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b" " * 1_000_000) for _ in range(300)) + packer.flush()
    assert len(bomb) < 400_000
    answer = await web_client.post("/v1/batch", content=bomb, headers={"Content-Encoding": "gzip"})
    refused(answer, 413, "too_large")


async def test_a_length_that_is_none_is_refused_clearly(web_client: httpx.AsyncClient) -> None:
    for length in ("9" * 5_000, "1000000000"):
        answer = await web_client.post("/v1/t", content=b"{}", headers={"Content-Length": length})
        refused(answer, 413, "too_large")


async def test_strange_headers_get_a_clear_answer(web_client: httpx.AsyncClient) -> None:
    for name in ("Authorization", "Content-Encoding", "X-Forwarded-For", "Origin", "Host"):
        for value in (b"", b"\xff\xfe", b"Basic " + b"A" * 10_000, b"Basic =", b"gzip, gzip"):
            headers = [(name.encode(), value), (b"Content-Type", b"x/\xff")]
            _clear(await web_client.post("/v1/track", json=track(), headers=headers))


# --- generated ------------------------------------------------------------------------------------

_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=True)
    | st.text(st.characters(), max_size=20)  # lone surrogates included
    | st.sampled_from(["2026-01-15T10:00:00Z", "anna@example.com", "track", "\0", ""]),
    lambda children: (
        st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=8), children, max_size=4)
    ),
    max_leaves=12,
)
_messages = st.fixed_dictionaries(
    {},
    optional={field: _json for field in _FIELDS if "." not in field}
    | {"type": st.sampled_from(["track", "identify", "page", "screen", "group", "alias"]) | _json},
)
_quietly = settings(max_examples=60)


@_quietly
@given(strange=st.lists(_messages | _json, max_size=6), ascii=st.booleans())
async def test_any_json_in_a_batch_leaves_the_neighbours_alone(
    web_client: httpx.AsyncClient, store: Store, strange: list[Any], ascii: bool
) -> None:
    before = store.count()
    good = track(messageId=None, timestamp=None)
    text = json.dumps({"batch": [good, *strange, good]}, ensure_ascii=ascii)
    answer = await web_client.post("/v1/batch", content=text.encode("utf-8", "surrogatepass"))
    kept(answer)
    names = [fact.name for fact in store.facts()[before:]]
    assert names.count("Product Viewed") >= 2


@_quietly
@given(message=_messages, path=st.sampled_from("tipsga"))
async def test_any_json_by_itself_gets_a_clear_answer(
    web_client: httpx.AsyncClient, message: dict[str, Any], path: str
) -> None:
    _clear(await web_client.post(f"/v1/{path}", json=None, content=json.dumps(message)))


@_quietly
@given(body=st.binary(max_size=200), path=st.sampled_from("tipsgab"))
async def test_any_bytes_get_a_clear_answer(
    web_client: httpx.AsyncClient, body: bytes, path: str
) -> None:
    _clear(await web_client.post(f"/v1/{path}", content=body))
    headers = {"Content-Encoding": "gzip"}
    _clear(await web_client.post(f"/v1/{path}", content=gzip.compress(body), headers=headers))
    _clear(await web_client.post(f"/v1/{path}", content=body, headers=headers))


@given(
    before=st.text(max_size=30),
    name=st.sampled_from(["Anna", "anna.berg@example.com", "0701740605", "Storgatan"]),
    field=st.sampled_from(["email", "name", "phone", "note", "x1"]),
    cut=st.integers(0, 40),
)
def test_no_cut_or_stray_character_uncovers_a_masked_value(
    before: str, name: str, field: str, cut: int
) -> None:
    whole = f'{before}{{"{field}":"{name}","n":1}}'.encode("utf-8", "replace")
    assert name not in mask(whole[: len(whole) - cut])


def test_masking_takes_no_longer_for_a_hostile_message() -> None:
    for hostile in (b'"\\', b'"', b'":', b"\\", b"1 ", b"a@", b'{"a":"', b"a"):
        assert len(mask(hostile * LARGEST_MESSAGE)) <= 4_000
