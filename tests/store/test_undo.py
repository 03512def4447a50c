"""The store tablet: what was tapped by mistake is undone, and a sale that was begun is not lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from spindel.catalogue.models import Variant
from spindel.commerce.carts import reading as carts
from spindel.commerce.common.rules import NotEnough
from spindel.commerce.orders import actions as orders
from spindel.commerce.orders.models import Order, OrderEvent, Shipment
from spindel.commerce.orders.reading import VOIDED
from spindel.commerce.payments.models import Payment
from spindel.commerce.stock.actions import holds, movements, promises
from spindel.commerce.stock.actions.movements import Move
from spindel.commerce.stock.models import Hold, Movement, Promise
from spindel.commerce.stock.reading import levels
from spindel.kit.idempotency import Request
from spindel.kit.refusal import Refusal
from spindel.staff.actors import Actor
from spindel.staff.models import Role, User
from spindel.timeline.models import Fact
from tests.commerce.conftest import Shop
from tests.commerce.quotes.cast import at_once
from tests.commerce.stock.cast import deliver, reserve, there
from tests.conftest import PASSWORD
from tests.store.cast import (
    Tablet,
    bought,
    look_up_anna,
    product_page,
    to_be_fetched,
    undo,
    undo_of,
)
from tests.store.cast import priced as priced  # a fixture
from tests.store.cast import tablet as tablet  # a fixture


def told() -> set[str]:
    return set(Fact.objects.filter(source__slug="spindel").values_list("name", flat=True))


# --- what is kept ---------------------------------------------------------------------------------


def test_what_was_set_aside_by_mistake_is_to_be_set_aside_again(
    tablet: Tablet, priced: Shop, anna: int
) -> None:
    deliver(priced.small, priced.goteborg, 1)
    (hold,) = reserve((priced.small, priced.goteborg, 1), whose=anna)
    page = tablet.tap(tablet.get("/store/"), f"/store/holds/{hold.pk}/aside/")
    assert "Set aside: Vinga 38." in page
    page = undo(tablet, page)
    assert "It is to be set aside still." in page
    hold.refresh_from_db()
    assert (hold.state, hold.set_aside_at) == (Hold.State.ACTIVE, None)
    assert told() == {"Stock Reserved", "Reservation Ready", "Reservation Put Back"}


def test_what_was_let_go_of_by_mistake_is_kept_again_for_as_long(
    tablet: Tablet, priced: Shop, anna: int
) -> None:
    deliver(priced.small, priced.goteborg, 1)
    (hold,) = reserve((priced.small, priced.goteborg, 1), whose=anna)
    page = tablet.get(f"/store/customers/{look_up_anna(tablet)}/")
    page = tablet.tap(page, f"/store/holds/{hold.pk}/release/")
    assert "Kept in Göteborg" in undo(tablet, page)
    kept = Hold.objects.get(state=Hold.State.ACTIVE)
    assert (kept.identifier_id, kept.until, kept.variant_id) == (anna, hold.until, priced.small)
    assert there(priced.small, priced.goteborg) == (1, 1, 0)


def test_what_somebody_else_took_meanwhile_is_not_kept_again(tablet: Tablet, priced: Shop) -> None:
    deliver(priced.small, priced.goteborg, 1)
    page = tablet.get(product_page(priced, priced.small))
    page = tablet.tap(page, "/store/reserve/", place="goteborg", until="tomorrow")
    page = undo(tablet, page)
    reserve((priced.small, priced.goteborg, 1))
    assert "not enough" in undo(tablet, page, times=1)
    assert there(priced.small, priced.goteborg) == (1, 1, 0)


def test_a_promise_that_was_seen_by_mistake_is_told_again(
    tablet: Tablet, priced: Shop, clerk: User
) -> None:
    deliver(priced.small, priced.goteborg, 1)
    page = tablet.get(product_page(priced, priced.small))
    tablet.tap(page, "/store/reserve/", place="goteborg", until="tomorrow")
    hold = Hold.objects.get()
    tablet.tap(tablet.get("/store/"), f"/store/holds/{hold.pk}/not-found/")
    promise = Promise.objects.get()
    page = tablet.tap(tablet.get("/store/"), f"/store/promises/{promise.pk}/seen/")
    assert "You promised it" not in page
    assert "You promised it" in undo(tablet, page)
    other = User.objects.create_user("other@nordsko.example", PASSWORD, role=Role.CLERK)
    with pytest.raises(promises.NoPromise):
        promises.unsee(promise.pk, other)


# --- handed over ----------------------------------------------------------------------------------


def test_what_was_handed_over_by_mistake_waits_again(
    tablet: Tablet, priced: Shop, anna: int
) -> None:
    deliver(priced.small, priced.goteborg, 1)
    order = to_be_fetched(priced, anna)
    address = f"/store/orders/{order.number}/hand-over/"
    fields: dict[str, Any] = tablet.form(tablet.get(f"/store/orders/{order.number}/"), address)
    page = undo(tablet, tablet.send(address, dict(fields)))
    assert "It waits here again. What was paid stays paid." in page
    order.refresh_from_db()
    assert order.state == Order.State.CONFIRMED
    assert order.lines.get().delivered == 0
    assert not Shipment.objects.exists()
    assert there(priced.small, priced.goteborg) == (1, 1, 0)
    assert order.events.get(kind=OrderEvent.Kind.UNDONE).by == "Oskar"
    # The same tap, which comes late, does not hand it over after all.
    assert "somebody has undone it" in tablet.send(address, dict(fields))
    assert there(priced.small, priced.goteborg) == (1, 1, 0)
    # It can be handed over again, and is paid once.
    page = tablet.get(f"/store/orders/{order.number}/")
    assert "Hand over: it is paid" in page
    assert "Handed over." in tablet.tap(page, address)
    assert there(priced.small, priced.goteborg) == (0, 0, 0)
    assert Payment.objects.get().captured == order.total


def test_what_has_come_back_since_was_handed_over(tablet: Tablet, priced: Shop, anna: int) -> None:
    deliver(priced.small, priced.goteborg, 1)
    order = to_be_fetched(priced, anna)
    left = orders.hand_over(
        order.pk, priced.goteborg, None, actor=Actor("Oskar"), request=Request("user 1", "hand")
    )
    address = f"/store/orders/{order.number}/return/"
    page = tablet.get(f"{address}?chosen=1&line=0&for=money&reason=other")
    tablet.tap(page, address)
    with pytest.raises(Refusal):
        orders.undo_hand_over(order.pk, left.pk, by="Oskar")


def test_another_store_does_not_undo_what_this_one_handed_over(
    tablet: Tablet, priced: Shop, anna: int
) -> None:
    deliver(priced.small, priced.goteborg, 1)
    order = to_be_fetched(priced, anna)
    page = tablet.tap(
        tablet.get(f"/store/orders/{order.number}/"), f"/store/orders/{order.number}/hand-over/"
    )
    address = undo_of(page)
    tablet.at("stockholm")
    fields: dict[str, Any] = tablet.form(tablet.get("/store/sale/"), "/store/scan/")
    assert tablet.client.post(address, fields).status_code == 404


# --- sold -----------------------------------------------------------------------------------------


def sell(tablet: Tablet, *codes: str) -> str:
    page = tablet.get("/store/sale/")
    for code in codes:
        page = tablet.tap(page, "/store/scan/", code=code)
    return tablet.tap(page, "/store/sale/pay/")


def test_a_sale_that_was_rung_up_by_mistake_is_void_and_goes_on(
    tablet: Tablet, priced: Shop, anna: int
) -> None:
    deliver(priced.small, priced.goteborg, 2)
    tablet.get(f"/store/customers/{look_up_anna(tablet)}/")
    page = undo(tablet, sell(tablet, "vinga-38", "vinga-38"))
    assert "goes back. The goods are in the sale again." in page
    assert '<span class="many">2</span>' in page
    order = Order.objects.get()
    assert order.state == Order.State.CANCELLED
    assert there(priced.small, priced.goteborg) == (2, 0, 2)
    payment = Payment.objects.get()
    assert (payment.captured, payment.refunded) == (order.total, order.total)
    assert told() >= {"Order Completed", "Order Cancelled", "Order Refunded"}
    assert order.events.filter(why=VOIDED).count() == 1
    tablet.tap(tablet.get("/store/sale/"), "/store/sale/pay/")
    assert Order.objects.filter(state=Order.State.COMPLETED).count() == 1


def sell_what_is_held(tablet: Tablet, priced: Shop, anna: int) -> tuple[Hold, str]:
    """Anna's pair, which lies ready, is sold to her; with the page that says so."""
    deliver(priced.small, priced.goteborg, 1)
    (hold,) = reserve((priced.small, priced.goteborg, 1), whose=anna)
    holds.set_aside(hold.pk)
    tablet.get(f"/store/customers/{look_up_anna(tablet)}/")
    page = tablet.tap(tablet.get(f"/store/holds/{hold.pk}/"), f"/store/holds/{hold.pk}/hand-over/")
    page = tablet.tap(page, "/store/sale/pay/")
    hold.refresh_from_db()
    assert hold.state == Hold.State.HANDED_OVER
    return hold, page


