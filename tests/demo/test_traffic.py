"""The demo goes on living, through its public doors: a day of it in a moment."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from django.test import Client

from spindel.commerce.orders.models import Order, Return, Shipment
from spindel.commerce.stock.models import Hold, Level
from spindel.commerce.stock.reading import levels as reading_levels
from spindel.demo.doors import SHOP, Doors, NotRunning, TurnedAway
from spindel.demo.nordsko import STORES
from spindel.demo.nordsko.messages import Sent
from spindel.demo.nordsko.shelves import LEFT_ALONE, shelves
from spindel.demo.nordsko.stocked import put_into_catalogue
from spindel.demo.nordsko.today import Act, goings_on
from spindel.demo.traffic import Memory, Traffic
from spindel.staff.actions import create_token
from spindel.staff.models import Scope
from spindel.timeline.models import Fact, Source, WriteKey
from tests.commerce.payments.conftest import bank
from tests.commerce.payments.standing import StandingBank
from tests.telling import send

__all__ = ["bank"]

BEGIN = datetime(2025, 11, 20, 9, tzinfo=UTC)  # a Thursday, when the stores open
CUSTOMERS = 300
SEED = 3
HOME = ZoneInfo("Europe/Stockholm")

Call = tuple[str, str, str]  # path or source, key, what it was about


class Over(Exception):
    """The time that is looked at is over."""


class Clock:
    """A clock that is as quick as whoever waits for it, and stops everything at the end."""

    def __init__(self, now: datetime, end: datetime) -> None:
        self.at, self._end = now.timestamp(), end.timestamp()

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds
        if self.at > self._end:
            raise Over


def live(doors: Doors, memory: Memory, begin: datetime, hours: float) -> Clock:
    """Let so many hours go by."""
    clock = Clock(begin, begin + timedelta(hours=hours))
    life = Traffic(doors, memory, clock.now, clock.sleep)
    with pytest.raises(Over):
        life.run(lambda _: None, SEED, CUSTOMERS)
    return clock


# --- what happens ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def week() -> list[Sent | Act]:
    """A week of it."""
    end = (BEGIN + timedelta(days=7)).timestamp()
    return list(takewhile(lambda one: one.at < end, goings_on(BEGIN.timestamp(), SEED, CUSTOMERS)))


def test_a_week_is_the_same_for_the_same_seed_and_begins_anywhere_in_it(
    week: list[Sent | Act],
) -> None:
    end = (BEGIN + timedelta(days=1)).timestamp()
    later = (BEGIN + timedelta(hours=7, minutes=13)).timestamp()
    again = [
        str(one) for one in takewhile(lambda one: one.at < end, goings_on(later, SEED, CUSTOMERS))
    ]
    assert again == [str(one) for one in week if later < one.at < end]
    other = takewhile(lambda one: one.at < end, goings_on(later, SEED + 1, CUSTOMERS))
    assert again != [str(one) for one in other]


def test_something_happens_every_hour_and_never_more_than_a_few_things_a_minute(
    week: list[Sent | Act],
) -> None:
    times = [one.at for one in week]
    assert times == sorted(times)
    hours = Counter(int(at // 3600) for at in times)
    assert len(hours) == 7 * 24
    assert max(hours.values()) < 5 * 60
    assert max(Counter(int(at // 600) for at in times).values()) < 10 * 10
    clock = Counter(datetime.fromtimestamp(at, HOME).hour for at in times)
    assert clock[20] > 2 * clock[3]


def test_stores_sell_while_they_are_open(week: list[Sent | Act]) -> None:
    sales = [one for one in week if isinstance(one, Act) and one.what == "sell"]
    assert len(sales) > 20
    for one in sales:
        assert one.store
        when = datetime.fromtimestamp(one.at - 1200, HOME)  # they came in before
        hours = one.store.hours_on(when.date())
        assert hours
        assert when.time() < hours[1]


def test_the_story_s_people_and_goods_are_left_alone(week: list[Sent | Act]) -> None:
    acts = [one for one in week if isinstance(one, Act)]
    assert {one.what for one in acts} == {"fill", "order", "hold", "sell"}
    assert not {one.variant.sku for one in acts} & LEFT_ALONE
    assert "anna@example.com" not in str(week)
    assert "u-1001" not in str(week)


# --- how it is done -------------------------------------------------------------------------------


class Listening:
    """Doors that take everything, note it, and may be away."""

    def __init__(self, pairs: int = 9) -> None:
        self.calls: list[Call] = []
        self.away = 0
        self._pairs = pairs

    def send(self, source: str, message: Mapping[str, object]) -> None:
        self._note(source, str(message["messageId"]), "")

    def ask(
        self, path: str, body: Mapping[str, object] | None = None, key: str = "", token: str = ""
    ) -> dict[str, Any]:
        self._note(path, key, json.dumps(body))
        if path.startswith("/api/stock/levels"):
            places = ("boras", *(one.slug for one in STORES))
            return {"items": [{"place": one, "available": self._pairs} for one in places]}
        if path.startswith("/api/orders/"):
            raise TurnedAway("not_found")
        return {"key": "sh_1", "number": key}

    def press(self, page: str, button: str) -> None:
        self._note(page, "", button)

    def _note(self, *call: str) -> None:
        if self.away:
            self.away -= 1
            raise NotRunning
        where, key, what = call
        self.calls.append((where, key, what))


def test_it_begins_with_the_hour_before(week: list[Sent | Act]) -> None:
    doors, doors_open = Listening(), BEGIN + timedelta(hours=3)
    live(doors, Memory(), doors_open, 0)
    since, now = (BEGIN + timedelta(hours=2)).timestamp(), doors_open.timestamp()
    before = [
        one.message["messageId"] for one in week if isinstance(one, Sent) and since < one.at <= now
    ]
    assert [key for _, key, _ in doors.calls if key in before] == before
    assert len(before) > 20


def test_started_again_it_goes_on_where_it_was_and_does_nothing_twice() -> None:
    whole, parts, memory = Listening(), Listening(), Memory()
    live(whole, Memory(), BEGIN, 4)
    for half in range(2):
        live(parts, memory, BEGIN + timedelta(hours=2 * half), 2)
    # A cart of a visit in whose middle it ended is not ordered.
    assert len(set(whole.calls) - set(parts.calls)) <= 3
    assert set(parts.calls) <= set(whole.calls)
    keyed = [one for one in parts.calls if one[1]]
    assert len(keyed) == len(set(keyed))


def test_after_a_night_off_the_night_is_not_made_up_for() -> None:
    doors, memory = Listening(), Memory(until=BEGIN.timestamp())
    live(doors, memory, BEGIN + timedelta(hours=12), 0)
    assert 0 < len(doors.calls) < 400


def test_while_nothing_answers_it_waits_longer_each_time_and_loses_nothing() -> None:
    well, ill = Listening(), Listening()
    ill.away = 5
    live(well, Memory(), BEGIN, 1)
    live(ill, Memory(), BEGIN, 1)
    assert ill.calls == well.calls


def test_few_pairs_left_are_delivered_up_to_what_there_was_at_the_opening() -> None:
    doors = Listening(pairs=2)
    live(doors, Memory(), BEGIN, 12)
    moves = [
        move
        for path, _, body in doors.calls
        if path == "/api/stock/movements"
        for move in json.loads(body)["movements"]
    ]
    assert moves
    for move in moves:
        assert move["kind"] == "delivery"
        assert move["quantity"] == shelves()[move["sku"], move["place"]] - 2
    assert not {move["sku"] for move in moves} & LEFT_ALONE
    doors = Listening(pairs=20)
    live(doors, Memory(), BEGIN, 12)
    assert "/api/stock/movements" not in {path for path, _, _ in doors.calls}


# --- what comes of it -----------------------------------------------------------------------------


class Nordsko:
    """The demo's doors without its servers."""

    def __init__(self, bank: StandingBank) -> None:
        self._bank = bank
        self._all = create_token("Nordsko demo", list(Scope), None)[1]
        shop = [Scope.READ_CATALOGUE, Scope.READ_STOCK, Scope.SHOP]
        self._shop = create_token("Nordsko web shop", shop, None)[1]
        self._told: dict[str, list[Mapping[str, object]]] = {}
        self._heard = 0

    def send(self, source: str, message: Mapping[str, object]) -> None:
        self._told.setdefault(source, []).append(message)

    def ask(
        self, path: str, body: Mapping[str, object] | None = None, key: str = "", token: str = ""
    ) -> dict[str, Any]:
        bearer = self._shop if token == SHOP else token or self._all
        headers = {"Authorization": f"Bearer {bearer}"} | ({"Idempotency-Key": key} if key else {})
        method = "GET" if body is None else "POST"
        answer = Client().generic(
            method, path, json.dumps(body), content_type="application/json", headers=headers
        )
        if answer.status_code >= 400:
            raise TurnedAway(answer.json()["code"])
        return dict(answer.json())

    def press(self, page: str, button: str) -> None:
        httpx.post(page, data={"do": button})
        news = self._bank.events()[self._heard :]
        self._heard += len(news)
        self._bank.tell(*news)

    def deliver(self) -> None:
        """All that was told by now reaches the collector."""
        for source, messages in self._told.items():
            batches = (messages[start : start + 200] for start in range(0, len(messages), 200))
            send(*batches, key=f"{source}-key")
        self._told.clear()


