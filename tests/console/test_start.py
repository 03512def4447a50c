"""Each role begins with what it does first today."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from spindel.commerce.common.rules import Line
from spindel.commerce.orders import daily_sales
from spindel.commerce.stock.actions import holds
from spindel.kit.idempotency import Request
from spindel.staff.actors import Actor
from spindel.staff.models import Role, User
from spindel.timeline.following import Follower, enrol
from spindel.timeline.models import Cursor
from tests.commerce.conftest import Shop
from tests.commerce.conftest import anna as shopper
from tests.commerce.conftest import crm as crm
from tests.commerce.conftest import shop as shop
from tests.commerce.stock.cast import deliver
from tests.console.conftest import Told, text

anna = shopper
As = Callable[[Role], Client]


@pytest.mark.parametrize(
    ("role", "says"),
    [
        (Role.ADMIN, "Nothing needs a look"),
        (Role.AGENT, "Everybody has had an answer."),
        (Role.MARKETER, "Nothing happened yesterday, nor a week before"),
        (Role.ANALYST, "Nothing happened yesterday, nor a week before"),
    ],
)
def test_where_there_is_nothing_each_role_is_told_what_will_be_there(
    as_role: As, role: Role, says: str
) -> None:
    assert says in text(as_role(role).get("/"))


def test_a_clerk_begins_at_the_tablet(as_role: As) -> None:
    assert as_role(Role.CLERK).get("/")["Location"] == "/store/"


def test_the_logo_leads_to_the_start(maja: Client) -> None:
    page = text(maja.get("/orders/"))
    assert set(re.findall(r'class="brand" href="([^"]*)"', page)) == {"/"}


# --- customer service -----------------------------------------------------------------------------


def test_an_agent_sees_who_waits_for_an_answer_the_longest_first(maja: Client, told: Told) -> None:
    now = timezone.now()
    names = {"context": {"traits": {"name": "Anna Lind"}}}
    chat = {"conversation_id": "c1", "message_body": "Finns Vinga i 38?"}
    told("Live Chat Message Sent", chat, at=now - timedelta(minutes=9), channel="chat", **names)
    other = {"conversation_id": "c2", "message_body": "Var är mitt paket?"}
    earlier = now - timedelta(minutes=20)
    told("Live Chat Message Sent", other, who="user_id:bo", at=earlier, channel="chat")
    page = text(maja.get("/"))
    assert page.index("Var är mitt paket?") < page.index("Finns Vinga i 38?")
    assert "Anna Lind" in page
    assert f'href="/customers/{told.customer()}/"' in page
    told("Live Chat Message Received", {"conversation_id": "c1"}, channel="chat")
    assert "Finns Vinga i 38?" not in text(maja.get("/"))


def _promise(shop: Shop, anna: int, agent: User, until: datetime) -> None:
    deliver(shop.small, shop.goteborg, 1)
    holds.reserve(
        [Line(shop.small, shop.goteborg, 1)],
        until,
        request=Request("console", "k"),
        actor=Actor("Maja", agent.pk),
        whose=anna,
    )


def test_an_agent_sees_what_she_has_promised_and_it_rings_when_it_is_due(
    maja: Client, shop: Shop, anna: int, agent: User
) -> None:
    _promise(shop, anna, agent, timezone.now() + timedelta(hours=30))
    page = text(maja.get("/"))
    assert "Vinga, 38" in page
    assert "bell-rings" not in page
    holds.Hold.objects.update(until=timezone.now() + timedelta(hours=5))
    page = text(maja.get("/attention/"))
    assert "Promises that end within a day" in page
    assert "bell-rings" in page


def test_another_agents_promises_are_hers(as_role: As, shop: Shop, anna: int, agent: User) -> None:
    _promise(shop, anna, agent, timezone.now() + timedelta(hours=5))
    assert "Vinga, 38" not in text(as_role(Role.AGENT).get("/"))


# --- yesterday ------------------------------------------------------------------------------------


def _noon(days_ago: int) -> datetime:
    return timezone.localtime().replace(hour=12) - timedelta(days=days_ago)


def test_yesterday_stands_beside_the_same_day_a_week_before(as_role: As, told: Told) -> None:
    cache.clear()
    for number, (days, total) in enumerate([(1, 1299), (1, 700.5), (8, 1000), (2, 5000)]):
        bought = {"order_id": f"N-{number}", "total": total, "currency": "SEK"}
        told("Order Completed", bought, who=f"user_id:{number}", at=_noon(days))
        told("Order Completed", bought, who=f"user_id:{number}", at=_noon(days))  # told of twice
    told("Order Refunded", {"order_id": "N-0", "total": 100}, who="user_id:0", at=_noon(1))
    told("Page Viewed", who="user_id:0", at=_noon(1), channel="app")
    page = re.sub(r"\s+", " ", text(as_role(Role.MARKETER).get("/")))
    figures = re.findall(r"<strong>([^<]*)</strong> <span class=\"small\">(.*?)</li>", page)
    said = [(value, re.sub(r"<[^>]*>", "", rest).split("·")[0].strip()) for value, rest in figures]
    assert said[0] == ("2", "+100 %")
    assert said[1][0].replace("\xa0", " ") == "SEK 2,000"
    assert said[1][1] == "+100 %"
    assert said[2][0] == "1"
    assert 'aria-label="2 orders, most of them from 12 o’clock; 1 a week before."' in page
    assert re.search(r"Web</span> <span class=\"by-channel-n\">\s*<strong>2</strong>", page)
    assert re.search(r"App</span> <span class=\"by-channel-n\">\s*<strong>1</strong>", page)


def test_a_day_of_summer_time_has_its_23_hours() -> None:
    start, end = daily_sales.bounds(date(2026, 3, 29))
    assert end.timestamp() - start.timestamp() == 23 * 3600


# --- administrators -------------------------------------------------------------------------------


def test_an_administrator_sees_how_each_part_does(as_role: As, told: Told) -> None:
    told("Page Viewed")
    page = text(as_role(Role.ADMIN).get("/"))
    for words in ("Sources", "In the background", "Up to date", "No mail server is set"):
        assert words in page


def test_background_work_that_fails_rings(as_role: As, told: Told) -> None:
    enrol(Follower("identity", lambda _window: None))
    Cursor.objects.update(error="KeyError", failed_at=timezone.now())
    client = as_role(Role.ADMIN)
    for path in ("/", "/attention/"):
        page = text(client.get(path))
        assert "“identity” stops at an error" in page
        assert "bell-rings" in page
    assert "stops at an error" not in text(as_role(Role.AGENT).get("/attention/"))