def test_what_a_void_sale_has_used_up_is_held_again_as_it_was_and_sold_as_before(
    tablet: Tablet, priced: Shop, anna: int
) -> None:
    hold, page = sell_what_is_held(tablet, priced, anna)
    before = Fact.objects.filter(name="Stock Reserved").count()
    page = undo(tablet, page)
    assert "not kept any more" not in page
    again = Hold.objects.get()
    assert (again.pk, again.state, again.ended_at) == (hold.pk, Hold.State.ACTIVE, None)
    assert (again.until, again.set_aside_at) == (hold.until, hold.set_aside_at)
    assert there(priced.small, priced.goteborg) == (1, 1, 0)
    assert Fact.objects.filter(name="Stock Reserved").count() == before + 1, "all devices are told"
    tablet.tap(page, "/store/sale/pay/")
    again.refresh_from_db()
    assert again.state == Hold.State.HANDED_OVER
    assert there(priced.small, priced.goteborg) == (0, 0, 0)
    assert levels.verify() == []


@pytest.mark.parametrize("why", ["time", "taken"])
def test_what_can_not_be_held_again_is_said(
    tablet: Tablet, priced: Shop, anna: int, why: str
) -> None:
    hold, page = sell_what_is_held(tablet, priced, anna)
    if why == "time":
        Hold.objects.filter(pk=hold.pk).update(until=timezone.now() - timedelta(seconds=1))
    else:  # it is told late that one of them had a hole
        late = Move("1", Movement.Kind.DAMAGE, priced.small, priced.goteborg, 1, timezone.now())
        movements.move([late], "ERP", "erp")
    page = undo(tablet, page)
    assert "What was kept is not kept any more" in page
    hold.refresh_from_db()
    assert hold.state == Hold.State.HANDED_OVER
    assert levels.verify() == []


