"""Anna, who wants to be forgotten, and Bo, who shares a tablet with her."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from spindel.identity import customers
from spindel.privacy import jobs
from spindel.privacy.actions import forget_customer
from spindel.privacy.models import Erasure
from spindel.timeline.models import Source
from tests.telling import Message, tell

# What nobody may find of her afterwards. In lower case.
ANNA = (
    *("anna", "åkesson", "vasagatan", "701234567", "70 123 45 67", "9578-001", "tablet-1 anna"),
    *("c-1001", "203.0.113.7", "size 38 for my sister"),
)
START = datetime.now(UTC) - timedelta(days=30)


def at(hours: float) -> str:
    """A moment, so many hours after the story begins."""
    return (START + timedelta(hours=hours)).isoformat()


def story() -> list[Message]:
    """What the sources tell of Anna."""
    person = {
        "name": "Anna Åkesson",
        "email": "Anna.Akesson@example.se",
        "phone": "070-123 45 67",
        "street": "Vasagatan 12",
    }
    order = {
        "order_id": "WEB-5001",
        "total": 1299.0,
        "currency": "SEK",
        "email": "anna.akesson@example.se",
        "coupon": "ANNA-FRIEND",
        "products": [
            {"product_id": "P1", "name": "Vinga", "price": 1299, "engraving": "Anna"},
        ],
        "shipping_address": {"name": "Anna Åkesson", "street": "Vasagatan 12"},
    }
    return [
        _track("Page Viewed", 1, anonymousId="anna-phone", properties={"path": "/vinga"}),
        _track("Product Viewed", 2, anonymousId="anna-phone", properties={"name": "Vinga"}),
        {
            "type": "identify",
            "messageId": "i-1",
            "userId": "c-1001",
            "anonymousId": "anna-phone",
            "timestamp": at(3),
            "traits": person,
            "context": {"ip": "203.0.113.7"},
        },
        _track("Order Completed", 4, userId="c-1001", properties=order),
        _track(
            "Live Chat Message Received",
            5,
            userId="c-1001",
            properties={"text": "Do you have size 38 for my sister?"},
        ),
        _track("Store Visited", 6, properties={"card": "9578-001", "email": person["email"]}),
    ]


def _track(event: str, hours: float, **fields: object) -> Message:
    return {
        "type": "track",
        "event": event,
        "messageId": f"{event} {hours}",
        "timestamp": at(hours),
        **fields,
    }


@pytest.fixture
def anna(web: Source) -> int:
    """Anna's customer number, after her story."""
    tell(story())
    found = customers.by_identifier("user_id", "c-1001")
    assert found is not None
    return found


def forget(customer: int, **how: bool) -> Erasure:
    """Have the customer forgotten, by the background's hand."""
    erasure = forget_customer(customer, "the test", **how)
    jobs.work()
    erasure.refresh_from_db()
    assert erasure.state == Erasure.State.DONE
    return erasure


def everything() -> dict[str, str]:
    """The whole database as text, by table: what a thief of a copy would read."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            with cursor.cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
                found[table] = b"".join(copy).decode()
    return found


def traces(of: tuple[str, ...] = ANNA) -> set[tuple[str, str]]:
    """Where in the database something of her can be read: table and text."""
    return {
        (table, word)
        for table, text in everything().items()
        for word in of
        if word in text.casefold()
    }
