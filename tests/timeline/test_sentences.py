"""What Spindel itself records reads like a diary, and says nothing of her to who may not see it."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest
from django.utils import translation

from spindel.kit import masking
from spindel.timeline import diary, phrases
from spindel.timeline.diary import sentence
from tests.house.recorded import facts

GOODS = {"product_id": "vinga", "sku": "vinga-38", "name": "Vinga", "variant": "38, black"}
TWO = [{**GOODS, "quantity": 1}, {"name": "Ven", "variant": "39"}]
MONEY = {"total": 1299.0, "currency": "SEK"}
ORDER = {"order_id": "R1", **MONEY, "products": [GOODS]}
QUOTE = {"quote_id": "Q1", **MONEY, "products": [GOODS], "by": "Elin"}

SAID = [
    ("Product Added", GOODS, "Put Vinga, 38, black in the cart"),
    ("Product Added", {**GOODS, "quantity": 3}, "Put Vinga, 38, black in the cart, 3 of them"),
    ("Product Removed", {**GOODS, "quantity": 1}, "Took Vinga, 38, black out of the cart"),
    ("Product Saved", GOODS, "Saved Vinga, 38, black for later"),
    ("Cart Merged", {"cart_id": 1, "merged": 2}, "Two carts became one"),
    ("Cart Shared", {"cart_id": 1}, "Shared the cart"),
    ("Cart Abandoned", {"products": TWO}, "Left Vinga, 38, black and Ven, 39 in the cart"),
    ("Cart Abandoned", {}, "Left the cart"),
    ("Cart Recovered", {"cart_id": 1}, "Came back to the cart"),
    ("Signed In", {"method": "link"}, "Logged in at the shop, by a link in a mail"),
    ("Signed In", {"method": "password"}, "Logged in at the shop"),
    ("Product Back In Stock", GOODS, "Was told that Vinga, 38, black is back"),
    ("Payment Info Entered", {}, "Filled in how to pay"),
    (
        "Payment Info Entered",
        {"order_id": "R1", "payment_method": "card"},
        "Filled in how to pay for R1, by card",
    ),
    ("Order Completed", ORDER, "Bought Vinga, 38, black, SEK 1,299"),
    ("Order Updated", ORDER, "The order R1 was changed, now SEK 1,299"),
    (
        "Order Cancelled",
        {**ORDER, "reason": "not collected"},
        "The order R1 was cancelled, not collected",
    ),
    (
        "Order Shipped",
        {**ORDER, "carrier": "PostNord", "tracking": "1"},
        "A parcel with Vinga, 38, black is on its way, PostNord",
    ),
    ("Order Shipped", {"order_id": "R1"}, "A parcel of the order R1 is on its way"),
    (
        "Order Collected",
        {**ORDER, "store": "goteborg", "store_name": "Göteborg"},
        "Fetched Vinga, 38, black in Göteborg",
    ),
    ("Order Refunded", ORDER, "Got SEK 1,299 back for R1"),
    ("Receipt Claimed", {"order_id": "R1"}, "Showed the receipt R1 as their own"),
    ("Quote Sent", QUOTE, "Was offered Vinga, 38, black, SEK 1,299, Elin"),
    ("Quote Accepted", {**QUOTE, "by": ""}, "Accepted the offer of Vinga, 38, black, SEK 1,299"),
    (
        "Quote Failed",
        {"quote_id": "Q1", "reason": "sold_out"},
        "Could not accept the offer of Q1, sold out",
    ),
    ("Quote Withdrawn", {"quote_id": "Q1", "by": "Elin"}, "The offer of Q1 was taken back, Elin"),
    ("Quote Expired", {"quote_id": "Q1"}, "The offer of Q1 has run out"),
    (
        "Return Started",
        {"method": "parcel", "products": [GOODS], "reason": "too small", "wanted": "vinga-39"},
        "Sends Vinga, 38, black back, too small, wants vinga-39 instead",
    ),
    ("Return Called Off", {"order_id": "R1"}, "Keeps what was to come back of R1"),
    (
        "Item Returned",
        {**GOODS, "store_name": "København", "reason": "too small"},
        "Gave back Vinga, 38, black in København, too small",
    ),
    (
        "Item Exchanged",
        {**GOODS, "returned_variant": "37, black", "returned_name": "Vinga"},
        "Exchanged Vinga, 37 for 38",
    ),
]


@pytest.mark.parametrize(("name", "properties", "said"), SAID)
def test_it_reads_like_a_diary(name: str, properties: dict[str, object], said: str) -> None:
    with translation.override("en"):
        told = re.sub(r"<.*?>", "", sentence(name, properties)).replace("\xa0", " ")
    assert re.sub(r"SEK ?1,299(\.00)?|1,299(\.00)? ?(kr|SEK)", "SEK 1,299", told) == said


def test_whatever_spindel_records_has_words_and_a_kind() -> None:
    known = diary.sentences()
    assert facts().keys() <= known.keys()
    assert all(known[name].kind for name in facts())
    assert known.keys() >= {"Quote Sent", "Item Exchanged"}


EVIL = '<img src=x onerror="alert(1)">'


def test_whatever_stands_in_it_is_escaped() -> None:
    for name, kind in facts().items():
        properties: dict[str, object] = {one.name: EVIL for one in fields(kind)}
        properties["products"] = [dict.fromkeys(GOODS, EVIL)]
        assert "<img" not in sentence(name, properties), name
        odd: dict[str, object] = {one.name: [EVIL, None, {"a": 2}] for one in fields(kind)}
        assert "<img" not in sentence(name, odd), name


# What these facts tell of goods, money and places; and what of a person, or of who serves her.
OPEN = {
    *("name", "variant", "brand", "category", "store", "store_name", "next_store", "currency"),
    *("payment_method", "carrier", "method", "share_via", "condition", "affiliation"),
    *("returned_name", "returned_variant"),
}
HIDDEN = {"tracking", "by", "reason"}


def test_who_sees_no_contacts_sees_goods_and_no_names() -> None:
    for event, kind in facts().items():
        names = {one.name for one in fields(kind)}
        shown = masking.shown(
            dict.fromkeys(names, "Vinga Elin"), of_things=diary.is_of_things(event)
        )
        for name in names & HIDDEN:
            assert shown[name] == masking.HIDDEN, (event, name)
        for name in names & OPEN:
            if (event, name) != ("Trait Corrected", "name"):
                assert shown[name] == "Vinga Elin", (event, name)


def test_reasons_of_ours_are_said_to_all() -> None:
    ours = {"not collected", "not paid", "sold_out", "changed", "expired", "withdrawn"}
    assert ours <= phrases.reasons().keys()
