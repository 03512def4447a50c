"""The cart on phone, laptop and the clerk's tablet; click and collect; a till that was offline.

Through HTTP, as a shop, a clerk's tablet and a till would do it.
"""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from spindel.catalogue.markets import Market
from spindel.commerce.carts import actions as cart_actions
from spindel.commerce.carts import reading as carts
from spindel.commerce.carts.actions import Edit
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.placing import Checkout
from spindel.commerce.stock.reading import levels as reading_levels
from spindel.identity import customers, ownership
from spindel.kit.idempotency import Request
from spindel.staff.actors import Actor
from spindel.staff.models import Scope
from spindel.timeline.models import Fact
from tests.commerce.conftest import Shop, shop  # noqa: F401  # the fixture
from tests.commerce.stock.cast import deliver, there
from tests.flows.cast import ANNA, HOME, Machine
from tests.flows.cast import at_shop as at_shop  # a fixture
from tests.shopping import Come, lines, log_in
from tests.telling import follow


def test_a_cart_goes_from_the_phone_to_the_laptop_to_the_clerk_and_is_bought_once(
    at_shop: Come,
    shop: Shop,  # noqa: F811  # the fixture
) -> None:
    deliver(shop.small, shop.warehouse, 5)
    deliver(shop.large, shop.goteborg, 5)
    phone, laptop = at_shop("phone-of-anna"), at_shop("laptop-of-anna")
    phone.add("vinga-38")
    log_in(phone, "anna@example.se")
    log_in(laptop, "anna@example.se")
    assert laptop.cart() == {"vinga-38": 1}
    laptop.add("vinga-39", 1, fulfilment="pick_up", place="goteborg")
    follow()
    anna = customers.by_identifier("email", "anna@example.se")
    assert anna
    there_ = carts.open_of(anna)
    assert there_
    assert [one.sku for one in carts.view(there_.pk, "sv").lines] == ["vinga-38", "vinga-39"]
    how = {"market": Market("SE", "SEK", "sv")}
    cart_actions.change_for(ownership.under(anna), Edit("vinga-39", quantity=2), **how)
    assert phone.cart() == {"vinga-38": 1, "vinga-39": 2}
    order = placing.place_cart_for(
        ownership.under(anna),
        Checkout("invoice", ANNA, HOME),
        request=Request("desk", "k"),
        actor=Actor("Oskar", channel="store"),
        **how,
    )
    assert phone.cart() == laptop.cart() == {}
    mine = laptop.ask("GET", "orders").json()["items"]
    assert [one["number"] for one in mine] == [order.number]
    assert mine[0]["total"] == 3 * 129_900
    stranger = at_shop("somebody-else")
    assert stranger.ask("GET", f"orders/{order.number}").status_code == 404
    told = [fact.name for fact in Fact.objects.order_by("sequence")]
    assert told.count("Order Completed") == 1


def test_click_and_collect(at_shop: Come, shop: Shop) -> None:  # noqa: F811  # the fixture
    deliver(shop.small, shop.goteborg, 1)
    phone = at_shop("phone-of-anna")
    phone.add("vinga-38", 1, fulfilment="pick_up", place="goteborg")
    cart = phone.ask("GET", "cart").json()
    said = {
        "pay_by": "store",
        "contact": ANNA,
        "version": cart["version"],
        "total": cart["total"],
    }
    first, again = (
        phone.ask("POST", "orders", said, **{"Idempotency-Key": "click"}) for _ in range(2)
    )
    assert (first.status_code, again.status_code) == (201, 201)
    order = first.json()
    assert again.json()["number"] == order["number"]
    assert (order["state"], order["lines"][0]["place_name"]) == ("confirmed", "Göteborg")
    assert order["lines"][0]["until"]
    assert there(shop.small, shop.goteborg) == (1, 1, 0)
    till = Machine(Scope.READ_ORDERS, Scope.WRITE_ORDERS)
    path = f"orders/{order['number']}/hand-over"
    done = till.ask("POST", path, {"place": "goteborg"}, key="h")
    assert done.json()["state"] == "completed"
    assert till.ask("POST", path, {"place": "goteborg"}, key="h").status_code == 200
    assert there(shop.small, shop.goteborg) == (0, 0, 0)
    shown = phone.ask("GET", f"orders/{order['number']}").json()
    kinds = {one["kind"] for one in shown["events"]}
    assert kinds >= {"placed", "confirmed", "paid", "handed_over"}


