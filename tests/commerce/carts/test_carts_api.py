"""Machines that act for anybody: they see and change her one cart, and order it."""

from __future__ import annotations

from spindel.staff.models import Scope
from tests.commerce.conftest import Shop
from tests.commerce.stock.cast import deliver, there
from tests.flows.cast import ANNA, HOME, Machine
from tests.flows.cast import at_shop as at_shop  # a fixture
from tests.shopping import Come, lines, log_in

HERS = "?whose=email:anna@example.se"


def test_the_call_centre_and_the_phone_have_one_cart(
    at_shop: Come,
    shop: Shop,
) -> None:
    phone = at_shop("phone-of-anna")
    log_in(phone, "anna@example.se")
    centre = Machine(Scope.READ_ORDERS, Scope.WRITE_ORDERS)
    assert centre.ask("GET", f"carts{HERS}").json()["version"] == 0
    phone.add("vinga-38")
    assert lines(centre.ask("GET", f"carts{HERS}").json()) == {"vinga-38": 1}
    changed = centre.ask("PUT", f"carts/lines/vinga-39{HERS}&channel=phone", {"quantity": 2})
    assert lines(changed.json()) == phone.cart() == {"vinga-38": 1, "vinga-39": 2}
    stale = centre.ask("PUT", f"carts/lines/vinga-39{HERS}", {"quantity": 3, "version": 1})
    assert (stale.status_code, lines(stale.json()["cart"])) == (409, phone.cart())
    deliver(shop.small, shop.warehouse, 1)
    deliver(shop.large, shop.warehouse, 2)
    said = {"contact": ANNA, "address": HOME}
    for _ in range(2):
        done = centre.ask("POST", f"carts/order{HERS}", said, key="k")
        assert done.status_code == 201, done.content
    assert phone.cart() == {}
    assert there(shop.small, shop.warehouse) == (1, 1, 0)


def test_a_cart_is_sold_over_the_counter(at_shop: Come, shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 1)
    till = Machine(Scope.READ_ORDERS, Scope.WRITE_ORDERS)
    till.ask("PUT", f"carts/lines/vinga-38{HERS}", {"quantity": 1})
    said = {"pay_by": "till", "counter": "goteborg"}
    done = till.ask("POST", f"carts/order{HERS}&channel=store", said, key="k")
    assert (done.status_code, done.json()["state"]) == (201, "completed")
    assert there(shop.small, shop.goteborg) == (0, 0, 0)


def test_whoever_is_nobody_has_no_cart(at_shop: Come) -> None:
    centre = Machine(Scope.READ_ORDERS)
    assert centre.ask("GET", "carts?whose=nonsense").status_code == 422
    assert centre.ask("PUT", f"carts/lines/x{HERS}", {}).status_code == 403