def test_of_a_sale_that_is_void_and_whoever_wants_the_last_pair_one_has_it(
    priced: Shop, anna: int
) -> None:
    deliver(priced.small, priced.goteborg, 1)
    (hold,) = reserve((priced.small, priced.goteborg, 1), whose=anna)
    order = bought(priced, priced.small, holds=[hold.pk])
    wanted = (priced.small, priced.goteborg, 1)
    voids: list[Callable[[], object]] = [
        lambda: orders.void(order.pk, priced.goteborg, by="Oskar") for _ in range(2)
    ]
    *_, other = at_once(*voids, lambda: reserve(wanted, key="somebody else"))
    held = Hold.objects.filter(state=Hold.State.ACTIVE)
    assert held.count() == 1
    assert there(*wanted[:2]) == (1, 1, 0)
    assert isinstance(other, list | NotEnough)
    assert levels.verify() == []


def test_a_sale_is_void_from_its_page_until_midnight(tablet: Tablet, priced: Shop) -> None:
    deliver(priced.small, priced.goteborg, 1)
    order = bought(priced, priced.small)
    assert "Sold by mistake" in tablet.get(f"/store/orders/{order.number}/")
    Order.objects.filter(pk=order.pk).update(placed_at=timezone.now() - timedelta(days=1))
    assert "Sold by mistake" not in tablet.get(f"/store/orders/{order.number}/")
    with pytest.raises(Refusal):
        orders.void(order.pk, priced.goteborg, by="Oskar")
    assert there(priced.small, priced.goteborg) == (0, 0, 0)


