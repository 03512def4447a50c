"""The store tablet through HTTP: what a clerk does, and what she is kept from."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.utils import timezone

from spindel.catalogue.actions import put_products
from spindel.catalogue.models import Price
from spindel.catalogue.product_input import ProductData, VariantData
from spindel.commerce.carts import reading as carts
from spindel.commerce.carts.models import Cart
from spindel.commerce.common.rules import Line
from spindel.commerce.orders import order_holds
from spindel.commerce.orders.models import Order, Return
from spindel.commerce.orders.placement.draft import Item
from spindel.commerce.stock.actions import movements, promises
from spindel.commerce.stock.models import Hold, Movement, Promise
from spindel.identity import customers, identifiers
from spindel.kit.idempotency import Request
from spindel.staff.models import Role, User
from spindel.timeline.models import Fact
from tests.commerce.conftest import Shop
from tests.commerce.quotes import cast as quoting
from tests.commerce.stock.cast import deliver, reserve, there
from tests.conftest import PASSWORD
from tests.store.cast import Tablet, bought, look_up_anna, product_page, to_be_fetched
from tests.store.cast import priced as priced  # a fixture
from tests.store.cast import tablet as tablet  # a fixture
from tests.telling import follow

HOME = {"street": "Storgatan 1", "postcode": "411 01", "city": "Göteborg"}


# --- the store ------------------------------------------------------------------------------------


def test_the_store_is_asked_for_once_and_always_shown(clerk: User, priced: Shop) -> None:
    tablet = Tablet(clerk)
    assert "Which store is this?" in tablet.get("/store/")
    page = tablet.at("goteborg").get("/store/")
    assert "Göteborg" in page
    assert "Göteborg" in tablet.get("/store/sale/")


def test_a_form_of_another_store_does_nothing(tablet: Tablet, priced: Shop) -> None:
    deliver(priced.small, priced.goteborg, 1)
    page = tablet.get(product_page(priced, priced.small))
    tablet.at("stockholm")
    fields = tablet.form(page, "/store/reserve/") | {"place": "goteborg"}
    answer = tablet.client.post("/store/reserve/", fields)
    assert answer.status_code == 409
    assert "Nothing was done" in answer.content.decode()
    assert there(priced.small, priced.goteborg) == (1, 0, 1)


@pytest.mark.parametrize("role", [Role.AGENT, Role.MARKETER, Role.ANALYST])
def test_only_who_works_in_a_store_comes_in(priced: Shop, role: Role) -> None:
    user = User.objects.create_user(f"{role}@nordsko.example", PASSWORD, role=role)
    tablet = Tablet(user)
    assert tablet.client.get("/store/").status_code == 403
    assert tablet.client.post("/store/sale/pay/").status_code == 403


# --- selling --------------------------------------------------------------------------------------


def test_scan_scan_paid_is_one_sale_however_often_it_is_sent(tablet: Tablet, priced: Shop) -> None:
    deliver(priced.small, priced.goteborg, 3)
    page = tablet.get("/store/sale/")
    for _ in range(2):
        page = tablet.tap(page, "/store/scan/", code="7350000000016")
    assert "2 598" in page.replace("\xa0", " ") or "2,598" in page
    fields = tablet.form(page, "/store/sale/pay/")
    for _ in range(2):
        assert "Sold" in tablet.send("/store/sale/pay/", dict(fields))
    order = Order.objects.get()
    assert (order.total, order.state, order.by) == (259_800, "completed", "Oskar")
    assert there(priced.small, priced.goteborg) == (1, 0, 1)
    assert "pieces" not in tablet.get("/store/")


def test_a_code_that_is_sent_twice_counts_once(tablet: Tablet, priced: Shop) -> None:
    deliver(priced.small, priced.goteborg, 3)
    fields = tablet.form(tablet.get("/store/sale/"), "/store/scan/") | {"code": "vinga-38"}
    for _ in range(2):
        page = tablet.send("/store/scan/", dict(fields))
    assert '<span class="many">1</span>' in page


def test_a_price_that_changes_meanwhile_is_said_before_it_is_paid(
    tablet: Tablet, priced: Shop
) -> None:
    deliver(priced.small, priced.goteborg, 1)
    page = tablet.tap(tablet.get("/store/sale/"), "/store/scan/", code="vinga-38")
    Price.objects.filter(variant_id=priced.small).update(amount=99_900)
    assert "A price has changed" in tablet.tap(page, "/store/sale/pay/")
    assert not Order.objects.exists()


def test_more_than_the_books_say_is_not_sold(tablet: Tablet, priced: Shop) -> None:
    page = tablet.tap(tablet.get("/store/sale/"), "/store/scan/", code="vinga-38")
    assert "The books say 0 here" in page
    assert "not enough" in tablet.tap(page, "/store/sale/pay/")
    assert not Order.objects.exists()


def test_a_sale_to_her_is_on_her_page_and_uses_up_what_was_kept(
    tablet: Tablet, priced: Shop, anna: int
) -> None:
    deliver(priced.small, priced.goteborg, 1)
    (hold,) = reserve((priced.small, priced.goteborg, 1), whose=anna)
    tablet.get(f"/store/customers/{look_up_anna(tablet)}/")
    page = tablet.tap(tablet.get("/store/sale/"), "/store/scan/", code="vinga-38")
    tablet.tap(page, "/store/sale/pay/")
    hold.refresh_from_db()
    assert hold.state == Hold.State.HANDED_OVER
    order = Order.objects.get()
    assert identifiers.living(order.identifier_id or 0) == identifiers.living(anna)
    assert order.contact["email"] == "anna@example.se"


# --- counting -------------------------------------------------------------------------------------


def test_the_shoe_in_her_hand_is_counted_from_the_sale_which_goes_on(
    tablet: Tablet, priced: Shop
) -> None:
    page = tablet.tap(tablet.get("/store/sale/"), "/store/scan/", code="vinga-38")
    page = tablet.tap(page, "/store/sale/pay/")
    assert "not enough" in page
    page = tablet.tap(page, "/store/count/", quantity="1")
    assert "Counted: there is 1 here." in page
    assert "The books say" not in page
    assert "Sold" in tablet.tap(page, "/store/sale/pay/")
    assert there(priced.small, priced.goteborg) == (0, 0, 0)
    counted = Movement.objects.get(kind="count")
    assert (counted.by, counted.on_hand, counted.place_id) == ("Oskar", 1, priced.goteborg)


def test_what_is_kept_for_somebody_is_counted_too_and_said(tablet: Tablet, priced: Shop) -> None:
    deliver(priced.small, priced.goteborg, 1)
    reserve((priced.small, priced.goteborg, 1))
    page = tablet.tap(tablet.get(product_page(priced, priced.small)), "/store/count/", quantity="3")
    assert "Counted: there are 3 here. 1 is kept for somebody." in page
    assert 'aria-labelledby="here"' in page
    assert there(priced.small, priced.goteborg) == (3, 1, 2)


def test_a_count_that_is_sent_twice_is_counted_once(tablet: Tablet, priced: Shop) -> None:
    page = tablet.get(product_page(priced, priced.small))
    fields = tablet.form(page, "/store/count/") | {"quantity": "2"}
    tablet.send("/store/count/", dict(fields))
    bought(priced, priced.small)
    assert "Counted" in tablet.send("/store/count/", dict(fields))
    assert there(priced.small, priced.goteborg) == (1, 0, 1)


def test_a_count_is_taken_back_and_what_was_sold_since_stays_sold(
    tablet: Tablet, priced: Shop
) -> None:
    deliver(priced.small, priced.goteborg, 5)
    page = tablet.get(product_page(priced, priced.small))
    page = tablet.tap(page, "/store/count/", quantity="15")
    bought(priced, priced.small)
    (undo,) = re.findall(r'action="(/store/count/undo/[^"]*)"', page)
    fields = tablet.form(page, undo)
    for _ in range(2):
        assert "the books say 4 here again" in tablet.send(html.unescape(undo), dict(fields))
    assert there(priced.small, priced.goteborg) == (4, 0, 4)
    assert set(Movement.objects.filter(kind="count").values_list("by", "on_hand")) == {
        ("Oskar", 10),
        ("Oskar", -10),
    }


def test_less_than_nothing_is_taken_back_too(tablet: Tablet, priced: Shop) -> None:
    movements.sell(
        [Line(priced.small, priced.goteborg, 2)], timezone.now(), "till", Request("till", "s")
    )
    page = tablet.get(product_page(priced, priced.small))
    page = tablet.tap(page, "/store/count/", quantity="1")
    assert there(priced.small, priced.goteborg) == (1, 0, 1)
    (undo,) = re.findall(r'action="(/store/count/undo/[^"]*)"', page)
    tablet.send(html.unescape(undo), tablet.form(page, undo))
    assert there(priced.small, priced.goteborg) == (-2, 0, -2)


def test_an_older_count_is_not_taken_back_over_a_newer_one(tablet: Tablet, priced: Shop) -> None:
    page = tablet.get(product_page(priced, priced.small))
    page = tablet.tap(page, "/store/count/", quantity="3")
    (undo,) = re.findall(r'action="(/store/count/undo/[^"]*)"', page)
    fields = tablet.form(page, undo)
    tablet.tap(page, "/store/count/", quantity="2")
    assert "counted again since" in tablet.send(html.unescape(undo), fields)
    assert there(priced.small, priced.goteborg) == (2, 0, 2)


@pytest.mark.parametrize("bad", ["", "-1", "x", "1.5", "7350000000016"])
def test_what_is_no_number_is_not_counted(tablet: Tablet, priced: Shop, bad: str) -> None:
    deliver(priced.small, priced.goteborg, 1)
    page = tablet.get(product_page(priced, priced.small))
    assert "0 or more" in tablet.tap(page, "/store/count/", quantity=bad)
    assert there(priced.small, priced.goteborg) == (1, 0, 1)


def test_as_many_as_the_books_say_leaves_nothing_to_take_back(tablet: Tablet, priced: Shop) -> None:
    deliver(priced.small, priced.goteborg, 2)
    page = tablet.get(product_page(priced, priced.small))
    page = tablet.tap(page, "/store/count/", quantity="2")
    assert "Counted: there are 2 here." in page
    assert "/store/count/undo/" not in page


@pytest.mark.parametrize("at", ["", "x", "2026-01-01", "9999-12-31T23:59:59.999999+00:00"])
def test_a_count_that_never_was_is_not_taken_back(tablet: Tablet, priced: Shop, at: str) -> None:
    deliver(priced.small, priced.goteborg, 2)
    page = tablet.get(product_page(priced, priced.small))
    fields = tablet.form(page, "/store/count/")
    query = urlencode({"variant": priced.small, "at": at})
    answer = tablet.client.post(f"/store/count/undo/?{query}", fields)
    assert answer.status_code in (302, 404)
    assert there(priced.small, priced.goteborg) == (2, 0, 2)


# --- reserving ------------------------------------------------------------------------------------


def test_reserved_in_another_store_for_her_once_and_taken_back(
    tablet: Tablet, priced: Shop, anna: int, clerk: User
) -> None:
    deliver(priced.small, priced.stockholm, 2)
    tablet.get(f"/store/customers/{look_up_anna(tablet)}/")
    page = tablet.get(product_page(priced, priced.small))
    assert "Stockholm" in page
    assert re.search(r"39\d km", page)
    fields = tablet.form(page, "/store/reserve/") | {"place": "stockholm", "until": "tomorrow"}
    for _ in range(2):
        page = tablet.send("/store/reserve/", dict(fields))
    hold = Hold.objects.get()
    assert (hold.place_id, hold.promised_by_id, hold.channel) == (
        priced.stockholm,
        clerk.pk,
        "store",
    )
    assert identifiers.living(hold.identifier_id or 0) == identifiers.living(anna)
    assert "Kept in Stockholm" in tablet.send("/store/reserve/", dict(fields))
    page = tablet.send("/store/reserve/", dict(fields))
    tablet.tap(page, f"/store/holds/{hold.pk}/release/")
    assert there(priced.small, priced.stockholm) == (2, 0, 2)


def test_a_form_for_another_customer_does_nothing(tablet: Tablet, priced: Shop, anna: int) -> None:
    deliver(priced.small, priced.goteborg, 1)
    tablet.get(f"/store/customers/{look_up_anna(tablet)}/")
    page = tablet.get(product_page(priced, priced.small))
    new = tablet.get("/store/customers/?q=berit@example.se")
    tablet.tap(new, "/store/customers/new/", name="Berit Berg")
    fields = tablet.form(page, "/store/reserve/") | {"place": "goteborg"}
    answer = tablet.client.post("/store/reserve/", fields)
    assert answer.status_code == 409
    assert "Berit Berg" in answer.content.decode()
    assert not Hold.objects.exists()


# --- customers ------------------------------------------------------------------------------------


def test_a_customer_is_shown_only_after_a_search(tablet: Tablet, anna: int) -> None:
    her = customers.by_identifier("user_id", "anna")
    assert tablet.client.get(f"/store/customers/{her}/").status_code == 403
    look_up_anna(tablet)
    assert "The customer’s cart" in tablet.get(f"/store/customers/{her}/")


def test_what_is_put_into_her_cart_is_sold_over_the_counter(
    tablet: Tablet, priced: Shop, anna: int
) -> None:
    deliver(priced.small, priced.goteborg, 2)
    her = look_up_anna(tablet)
    tablet.get(f"/store/customers/{her}/")
    page = tablet.get(product_page(priced, priced.small))
    fields = tablet.form(page, "/store/into-cart/")
    for _ in range(2):
        tablet.send("/store/into-cart/", dict(fields))
    cart = carts.open_of(her)
    assert cart is not None
    assert [(one.variant_id, one.quantity) for one in cart.lines.all()] == [(priced.small, 1)]
    page = tablet.get(f"/store/customers/{her}/")
    fields = tablet.form(page, f"/store/customers/{her}/cart/sell/")
    for _ in range(2):
        assert "Sold" in tablet.send(f"/store/customers/{her}/cart/sell/", dict(fields))
    assert Order.objects.get().state == "completed"
    assert Cart.objects.get(pk=cart.pk).state == "ordered"


def test_her_cart_is_sent_to_her(tablet: Tablet, priced: Shop, anna: int) -> None:
    deliver(priced.small, priced.warehouse, 1)
    her = look_up_anna(tablet)
    tablet.get(f"/store/customers/{her}/")
    tablet.tap(tablet.get(product_page(priced, priced.small)), "/store/into-cart/")
    address = f"/store/customers/{her}/cart/order/"
    page = tablet.get(address)
    more = {"how": "ship", "pay_by": "till", "name": "Anna", **HOME}
    assert "Say where" in tablet.tap(page, address, **more | {"street": ""})
    assert "Ordered" in tablet.tap(page, address, **more)
    order = Order.objects.get()
    assert (order.state, order.address["city"]) == ("confirmed", "Göteborg")
    assert there(priced.small, priced.warehouse) == (1, 1, 0)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"email": "nobody"}, "An e-mail address or a telephone number is needed"),
        ({"name": " "}, "a name is needed"),
        ({"how": "ship", "pay_by": "store"}, "Say where it is to be sent"),
        ({"how": "ship", "pay_by": "till", **HOME, "total": "1"}, "The cart has changed"),
    ],
)
def test_a_form_that_is_wrong_is_shown_as_it_was_typed_and_her_cart_is_as_it_was(
    tablet: Tablet, priced: Shop, anna: int, wrong: dict[str, str], said: str
) -> None:
    her = look_up_anna(tablet)
    tablet.get(f"/store/customers/{her}/")
    tablet.tap(tablet.get(product_page(priced, priced.small)), "/store/into-cart/")
    cart = carts.open_of(her)
    assert cart is not None
    address = f"/store/customers/{her}/cart/order/"
    typed = {"how": "stockholm", "pay_by": "store", "name": "Anna A", "email": "a@b.se"}
    typed |= {"phone": "", "city": "Göteborg"} | wrong
    page = tablet.tap(tablet.get(address), address, **typed)
    assert said in page
    kept = tablet.form(page, address)
    for name in ("name", "email", "city"):
        assert kept[name] == [typed[name]]
    assert not Order.objects.exists()
    assert carts.open_of(her).version == cart.version  # type: ignore[union-attr]  # it is there


def test_somebody_new_is_known_by_how_she_is_reached(tablet: Tablet, anna: int) -> None:
    page = tablet.get("/store/customers/?q=berit@example.se")
    page = tablet.tap(page, "/store/customers/new/", name="Berit Berg")
    assert "Berit Berg" in page
    assert customers.by_identifier("email", "berit@example.se")


def test_done_forgets_whom_she_served_and_has_the_sale_wait(
    tablet: Tablet, priced: Shop, anna: int
) -> None:
    page = tablet.get(f"/store/customers/{look_up_anna(tablet)}/")
    tablet.tap(tablet.get("/store/sale/"), "/store/scan/", code="vinga-38")
    page = tablet.tap(page, "/store/customers/done/")
    assert 'class="serving"' not in page
    assert "Sales that wait" in page
    assert 'class="many"' not in tablet.get("/store/sale/")


# --- tasks ----------------------------------------------------------------------------------------


def test_a_hold_is_set_aside_and_handed_over_for_todays_price(
    tablet: Tablet, priced: Shop, anna: int
) -> None:
    deliver(priced.small, priced.goteborg, 1)
    (hold,) = reserve((priced.small, priced.goteborg, 1), whose=anna)
    look_up_anna(tablet)
    page = tablet.tap(tablet.get("/store/"), f"/store/holds/{hold.pk}/aside/")
    hold.refresh_from_db()
    assert hold.set_aside_at is not None
    page = tablet.get("/store/?list=hand")
    page = tablet.tap(page, f"/store/holds/{hold.pk}/hand-over/")
    assert "Kept for the customer" in page
    assert "Sold" in tablet.tap(page, "/store/sale/pay/")
    hold.refresh_from_db()
    assert hold.state == Hold.State.HANDED_OVER
    assert there(priced.small, priced.goteborg) == (0, 0, 0)
    assert Order.objects.get().total == 129_900


def test_what_is_not_found_is_kept_in_the_next_store_and_its_promise_told(
    tablet: Tablet, priced: Shop, anna: int, agent: User
) -> None:
    deliver(priced.small, priced.goteborg, 1)
    deliver(priced.small, priced.stockholm, 1)
    (hold,) = reserve((priced.small, priced.goteborg, 1), whose=anna)
    Hold.objects.filter(pk=hold.pk).update(promised_by=agent)
    page = tablet.tap(tablet.get("/store/"), f"/store/holds/{hold.pk}/not-found/")
    assert there(priced.small, priced.goteborg) == (0, 0, 0)
    assert "Stockholm" in page
    assert Promise.objects.filter(user=agent, hold=hold).exists()
    address = f"/store/holds/{hold.pk}/instead/"
    fields = tablet.form(page, address) | {"place": "stockholm"}
    for _ in range(2):
        assert "Kept in Stockholm" in tablet.send(address, dict(fields))
    kept = Hold.objects.exclude(pk=hold.pk).get()
    assert (kept.place_id, kept.identifier_id) == (priced.stockholm, anna)


def test_what_its_promiser_keeps_already_is_not_kept_again_but_told(
    tablet: Tablet, priced: Shop, anna: int, agent: User
) -> None:
    deliver(priced.small, priced.goteborg, 1)
    deliver(priced.small, priced.stockholm, 1)
    (hold,) = reserve((priced.small, priced.goteborg, 1), whose=anna)
    Hold.objects.filter(pk=hold.pk).update(promised_by=agent)
    page = tablet.tap(tablet.get("/store/"), f"/store/holds/{hold.pk}/not-found/")
    kept = promises.keep_next(Promise.objects.get().pk, agent).hold
    address = f"/store/holds/{hold.pk}/instead/"
    page = tablet.send(address, tablet.form(page, address) | {"place": "stockholm"})
    assert "Maja keeps one already, in Stockholm until" in page
    assert f"/store/holds/{kept.pk}/release/" not in page
    assert there(priced.small, priced.stockholm) == (1, 1, 0)


def test_what_was_kept_instead_and_let_go_of_is_kept_in_another_store(
    tablet: Tablet, priced: Shop, anna: int
) -> None:
    deliver(priced.small, priced.goteborg, 1)
    deliver(priced.small, priced.stockholm, 2)
    (hold,) = reserve((priced.small, priced.goteborg, 1), whose=anna)
    page = tablet.tap(tablet.get("/store/"), f"/store/holds/{hold.pk}/not-found/")
    address = f"/store/holds/{hold.pk}/instead/"
    fields = tablet.form(page, address) | {"place": "stockholm"}
    page = tablet.send(address, dict(fields))
    kept = Hold.objects.exclude(pk=hold.pk).get()
    tablet.tap(page, f"/store/holds/{kept.pk}/release/")
    assert there(priced.small, priced.stockholm) == (2, 0, 2)
    assert "Kept in Stockholm" in tablet.send(address, dict(fields))
    assert there(priced.small, priced.stockholm) == (2, 1, 1)


def test_an_order_is_handed_over_where_it_waits_and_nowhere_else(
    tablet: Tablet, priced: Shop, anna: int
) -> None:
    deliver(priced.small, priced.goteborg, 1)
    order = to_be_fetched(priced, anna)
    address = f"/store/orders/{order.number}/hand-over/"
    fields = tablet.form(tablet.get(f"/store/orders/{order.number}/"), address)
    other = Tablet(User.objects.get(name="Oskar")).at("stockholm")
    assert address not in other.get(f"/store/orders/{order.number}/")
    for _ in range(2):
        tablet.send(address, dict(fields))
    order.refresh_from_db()
    assert order.state == "completed"
    assert there(priced.small, priced.goteborg) == (0, 0, 0)


# --- returns --------------------------------------------------------------------------------------


def test_money_back_once_for_what_the_receipt_says(tablet: Tablet, priced: Shop) -> None:
    deliver(priced.small, priced.goteborg, 1)
    order = bought(priced, priced.small)
    tablet.at("stockholm")
    page = tablet.tap(tablet.get("/store/returns/"), "/store/scan/", code=order.number)
    address = f"/store/orders/{order.number}/return/"
    assert 'id="settle"' not in page  # nobody has said yet for what, and why
    assert 'id="settle"' not in tablet.get(f"{address}?chosen=1&line=0&for=money")
    page = tablet.get(f"{address}?chosen=1&line=0&for=money&reason=faulty")
    fields = tablet.form(page, address)
    assert fields["difference"] == ["-129900"]
    for _ in range(2):
        assert "Taken back" in tablet.send(address, dict(fields))
    back = Return.objects.get()
    assert (back.refund, back.place_id) == (129_900, priced.stockholm)
    assert there(priced.small, priced.stockholm) == (1, 0, 1)


def test_exchanged_for_another_size_with_the_difference_shown_first(
    tablet: Tablet, priced: Shop
) -> None:
    deliver(priced.small, priced.goteborg, 1)
    deliver(priced.large, priced.stockholm, 1)
    order = bought(priced, priced.small)
    address = f"/store/orders/{order.number}/return/"
    page = tablet.get(f"{address}?chosen=1&line=0&for={priced.large}")
    assert "Fetch in Stockholm" in page
    page = tablet.tap(page, address)
    assert "Exchanged" in page
    back = Return.objects.get()
    assert back.exchange is not None
    assert back.exchange.lines.get().place_id == priced.stockholm
    assert there(priced.large, priced.stockholm) == (1, 1, 0)


def test_where_an_exchange_is_sent_is_asked_for_where_the_order_does_not_say_all_of_it(
    tablet: Tablet, priced: Shop
) -> None:
    deliver(priced.small, priced.goteborg, 1)
    deliver(priced.large, priced.warehouse, 1)
    order = bought(priced, priced.small)
    Order.objects.filter(pk=order.pk).update(address={"street": "Storgatan 1", "country": "SE"})
    address = f"/store/orders/{order.number}/return/"
    page = tablet.get(f"{address}?chosen=1&line=0&for={priced.large}&how=ship")
    fields = tablet.form(page, address)
    assert {"street", "postcode", "city"} <= fields.keys()
    answer = tablet.client.post(address, fields | HOME | {"city": ""})
    assert "Storgatan" not in answer["Location"]
    assert "Exchanged" in tablet.send(address, fields | HOME)
    exchange = Return.objects.get().exchange
    assert exchange is not None
    assert exchange.address == HOME | {"country": "SE"}


def test_a_purchase_is_found_by_her_address_and_the_goods(
    tablet: Tablet, priced: Shop, anna: int
) -> None:
    deliver(priced.small, priced.goteborg, 1)
    order = bought(priced, priced.small, who=anna)
    follow()
    assert order.number in tablet.get("/store/returns/?q=anna@example.se&product=vinga")
    assert order.number not in tablet.get("/store/returns/?q=anna@example.se&product=tofs")


def test_the_receipt_of_somebody_unknown_is_put_on_her_page(
    tablet: Tablet, priced: Shop, anna: int
) -> None:
    deliver(priced.small, priced.goteborg, 1)
    order = bought(priced, priced.small)
    assert "claim" in tablet.get(f"/store/orders/{order.number}/")
    page = tablet.get(f"/store/customers/?q=anna@example.se&claim={order.number}")
    her = customers.by_identifier("user_id", "anna")
    page = tablet.tap(page, f"/store/orders/{order.number}/claim/")
    follow()
    assert Fact.objects.filter(name="Receipt Claimed").count() == 1
    assert identifiers.living(order.identifier_id or 0) == her


# --- finding --------------------------------------------------------------------------------------


def test_goods_are_found_by_name_and_size_code_and_number(tablet: Tablet, priced: Shop) -> None:
    put_products([ProductData("vinga", [VariantData("vinga-38")], brand="Nordsko")])
    deliver(priced.small, priced.goteborg, 4)
    assert "4 here" in tablet.get("/store/find/?q=ving")
    assert "Vinga" in tablet.get("/store/find/?q=vinga 39")
    assert 'aria-labelledby="here"' in tablet.get("/store/find/?q=7350000000016")


def test_low_stock_of_this_store_is_flagged(tablet: Tablet, priced: Shop) -> None:
    deliver(priced.small, priced.goteborg, 3)
    bought(priced, priced.small)
    page = tablet.get("/store/?list=stock")
    assert "Running low" in page
    assert "Running low" not in Tablet(User.objects.get(name="Oskar")).at("stockholm").get(
        "/store/?list=stock"
    )


@pytest.mark.parametrize(
    "path",
    [
        lambda shop: "/store/products/999999999999999999999/",
        lambda shop: "/store/orders/R00000000000/",
        lambda shop: "/store/holds/999999/missing/",
        lambda shop: "/store/returns/B00000000000/",
    ],
)
def test_what_is_not_there_is_not_found(
    tablet: Tablet, priced: Shop, path: Callable[[Shop], str]
) -> None:
    answer: HttpResponse = tablet.client.get(path(priced))
    assert answer.status_code == 404


def test_a_bought_pair_that_is_not_found_waits_in_another_store(
    tablet: Tablet, priced: Shop, anna: int
) -> None:
    deliver(priced.small, priced.goteborg, 1)
    deliver(priced.small, priced.stockholm, 1)
    order = to_be_fetched(priced, anna)
    hold = order_holds.of_order(order.pk).get()
    page = tablet.tap(tablet.get("/store/"), f"/store/holds/{hold.pk}/not-found/")
    address = f"/store/holds/{hold.pk}/instead/"
    fields = tablet.form(page, address) | {"place": "stockholm"}
    for _ in range(2):
        assert "waits in Stockholm" in tablet.send(address, dict(fields))
    assert order.lines.get().place_id == priced.stockholm
    assert there(priced.small, priced.goteborg) == (0, 0, 0)
    assert there(priced.small, priced.stockholm) == (1, 1, 0)


def test_what_is_kept_for_a_quote_says_for_whom_and_is_sold_at_the_price_of_the_quote(
    tablet: Tablet, priced: Shop
) -> None:
    deliver(priced.small, priced.goteborg, 1)
    quote = quoting.sent(
        Item(priced.small, 1, "pick_up", priced.goteborg, amount=120_000), holds=True
    )
    (hold,) = Hold.objects.all()
    page = tablet.get("/store/")
    assert f"{quoting.ANNA['name']} · offered" in " ".join(page.split())
    tablet.tap(page, f"/store/holds/{hold.pk}/aside/")
    assert f'href="/store/quotes/{quote.pk}/"' in tablet.get("/store/?list=hand")
    answer = tablet.client.post(
        f"/store/holds/{hold.pk}/hand-over/", {"key": "h", "store": "goteborg"}
    )
    assert answer["Location"] == f"/store/quotes/{quote.pk}/"