def test_what_is_lacking_for_an_order_is_said(at_shop: Come, shop: Shop) -> None:  # noqa: F811  # the fixture
    phone = at_shop("phone-of-anna")
    key = {"Idempotency-Key": "k"}
    nothing = phone.ask("POST", "orders", {"pay_by": "invoice", "contact": ANNA}, **key)
    assert (nothing.status_code, nothing.json()["code"]) == (409, "refused")
    phone.add("vinga-38", 2)
    for said, code in (
        ({"pay_by": "invoice", "contact": {"name": "Anna"}}, "bad_contact"),
        ({"pay_by": "invoice", "contact": ANNA}, "bad_address"),
        ({"pay_by": "store", "contact": ANNA, "address": HOME}, "bad_payment"),
        ({"pay_by": "card", "contact": ANNA, "address": HOME}, "bad_payment"),
    ):
        answer = phone.ask("POST", "orders", said, **key)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    said = {"pay_by": "invoice", "contact": ANNA, "address": HOME}
    answer = phone.ask("POST", "orders", said, **key)
    assert answer.status_code == 409
    assert answer.json()["available"] == [{"sku": "vinga-38", "available": 0}]
    answer = phone.ask("POST", "orders", said | {"version": 0}, **key)
    assert answer.json()["code"] == "changed"
    assert lines(answer.json()["cart"]) == {"vinga-38": 2}


def test_a_till_that_was_offline_tells_late_and_is_counted_once(
    at_shop: Come,
    shop: Shop,  # noqa: F811  # the fixture
) -> None:
    deliver(shop.small, shop.goteborg, 1)
    till = Machine(Scope.READ_ORDERS, Scope.WRITE_ORDERS, Scope.WRITE_STOCK, Scope.READ_STOCK)
    held = {"lines": [{"sku": "vinga-38", "place": "goteborg"}], "until": "hour"}
    assert till.ask("POST", "stock/holds", held, key="h").status_code == 201
    yesterday = timezone.now() - timedelta(days=1)
    said = {
        "number": "GBG1-17",
        "place": "goteborg",
        "at": yesterday.isoformat(),
        "whose": "email:anna@example.se",
        "lines": [{"sku": "vinga-38", "quantity": 1, "amount": 129_900}],
    }
    for _ in range(2):
        answer = till.ask("POST", "orders/purchases", said)
        assert (answer.status_code, answer.json()["number"]) == (201, "GBG1-17")
    assert there(shop.small, shop.goteborg) == (0, 1, -1)
    levels = till.ask("GET", "stock/levels/vinga-38").json()["items"]
    assert [one["available"] for one in levels] == [-1]
    follow()
    anna = customers.by_identifier("email", "anna@example.se")
    assert anna
    (fact,) = customers.timeline(anna).items
    assert (fact.name, fact.occurred_at, fact.channel) == ("Order Completed", yesterday, "store")
    phone = at_shop("phone-of-anna")
    log_in(phone, "anna@example.se")
    assert [one["number"] for one in phone.ask("GET", "orders").json()["items"]] == ["GBG1-17"]
    assert reading_levels.verify() == []


def test_the_shops_token_opens_nobodys_orders(at_shop: Come) -> None:
    phone = at_shop("phone-of-anna")
    for path in ("orders", "returns"):
        shop_alone = Machine(Scope.SHOP)
        assert shop_alone.ask("GET", path).status_code == 403
    phone.key = Machine(Scope.SHOP).secret
    assert phone.ask("GET", "orders").status_code == 401
