"""Nordsko's history: what the rest of the demo relies on."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from itertools import groupby, pairwise
from typing import Any, cast
from zoneinfo import ZoneInfo

import msgspec
import phonenumbers
import pytest

from spindel.demo.nordsko import (
    PRODUCTS,
    SOURCES,
    STORES,
    Deed,
    Touch,
    history,
    shopper_story,
)
from spindel.demo.nordsko.catalogue import STORE, gtin13
from spindel.demo.nordsko.people import FAMILY, MEN, WOMEN
from spindel.demo.nordsko.seasons import black_friday
from spindel.identity.rules import KINDS

UNTIL = datetime(2025, 11, 20, 13, 30, tzinfo=UTC)

Told = list[tuple[str, dict[str, Any]]]

EVENTS = {
    "web": {
        *("Product List Viewed", "Products Searched", "Product Viewed", "Product Added"),
        *("Product Removed", "Cart Viewed", "Checkout Started", "Order Completed"),
        *("Order Refunded", "Order Cancelled", "Coupon Applied", "Product Added to Wishlist"),
        *("Product Reviewed", "Promotion Viewed", "Promotion Clicked", "Item Returned"),
    },
    "pos": {"Order Completed", "Order Refunded", "Item Exchanged", "Item Returned"},
    "phone": {"Call Started", "Call Ended", "Stock Reserved"},
    "chat": {
        *("Live Chat Conversation Started", "Live Chat Conversation Ended"),
        *("Live Chat Message Sent", "Live Chat Message Received", "Stock Reserved"),
    },
    "mail": {
        *("Email Delivered", "Email Opened", "Email Link Clicked", "Email Bounced"),
        "Unsubscribed",
    },
    "ads": {"Ad Clicked"},
}
EVENTS["app"] = {*EVENTS["web"], "Store Visited"}


@pytest.fixture(scope="module")
def told() -> Told:
    began = time.perf_counter()
    messages = [(source, cast(dict[str, Any], message)) for source, message in history(UNTIL)]
    print(f"{len(messages)} messages in {time.perf_counter() - began:.1f} s")
    return messages


def traits(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield message.get("traits", {})
    yield message["context"].get("traits", {})


def test_two_years_of_five_thousand_customers_are_a_quarter_of_a_million_messages(
    told: Told,
) -> None:
    assert 250_000 <= len(told) <= 300_000
    assert {source for source, _ in told} == set(SOURCES)
    first = datetime.fromisoformat(told[0][1]["timestamp"])
    assert UNTIL - timedelta(days=731) < first < UNTIL - timedelta(days=728)


def test_the_same_arguments_give_the_same_messages_and_others_give_others() -> None:
    def raw(until: datetime = UNTIL, customers: int = 60, seed: int = 20) -> bytes:
        return msgspec.json.encode(list(history(until, customers, seed)))

    def ids(until: datetime = UNTIL, customers: int = 60, seed: int = 20) -> set[object]:
        return {message["messageId"] for _, message in history(until, customers, seed)}

    assert raw() == raw()
    assert raw(seed=21) != raw()
    assert ids().isdisjoint(ids(seed=21) | ids(customers=61) | ids(UNTIL + timedelta(hours=1)))


def test_message_ids_are_unique_and_times_rise_until_the_end(told: Told) -> None:
    ids = {message["messageId"] for _, message in told}
    assert len(ids) == len(told)
    assert all(len(message_id) < 100 for message_id in ids)
    times = [message["timestamp"] for _, message in told]
    assert all(one <= other for one, other in pairwise(times))
    assert times[-1] <= UNTIL.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    assert not any("sentAt" in message or "channel" in message for _, message in told)


def test_each_source_says_only_what_it_can_know(told: Told) -> None:
    for source, message in told:
        assert message["type"] in ("track", "identify", "page", "screen", "group", "alias")
        assert ("event" in message) == ("properties" in message and "name" not in message)
        if message["type"] == "track":
            assert message["event"] in EVENTS[source], (source, message)
        if source in ("pos", "phone", "mail"):
            assert not {"userId", "anonymousId"} & message.keys()
        if source in ("app", "ads"):
            assert message["anonymousId"]
        if source == "app":
            assert message["context"]["device"]["token"]
        if source == "ads":
            assert message["context"]["campaign"]["source"] == "facebook"


def test_a_share_of_the_purchases_in_store_name_nobody(told: Told) -> None:
    till = [m for source, m in told if source == "pos" and m.get("event") == "Order Completed"]
    nameless = [message for message in till if "traits" not in message["context"]]
    assert 0.15 < len(nameless) / len(till) < 0.5
    assert len({message["properties"]["order_id"] for message in till}) == len(till)


def test_most_customers_do_little_and_a_few_do_much(told: Told) -> None:
    facts = Counter(message["userId"] for _, message in told if "userId" in message)
    counts = sorted(facts.values())
    assert counts[len(counts) // 2] < 40
    assert counts[-1] > 300


def test_names_are_from_the_lists(told: Told) -> None:
    first_names = {name for names in (WOMEN, MEN) for locale in names.values() for name in locale}
    family_names = {part for names in FAMILY.values() for name in names for part in name.split("-")}
    seen = set()
    for _, message in told:
        if "first_name" in message.get("traits", {}):
            person = message["traits"]
            assert person["first_name"] in first_names
            assert set(person["last_name"].split("-")) <= family_names
            seen.add(person["last_name"])
    assert any("'" in name for name in seen)
    assert any("-" in name for name in seen)
    assert any(set("åäöæø") & set(name.lower()) for name in seen)


def test_addresses_belong_to_nobody_and_numbers_are_valid(told: Told) -> None:
    phones, emails = set(), set()
    for _, message in told:
        for said in traits(message):
            phones.add(said.get("phone", "+46701740605"))
            emails.add(said.get("email", "anna@example.com"))
    assert len(phones) > 4_000
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(phone, "SE")) for phone in phones)
    domains = {email.rpartition("@")[2].lower() for email in emails}
    assert domains == {"example.com", "example.se", "example.dk", "example.org"}
    assert any("+" in email for email in emails)
    assert any(email != email.lower() for email in emails)


def test_a_few_dozen_households_share_a_browser(told: Told) -> None:
    users: dict[str, set[str]] = {}
    for source, message in told:
        if source == "web" and "anonymousId" in message and "userId" in message:
            users.setdefault(message["anonymousId"], set()).add(message["userId"])
    assert 20 <= sum(len(people) == 2 for people in users.values()) <= 70
    assert max(len(people) for people in users.values()) == 2


def test_amounts_add_up(told: Told) -> None:
    for _, message in told:
        if message.get("event") == "Order Completed":
            paid = {
                key: round(value * 100)
                for key, value in message["properties"].items()
                if isinstance(value, float)
            }
            goods = sum(round(p["price"] * 100) for p in message["properties"]["products"])
            assert paid["revenue"] + paid["shipping"] + paid["tax"] == paid["total"]
            assert goods - paid["discount"] + paid["shipping"] == paid["total"]


def test_nobody_exchanges_a_pair_for_the_same_size(told: Told) -> None:
    exchanged = [m["properties"] for _, m in told if m.get("event") == "Item Exchanged"]
    assert len(exchanged) > 300
    assert all(pair["sku"] != pair["returned_sku"] for pair in exchanged)


def test_people_wear_boots_in_autumn_and_sandals_in_summer_and_buy_on_black_friday(
    told: Told,
) -> None:
    viewed: Counter[tuple[str, str]] = Counter()
    orders: Counter[str] = Counter()
    for _, message in told:
        if message.get("event") == "Product Viewed":
            viewed[message["properties"]["category"], message["timestamp"][5:7]] += 1
        elif message.get("event") == "Order Completed":
            orders[message["timestamp"][:10]] += 1
    assert viewed["Boots", "10"] > 3 * viewed["Boots", "06"]
    assert viewed["Sandals", "06"] > 3 * viewed["Sandals", "10"]
    assert black_friday(2024) == date(2024, 11, 29)
    assert orders["2024-11-29"] > 2 * orders["2024-11-15"]


def test_nothing_is_sold_while_a_store_is_closed(told: Told) -> None:
    for source, message in told:
        if source == "pos" and message.get("event") == "Order Completed":
            store = STORE[message["properties"]["store"]]
            local = datetime.fromisoformat(message["timestamp"]).astimezone(
                ZoneInfo(store.timezone)
            )
            hours = store.hours_on(local.date())
            assert hours, (store.slug, local)
            assert hours[0] <= local.time() <= hours[1], (store.slug, local)


def test_anna_is_met_on_every_channel_and_looked_at_vinga_three_times(told: Told) -> None:
    browsers: set[str] = {
        m["anonymousId"] for _, m in told if m.get("userId") == "u-1001" and "anonymousId" in m
    }
    names = {"anna@example.com", "NK 1001", "+46701740605"}
    hers = [
        (source, message)
        for source, message in told
        if message.get("userId") == "u-1001"
        or message.get("anonymousId") in browsers
        or any(names & {str(value) for value in said.values()} for said in traits(message))
    ]
    assert {source for source, _ in hers} == set(SOURCES)
    assert 150 < len(hers) < 600
    lately = [m for _, m in hers if m["timestamp"] > (UNTIL - timedelta(days=10)).isoformat()]
    looks = [
        m
        for m in lately
        if m.get("event") == "Product Viewed" and m["properties"]["sku"] == "VINGA-BLK-38"
    ]
    assert len(looks) == 3
    reserved = [m["properties"] for m in lately if m.get("event") == "Stock Reserved"]
    assert [r["store"] for r in reserved] == ["goteborg-vallgatan"]
    assert reserved[0]["until"] == "2025-11-20T18:00:00.000Z"


def test_majas_identifiers_link_into_one_customer_and_runs_share_none() -> None:
    def told(run: str) -> list[tuple[str, dict[str, Any]]]:
        steps = shopper_story(UNTIL, run)
        return [
            (step.source, cast(dict[str, Any], step.message))
            for step in steps
            if isinstance(step, Touch)
        ]

    def names(run: str) -> list[set[str]]:
        return [
            {str(message[key]) for key in ("anonymousId", "userId") if key in message}
            | {said[kind] for said in traits(message) for kind in KINDS.keys() & said.keys()}
            for _, message in told(run)
        ]

    sources = [source for source, _ in groupby(source for source, _ in told("7"))]
    assert sources == ["ads", "web", "chat", "pos"]
    known = names("7")[0]
    for said in names("7"):
        assert said & known
        known |= said
    assert len(known) == 4
    assert known.isdisjoint(set().union(*names("8")))
    assert len({message["messageId"] for _, message in told("7")}) == len(told("7"))
    assert phonenumbers.is_valid_number(
        phonenumbers.parse(next(name for name in known if name.startswith("+")))
    )


def test_what_spindel_records_itself_is_not_told_of_as_well() -> None:
    story = shopper_story(UNTIL, "7")
    deeds = [step.name for step in story if isinstance(step, Deed)]
    assert deeds == ["Stock Reserved", "Order Completed", "Item Exchanged"]
    told = {step.message.get("event") for step in story if isinstance(step, Touch)}
    assert told.isdisjoint(deeds)


def test_every_variant_has_a_number_of_its_own() -> None:
    variants = [variant for product in PRODUCTS for variant in product.variants]
    assert len(PRODUCTS) >= 60
    for key in cast(list[Callable[[Any], str]], [lambda v: v.sku, lambda v: v.gtin]):
        assert len({key(variant) for variant in variants}) == len(variants)
    for variant in variants:
        assert len(variant.gtin) == 13
        assert variant.gtin[0] == "2"
        assert gtin13(variant.gtin[:12]) == variant.gtin
    assert gtin13("400638133393") == "4006381333931"


def test_a_size_that_is_not_made_is_the_nearest_that_is() -> None:
    haga = next(product for product in PRODUCTS if product.name == "Haga")
    assert haga.variant(38, "red").name == "size 38 / red"
    assert haga.variant(46, "white").name == "size 42 / white"


def test_stores_close_for_christmas_and_tomorrow_means_the_next_open_day() -> None:
    goteborg, kobenhavn = STORE["goteborg-vallgatan"], STORE["kobenhavn-kobmagergade"]
    assert goteborg.hours_on(date(2025, 12, 24)) == (clock(10), clock(13))
    assert goteborg.hours_on(date(2025, 12, 25)) is None
    assert kobenhavn.hours_on(date(2025, 12, 24)) is None
    closing = kobenhavn.closing_after(date(2025, 12, 23))
    assert closing.isoformat() == "2025-12-27T17:00:00+01:00"
    assert len({store.slug for store in STORES}) == len(STORES)