def test_only_a_whole_sale_of_this_counter_is_void(tablet: Tablet, priced: Shop, anna: int) -> None:
    deliver(priced.small, priced.goteborg, 2)
    fetched, sold = to_be_fetched(priced, anna), bought(priced, priced.small)
    for order, place in ((sold, priced.stockholm), (fetched, priced.goteborg)):
        with pytest.raises(Refusal):
            orders.void(order.pk, place, by="Oskar")
    address = f"/store/orders/{sold.number}/return/"
    tablet.tap(tablet.get(f"{address}?chosen=1&line=0&for=money&reason=other"), address)
    with pytest.raises(Refusal):
        orders.void(sold.pk, priced.goteborg, by="Oskar")


# --- a sale that was begun ------------------------------------------------------------------------


def test_what_was_put_into_a_cart_or_a_sale_is_taken_out_again(
    tablet: Tablet, priced: Shop, anna: int
) -> None:
    her = look_up_anna(tablet)
    tablet.get(f"/store/customers/{her}/")
    page = tablet.tap(tablet.get(product_page(priced, priced.small)), "/store/into-cart/")
    undo(tablet, page, times=1)
    cart = carts.open_of(her)
    assert cart is None or not cart.lines.exists()
    page = tablet.tap(tablet.get("/store/sale/"), "/store/scan/", code="vinga-38")
    page = tablet.tap(page, "/store/sale/change/", quantity="0")
    assert '<span class="many">' not in page
    assert '<span class="many">1</span>' in undo(tablet, page)
    page = tablet.tap(tablet.get("/store/sale/"), "/store/sale/empty/")
    assert '<span class="many">1</span>' in undo(tablet, page)


def test_a_sale_waits_while_another_customer_is_served(
    tablet: Tablet, priced: Shop, anna: int
) -> None:
    her = look_up_anna(tablet)
    tablet.get(f"/store/customers/{her}/")
    tablet.tap(tablet.get("/store/sale/"), "/store/scan/", code="vinga-38")
    new = tablet.get("/store/customers/?q=berit@example.se")
    page = tablet.tap(new, "/store/customers/new/", name="Berit Berg")
    assert "The sale that was begun waits." in page
    page = tablet.tap(tablet.get("/store/sale/"), "/store/scan/", code="vinga-39")
    assert page.count('<span class="many">1</span>') == 1
    assert "Sales that wait" in page
    # Whoever comes back to her finds what was begun for her.
    page = tablet.get(f"/store/customers/{her}/")
    assert "The sale that was begun goes on." in page
    assert "<br>38" in tablet.get("/store/sale/")
    (waiting,) = re.findall(r'action="(/store/sale/[0-9a-f]+/resume/)"', tablet.get("/store/"))
    page = tablet.tap(tablet.get("/store/"), waiting)
    assert "Berit Berg" in page


def test_the_customer_leaves_with_the_next_sale(tablet: Tablet, priced: Shop, anna: int) -> None:
    deliver(priced.small, priced.goteborg, 1)
    her = look_up_anna(tablet)
    tablet.get(f"/store/customers/{her}/")
    page = sell(tablet, "vinga-38")
    assert 'class="serving"' in page
    page = tablet.tap(page, "/store/customers/done/", next="/store/sale/")
    assert 'class="serving"' not in page
    assert "Sales that wait" not in page


