"""Many order at once, in processes of their own, on the real database; and some are killed."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db.models import Sum

from spindel.catalogue.models import Place, Price, Product, Variant
from spindel.commerce.carts import actions as cart_actions
from spindel.commerce.carts import reading as carts
from spindel.commerce.carts import session_cart
from spindel.commerce.carts.actions import Edit
from spindel.commerce.carts.models import Cart, CartLine
from spindel.commerce.common.models import Notice
from spindel.commerce.orders.models import Order, OrderLine
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.placing import Checkout
from spindel.commerce.payments.models import Payment
from spindel.commerce.stock.models import Hold
from spindel.commerce.stock.reading import levels
from spindel.identity import identifiers
from spindel.shoppers import reading as shoppers
from spindel.shoppers.models import LoginLink
from spindel.timeline.models import Fact
from tests.commerce.conftest import Shop
from tests.commerce.orders.cast import ANNA, HOME, come
from tests.commerce.orders.racing import race, start
from tests.commerce.stock.cast import deliver, there
from tests.telling import follow

pytestmark = pytest.mark.slow


@pytest.fixture
def priced(shop: Shop) -> Shop:
    """Vinga costs 1,299 kronor, and the warehouse sends."""
    for variant in (shop.small, shop.large):
        Price.objects.create(variant_id=variant, market="SE", currency="SEK", amount=129_900)
    Place.objects.filter(pk=shop.warehouse).update(ships=True)
    return shop


def full_cart(*skus: str, browser: str = "phone-of-anna") -> bytes:
    her = come(browser)
    for sku in skus:
        cart_actions.change_of_shopper(her, Edit(sku, quantity=1))
    return her


def test_a_thousand_buyers_for_a_hundred_pairs_at_the_web__saleor_543_vendure_1738(
    priced: Shop,
) -> None:
    deliver(priced.small, priced.warehouse, 100)
    crowds = [
        [
            {"do": "cart_and_order", "browser": f"browser-{crowd}-{n}", "skus": ["vinga-38"]}
            for n in range(250)
        ]
        for crowd in range(4)
    ]
    assert race(*crowds) == {"ordered": 100, "not enough": 900}
    assert there(priced.small, priced.warehouse) == (100, 100, 0)
    assert Hold.objects.filter(state="active", order_line_id__isnull=False).count() == 100
    assert OrderLine.objects.aggregate(sum=Sum("quantity"))["sum"] == 100
    assert Payment.objects.count() == Order.objects.count() == 100
    assert Fact.objects.filter(name="Order Completed").count() == 100


def test_the_last_pair_is_wanted_by_the_web_a_store_and_an_agent_at_once(priced: Shop) -> None:
    """The web sends from the same store that the clerk sells in and the agent holds in."""
    Place.objects.filter(pk=priced.goteborg).update(ships=True)
    product = Product.objects.get(number="vinga")
    last = []
    for n in range(20):
        variant = Variant.objects.create(product=product, sku=f"last-{n}", position=n)
        Price.objects.create(variant=variant, market="SE", currency="SEK", amount=99_900)
        deliver(variant.pk, priced.goteborg, 1)
        last.append(variant)
    counted = race(
        [
            {"do": "cart_and_order", "browser": f"browser-{one.pk}", "skus": [one.sku]}
            for one in last
        ],
        [
            {"do": "sell", "key": f"s{one.pk}", "variant": one.pk, "place": priced.goteborg}
            for one in last
        ],
        [
            {"do": "hold", "key": f"h{one.pk}", "variant": one.pk, "place": priced.goteborg}
            for one in last
        ],
    )
    assert counted["ordered"] + counted["sold"] + counted["held"] == 20
    assert counted["not enough"] == 40
    for one in last:
        assert there(one.pk, priced.goteborg)[2] == 0


def test_two_variants_in_opposite_order_are_bought_without_a_deadlock(priced: Shop) -> None:
    for variant in (priced.small, priced.large):
        deliver(variant, priced.warehouse, 1_000)
    forth, back = ["vinga-38", "vinga-39"], ["vinga-39", "vinga-38"]
    counted = race(
        *(
            [
                {
                    "do": "cart_and_order",
                    "browser": f"browser-{crowd}-{n}",
                    "skus": back if (crowd + n) % 2 else forth,
                }
                for n in range(40)
            ]
            for crowd in range(3)
        )
    )
    assert counted == {"ordered": 120}


def test_a_double_click_is_one_order__odoo_152259(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 50)
    her = full_cart("vinga-38")
    task = {"do": "order", "digest": her.hex(), "key": "the same"}
    counted = race([task] * 8, [task] * 8)
    (number,) = counted
    assert counted[number] == 16
    assert Order.objects.get().number == number
    assert there(priced.small, priced.warehouse) == (50, 1, 49)


def test_two_orders_of_one_cart_with_other_keys_are_one(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 50)
    her = full_cart("vinga-38")
    counted = race(*[[{"do": "order", "digest": her.hex(), "key": f"k{n}"}] for n in range(4)])
    assert counted.pop("refused") == 3
    assert sum(counted.values()) == 1
    assert Order.objects.count() == 1


def test_no_edit_of_many_at_once_is_lost(priced: Shop) -> None:
    her = come()
    task = {"do": "edit", "digest": her.hex()}
    counted = race(
        [task | {"sku": "vinga-38"}] * 50,
        [task | {"sku": "vinga-39"}] * 50,
        [task | {"sku": "vinga-38"}] * 50,
    )
    assert counted == {"edited": 150}
    cart = session_cart.cart(shoppers.find(her))
    assert {one.sku: one.quantity for one in cart.lines} == {"vinga-38": 100, "vinga-39": 50}
    assert Cart.objects.count() == 1
    assert cart.version == 150


def test_two_logins_at_once_leave_one_cart_with_everything__vendure_4481_3773(
    priced: Shop,
) -> None:
    for n in range(5):
        anna = identifiers.identifier("email", f"anna{n}@example.se")
        devices = [
            full_cart("vinga-38", browser=f"phone-{n}"),
            full_cart("vinga-39", browser=f"laptop-{n}"),
        ]
        tasks = []
        for number, device in enumerate(devices):
            code = f"code-{n}-{number}"
            LoginLink.objects.create(
                digest=shoppers.digest(code), identifier_id=anna, ends_at="2100-01-01T00:00Z"
            )
            tasks.append({"do": "log_in", "digest": device.hex(), "code": code})
        assert race([tasks[0]], [tasks[1]]) == {"logged in": 2}
        seen = [
            {one.sku for one in session_cart.cart(shoppers.find(device)).lines}
            for device in devices
        ]
        assert seen == [{"vinga-38", "vinga-39"}] * 2
    follow()
    for n in range(5):
        anna = identifiers.identifier("email", f"anna{n}@example.se")
        assert anna
        there = carts.open_of(identifiers.living(anna) or 0)
        assert there
        assert CartLine.objects.filter(cart=there).count() == 2


def test_an_order_is_cancelled_or_sent_and_never_both(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 20)
    made = []
    for n in range(20):
        her = full_cart("vinga-38", browser=f"browser-{n}")
        checkout = Checkout("invoice", ANNA, HOME)
        made.append(placing.place_cart_of_shopper(her, checkout, key="k"))
    counted = race(
        [{"do": "cancel", "order": one.pk} for one in made],
        [
            {"do": "ship", "order": one.pk, "place": priced.warehouse, "key": f"s{one.pk}"}
            for one in made
        ],
    )
    assert counted["cancelled"] == 20  # what was sent has nothing left to cancel
    lines = OrderLine.objects.all()
    assert all(one.delivered + one.cancelled == 1 for one in lines)
    sent = sum(one.delivered for one in lines)
    assert counted["sent"] == sent
    assert there(priced.small, priced.warehouse) == (20 - sent, 0, 20 - sent)


def test_paid_and_given_up_at_once_is_one_of_the_two(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 20)
    made = []
    for n in range(20):
        her = full_cart("vinga-38", browser=f"browser-{n}")
        checkout = Checkout("card", ANNA, HOME)
        made.append(placing.place_cart_of_shopper(her, checkout, key="k"))
    race(
        [{"do": "settle", "order": one.pk, "paid": True} for one in made],
        [{"do": "settle", "order": one.pk, "paid": False} for one in made],
    )
    states = Counter(Order.objects.values_list("state", flat=True))
    assert states.keys() <= {"confirmed", "cancelled"}
    kept = states["confirmed"]
    assert there(priced.small, priced.warehouse) == (20, kept, 20 - kept)
    assert Fact.objects.filter(name="Order Completed").count() == kept


def test_killed_between_any_two_steps_of_placing_an_order_it_is_there_whole_or_not_at_all(
    priced: Shop,
) -> None:
    deliver(priced.small, priced.warehouse, 50)
    done = False
    for statements in range(1, 60):
        her = full_cart("vinga-38", browser=f"browser-{statements}")
        task = {"do": "order", "digest": her.hex(), "key": "k"}
        process = start(tasks=[task], die_after=statements)
        printed = process.communicate(timeout=60)
        placed = Order.objects.filter(contact__name="Anna").count()
        held = sum(Hold.objects.filter(state="active").values_list("quantity", flat=True))
        assert held == placed == Payment.objects.count() == OrderLine.objects.count()
        assert Notice.objects.filter(kind="confirmed").count() == placed
        assert Cart.objects.filter(state="ordered").count() == placed
        assert levels.verify() == []
        if process.returncode == 0:
            assert printed
            done = True
            break
        # She tries again with the same key, and has one order.
        again = race([task])
        assert sum(again.values()) == 1
        assert "refused" not in again
    assert done, "there are more steps than were tried"
    assert statements > 8
