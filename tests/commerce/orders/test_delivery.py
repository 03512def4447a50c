"""How an order comes: when it was packed and is expected, where it lies ready and until when."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from spindel.catalogue.models import Place
from spindel.commerce.common import links, mailing
from spindel.commerce.orders import actions as orders
from spindel.commerce.orders import delivery, reading
from spindel.commerce.orders.delivery import Expected
from spindel.commerce.orders.models import Order, OrderEvent
from spindel.commerce.orders.placement.draft import Item
from spindel.commerce.stock.actions import holds
from spindel.commerce.stock.models import Hold
from spindel.kit.idempotency import Request
from spindel.messages.models import Mail
from spindel.staff.actors import Actor
from tests.commerce import acting
from tests.commerce.conftest import Shop
from tests.commerce.orders.on_pages import order
from tests.commerce.orders.on_pages import priced as priced  # a fixture
from tests.commerce.stock.cast import deliver

DAYS = st.integers(1, 15)
DATES = st.dates(date(2024, 1, 1), date(2030, 12, 31))
FRIDAY = date(2026, 12, 18)


# --- the days -------------------------------------------------------------------------------------


@given(DATES, DAYS, DAYS, st.sets(DATES, max_size=9))
def test_what_is_expected_comes_on_working_days_in_their_order(
    settled: date, least: int, more: int, closed: set[date]
) -> None:
    found = delivery.expected(settled, (least, least + more), closed)
    between = [settled + timedelta(days=n) for n in range(1, (found.last - settled).days + 1)]
    working = [day for day in between if day.isoweekday() < 6 and day not in closed]
    assert working[least - 1] == found.first
    assert working.index(found.last) == least + more - 1


def test_neither_weekends_nor_days_on_which_nothing_is_sent_count() -> None:
    closed = {date(2026, 12, 24), date(2026, 12, 25)}
    assert delivery.expected(FRIDAY, (1, 4), closed) == Expected(
        date(2026, 12, 21), date(2026, 12, 28)
    )


@pytest.mark.parametrize(
    ("told", "promised"),
    [
        ("SE=1-3,DK=2-4", {"SE": (1, 3), "DK": (2, 4)}),
        (" SE=2 , DK=4-2", {"SE": (2, 2), "DK": (4, 4)}),
        ("", {}),
        ("soon,SE=1-3,SEK=1", {"SE": (1, 3)}),
    ],
)
def test_what_the_shop_promises_is_read_and_what_can_not_be_read_promises_nothing(
    told: str, promised: dict[str, tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINDEL_DELIVERY_DAYS", told)
    assert delivery.promised() == promised


def test_a_day_is_off_where_every_place_that_sends_is_closed(shop: Shop) -> None:
    Place.objects.filter(pk=shop.warehouse).update(
        ships=True, exceptions={"2026-12-24": [], "2026-12-31": [["10:00", "14:00"]]}
    )
    Place.objects.filter(pk=shop.goteborg).update(exceptions={"2026-12-23": []})
    assert delivery.closed_days() == {date(2026, 12, 24)}
    Place.objects.filter(pk=shop.goteborg).update(ships=True)
    assert delivery.closed_days() == set()


# --- what is sent ---------------------------------------------------------------------------------


def page(made: Order, language: str = "en") -> str:
    """What stands on the page that its customer opens."""
    answer = Client().get(f"/o/{links.code('order', made.pk)}/?in={language}")
    assert answer.status_code == 200
    return answer.content.decode()


def mail(purpose_word: str) -> str:
    mailing.write_mails(100)
    return next(one.text for one in Mail.objects.order_by("-pk") if purpose_word in one.subject)


def test_what_is_sent_says_when_it_is_packed_and_expected_until_it_is_there(
    priced: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINDEL_DELIVERY_DAYS", "SE=2-4")
    made = order(priced, Item(priced.small, 1), language="en")
    wanted = delivery.expected(timezone.localdate(), (2, 4), set())
    shown = reading.view(made, "en")
    assert shown.expected == wanted
    assert shown.expected_text.startswith("Expected ")
    assert shown.lines[0].set_aside_at is None
    assert shown.expected_text in page(made)
    assert f"{shown.expected_text}." in mail("confirmed")
    holds.set_aside(Hold.objects.get().pk)
    shown = reading.view(made, "en")
    assert shown.state_text == "Packed, and about to leave"
    assert shown.lines[0].set_aside_at == Hold.objects.get().set_aside_at
    assert "Packed " in page(made).partition('class="goods"')[2]
    parcel = acting.ship(
        made.pk,
        priced.warehouse,
        None,
        carrier="PostNord",
        actor=Actor("Oskar"),
        request=Request("t", "k"),
    )
    shown = reading.view(made, "en")
    assert (shown.expected, shown.lines[0].set_aside_at) == (
        wanted,
        Hold.objects.get().set_aside_at,
    )
    assert f"{shown.expected_text}." in mail("on its way")
    orders.arrive(parcel.pk, "Oskar")
    shown = reading.view(made, "en")
    assert (shown.expected, shown.expected_text) == (None, "")


def test_it_is_said_in_the_language_of_the_reader(
    priced: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINDEL_DELIVERY_DAYS", "SE=2-4")
    made = order(priced, Item(priced.small, 1))
    found = {reading.view(made, one).expected_text.split()[0] for one in ("en", "sv", "da")}
    assert found == {"Expected", "Väntas", "Ventes"}


def test_what_should_have_come_by_now_is_expected_on_no_day(
    priced: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = order(priced, Item(priced.small, 1))
    assert reading.view(made, "en").expected is None, "nothing was promised"
    monkeypatch.setenv("SPINDEL_DELIVERY_DAYS", "SE=2-4")
    assert reading.view(made, "en").expected is not None
    OrderEvent.objects.update(at=timezone.now() - timedelta(days=20))
    assert reading.view(made, "en").expected is None


def test_nothing_is_expected_of_what_is_over_the_counter_cancelled_or_not_paid(
    priced: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINDEL_DELIVERY_DAYS", "SE=2-4")
    deliver(priced.small, priced.goteborg, 1)
    sold = order(priced, Item(priced.small, 1, "hand_over", priced.goteborg), pay_by="till")
    gone = order(priced, Item(priced.small, 1), key="2")
    orders.cancel(gone.pk, None, by="Oskar")
    unpaid = order(priced, Item(priced.small, 1), key="3", pay_by="card")
    for one in (sold, gone, unpaid):
        assert reading.view(one, "en").expected is None


# --- what is fetched ------------------------------------------------------------------------------


def test_what_is_fetched_says_where_when_that_is_open_and_until_when_it_is_ready(
    priced: Shop,
) -> None:
    deliver(priced.small, priced.goteborg, 1)
    Place.objects.filter(pk=priced.goteborg).update(
        street="Vallgatan 1", postcode="411 16", city="Göteborg"
    )
    made = order(priced, Item(priced.small, 1, "pick_up", priced.goteborg), pay_by="store")
    (where,) = reading.view(made, "en").pick_ups
    assert (where.place_name, where.address) == ("Göteborg", "Vallgatan 1, 411 16 Göteborg")
    assert where.hours_text == "Open today 10:00–18:00"
    assert (where.ready, where.ready_at, where.until) == (False, None, Hold.objects.get().until)
    holds.set_aside(Hold.objects.get().pk)
    (where,) = reading.view(made, "en").pick_ups
    assert (where.ready, where.ready_at) == (True, Hold.objects.get().set_aside_at)
    shown = page(made)
    for words in (where.address, where.hours_text, "Ready for you in Göteborg", "Kept for you"):
        assert words in shown
    Place.objects.filter(pk=priced.goteborg).update(hours={})
    assert reading.view(made, "sv").pick_ups[0].hours_text == "Stängt i dag"
    orders.hand_over(
        made.pk, priced.goteborg, None, actor=Actor("Oskar"), request=Request("t", "k")
    )
    assert reading.view(made, "en").pick_ups == []


def test_a_page_of_orders_costs_as_many_statements_whatever_waits_where(
    priced: Shop, django_assert_max_num_queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINDEL_DELIVERY_DAYS", "SE=2-4")
    deliver(priced.small, priced.goteborg, 3)
    deliver(priced.small, priced.stockholm, 3)
    made = [
        order(
            priced, Item(priced.small, 1, "pick_up", place), key=f"{place} {n}", pay_by="store"
        ).pk
        for place in (priced.goteborg, priced.stockholm)
        for n in range(3)
    ]
    made += [order(priced, Item(priced.large, 1), key=f"{n}").pk for n in range(3)]
    with django_assert_max_num_queries(2):
        assert len(list(reading.views(made, "en"))) == 9