@pytest.mark.parametrize("how", ["done", "late", "elsewhere"])
def test_a_sale_is_not_lost(
    tablet: Tablet, priced: Shop, anna: int, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    her = look_up_anna(tablet)
    tablet.get(f"/store/customers/{her}/")
    page = tablet.tap(tablet.get("/store/sale/"), "/store/scan/", code="vinga-38")
    if how == "done":
        tablet.tap(page, "/store/customers/done/")
    elif how == "late":
        monkeypatch.setattr("spindel.store.views.desk._SERVED_FOR", -1)
    else:
        tablet.at("stockholm")
        assert "Sales that wait" not in tablet.get("/store/")
        tablet.tap(tablet.get("/store/sale/"), "/store/scan/", code="vinga-39")
        tablet.at("goteborg")
    page = tablet.get("/store/")
    assert 'class="serving"' not in page
    assert "Sales that wait" in page
    monkeypatch.undo()
    (waiting,) = re.findall(r'action="(/store/sale/[0-9a-f]+/resume/)"', page)
    page = tablet.tap(page, waiting)
    assert 'class="serving"' in page
    assert '<span class="many">1</span>' in page


def test_a_sale_that_waited_and_is_paid_from_its_old_page_waits_no_more(
    tablet: Tablet, priced: Shop, anna: int
) -> None:
    deliver(priced.small, priced.goteborg, 1)
    her = look_up_anna(tablet)
    tablet.get(f"/store/customers/{her}/")
    page = tablet.tap(tablet.get("/store/sale/"), "/store/scan/", code="vinga-38")
    tablet.tap(page, "/store/customers/done/")
    assert "Sold" in tablet.tap(page, "/store/sale/pay/")
    assert "Sales that wait" not in tablet.get("/store/")


# --- scans that lead nowhere ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("7350000000023", "Goods with the bar code 7350000000023, which are not in the catalogue."),
        ("https://example.com/x", "A link that leads to nothing here: https://example.com/x"),
        ("R0123456789A", "is not here: R0123456789A."),
        ("GIFT-77", "Nothing here has the code GIFT-77."),
        ("vinga-38", "Vinga, 38 is not sold any more."),
    ],
)
def test_a_wrong_scan_leaves_the_page_and_says_what_it_was(
    tablet: Tablet, priced: Shop, code: str, said: str
) -> None:
    page_of = product_page(priced, priced.large)
    if code == "vinga-38":
        Variant.objects.filter(pk=priced.small).update(removed_at=timezone.now())
    page = tablet.get(page_of)
    fields: dict[str, Any] = tablet.form(page, "/store/scan/") | {"code": code}
    answer = tablet.client.post("/store/scan/", fields, headers={"HX-Request": "true"})
    assert (answer["HX-Retarget"], answer["HX-Push-Url"]) == ("#said", "false")
    assert said in answer.content.decode()
    assert "<header" not in answer.content.decode()
    answer = tablet.client.post("/store/scan/", fields)
    assert answer["Location"] == page_of
    assert said in tablet.get(page_of)


def test_goods_that_are_scanned_for_a_receipt_are_said(tablet: Tablet, priced: Shop) -> None:
    page = tablet.tap(tablet.get("/store/returns/"), "/store/scan/", code="vinga-38")
    assert "Vinga, 38: goods. Here a receipt is scanned." in page


# --- what waits on the device ---------------------------------------------------------------------


def test_what_waits_on_the_device_is_sealed_for_one_login(
    tablet: Tablet, priced: Shop, clerk: User
) -> None:
    def seal(page: str) -> str:
        found = re.search(r'data-seal="([^"]{44})"', page)
        assert found
        return found[1]

    other = Tablet(clerk).at("goteborg")
    mine = seal(tablet.get("/store/"))
    assert mine == seal(tablet.get("/store/sale/"))
    assert mine != seal(other.get("/store/"))
    assert "data-seal" not in Client().get("/store/choose/", follow=True).content.decode()
