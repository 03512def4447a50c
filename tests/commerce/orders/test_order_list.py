"""The list of orders: by day and market, what it comes to, as a file, and under a name."""

from __future__ import annotations

import csv
import io
import itertools
import re
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from spindel.catalogue.models import Place
from spindel.commerce.orders import book
from spindel.commerce.orders.models import Order, OrderLine, SavedView
from spindel.commerce.orders.placement.draft import Item
from spindel.commerce.orders.saved_views import MOST, save_view
from spindel.commerce.returns.actions import Back
from spindel.kit.refusal import Refusal
from spindel.staff.models import AuditEntry, Role, User
from tests.commerce import acting
from tests.commerce.conftest import Shop
from tests.commerce.orders.on_pages import As
from tests.commerce.orders.on_pages import order as order
from tests.commerce.orders.on_pages import priced as priced  # a fixture
from tests.console.conftest import as_role, maja, text

__all__ = ["as_role", "maja"]
NUMBER = re.compile(r"R[0-9A-Z]{3} [0-9A-Z]{4} [0-9A-Z]{4}")
EVIL = "=HYPERLINK(1)"


_made = itertools.count()


def copies(of: Order, many: int, at: datetime, **more: object) -> list[Order]:
    """As many orders more, two a minute."""
    same = {
        name: getattr(of, name)
        for name in ("content", "state", "channel", "market", "currency", "total", "vat")
    }
    made = [
        Order(
            number=f"R{next(_made):011d}",
            key=uuid.uuid4(),
            by="",
            language="sv",
            placed_at=at + timedelta(minutes=n // 2),
            **(same | more),
        )
        for n in range(many)
    ]
    Order.objects.bulk_create(made)
    return made


def shown(client: Client, **asked: str) -> str:
    return text(client.get(f"/orders/?{urlencode(asked)}"))


def numbers(page: str) -> list[str]:
    return [one.replace(" ", "") for one in NUMBER.findall(page)]


def file(client: Client, **asked: str) -> list[dict[str, str]]:
    answer = client.get(f"/orders/export.csv?{urlencode(asked)}")
    assert answer.status_code == 200
    content = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[arg-type]  # it streams
    return list(csv.DictReader(io.StringIO(content)))


# --- by day and market ----------------------------------------------------------------------------


def test_a_day_is_the_market_s_own(priced: Shop, maja: Client) -> None:
    made = order(priced)
    Place.objects.create(
        code="helsinki", name="Helsinki", country="FI", time_zone="Europe/Helsinki"
    )
    at = datetime(2026, 3, 3, 22, 30, tzinfo=UTC)  # 23:30 in Stockholm, half past midnight there
    Order.objects.filter(pk=made.pk).update(placed_at=at)
    days = {"from": "2026-03-03", "to": "2026-03-03"}
    assert numbers(shown(maja, market="SE", **days)) == [made.number]
    Order.objects.filter(pk=made.pk).update(market="FI")
    assert numbers(shown(maja, market="SE", **days)) == []
    assert numbers(shown(maja, market="FI", **days)) == []
    assert numbers(shown(maja, market="FI", **{"from": "2026-03-04", "to": "2026-03-04"})) != []


def test_days_that_are_none_hinder_nobody(priced: Shop, maja: Client) -> None:
    made = order(priced)
    for wrong in ("yesterday", "2026-02-31", "0001-01-01", "9999-12-31", "\0"):
        assert numbers(shown(maja, **{"from": wrong, "to": wrong})) == [made.number]


def test_today_is_a_day_that_moves(priced: Shop, maja: Client) -> None:
    made = order(priced)
    assert numbers(shown(maja, when="today")) == [made.number]
    assert numbers(shown(maja, when="yesterday")) == []
    Order.objects.filter(pk=made.pk).update(placed_at=timezone.now() - timedelta(days=8))
    assert numbers(shown(maja, when="week")) == []
    assert numbers(shown(maja, when="month")) == [made.number]


# --- what it comes to -----------------------------------------------------------------------------


def test_what_it_comes_to_agrees_with_the_list_to_the_last_minor_unit(
    priced: Shop, as_role: As
) -> None:
    first = order(priced, Item(priced.small, 2, amount=99_999))
    OrderLine.objects.filter(order=first).update(delivered=2)
    acting.take_back(
        first.pk, [Back(0, 1)], place=priced.goteborg, by="O", user=None, source="t", key="k"
    )
    second = order(priced, Item(priced.large, 1), key="2")
    copies(second, 70, timezone.now() - timedelta(days=1))
    copies(second, 3, timezone.now(), currency="DKK", market="DK", total=100_01)
    analyst = as_role(Role.ANALYST)
    rows = file(analyst)
    assert len(rows) == 75
    listed: Counter[str] = Counter()
    for one in rows:
        listed[one["Currency"]] += round(float(one["Total"]) * 100)
    danish, swedish = book.sums(Order.objects.all())
    assert {one.currency: one.total for one in (danish, swedish)} == listed
    assert (danish.number, danish.average) == (3, 100_01)
    assert (swedish.returned, swedish.saved) == (99_999, 2 * (129_900 - 99_999))
    page = shown(analyst)
    assert "30\xa0003" in page or "300.03" in page or "300,03" in page


def test_sums_are_one_question_however_many_orders_there_are(priced: Shop) -> None:
    copies(order(priced), 20, timezone.now())
    with CaptureQueriesContext(
        connection,
    ) as asked:
        book.sums(Order.objects.all())
    assert len(asked) == 1


# --- in pages -------------------------------------------------------------------------------------


def test_every_order_is_in_one_page_though_others_come_meanwhile(
    priced: Shop, maja: Client
) -> None:
    made = order(priced)
    copies(made, 100, timezone.now() - timedelta(days=2))
    found: list[str] = []
    path = "/orders/?store="
    for n in itertools.count():
        page = text(maja.get(path, headers={"HX-Request": "true"} if n else {}))
        found += numbers(page)
        more = re.search(r'href="/orders/(\?[^"]*before=[^"]+)"', page)
        if more is None:
            break
        path = "/orders/" + more[1].replace("&amp;", "&")
        order(priced, Item(priced.large, 1), key=f"meanwhile {n}") if n < 2 else None
    assert len(found) == len(set(found)) == 101


# --- as a file ------------------------------------------------------------------------------------


def test_a_file_has_what_the_filter_means_and_nobody_in_it(priced: Shop, as_role: As) -> None:
    made = order(priced)
    order(priced, Item(priced.large, 1), key="app", channel="app")
    (row,) = file(as_role(Role.ADMIN), channel="web")
    assert row["Number"] == made.number
    assert row["Total"] == "2598.00"
    assert not {"Anna", "anna@", "Storgatan"} & set(re.split(r"\W+", str(row)))
    entry = AuditEntry.objects.get(did="orders.exported")
    assert parse_qs(entry.detail["name"]) == {"channel": ["web"]}


def test_a_file_says_on_record_that_somebody_was_searched_for_and_not_whom(
    priced: Shop, as_role: As
) -> None:
    order(priced)
    file(as_role(Role.ADMIN), q="anna@example.se")
    detail = AuditEntry.objects.get(did="orders.exported").detail
    assert detail == {"name": "", "searched": True}


def test_no_cell_is_a_formula(priced: Shop, as_role: As) -> None:
    made = order(priced)
    Place.objects.filter(pk=priced.goteborg).update(name=EVIL)
    Order.objects.filter(pk=made.pk).update(place=priced.goteborg)
    (row,) = file(as_role(Role.ADMIN))
    assert row["Store"] == f"'{EVIL}"


@pytest.mark.parametrize("role", [Role.AGENT, Role.CLERK])
def test_who_may_not_take_the_list_away(priced: Shop, as_role: As, role: Role) -> None:
    order(priced)
    client = as_role(role)
    assert client.get("/orders/export.csv").status_code == 403
    assert "export.csv" not in shown(client, store="")


# --- under a name ---------------------------------------------------------------------------------


def save(client: Client, name: str, shared: bool = False, **asked: str) -> None:
    told = {"name": name, "query": urlencode(asked), "shared": "yes" if shared else ""}
    assert client.post("/orders/saved/", told).status_code == 302


def test_a_list_under_a_name_is_one_s_own_or_everybody_s(
    priced: Shop, maja: Client, as_role: As
) -> None:
    save(maja, "Apps", channel="app", when="today", q="anna@example.se")
    save(maja, "Web", shared=True, channel="web")
    save(maja, "Web", shared=True, channel="web", state="cancelled")
    assert SavedView.objects.count() == 2
    assert "anna" not in SavedView.objects.get(name="Apps").query
    page = shown(maja)
    assert "Apps" in page
    assert "when=today&amp;channel=app" in page
    other = as_role(Role.ANALYST)
    page = shown(other)
    assert "Apps" not in page
    assert "state=cancelled&amp;channel=web" in page
    kept = SavedView.objects.get(name="Web")
    other.post(f"/orders/saved/{kept.pk}/drop/")
    assert SavedView.objects.count() == 2
    maja.post(f"/orders/saved/{kept.pk}/drop/")
    assert [one.name for one in SavedView.objects.all()] == ["Apps"]


def test_nobody_saves_without_end(agent: User) -> None:
    for n in range(MOST):
        save_view(agent, f"list {n}", "", shared=False)
    with pytest.raises(Refusal):
        save_view(agent, "one more", "", shared=False)
    save_view(agent, "list 1", "channel=app", shared=False)
    assert SavedView.objects.count() == MOST


def test_a_name_is_text(priced: Shop, maja: Client) -> None:
    save(maja, "<script>alert(1)</script>", channel="web")
    assert "<script>alert(1)" not in shown(maja)
