"""What becomes of a message: its name, time, channel, properties, context and identifiers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from spindel.collect.app import Collector
from spindel.collect.mending import FORMER_NAMES
from spindel.timeline.models import Source
from tests.collect.support import Store, client_of, kept, refused, track


async def _fact(client: httpx.AsyncClient, store: Store, path: str, **message: object):  # type: ignore[no-untyped-def]  # Fact; kept short for the many tests below
    kept(await client.post(f"/v1/{path}", json=message))
    return store.facts()[-1]


# --- names and properties -------------------------------------------------------------------------


async def test_a_track_is_named_by_its_event(web_client: httpx.AsyncClient, store: Store) -> None:
    properties = {"sku": "vinga-38", "price": 1299.0, "products": [{"sku": "a"}], "none": None}
    fact = await _fact(
        web_client, store, "track", event=" Cart Viewed ", anonymousId="a", properties=properties
    )
    assert fact.name == "Cart Viewed"
    assert fact.properties == properties
    assert fact.identifiers == ("anonymous_id:a",)
    assert fact.source == "web"
    assert fact.channel == "web"


async def test_the_names_of_the_first_spec_become_those_of_the_second(
    web_client: httpx.AsyncClient, store: Store
) -> None:
    batch = [track(n, event=name) for n, name in enumerate(FORMER_NAMES)]
    kept(await web_client.post("/v1/batch", json={"batch": batch}))
    assert [fact.name for fact in store.facts()] == list(FORMER_NAMES.values())


async def test_an_identify_tells_the_traits(web_client: httpx.AsyncClient, store: Store) -> None:
    traits = {"name": "Anna Berg", "email": "anna@example.com", "phone": "070-174 06 05"}
    fact = await _fact(
        web_client,
        store,
        "identify",
        userId=17,
        anonymousId="a",
        traits=traits,
        properties={"x": 1},
    )
    assert fact.name == "Customer Identified"
    assert fact.properties == traits
    assert fact.identifiers[0] == "user_id:17"
    assert set(fact.identifiers) == {
        "user_id:17",
        "email:anna@example.com",
        "phone:+46701740605",
        "anonymous_id:a",
    }


@pytest.mark.parametrize(("path", "name"), [("page", "Page Viewed"), ("screen", "Screen Viewed")])
async def test_a_page_keeps_its_name_and_category(
    web_client: httpx.AsyncClient, store: Store, path: str, name: str
) -> None:
    properties = {"path": "/p", "product": {"name": "Vinga", "category": "boots"}}
    fact = await _fact(
        web_client,
        store,
        path,
        anonymousId="a",
        name='The "Vinga" page',
        category="Product",
        properties=properties,
    )
    assert fact.name == name
    assert fact.properties == properties | {"name": 'The "Vinga" page', "category": "Product"}


async def test_what_a_pages_properties_say_wins_over_the_message(
    web_client: httpx.AsyncClient, store: Store
) -> None:
    properties = {"name": "inner", "category": "inner"}
    fact = await _fact(
        web_client, store, "page", anonymousId="a", name="o", category="o", properties=properties
    )
    assert fact.properties == properties
    fact = await _fact(web_client, store, "page", anonymousId="a")
    assert fact.properties == {}


async def test_a_group_keeps_its_id_and_traits_which_recognise_nobody(
    web_client: httpx.AsyncClient, store: Store
) -> None:
    traits = {"name": "Berg AB", "email": "info@berg.example", "phone": "031-10 00 00"}
    fact = await _fact(web_client, store, "group", userId="u", groupId="berg", traits=traits)
    assert fact.name == "Group Joined"
    assert fact.properties == traits | {"group_id": "berg"}
    assert fact.identifiers == ("user_id:u",)


async def test_an_alias_carries_both_ids(web_client: httpx.AsyncClient, store: Store) -> None:
    fact = await _fact(web_client, store, "alias", userId="u", previousId="anon-9")
    assert fact.name == "Customer Aliased"
    assert fact.properties == {"previous_id": "anon-9"}
    assert fact.identifiers == ("user_id:u", "anonymous_id:anon-9")


async def test_a_trusted_source_may_alias_a_user_id(
    pos_client: httpx.AsyncClient, store: Store
) -> None:
    fact = await _fact(pos_client, store, "alias", userId="new", previousId="old")
    assert set(fact.identifiers) == {"user_id:new", "user_id:old", "anonymous_id:old"}


@pytest.mark.parametrize("told", [{}, {"traits": {}}, {"traits": None}])
async def test_an_identify_may_tell_its_traits_in_its_context(
    web_client: httpx.AsyncClient, store: Store, told: dict[str, object]
) -> None:
    traits = {"email": "anna@example.com", "name": "Anna Berg"}
    fact = await _fact(
        web_client, store, "identify", userId="u", context={"traits": traits}, **told
    )
    assert fact.properties == traits
    assert fact.identifiers == ("user_id:u", "email:anna@example.com")


async def test_missing_null_and_empty_properties_are_an_empty_object(
    web_client: httpx.AsyncClient, store: Store
) -> None:
    batch = [
        {"type": "track", "event": "A", "anonymousId": "a"},
        {"type": "track", "event": "A", "anonymousId": "a", "properties": None, "context": None},
        {"type": "track", "event": "A", "anonymousId": "a", "properties": {}, "context": {}},
    ]
    kept(await web_client.post("/v1/batch", json={"batch": batch}))
    assert [fact.properties for fact in store.facts()] == [{}, {}, {}]


# --- who it is ------------------------------------------------------------------------------------


async def test_identifiers_are_found_wherever_clients_put_them(
    web_client: httpx.AsyncClient, store: Store
) -> None:
    fact = await _fact(
        web_client,
        store,
        "track",
        event="A",
        anonymousId="a",
        properties={"card": "NS-1234-5678"},
        context={
            "traits": {"email": "Anna@Example.com"},
            "device": {"token": "push-token"},
            "externalIds": [{"type": "klarna", "id": 17, "collection": "users"}],
        },
    )
    assert set(fact.identifiers) == {
        "anonymous_id:a",
        "card:NS12345678",
        "email:anna@example.com",
        "device:push-token",
        "external:klarna:17",
    }


async def test_a_field_of_a_wrong_type_does_not_hide_the_next(
    web_client: httpx.AsyncClient, store: Store
) -> None:
    properties = {"email": "anna@example.com", "phone": {"home": 1}, "card": ["x"]}
    fact = await _fact(web_client, store, "track", event="A", properties=properties)
    assert fact.identifiers == ("email:anna@example.com",)
    properties = {"email": 7, "phone": 46701740605, "card": True}
    fact = await _fact(web_client, store, "track", event="A", userId="u", properties=properties)
    assert fact.identifiers[0] == "user_id:u"


async def test_a_purchase_by_somebody_unknown_is_known_by_its_receipt(
    pos_client: httpx.AsyncClient, store: Store
) -> None:
    fact = await _fact(
        pos_client, store, "track", event="Order Completed", properties={"order_id": 1001}
    )
    assert fact.identifiers == ("receipt:pos/1001",)
    assert fact.channel == "store"


async def test_a_purchase_by_guest_is_known_by_its_receipt(
    pos_client: httpx.AsyncClient, store: Store
) -> None:
    properties = {"order_id": "1002", "email": "noreply@example.com"}
    fact = await _fact(
        pos_client, store, "track", event="Order Completed", userId="guest", properties=properties
    )
    assert fact.identifiers == ("receipt:pos/1002",)


@pytest.mark.parametrize("nobody", ["", "null", "undefined", "0000000", "   ", "x" * 600])
async def test_a_placeholder_recognises_nobody(
    web_client: httpx.AsyncClient, store: Store, nobody: str
) -> None:
    message = {"event": "A", "userId": nobody, "anonymousId": nobody}
    for _ in range(2):
        refused(await web_client.post("/v1/track", json=message), 400, "no_identifier")
    fact = await _fact(web_client, store, "track", **message | {"userId": "u"})
    assert fact.identifiers == ("user_id:u",)


# --- when -----------------------------------------------------------------------------------------


def _ago(**ago: float) -> str:
    return (datetime.now(UTC) - timedelta(**ago)).isoformat()


def _near(moment: datetime, expected: datetime) -> None:
    assert abs(moment - expected) < timedelta(seconds=20)


async def test_a_wrong_clock_is_corrected_by_when_the_message_was_sent(
    web_client: httpx.AsyncClient, store: Store
) -> None:
    # A client whose clock is a year slow, ten minutes after it happened.
    message = track(1, timestamp=_ago(days=365, minutes=10), sentAt=_ago(days=365))
    kept(await web_client.post("/v1/track", json=message))
    fact = store.facts()[0]
    _near(fact.occurred_at, datetime.now(UTC) - timedelta(minutes=10))
    _near(fact.received_at, datetime.now(UTC))


async def test_in_a_batch_the_time_of_sending_may_stand_on_the_envelope_alone(
    web_client: httpx.AsyncClient, store: Store
) -> None:
    batch = [
        track(1, timestamp=_ago(days=-100, minutes=10)),
        track(2, timestamp=_ago(minutes=10), sentAt=_ago(minutes=5)),
    ]
    kept(await web_client.post("/v1/batch", json={"batch": batch, "sentAt": _ago(days=-100)}))
    first, second = store.facts()
    _near(first.occurred_at, datetime.now(UTC) - timedelta(minutes=10))
    _near(second.occurred_at, datetime.now(UTC) - timedelta(minutes=5))


@pytest.mark.parametrize(
    "told",
    [
        "2026-01-15T10:00:00Z",
        "2026-01-15T10:00:00.000Z",
        "2026-01-15T10:00:00.000000000Z",
        "2026-01-15T11:00:00+01:00",
        "2026-01-15T10:00:00",
        "2026-01-15 10:00:00+00:00",
        1768471200,
        1768471200.0,
        1768471200000,
    ],
)
async def test_a_time_may_be_written_in_several_ways(
    web_client: httpx.AsyncClient, store: Store, told: object
) -> None:
    kept(await web_client.post("/v1/track", json=track(timestamp=told)))
    assert store.facts()[0].occurred_at == datetime(2026, 1, 15, 10, tzinfo=UTC)


@pytest.mark.parametrize("sent", [None, "garbage", "0001-01-01T00:00:00Z", ""])
async def test_without_a_time_of_sending_the_clients_time_is_taken(
    web_client: httpx.AsyncClient, store: Store, sent: object
) -> None:
    kept(await web_client.post("/v1/track", json=track(sentAt=sent)))
    assert store.facts()[0].occurred_at == datetime(2026, 1, 15, 10, tzinfo=UTC)


async def test_without_a_time_it_happened_when_it_was_received(
    web_client: httpx.AsyncClient, store: Store
) -> None:
    kept(await web_client.post("/v1/track", json=track(1, timestamp=None)))
    original = track(2, timestamp=None, originalTimestamp="2026-01-15T10:00:00Z")
    kept(await web_client.post("/v1/track", json=original))
    first, second = store.facts()
    assert first.occurred_at == first.received_at
    assert second.occurred_at == datetime(2026, 1, 15, 10, tzinfo=UTC)


async def test_the_near_future_is_now_and_the_far_future_is_refused(
    web_client: httpx.AsyncClient, store: Store
) -> None:
    kept(await web_client.post("/v1/track", json=track(1, timestamp=_ago(hours=-3))))
    fact = store.facts()[0]
    assert fact.occurred_at == fact.received_at
    late = track(2, timestamp=_ago(days=-3))
    refused(await web_client.post("/v1/track", json=late), 400, "timestamp_in_future")


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ("1969-12-31T23:59:59Z", "timestamp_too_old"),
        ("0001-01-01T00:00:00Z", "timestamp_too_old"),
        (-1, "timestamp_too_old"),
        ("9999-12-31T23:59:59Z", "timestamp_in_future"),
        ("9999-12-31T23:59:59-14:00", "timestamp_in_future"),
        ("yesterday", "bad_timestamp"),
        ("2026-13-01", "bad_timestamp"),
        ("2026-02-30T00:00:00Z", "bad_timestamp"),
        (1e300, "bad_timestamp"),
        (10**40, "bad_timestamp"),
    ],
)
async def test_an_impossible_time_is_refused(
    web_client: httpx.AsyncClient, told: object, reason: str
) -> None:
    refused(await web_client.post("/v1/track", json=track(timestamp=told)), 400, reason)


# --- context and channel --------------------------------------------------------------------------


async def test_the_envelopes_context_holds_for_each_message_unless_it_says_otherwise(
    pos_client: httpx.AsyncClient, store: Store
) -> None:
    batch = [
        track(1),
        track(2, context={"library": {"name": "own"}, "till": 4}),
        track(3, context={}),
    ]
    shared = {"library": {"name": "shared", "version": "1"}, "store": "Göteborg"}
    kept(await pos_client.post("/v1/batch", json={"batch": batch, "context": shared}))
    assert [fact.context for fact in store.facts()] == [
        shared,
        {"library": {"name": "own"}, "store": "Göteborg", "till": 4},
        shared,
    ]


async def test_an_empty_context_is_kept_as_none(
    pos_client: httpx.AsyncClient, store: Store
) -> None:
    for number, shared in enumerate(({}, None)):
        batch = {"batch": [track(number, context={})], "context": shared}
        kept(await pos_client.post("/v1/batch", json=batch))
    assert [fact.context for fact in store.facts()] == [None, None]


async def test_the_address_of_a_browser_is_kept_and_a_tills_is_not(
    web_client: httpx.AsyncClient, pos_client: httpx.AsyncClient, store: Store
) -> None:
    kept(await web_client.post("/v1/track", json=track(context={"locale": "sv"})))
    kept(await pos_client.post("/v1/track", json=track(context={"locale": "sv"})))
    browser, till = store.facts()
    assert browser.context == {"locale": "sv", "ip": "203.0.113.9"}
    assert till.context == {"locale": "sv"}


async def test_an_address_that_the_message_tells_is_left_alone(
    web_client: httpx.AsyncClient, store: Store
) -> None:
    kept(await web_client.post("/v1/track", json=track(1, context={"ip": "198.51.100.7"})))
    batch = {"batch": [track(2)], "context": {"ip": "198.51.100.8"}}
    kept(await web_client.post("/v1/batch", json=batch))
    # The word alone, somewhere deeper, is no address of the sender.
    kept(await web_client.post("/v1/track", json=track(3, context={"network": {"ip": "x"}})))
    assert [fact.context["ip"] for fact in store.facts() if fact.context] == [
        "198.51.100.7",
        "198.51.100.8",
        "203.0.113.9",
    ]


async def test_forwarded_addresses_are_believed_of_ones_own_proxies_alone(
    web: Source, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    for proxies, header in (
        ("0", "198.51.100.1"),
        ("1", "10.6.6.6, 198.51.100.2"),
        ("2", "10.6.6.6, 2001:db8::7, 198.51.100.3"),
        ("1", "not an address"),
        ("3", "198.51.100.2"),
        ("1", '1.1.1.1","forged":"1'),
    ):
        monkeypatch.setenv("SPINDEL_TRUSTED_PROXIES", proxies)
        collector = Collector()
        await collector.start()
        try:
            async with client_of(collector) as client:
                message = track(len(seen))
                headers = {"X-Forwarded-For": header}
                kept(await client.post("/v1/track", json=message, headers=headers))
        finally:
            await collector.stop()
        seen.append(store.facts()[-1].context)
    assert seen == [
        {"ip": "203.0.113.9"},
        {"ip": "198.51.100.2"},
        {"ip": "2001:db8::7"},
        None,
        None,
        None,
    ]


async def test_a_message_may_name_its_channel(web_client: httpx.AsyncClient, store: Store) -> None:
    for number, channel in enumerate(("chat", "server", "browser", "", None, "store")):
        kept(await web_client.post("/v1/track", json=track(number, channel=channel)))
    assert [fact.channel for fact in store.facts()] == ["chat", "web", "web", "web", "web", "store"]


# --- a message's id -------------------------------------------------------------------------------


async def test_without_an_id_a_dated_message_is_known_by_its_content(
    web_client: httpx.AsyncClient, store: Store
) -> None:
    for missing in ({"messageId": None}, {"messageId": ""}):
        batch = {"batch": [track() | missing, track(event="Product Added") | missing]}
        for _ in range(2):
            kept(await web_client.post("/v1/batch", json=batch))
    assert len(store.facts()) == 4


async def test_without_an_id_and_a_time_each_delivery_is_one_more(
    web_client: httpx.AsyncClient, store: Store
) -> None:
    message = {"event": "A", "anonymousId": "a"}
    for _ in range(2):
        kept(await web_client.post("/v1/track", json=message))
    assert store.count() == 2


async def test_an_id_may_be_a_number(web_client: httpx.AsyncClient, store: Store) -> None:
    for id in (7, "7", 10**30):
        kept(await web_client.post("/v1/track", json=track(messageId=id, userId=id)))
    assert [fact.identifiers[0] for fact in store.facts()] == ["user_id:7", f"user_id:{10**30}"]