@pytest.fixture
def nordsko(web: Source, pos: Source, bank: StandingBank) -> Nordsko:
    """Nordsko's shelves as at the opening, and its channels."""
    for slug in ("app", "members", "phone", "chat", "mail", "ads"):
        made = Source.objects.create(slug=slug, name=slug, kind="other", channel="other")
        WriteKey.objects.create(source=made, key=f"{slug}-key")
    put_into_catalogue(date(2025, 11, 20), "http://127.0.0.1:8000")
    return Nordsko(bank)


def _of_the_story() -> set[tuple[str, int, int, int]]:
    levels = Level.objects.filter(variant__sku__in=LEFT_ALONE)
    return set(levels.values_list("variant__sku", "place", "on_hand", "held"))


def test_in_a_day_facts_orders_sales_holds_and_returns_arrive(nordsko: Nordsko) -> None:
    story, memory = _of_the_story(), Memory()
    live(nordsko, memory, BEGIN, 26)
    nordsko.deliver()
    told = Counter(Fact.objects.values_list("name", flat=True))
    for name in ("Product Viewed", "Product Added", "Order Completed", "Checkout Started"):
        assert told[name] >= 5
    orders = Counter(Order.objects.values_list("channel", "state"))
    for kind in (("store", "completed"), ("web", "completed")):
        assert orders[kind]
    assert told["Order Shipped"]
    assert Shipment.objects.filter(arrived_at__isnull=False, fulfilment="ship").exists()
    assert Hold.objects.filter(order_line_id=None).exists()
    assert Return.objects.exists()
    assert _of_the_story() == story
    assert reading_levels.verify() == []
    assert len(memory.orders) < Order.objects.count()
