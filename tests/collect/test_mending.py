"""What real clients send that is nearly right is kept as it was meant, and counted as mended."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindel.collect import mending, steps
from spindel.collect.mending import FORMER_NAMES, MENDINGS
from spindel.collect.models import Mending
from spindel.collect.steps import Draft, Origin
from spindel.staff.models import Role
from spindel.timeline.models import Source
from tests.collect.support import Fact, Store, eventually, kept, refused, track
from tests.console.conftest import log_in

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
ORIGIN = Origin(1, "web", "web", "web", "SE", trusted=False, rate_limit=None)


def mended(store: Store) -> Counter[str]:
    """How many messages were mended in which way, over all sources."""
    rows = store.rows("SELECT kind, sum(count)::int AS many FROM collect_mending GROUP BY 1")
    return Counter({row.kind: row.many for row in rows})


def one(raw: bytes, type: str = "track") -> Draft:
    """The message, taken through the steps and kept."""
    draft = Draft(ORIGIN, raw, NOW, type=type)
    assert steps.run(draft) is None
    return draft


async def sent(client: httpx.AsyncClient, store: Store, path: str, body: bytes) -> Fact:
    """The fact that a single message becomes."""
    kept(await client.post(path, content=body))
    (fact,) = store.facts()
    return fact


# --- single messages, as real clients send them ---------------------------------------------------

# Where to, the message, what its fact is like, and how it was mended.
_CASES: dict[str, tuple[str, bytes, dict[str, object], set[str]]] = {
    "a list for properties": (
        "/v1/track",
        b'{"anonymousId": "c-1", "event": "Product Viewed", "properties": []}',
        {"properties": {}, "identifiers": ("anonymous_id:c-1",)},
        {"empty_object"},
    ),
    "a list for traits": (
        "/v1/identify",
        b'{"userId": "c-2", "traits": [ ]}',
        {"properties": {}, "identifiers": ("user_id:c-2",)},
        {"empty_object"},
    ),
    "a list for context": (
        "/v1/track",
        b'{"anonymousId": "c-3", "event": "Product Viewed", "context": []}',
        {"identifiers": ("anonymous_id:c-3",)},
        {"empty_object"},
    ),
    "false and an empty text for objects": (
        "/v1/track",
        b'{"anonymousId": "c-3", "event": "A", "context": false, "properties": ""}',
        {"properties": {}},
        {"empty_object"},
    ),
    "half a character": (
        "/v1/track",
        b'{"anonymousId": "c-4", "event": "Products Searched",'
        b' "properties": {"query": "sko \\ud83d"}}',
        {"properties": {"query": "sko \ufffd"}},
        {"lost_character"},
    ),
    "half a character among whole ones": (
        "/v1/track",
        rb'{"anonymousId": "c-4", "event": "A",'
        rb' "properties": {"\udc00": "\ud83d\ude00 \\ud83d \ude00\ud83d!"}}',
        {"properties": {"\ufffd": "😀 \\ud83d \ufffd\ufffd!"}},
        {"lost_character"},
    ),
    "NUL": (
        "/v1/track",
        rb'{"anonymousId": "c-4", "event": "A", "properties": {"x": "a\u0000b \\u0000"}}',
        {"properties": {"x": "a\ufffdb \\u0000"}},
        {"lost_character"},
    ),
    "bytes that are not UTF-8": (
        "/v1/track",
        b'{"anonymousId": "c-4", "event": "A", "properties": {"city": "G\xf6teborg"}}',
        {"properties": {"city": "G\ufffdteborg"}},
        {"lost_character"},
    ),
    "a byte order mark": (
        "/v1/track",
        b'\xef\xbb\xbf{"anonymousId": "c-5", "event": "Product Viewed"}',
        {"identifiers": ("anonymous_id:c-5",)},
        {"byte_order_mark"},
    ),
    "a line break within a text": (
        "/v1/track",
        b'{"anonymousId": "c-5", "event": "A", "properties": {"x": "a\nb\tc"}}',
        {"properties": {"x": "a\nb\tc"}},
        {"control_character"},
    ),
    "NaN": (
        "/v1/track",
        b'{"anonymousId": "c-5", "event": "A",'
        b' "properties": {"x": NaN, "y": [-Infinity, undefined], "z": "NaN Infinity"}}',
        {"properties": {"x": None, "y": [None, None], "z": "NaN Infinity"}},
        {"not_a_number"},
    ),
    "t and z": (
        "/v1/track",
        b'{"anonymousId": "c-6", "event": "A", "timestamp": "2026-01-29t10:00:00z"}',
        {"occurred_at": datetime(2026, 1, 29, 10, tzinfo=UTC)},
        {"time"},
    ),
    "a leap second": (
        "/v1/track",
        b'{"anonymousId": "c-7", "event": "A", "timestamp": "2016-12-31T23:59:60Z"}',
        {"occurred_at": datetime(2017, 1, 1, tzinfo=UTC)},
        {"time"},
    ),
    "a Unix time as a text": (
        "/v1/track",
        b'{"anonymousId": "c-7", "event": "A", "timestamp": "1712120400000"}',
        {"occurred_at": datetime(2024, 4, 3, 5, tzinfo=UTC)},
        {"time"},
    ),
    "an empty time": (
        "/v1/track",
        b'{"anonymousId": "c-7", "event": "A", "timestamp": ""}',
        {"name": "A"},
        {"time"},
    ),
    "no time": (
        "/v1/track",
        b'{"anonymousId": "c-7", "event": "A", "timestamp": false, "sentAt": []}',
        {"name": "A"},
        {"field_left_out"},
    ),
    "false beside a good id": (
        "/v1/track",
        b'{"anonymousId": "c-8", "userId": false, "event": "Product Viewed"}',
        {"identifiers": ("anonymous_id:c-8",)},
        {"field_left_out"},
    ),
    "lists and objects beside a good id": (
        "/v1/track",
        b'{"anonymousId": "c-8", "userId": {}, "previousId": ["x"], "groupId": true, "name": [],'
        b' "category": 1.5, "event": "A"}',
        {"identifiers": ("anonymous_id:c-8",), "name": "A"},
        {"field_left_out"},
    ),
    "42.0": (
        "/v1/identify",
        b'{"userId": 42.0, "traits": {}}',
        {"identifiers": ("user_id:42",)},
        {"number_as_text"},
    ),
    "4.2e1": (
        "/v1/identify",
        b'{"userId": 4.2e1, "anonymousId": 7}',
        {"identifiers": ("user_id:42", "anonymous_id:7")},
        {"number_as_text"},
    ),
    "numbers with a point in traits": (
        "/v1/identify",
        b'{"userId": "c-9", "traits": {"phone": 46701740605.0, "card": 97520012.0, "email": 0}}',
        {"identifiers": ("user_id:c-9", "phone:+46701740605", "card:97520012")},
        {"number_as_text"},
    ),
    "a number for a name": (
        "/v1/track",
        b'{"anonymousId": "c-9", "event": 404}',
        {"name": "404"},
        {"number_as_text"},
    ),
    "an order of the first spec": (
        "/v1/track",
        b'{"event": "Completed Order", "properties":'
        b' {"orderId": "C-1001", "total": 199.0, "currency": "SEK",'
        b' "products": [{"id": 7, "sku": "A-38", "price": 199.0}]}}',
        {
            "name": "Order Completed",
            "identifiers": ("receipt:web/C-1001",),
            "properties": {
                "order_id": "C-1001",
                "total": 199.0,
                "currency": "SEK",
                "products": [{"product_id": 7, "sku": "A-38", "price": 199.0}],
            },
        },
        {"former_names"},
    ),
    "an order whose number has a point": (
        "/v1/track",
        b'{"event": "Order Completed", "properties": {"order_id": 1001.0}}',
        {"identifiers": ("receipt:web/1001",)},
        {"number_as_text"},
    ),
    "all at once": (
        "/v1/track",
        b'\xef\xbb\xbf{"userId": false, "anonymousId": 7.0, "event": "Viewed Product",'
        b' "properties": {"id": "vinga", "price": NaN, "name": "\\ud83d"}, "context": [],'
        b' "timestamp": "2026-01-29t10:00:00z"}',
        {
            "name": "Product Viewed",
            "identifiers": ("anonymous_id:7",),
            "properties": {"product_id": "vinga", "price": None, "name": "\ufffd"},
        },
        set(MENDINGS) - {"control_character"},
    ),
}


@pytest.mark.parametrize("case", list(_CASES))
async def test_a_message_that_is_nearly_right_is_kept_and_counted_as_mended(
    web_client: httpx.AsyncClient, store: Store, case: str
) -> None:
    path, body, like, kinds = _CASES[case]
    fact = await sent(web_client, store, path, body)
    assert {name: getattr(fact, name) for name in like} == like
    await eventually(lambda: mended(store) == Counter(kinds))
    assert store.tally() == {"kept": 1}


def test_every_kind_of_mending_is_tried_here() -> None:
    assert {kind for *_, kinds in _CASES.values() for kind in kinds} == set(MENDINGS)


async def test_a_message_that_needs_no_mending_is_not_counted(
    web_client: httpx.AsyncClient, store: Store
) -> None:
    good = [
        track(1, properties={"productId": "x", "text": "NaN [] \\ud83d z"}, userId="u"),
        track(2, event="Order Completed", properties={"order_id": "1", "orderId": "2", "id": 3}),
        track(3, context={}, timestamp="2026-01-15T10:00:00.123456789+01:00", userId=42),
    ]
    kept(await web_client.post("/v1/batch", json={"batch": good, "context": {}}))
    kept(await web_client.post("/v1/track", content=b'{"userId":"u","event":"A","context":[]}'))
    await eventually(lambda: mended(store) == {"empty_object": 1})
    assert [fact.properties for fact in store.facts()][:2] == [
        {"productId": "x", "text": "NaN [] \\ud83d z"},
        {"order_id": "1", "orderId": "2", "id": 3},
    ]


# --- batches --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "envelope",
    [
        b'{"batch": [%b], "context": []}',
        b'\xef\xbb\xbf{"batch": [%b], "sentAt": "2026-01-15T10:00:01Z"}',
        b'{"sentAt": false, "writeKey": 7, "batch": [%b]}',
        b'{"integrations": NaN, "batch": [%b], "context": ""}',
        b'{"batch": [%b], "note": "\\ud83d", "sentAt": []}',
    ],
)
async def test_a_batch_that_is_nearly_right_is_kept_whole(
    web_client: httpx.AsyncClient, store: Store, envelope: bytes
) -> None:
    messages = b",".join(json.dumps(track(n)).encode() for n in (1, 2))
    kept(await web_client.post("/v1/batch", content=envelope % messages))
    assert store.count() == 2
    await eventually(lambda: mended(store).total() >= 2)


async def test_what_is_mended_in_a_batch_is_counted_for_its_own_message(
    web_client: httpx.AsyncClient, store: Store
) -> None:
    messages = [
        json.dumps(track(1)).encode(),
        b'{"type":"track","event":"A","userId":"u","properties":{"x":"\\ud83d"}}',
        b'{"type":"track","event":"A","userId":"u","properties":{"x":tru}}',
        json.dumps(track(2, userId=False)).encode(),
    ]
    kept(await web_client.post("/v1/batch", content=b'{"batch":[%b]}' % b",".join(messages)))
    await eventually(lambda: mended(store) == {"lost_character": 1, "field_left_out": 1})
    await eventually(lambda: store.tally() == {"kept": 3, "bad_json": 1})


async def test_the_key_is_found_in_a_body_that_is_nearly_right(
    collector: object, stranger: httpx.AsyncClient, store: Store
) -> None:
    body = b'\xef\xbb\xbf{"writeKey":"web-key","event":"A","userId":"u","properties":{"x":NaN}}'
    kept(await stranger.post("/v1/track", content=body))
    assert store.count() == 1


# --- what can't be mended -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"userId": "u", "event": "A", "timestamp": true}', "wrong_type"),
        (b'{"userId": "u", "event": "A", "timestamp": {"seconds": 1}}', "wrong_type"),
        (b'{"userId": "u", "event": "A", "timestamp": "soon"}', "bad_timestamp"),
        (b'{"userId": "u", "event": "A", "timestamp": "2026-01-15T10:00:61Z"}', "bad_timestamp"),
        (b'{"userId": "u", "event": "A", "properties": ["x"]}', "bad_properties"),
        (b'{"userId": "u", "event": "A", "properties": 7}', "bad_properties"),
        (b'{"userId": "u", "event": ["A"]}', "no_name"),
        (b'{"userId": false, "event": "A"}', "no_identifier"),
        (b'{"userId": 42.5, "event": "A"}', "no_identifier"),
        (b'{"userId": 1e300, "event": "A"}', "no_identifier"),
        (b'{"userId": "u\\ud83d", "event": "A"}', "no_identifier"),
        (b'{"userId": "kund-\xe5", "event": "A"}', "no_identifier"),
        (b'{"userId": "u", "event": "A" "x": 1}', "bad_json"),
        (b'{"userId": "u", "event": "A', "bad_json"),
        (b'[{"userId": "u", "event": "A"}]', "wrong_type"),
    ],
)
async def test_what_can_not_be_read_as_it_was_meant_is_turned_away(
    web_client: httpx.AsyncClient, store: Store, body: bytes, code: str
) -> None:
    refused(await web_client.post("/v1/track", content=body), 400, code)
    await eventually(lambda: store.tally() == {code: 1})
    assert mended(store) == {}


def test_two_whose_ids_have_lost_a_letter_are_not_one() -> None:
    for name in (b"kund-\xe5", b"kund-\xe4"):
        draft = Draft(ORIGIN, b'{"userId":"%b","event":"A"}' % name, NOW, type="track")
        steps.run(draft)
        assert draft.claims == [("user_id", "kund-\ufffd")]  # which has no normal form


# --- rules ----------------------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT | st.sampled_from(["NaN", '"\\', "\\ud83d"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=10,
)


@given(JSON, st.booleans())
def test_good_json_is_never_mended(value: object, escaped: bool) -> None:
    text = json.dumps(value, ensure_ascii=escaped).encode()
    assert mending.readable(text) == (text, ())


@given(st.text(st.characters(min_codepoint=0xD7F0, max_codepoint=0xE010) | st.characters()))
def test_what_is_mended_is_unicode_that_anybody_can_read(text: str) -> None:
    found, _ = mending.readable(json.dumps({text: [text]}).encode())
    ((name, value),) = msgspec.json.decode(found).items()
    assert value == [name]
    assert "\0" not in name
    name.encode()


@given(st.binary(max_size=200))
def test_mending_takes_any_bytes(text: bytes) -> None:
    found, kinds = mending.readable(text)
    found.decode()
    assert set(kinds) <= set(MENDINGS)
    assert mending.readable(found)[0] == found


_WRITTEN: list[Callable[[str], str]] = [str, str.lower, str.upper, " {} ".format]


@given(
    st.datetimes(
        min_value=datetime(1971, 1, 1),  # noqa: DTZ001  # the zone follows
        max_value=datetime(2100, 1, 1),  # noqa: DTZ001  # the same
        timezones=st.sampled_from([UTC]),
    ),
    st.sampled_from(_WRITTEN),
)
def test_a_time_is_the_same_in_small_letters(when: datetime, written: Callable[[str], str]) -> None:
    text = when.isoformat().replace("+00:00", "Z")
    assert mending.moment(written(text)) == when


def test_a_leap_second_is_the_first_moment_of_the_next() -> None:
    before, leap = mending.moment("2016-12-31T23:59:59Z"), mending.moment("2016-12-31T23:59:60Z")
    assert before
    assert leap == before + timedelta(seconds=1)
    assert mending.moment("2017-01-01T00:59:60+01:00") == leap


# --- the first e-commerce spec --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("former", "told", "latter"),
    [
        ("Viewed Product", {"id": 7, "sku": "A"}, {"product_id": 7, "sku": "A"}),
        ("Added Product", {"id": 7, "quantity": 2}, {"product_id": 7, "quantity": 2}),
        ("Removed Product", {"productId": "7"}, {"product_id": "7"}),
        ("Clicked Product", {"id": "7", "product_id": "8"}, {"id": "7", "product_id": "8"}),
        ("Viewed Promotion", {"id": "p", "name": "Rea"}, {"promotion_id": "p", "name": "Rea"}),
        ("Clicked Promotion", {"id": "p"}, {"promotion_id": "p"}),
        ("Viewed Product Category", {"category": "Skor"}, {"category": "Skor"}),
        ("Started Order", {"orderId": 1, "checkoutId": 2}, {"order_id": 1, "checkout_id": 2}),
        ("Updated Order", {"id": 1}, {"order_id": 1}),
        ("Refunded Order", {"orderId": "1"}, {"order_id": "1"}),
        ("Cancelled Order", {"orderId": "1"}, {"order_id": "1"}),
        (
            "Viewed Checkout Step",
            {"step": 2, "shippingMethod": "PostNord", "paymentMethod": "card"},
            {"step": 2, "shipping_method": "PostNord", "payment_method": "card"},
        ),
        ("Completed Checkout Step", {"checkoutId": 5}, {"checkout_id": 5}),
        (
            "Completed Order",
            {"orderId": 1, "favouriteColour": 2},
            {"order_id": 1, "favouriteColour": 2},
        ),
        (
            "Completed Order",
            {"orderId": 1, "products": "none"},
            {"order_id": 1, "products": "none"},
        ),
    ],
)
def test_the_first_spec_is_read_by_the_names_of_the_second(
    former: str, told: dict[str, object], latter: dict[str, object]
) -> None:
    draft = one(json.dumps({"event": former, "userId": "u", "properties": told}).encode())
    assert draft.name == FORMER_NAMES[former]
    assert json.loads(draft.properties) == latter
    assert draft.mended == ("former_names",)


def test_the_names_of_the_second_with_an_order_of_the_first_are_mended_too() -> None:
    draft = one(b'{"event":"Order Completed","properties":{"orderId":"17","id":4}}')
    assert json.loads(draft.properties) == {"order_id": "17", "id": 4}
    assert draft.claims == [("receipt", "web/17")]
    assert draft.mended == ("former_names",)


# --- where it is seen -----------------------------------------------------------------------------


def test_the_sources_page_says_what_was_mended(web: Source, pos: Source) -> None:
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    for source, kind, count, ago in (
        (web, "empty_object", 1_200, 0),
        (web, "empty_object", 34, 5),
        (web, "time", 7, 100),
        (web, "former_names", 9, 24 * 8),
        (pos, "byte_order_mark", 5, 0),
    ):
        Mending.objects.create(
            source=source, kind=kind, hour=hour - timedelta(hours=ago), process=1, count=count
        )
    client = log_in(Role.ANALYST)
    page = client.get(f"/sources/{web.pk}/").content.decode()
    assert "Mended and kept" in page
    assert "<strong>1,234</strong> with an empty list where an object belongs" in page
    assert "<strong>7</strong> with a time that is written unusually" in page
    assert "first e-commerce spec" not in page
    assert "byte_order_mark" not in page
    Mending.objects.all().delete()
    assert "Mended" not in client.get(f"/sources/{web.pk}/").content.decode()


async def test_nothing_is_counted_twice_when_the_count_could_not_be_written(
    web_client: httpx.AsyncClient, store: Store
) -> None:
    store.execute("ALTER TABLE collect_mending RENAME TO away")
    kept(await web_client.post("/v1/track", json=track(1, userId=False)))
    await eventually(lambda: store.count() == 1)
    store.execute("ALTER TABLE away RENAME TO collect_mending")
    kept(await web_client.post("/v1/track", json=track(2, userId=False)))
    await eventually(lambda: mended(store) == {"field_left_out": 2})
