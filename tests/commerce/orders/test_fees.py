"""What delivery costs: in every channel alike, kept with the order, given back with all of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from spindel.commerce.orders import actions as orders
from spindel.commerce.orders import balance, reading, receipts
from spindel.commerce.orders.actions import Some
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.draft import Item
from spindel.commerce.returns.actions import Back
from spindel.kit.money import vat_in
from spindel.offers import actions as offers
from spindel.offers.models import DeliveryFee, OfferUse
from spindel.offers.terms import AmountOff, DeliveryOff
from spindel.staff.models import Role, Scope
from spindel.timeline.models import Fact
from tests.commerce.acting import exchange, ship, take_back
from tests.commerce.conftest import Shop
from tests.commerce.orders.at_checkout import HERS, order, plain
from tests.commerce.orders.at_checkout import filled as filled  # a fixture
from tests.commerce.orders.cast import counter, give_offer
from tests.console.conftest import as_role
from tests.flows.cast import ANNA, HOME, Machine
from tests.flows.cast import at_shop as at_shop  # a fixture
from tests.shopping import AtShop, log_in

__all__ = ["as_role", "at_shop"]


def fee(amount: int, worth: int = 0, method: str = "ship", vat_rate: int = 2_500) -> None:
    """Have it cost so much in Sweden."""
    told = DeliveryFee(
        market="SE", currency="SEK", method=method, worth=worth, amount=amount, vat_rate=vat_rate
    )
    offers.keep_fee(told, "astrid")


def placed(device: AtShop, key: str = "k", **more: object) -> Order:
    answer = order(device, ANNA, key, **more)
    assert answer.status_code == 201, answer.content
    return Order.objects.get(number=answer.json()["number"])


def test_a_cart_says_what_each_way_costs_and_when_it_would_cost_less(filled: AtShop) -> None:
    fee(4_900)
    fee(0, worth=200_000)
    cart = filled.ask("GET", "cart").json()
    assert (cart["total"], cart["vat"]) == (134_800, vat_in(134_800, 2_500))
    assert cart["deliveries"] == [
        {
            "fulfilment": "ship",
            "name": "Hemleverans",
            "amount": 4_900,
            "total": 4_900,
            "discounts": [],
            "chosen": True,
            "cart_total": 134_800,
            "missing": 70_100,
            "text": "Handla för 701\xa0kr till så är frakten fri.",
        },
        {
            "fulfilment": "pick_up",
            "name": "Hämtning i butik",
            "amount": 0,
            "total": 0,
            "discounts": [],
            "chosen": False,
            "cart_total": 129_900,
            "missing": 0,
            "text": "",
        },
    ]
    filled.add("vinga-39")
    cart = filled.ask("GET", "cart").json()
    assert cart["total"] == 259_800
    assert cart["deliveries"][0]["text"] == ""


def test_what_the_goods_cost_is_counted_before_discounts(filled: AtShop) -> None:
    fee(4_900)
    fee(0, worth=129_900)
    give_offer("hundred", AmountOff({"SEK": 10_000}))
    assert filled.ask("GET", "cart").json()["total"] == 119_900


def test_nothing_is_said_of_delivery_where_it_costs_nothing(filled: AtShop) -> None:
    cart = filled.ask("GET", "cart").json()
    assert (cart["total"], cart["deliveries"]) == (129_900, [])
    assert order(filled, ANNA).json()["fees"] == []


def test_every_channel_charges_the_same_and_nobody_for_what_is_taken_along(
    filled: AtShop, shop: Shop
) -> None:
    fee(4_900)
    log_in(filled, "anna@example.se")
    machine = Machine(Scope.READ_ORDERS, Scope.WRITE_ORDERS)
    assert machine.ask("GET", f"carts{HERS}").json()["total"] == 134_800
    sent = [Item(shop.small, 1)]
    sold = placing.sell(counter(shop, "t", *sent, contact=ANNA, address=HOME, total=134_800))
    assert sold.total == 134_800
    assert placing.sell(counter(shop, "u")).total == 129_900
    counted = {"counter": "goteborg", "pay_by": "till", "total": 129_900}
    here = machine.ask("POST", f"carts/order{HERS}", counted, key="c")
    assert here.status_code == 201, here.content
    assert (here.json()["total"], here.json()["fees"]) == (129_900, [])


def test_the_order_its_payment_its_fact_and_its_receipt_have_the_fee(filled: AtShop) -> None:
    fee(4_900, vat_rate=600)
    made = placed(filled, total=134_800)
    vat = vat_in(129_900, 2_500) + vat_in(4_900, 600)
    assert (made.total, made.vat, balance.due(made)) == (134_800, vat, 134_800)
    payment = balance.payment_of(made)
    assert payment is not None
    assert payment.amount == 134_800
    fact = Fact.objects.get(name="Order Completed").properties
    shipping = (4_900 - vat_in(4_900, 600)) / 100
    assert (fact["total"], fact["shipping"]) == (1348.0, shipping)
    assert fact["revenue"] + fact["tax"] + fact["shipping"] == pytest.approx(fact["total"])
    view = reading.view(made, "sv")
    assert [(one.rate, one.amount) for one in view.vat_by_rate] == [
        (600, vat_in(4_900, 600)),
        (2_500, vat_in(129_900, 2_500)),
    ]
    receipt = receipts.of(view)
    assert [(one.name, one.total) for one in receipt.rows][-1] == ("Hemleverans", 4_900)
    assert receipt.total == 134_800


def test_a_code_makes_delivery_free_and_says_so_on_the_order(filled: AtShop) -> None:
    fee(4_900)
    offer = give_offer("free", DeliveryOff(rate=10_000), needs_code=True)
    offers.add_code("free", "FRIFRAKT")
    cart = filled.ask("POST", "cart/codes", {"code": "frifrakt"}).json()
    assert cart["total"] == 129_900
    assert cart["discounts"] == [{"name": "free på svenska", "amount": 4_900}]
    assert cart["deliveries"][0]["discounts"] == cart["discounts"]
    made = placed(filled, total=129_900)
    (kept,) = made.fees.all()
    assert (kept.amount, kept.total, kept.discounts[0]["source"]) == (4_900, 0, f"offer:{offer.pk}")
    assert OfferUse.objects.get().amount == 4_900
    (shown,) = reading.view(made, "sv").fees
    assert [(one.name, one.amount) for one in shown.discounts] == [("free på svenska", 4_900)]


def test_what_is_cancelled_in_part_keeps_the_fee_and_all_of_it_gives_it_back(
    filled: AtShop,
) -> None:
    fee(4_900)
    filled.add("vinga-39")
    made = placed(filled)
    orders.cancel(made.pk, [Some(0, 1)], by="oskar")
    assert balance.worth(made) == 129_900 + 4_900
    assert receipts.of(reading.view(made, "sv")).total == 134_800
    orders.cancel(made.pk, None, by="oskar")
    assert balance.worth(made) == 0
    assert receipts.of(reading.view(made, "sv")).total == 0


def test_the_last_of_what_comes_back_brings_the_fee_so_that_all_gives_back_what_was_paid(
    filled: AtShop, shop: Shop
) -> None:
    fee(4_900)
    filled.add("vinga-39")
    made = placed(filled)
    ship(made.pk, shop.warehouse, None, by="oskar", key="s", carrier="PostNord")
    back = {"by": "oskar", "place": shop.goteborg}
    first = take_back(made.pk, [Back(0, 1)], **back, key="r1")
    second = take_back(made.pk, [Back(1, 1)], **back, key="r2")
    assert (first.refund, second.refund) == (129_900, 134_800)
    assert first.refund + second.refund == made.total
    assert receipts.of(reading.view(made, "sv")).total == 0


def test_what_was_exchanged_has_come_so_its_delivery_stays_paid(filled: AtShop, shop: Shop) -> None:
    fee(4_900)
    made = placed(filled)
    ship(made.pk, shop.warehouse, None, by="oskar", key="s", carrier="PostNord")
    wanted = [Item(shop.large, 1, "hand_over", shop.goteborg)]
    back = exchange(made.pk, [Back(0, 1)], wanted, by="oskar", place=shop.goteborg, key="x")
    assert (back.refund, back.credited) == (129_900, 129_900)
    assert not made.fees.get().returned


def test_fees_are_said_by_machines_and_on_a_page_and_count_at_once(
    filled: AtShop, as_role: Callable[[Role], Client]
) -> None:
    astrid = as_role(Role.MARKETER)
    machine = Machine(Scope.WRITE_OFFERS, Scope.READ_OFFERS)
    told = {"market": "SE", "currency": "SEK", "method": "ship", "amount": 4_900}
    assert machine.ask("PUT", "delivery/fees", {"items": [told]}).status_code == 200
    assert filled.ask("GET", "cart").json()["total"] == 134_800
    twice = machine.ask("PUT", "delivery/fees", {"items": [told, told]})
    assert (twice.status_code, twice.json()["code"]) == (409, "refused")
    wrong = machine.ask("PUT", "delivery/fees", {"items": [told | {"currency": "DKK"}]})
    assert wrong.status_code == 409
    typed = {"market": "SE", "method": "ship", "worth": "599", "amount": "0", "vat_rate": "25 %"}
    astrid.post("/delivery/fees/keep/", typed)
    assert filled.ask("GET", "cart").json()["total"] == 129_900
    page = plain(astrid.get("/delivery/fees/"))
    assert "599" in page
    astrid.post("/delivery/fees/keep/", typed | {"amount": "many"})
    assert DeliveryFee.objects.count() == 2
    free = DeliveryFee.objects.get(worth=59_900)
    astrid.post("/delivery/fees/drop/", {"id": free.pk})
    assert filled.ask("GET", "cart").json()["total"] == 134_800
    got = machine.ask("GET", "delivery/fees").json()["items"]
    assert got == [told | {"worth": 0, "vat_rate": 2_500}]
