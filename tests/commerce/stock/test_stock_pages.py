"""The pages about stock: what runs low, how a level came to be, what is kept in a place."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from spindel.catalogue.models import Place, Product, Variant
from spindel.commerce.common.rules import Line
from spindel.commerce.stock.actions import movements
from spindel.commerce.stock.actions.movements import Move
from spindel.commerce.stock.ledger import Count
from spindel.commerce.stock.models import Hold, Level, Movement, StockEvent
from spindel.commerce.stock.reading import levels, shelves
from spindel.identity import customers
from spindel.kit.idempotency import Request
from spindel.staff.models import Role
from tests.commerce.conftest import Shop
from tests.commerce.stock.cast import deliver, let_time_pass, reserve, there
from tests.console.conftest import as_role, maja, text

__all__ = ["as_role", "maja"]

As = Callable[[Role], Client]
HOSTILE = "<script>alert('x')</script>"


def sell(variant: int, place: int, quantity: int, key: str = "s") -> None:
    movements.sell([Line(variant, place, quantity)], timezone.now(), "till", Request("pos", key))


def kinds(page: str) -> list[str]:
    return re.findall(r'class="low-kind low-(\w+)', page)


# --- what runs low --------------------------------------------------------------------------------


def test_where_nothing_runs_low_the_page_says_what_would(maja: Client, shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 10)
    assert "Nothing runs low here" in text(maja.get("/stock/"))


def test_levels_that_want_an_eye_are_listed_by_what_they_are(maja: Client, shop: Shop) -> None:
    Product.objects.update(names={"en": HOSTILE})
    deliver(shop.small, shop.goteborg, 3)
    sell(shop.small, shop.goteborg, 1, "s0")  # low
    deliver(shop.large, shop.goteborg, 5)
    reserve((shop.large, shop.goteborg, 5))  # sold out
    deliver(shop.small, shop.stockholm, 1)
    reserve((shop.small, shop.stockholm, 1))
    sell(shop.small, shop.stockholm, 1)  # more promised than there is
    deliver(shop.large, shop.stockholm, 1)
    sell(shop.large, shop.stockholm, 3, "s2")  # below zero
    page = text(maja.get("/stock/"))
    assert sorted(kinds(page)) == ["below_zero", "short", "sold_out"]
    assert HOSTILE not in page
    page = text(maja.get("/stock/?kind=all"))
    assert sorted(kinds(page)) == ["below_zero", "low", "short", "sold_out"]
    assert kinds(text(maja.get("/stock/?kind=low"))) == ["low"]
    assert kinds(text(maja.get("/stock/?kind=short"))) == ["short"]
    assert sorted(kinds(text(maja.get("/stock/?kind=all&place=goteborg")))) == ["low", "sold_out"]
    assert len(kinds(text(maja.get("/stock/?kind=x&place=nowhere")))) == 3


def test_where_little_is_left_and_nothing_is_worse_the_page_says_so(
    maja: Client, shop: Shop
) -> None:
    deliver(shop.small, shop.goteborg, 3)
    sell(shop.small, shop.goteborg, 1)
    page = text(maja.get("/stock/"))
    assert "Nothing is sold out here" in page
    assert kinds(page) == []


def test_a_store_that_never_has_more_than_two_runs_low_only_where_it_sells(
    maja: Client, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(shop.small, shop.goteborg, 2)
    deliver(shop.large, shop.goteborg, 2)
    assert kinds(text(maja.get("/stock/?kind=all"))) == []
    sell(shop.small, shop.goteborg, 1)
    deliver(shop.small, shop.goteborg, 1)
    assert kinds(text(maja.get("/stock/?kind=all"))) == ["low"]
    deliver(shop.large, shop.stockholm, 3)
    reserve((shop.large, shop.stockholm, 2))  # came down to one
    assert kinds(text(maja.get("/stock/?kind=all"))) == ["low", "low"]
    monkeypatch.setattr(shelves, "SOLD_LATELY", timedelta())  # two weeks later
    assert kinds(text(maja.get("/stock/?kind=all"))) == []


def test_levels_that_are_well_do_not_hide_those_further_back(maja: Client, shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 3)
    sell(shop.small, shop.goteborg, 3)
    StockEvent.objects.bulk_create(
        StockEvent(
            variant_id=shop.large, place_id=shop.goteborg, kind="back", available=9, on_hand=9
        )
        for _ in range(2_000)
    )
    page = text(maja.get("/stock/"))
    assert kinds(page) == []
    (more,) = re.findall(r'hx-get="(/stock/\?[^"]*before=[^"]+)"', page)
    assert kinds(text(maja.get(more.replace("&amp;", "&")))) == ["sold_out"]


def test_a_level_that_is_well_again_is_not_listed(maja: Client, shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 1)
    deliver(shop.small, shop.goteborg, 9)
    deliver(shop.large, shop.goteborg, 4)
    (hold,) = reserve((shop.large, shop.goteborg, 4))
    assert kinds(text(maja.get("/stock/"))) == ["sold_out"]
    let_time_pass(hold)
    assert kinds(text(maja.get("/stock/"))) == []


@pytest.mark.slow
def test_the_ten_thousandth_level_is_reached_page_by_page(maja: Client, shop: Shop) -> None:
    many = Place.objects.bulk_create(
        Place(code=f"p{one:05}", name=f"P{one:05}") for one in range(10_000)
    )
    Level.objects.bulk_create(Level(variant_id=shop.small, place=one, on_hand=1) for one in many)
    Movement.objects.bulk_create(
        Movement(variant_id=shop.small, place=one, kind="delivery", on_hand=1) for one in many
    )
    StockEvent.objects.bulk_create(
        StockEvent(variant_id=shop.small, place=one, kind="low", available=1, on_hand=1)
        for one in many
    )
    address, seen = "/stock/?kind=low", []
    for _ in range(3):
        page = text(maja.get(address))
        seen += re.findall(r"(P\d{5}) ·", page)
        (more,) = re.findall(r'hx-get="(/stock/\?[^"]*before=[^"]+)"', page)
        address = more.replace("&amp;", "&")
    assert seen == [f"P{one:05}" for one in range(9_999, 9_879, -1)]
    assert maja.get("/stock/?before=x").status_code == 404


# --- a level --------------------------------------------------------------------------------------


def test_a_ledger_has_its_balance_after_each_movement(maja: Client, shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 5)
    (hold,) = reserve((shop.small, shop.goteborg, 2))
    sell(shop.small, shop.goteborg, 1)
    page = text(maja.get(f"/stock/levels/{shop.small}/{shop.goteborg}/"))
    cells = [
        re.sub(r"<[^>]+>", "", cell).strip()
        for cell in re.findall(r"<td[^>]*>(.*?)</td>", page.partition("<tbody>")[2], re.S)
    ]
    rows = [tuple(cells[start : start + 6][1:5]) for start in range(0, len(cells), 6)]
    assert rows == [
        ("Sale", "−1", "4", "2"),
        ("Hold", "+2 held", "5", "2"),
        ("Delivery", "+5", "5", "0"),
    ]
    assert '<figure class="balance"' in page
    assert hold.pk


def test_what_was_told_late_stands_where_it_happened(maja: Client, shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 5)
    at = timezone.now() - timedelta(hours=3)
    movements.sell([Line(shop.small, shop.goteborg, 7)], at, "till", Request("pos", "late"))
    page = text(maja.get(f"/stock/levels/{shop.small}/{shop.goteborg}/"))
    assert page.index("Delivery") < page.index("Sale")
    assert "told" in page
    assert "-7" in page or "−7" in page


def test_what_was_in_a_count_already_says_so_and_leaves_the_balance(
    maja: Client, shop: Shop
) -> None:
    now = timezone.now()
    movements.count([Count(shop.small, shop.goteborg, 41, now)], "ERP")
    before = now - timedelta(hours=1)
    late = Move("late", Movement.Kind.DELIVERY, shop.small, shop.goteborg, 56, before)
    movements.move([late], "ERP", "erp")
    page = text(maja.get(f"/stock/levels/{shop.small}/{shop.goteborg}/"))
    rows = re.findall(r"<tr>(.*?)</tr>", page.partition("<tbody>")[2], re.S)
    count, delivery = (re.sub(r"<[^>]+>", " ", row).split() for row in rows)
    assert {"Count", "41"} <= set(count)
    assert "+56, in the count of" in " ".join(delivery)
    assert delivery[-3:-1] == ["0", "0"]


@pytest.mark.slow
def test_the_ten_thousandth_movement_is_reached_with_the_right_balance(
    maja: Client, shop: Shop
) -> None:
    deliver(shop.small, shop.goteborg, 1)
    now = timezone.now() - timedelta(days=1)
    Movement.objects.bulk_create(
        Movement(
            variant_id=shop.small,
            place_id=shop.goteborg,
            kind="delivery",
            on_hand=1,
            at=now - timedelta(seconds=one // 3),
            by="ERP",
        )
        for one in range(10_000)
    )
    Level.objects.filter(variant=shop.small).update(on_hand=10_001)
    address = f"/stock/levels/{shop.small}/{shop.goteborg}/"
    balances: list[int] = []
    for turn in range(3):
        headers = {"HX-Request": "true"} if turn else {}
        page = text(maja.get(address, headers=headers))
        rows = page.rpartition("<tbody>")[2] if not turn else page
        found = re.findall(r"<tr>\s*<td>.*?</tr>", rows, re.DOTALL)
        balances += [
            int(re.findall(r'<td class="amount">([\d,]+)</td>', one)[0].replace(",", ""))
            for one in found
        ]
        (more,) = re.findall(r'hx-get="(\?before=[^"]+)"', page)
        address = f"/stock/levels/{shop.small}/{shop.goteborg}/{more}"
    assert balances == list(range(10_001, 9_881, -1))
    for bad in ("x", "1-", f"{'9' * 18}-1"):
        answer = maja.get(f"/stock/levels/{shop.small}/{shop.goteborg}/?before={bad}")
        assert answer.status_code in (200, 404)


def test_an_administrator_puts_a_level_right_and_can_take_it_back(as_role: As, shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 5)
    address = f"/stock/levels/{shop.small}/{shop.goteborg}/"
    admin = as_role(Role.ADMIN)
    assert "Counted just now" in text(admin.get(address))
    admin.post(f"{address}count/", {"quantity": "3"})
    assert there(shop.small, shop.goteborg) == (3, 0, 3)
    (undo,) = re.findall(rf'action="({address}count/\?undo=[^"]*)"', text(admin.get(address)))
    sell(shop.small, shop.goteborg, 1)
    for _again in range(2):
        admin.post(undo)
        assert there(shop.small, shop.goteborg) == (4, 0, 4)
    for bad in ("x", "2026-01-01", "9999-12-31T23:59:59.999999-14:00"):
        assert admin.post(f"{address}count/", query_params={"undo": bad}).status_code in (302, 404)
    for bad in ("-1", "x", "", "99999999999"):
        admin.post(f"{address}count/", {"quantity": bad})
    assert there(shop.small, shop.goteborg) == (4, 0, 4)
    assert Movement.objects.filter(kind="count").count() == 2


def test_a_place_that_never_kept_it_begins_with_a_count(as_role: As, shop: Shop) -> None:
    address = f"/stock/levels/{shop.small}/{shop.goteborg}/"
    admin = as_role(Role.ADMIN)
    assert "never kept here" in text(admin.get(address))
    admin.post(f"{address}count/", {"quantity": "2"})
    assert there(shop.small, shop.goteborg) == (2, 0, 2)


@pytest.mark.parametrize("role", [Role.MARKETER, Role.AGENT, Role.CLERK, Role.ANALYST])
def test_others_see_levels_and_put_none_right(as_role: As, shop: Shop, role: Role) -> None:
    deliver(shop.small, shop.goteborg, 5)
    client = as_role(role)
    address = f"/stock/levels/{shop.small}/{shop.goteborg}/"
    assert "Counted just now" not in text(client.get(address))
    assert client.post(f"{address}count/", {"quantity": "3"}).status_code == 403
    assert there(shop.small, shop.goteborg) == (5, 0, 5)


@pytest.mark.parametrize("id", [0, 10**12, 10**30])
def test_what_is_not_there_is_not_found(maja: Client, shop: Shop, id: int) -> None:
    assert maja.get(f"/stock/levels/{id}/{shop.goteborg}/").status_code == 404
    assert maja.get(f"/stock/levels/{shop.small}/{id}/").status_code == 404
    assert maja.get(f"/holds/at/{id}/").status_code == 404
    assert maja.get(f"/places/{id}/").status_code == 404


# --- places ---------------------------------------------------------------------------------------


def test_a_place_tells_its_hours_and_the_days_that_are_not_like_others(
    maja: Client, shop: Shop
) -> None:
    soon = timezone.localdate() + timedelta(days=40)
    Place.objects.filter(pk=shop.goteborg).update(
        name=HOSTILE, exceptions={str(soon): [], "2020-12-24": [["10:00", "13:00"]]}
    )
    page = text(maja.get(f"/places/{shop.goteborg}/"))
    assert HOSTILE not in page
    assert page.count("10:00–18:00") >= 7
    assert "closed" in page
    assert "10:00–13:00" not in page
    assert f'hx-get="/holds/at/{shop.goteborg}/"' in page
    assert "No hours have been told" in text(maja.get(f"/places/{shop.warehouse}/"))


def test_what_is_kept_in_a_place_is_shown_to_those_who_may_know_for_whom(
    as_role: As, maja: Client, shop: Shop, anna: int
) -> None:
    address = f"/holds/at/{shop.goteborg}/"
    assert "Nothing is kept here" in text(maja.get(address))
    deliver(shop.small, shop.goteborg, 2)
    (hold,) = reserve((shop.small, shop.goteborg, 1), whose=anna)
    page = text(maja.get(address))
    assert "Vinga" in page
    called = f"Customer {customers.by_identifier('user_id', 'anna')}"
    assert called in page
    # It is an errand of hers in a store: a clerk need not look her up.
    assert called in text(as_role(Role.CLERK).get(address))
    assert "anna@example.se" not in text(as_role(Role.ANALYST).get(address))
    let_time_pass(hold)
    assert "Nothing is kept here" in text(maja.get(address))


@pytest.mark.slow
def test_the_ten_thousandth_hold_is_reached_page_by_page(maja: Client, shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 10_000)
    until = timezone.now() + timedelta(days=1)
    Hold.objects.bulk_create(
        Hold(
            variant_id=shop.small,
            place_id=shop.goteborg,
            quantity=1,
            until=until + timedelta(minutes=one // 3),
            channel="web",
            by="t",
            key=f"{one:032x}",
            line=0,
            content=f"{one:032x}",
        )
        for one in range(10_000)
    )
    Movement.objects.bulk_create(
        [Movement(variant_id=shop.small, place_id=shop.goteborg, kind="hold", held=10_000)]
    )
    Level.objects.filter(variant=shop.small).update(held=10_000)
    address = f"/holds/at/{shop.goteborg}/"
    for _ in range(3):
        page = text(maja.get(address))
        assert page.count("kept-row") == 40
        (address,) = re.findall(r'hx-get="(/holds/at/\d+/\?before=[^"]+)"', page)
    assert levels.verify() == []


# --- colour by size -------------------------------------------------------------------------------


def shown(page: str) -> tuple[list[str], list[list[str]]]:
    """The sizes of the grid, and its rows as they read."""
    table = page.partition('<table class="stock">')[2].partition("</table>")[0]
    head, _, body = table.partition("</thead>")
    rows = [
        [" ".join(re.sub("<[^>]+>", " ", cell).split()) for cell in re.split("</t[hd]>", row)[:-1]]
        for row in body.split("</tr>")[:-1]
    ]
    return re.findall(r'<th scope="col">([^<]*)</th>', head), rows


def test_stock_stands_by_colour_and_size_in_the_order_of_sizes(maja: Client, shop: Shop) -> None:
    product = Product.objects.get(number="vinga")
    for place, (size, colour) in enumerate(
        (("37", "white"), ("36½", "black"), ("100", "black"), ("36", "black"))
    ):
        product.variants.create(
            sku=f"v-{size}", options={"size": size, "colour": colour}, position=place
        )
    Variant.objects.filter(sku__startswith="vinga").update(removed_at=timezone.now())
    half, far = (Variant.objects.get(sku=f"v-{size}").pk for size in ("36½", "100"))
    deliver(half, shop.goteborg, 3)
    deliver(half, shop.stockholm, 4)
    reserve((half, shop.goteborg, 1))
    deliver(far, shop.goteborg, 1)
    address = f"/stock/products/{product.pk}/"
    sizes, rows = shown(text(maja.get(address, headers={"HX-Request": "true"})))
    assert sizes == ["36", "36½", "37", "100"]
    assert rows == [["White", "–", "–", "–", "–"], ["Black", "–", "6 1 held", "–", "1"]]
    page = text(maja.get(f"{address}?place=goteborg"))
    assert shown(page)[1][1] == ["Black", "–", "2 1 held", "–", "1"]
    assert f'href="/stock/levels/{half}/{shop.goteborg}/"' in page
    page = text(maja.get(f"{address}?variant={half}"))
    assert shown(page)[1] == [["Göteborg", "2 1 held"], ["Stockholm", "4"]]
    assert f'href="/stock/levels/{half}/{shop.stockholm}/"' in page


@pytest.mark.parametrize("asked", ["?place=nowhere", "?variant=x", "?variant=%00&place=%00"])
def test_rubbish_is_answered_with_all(maja: Client, shop: Shop, asked: str) -> None:
    deliver(shop.small, shop.goteborg, 3)
    product = Product.objects.get(number="vinga")
    assert shown(text(maja.get(f"/stock/products/{product.pk}/{asked}")))[0] == ["38", "39"]
