"""Orders: placed once, with their stock; sent, handed over, cancelled, claimed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from spindel.catalogue.models import Place, Price
from spindel.commerce.carts import ownership, session_cart
from spindel.commerce.carts.actions import Changed, Edit, change_of_shopper
from spindel.commerce.carts.models import Cart
from spindel.commerce.common import rules
from spindel.commerce.orders import actions as orders
from spindel.commerce.orders import placement
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.draft import Item
from spindel.commerce.orders.placement.placing import Bought
from spindel.commerce.payments.models import Payment, PaymentCommand
from spindel.commerce.stock.actions import holds
from spindel.commerce.stock.models import Hold
from spindel.identity import customers, identifiers
from spindel.kit.idempotency import KeyReused, Request
from spindel.kit.refusal import Refusal
from spindel.shoppers import reading as shoppers
from spindel.staff.actors import Actor
from spindel.timeline.models import Fact
from tests.commerce import acting
from tests.commerce.conftest import Shop
from tests.commerce.orders.cast import checkout, come, counter, facts
from tests.commerce.orders.cast import priced as priced  # a fixture
from tests.commerce.stock.cast import deliver, reserve, there
from tests.telling import follow
from tests.working import work


def test_a_cart_becomes_an_order_with_its_stock_and_its_fact(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 3)
    her = come()
    change_of_shopper(her, Edit("vinga-38", quantity=2))
    order = placing.place_cart_of_shopper(her, checkout(), key="k")
    assert (order.state, order.total, order.vat) == ("confirmed", 259_800, 51_960)
    assert there(priced.small, priced.warehouse) == (3, 2, 1)
    payment = Payment.objects.get(order_id=order.pk)
    assert (payment.provider, payment.amount, payment.state) == ("invoice", 259_800, "pending")
    assert Cart.objects.get().state == "ordered"
    assert session_cart.cart(shoppers.find(her)).lines == []
    assert facts() == ["Product Added", "Order Completed"]
    fact = Fact.objects.get(name="Order Completed")
    assert fact.properties["order_id"] == order.number
    assert fact.properties["total"] == 2598.0
    follow()
    assert customers.by_identifier("email", "anna@example.se")


def test_the_same_key_again_is_the_same_order(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 3)
    her = come()
    change_of_shopper(her, Edit("vinga-38", quantity=1))
    first = placing.place_cart_of_shopper(her, checkout(), key="k")
    assert placing.place_cart_of_shopper(her, checkout(), key="k").pk == first.pk
    assert Order.objects.count() == 1
    with pytest.raises(Refusal):
        placing.place_cart_of_shopper(her, checkout(), key="other")
    assert there(priced.small, priced.warehouse) == (3, 1, 2)


def test_a_cart_that_is_not_what_she_saw_is_not_ordered(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 3)
    her = come()
    seen = change_of_shopper(her, Edit("vinga-38", quantity=1))
    change_of_shopper(her, Edit("vinga-38", quantity=2))
    with pytest.raises(Changed):
        placing.place_cart_of_shopper(her, checkout(version=seen.version), key="k")
    Price.objects.filter(variant_id=priced.small).update(amount=139_900)
    with pytest.raises(Changed):
        placing.place_cart_of_shopper(her, checkout(total=2 * 129_900), key="k")
    assert Order.objects.count() == 0


def test_too_little_orders_nothing(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 1)
    deliver(priced.large, priced.warehouse, 5)
    her = come()
    change_of_shopper(her, Edit("vinga-38", quantity=2))
    change_of_shopper(her, Edit("vinga-39", quantity=1))
    with pytest.raises(rules.NotEnough) as refused:
        placing.place_cart_of_shopper(her, checkout(), key="k")
    assert refused.value.available == [rules.Line(priced.small, 0, 1)]
    assert there(priced.large, priced.warehouse) == (5, 0, 5)
    assert ownership.of_shopper  # the cart is still open
    assert len(session_cart.cart(shoppers.find(her)).lines) == 2


def test_what_is_saved_waits_in_the_next_cart(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 1)
    her = come()
    change_of_shopper(her, Edit("vinga-38", quantity=1))
    change_of_shopper(her, Edit("vinga-39", quantity=1))
    change_of_shopper(her, Edit("vinga-39", saved=True))
    order = placing.place_cart_of_shopper(her, checkout(), key="k")
    assert [one.sku for one in order.lines.all()] == ["vinga-38"]
    cart = session_cart.cart(shoppers.find(her))
    assert [(one.sku, one.saved) for one in cart.lines] == [("vinga-39", True)]


def test_it_is_sent_from_one_place_where_one_has_all(priced: Shop) -> None:
    Place.objects.filter(pk=priced.stockholm).update(ships=True)
    deliver(priced.small, priced.warehouse, 5)
    deliver(priced.large, priced.warehouse, 1)
    deliver(priced.small, priced.stockholm, 2)
    deliver(priced.large, priced.stockholm, 2)
    her = come()
    change_of_shopper(her, Edit("vinga-38", quantity=2))
    change_of_shopper(her, Edit("vinga-39", quantity=2))
    placing.place_cart_of_shopper(her, checkout(), key="k")
    assert {one.place_id for one in Hold.objects.all()} == {priced.stockholm}


def test_a_parcel_is_sent_and_the_money_asked_for_once(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 3)
    her = come()
    change_of_shopper(her, Edit("vinga-38", quantity=3))
    order = placing.place_cart_of_shopper(her, checkout(), key="k")
    how = {"carrier": "PostNord", "tracking": "123", "by": "Elin", "source": "console"}
    some = [orders.Some(0, 1)]
    first = acting.ship(order.pk, priced.warehouse, some, key="s1", **how)
    assert acting.ship(order.pk, priced.warehouse, some, key="s1", **how).pk == first.pk
    assert there(priced.small, priced.warehouse) == (2, 2, 0)
    acting.ship(order.pk, priced.warehouse, None, key="s2", **how)
    assert there(priced.small, priced.warehouse) == (0, 0, 0)
    order.refresh_from_db()
    assert order.state == "completed"
    assert [one.amount for one in PaymentCommand.objects.filter(kind="capture")] == [389_700]
    assert facts().count("Order Shipped") == 2
    with pytest.raises(Refusal):
        acting.ship(order.pk, priced.warehouse, None, key="s3", **how)


def test_some_is_cancelled_and_its_stock_is_free(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 3)
    her = come()
    change_of_shopper(her, Edit("vinga-38", quantity=3))
    order = placing.place_cart_of_shopper(her, checkout(), key="k")
    orders.cancel(order.pk, [orders.Some(0, 1)], by="Elin", why="changed their mind")
    assert there(priced.small, priced.warehouse) == (3, 2, 1)
    with pytest.raises(orders.TooMany):
        orders.cancel(order.pk, [orders.Some(0, 3)], by="Elin")
    orders.cancel(order.pk, None, by="Elin")
    orders.cancel(order.pk, None, by="Elin")
    order.refresh_from_db()
    assert order.state == "cancelled"
    assert there(priced.small, priced.warehouse) == (3, 0, 3)
    assert facts()[-2:] == ["Order Updated", "Order Cancelled"]


def test_an_order_that_waits_for_its_payment_keeps_its_stock(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 1)
    her = come()
    change_of_shopper(her, Edit("vinga-38", quantity=1))
    order = placing.place_cart_of_shopper(her, checkout("card"), key="k")
    assert order.state == "awaiting"
    assert there(priced.small, priced.warehouse) == (1, 1, 0)
    assert facts()[-1] == "Payment Info Entered"
    with pytest.raises(Refusal):
        acting.ship(
            order.pk, priced.warehouse, None, carrier="x", actor=Actor(), request=Request("", "s")
        )
    orders.confirm(order.pk)
    orders.confirm(order.pk)
    orders.give_up(order.pk)
    order.refresh_from_db()
    assert order.state == "confirmed"
    assert facts().count("Order Completed") == 1


def test_an_order_that_is_not_paid_lets_its_stock_go(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 1)
    her = come()
    change_of_shopper(her, Edit("vinga-38", quantity=1))
    order = placing.place_cart_of_shopper(her, checkout("card"), key="k")
    orders.give_up(order.pk, why="not paid")
    orders.give_up(order.pk)
    assert there(priced.small, priced.warehouse) == (1, 0, 1)
    with pytest.raises(Refusal):
        orders.confirm(order.pk)


def test_click_and_collect_waits_in_the_store_and_lapses_there(priced: Shop) -> None:
    deliver(priced.small, priced.goteborg, 2)
    her = come()
    change_of_shopper(her, Edit("vinga-38", quantity=1, fulfilment="pick_up", place="goteborg"))
    first = placing.place_cart_of_shopper(her, checkout("store"), key="k")
    hold = Hold.objects.get()
    assert timedelta(days=6) < hold.until - timezone.now() < timedelta(days=9)
    orders.hand_over(
        first.pk, priced.goteborg, None, actor=Actor("Oskar"), request=Request("tablet", "h")
    )
    assert there(priced.small, priced.goteborg) == (1, 0, 1)
    change_of_shopper(her, Edit("vinga-38", quantity=1, fulfilment="pick_up", place="goteborg"))
    second = placing.place_cart_of_shopper(her, checkout("store"), key="k2")
    Hold.objects.filter(state="active").update(until=timezone.now() - timedelta(seconds=1))
    assert there(priced.small, priced.goteborg)[2] == 1
    work("commerce")
    second.refresh_from_db()
    assert second.state == "cancelled"
    assert there(priced.small, priced.goteborg) == (1, 0, 1)


def test_what_was_held_for_her_is_sold_to_her(priced: Shop, anna: int) -> None:
    deliver(priced.small, priced.goteborg, 1)
    (hold,) = reserve((priced.small, priced.goteborg, 1), whose=anna)
    with pytest.raises(rules.NotEnough):
        placing.sell(counter(priced, "somebody else"))
    order = placing.sell(counter(priced, "hers", whose=anna))
    assert (order.state, Payment.objects.get().captured) == ("completed", 129_900)
    hold.refresh_from_db()
    assert hold.state == "handed_over"
    assert there(priced.small, priced.goteborg) == (0, 0, 0)
    assert placing.sell(counter(priced, "hers", whose=anna)).pk == order.pk
    with pytest.raises(KeyReused):
        placing.sell(counter(priced, "hers", Item(priced.large, 1, "hand_over", priced.goteborg)))


def test_a_purchase_by_somebody_unknown_is_hers_who_shows_the_receipt(
    priced: Shop, anna: int
) -> None:
    deliver(priced.small, priced.goteborg, 1)
    order = placing.sell(counter(priced, "k"))
    assert Fact.objects.get(name="Order Completed").identifier_id == order.identifier_id
    orders.claim(order.number.lower(), anna, Actor("Oskar"))
    follow()
    orders.claim(order.number, anna, Actor())
    assert identifiers.living(order.identifier_id or 0) == identifiers.living(anna)
    assert order.identifier_id in identifiers.proven(anna)
    bo = identifiers.identifier("email", "bo@example.se")
    assert bo
    with pytest.raises(orders.SomebodyElses):
        orders.claim(order.number, bo, Actor())


def test_a_late_till_may_take_the_level_below_zero_and_counts_once__odoo_152259(
    priced: Shop,
) -> None:
    place = Place.objects.get(pk=priced.goteborg)
    deliver(priced.small, priced.goteborg, 1)
    reserve((priced.small, priced.goteborg, 1))
    yesterday = timezone.now() - timedelta(days=1)
    lines = [Bought(priced.small, 2, 99_900)]
    how = {"place": place, "whose": None, "currency": "SEK", "by": "API: tills", "source": "pos"}
    first = acting.tell_purchase("T-1", lines, at=yesterday, **how)
    assert acting.tell_purchase("T-1", lines, at=yesterday, **how).pk == first.pk
    assert there(priced.small, priced.goteborg) == (-1, 1, -2)
    assert (first.number, first.total, first.state) == ("T-1", 199_800, "completed")
    assert Fact.objects.get(name="Order Completed").occurred_at == yesterday


def test_writing_outside_a_transaction_is_refused(priced: Shop) -> None:
    with pytest.raises(RuntimeError):
        placement.before(counter(priced, "k"))


def test_what_is_to_be_sent_and_is_not_found_is_sent_from_elsewhere_or_cancelled(
    priced: Shop,
) -> None:
    Place.objects.filter(pk=priced.stockholm).update(ships=True)
    deliver(priced.small, priced.warehouse, 1)
    deliver(priced.small, priced.stockholm, 2)
    her = come()
    change_of_shopper(her, Edit("vinga-38", quantity=1))
    order = placing.place_cart_of_shopper(her, checkout(), key="k")
    first = Hold.objects.get()
    assert first.place_id == priced.stockholm
    orders.not_found(first.pk, "Oskar")
    orders.not_found(first.pk, "Oskar")
    assert there(priced.small, priced.stockholm) == (1, 0, 1)
    kept = Hold.objects.get(state="active")
    assert (kept.place_id, kept.order_line_id) == (priced.warehouse, first.order_line_id)
    acting.ship(
        order.pk, priced.warehouse, None, carrier="x", actor=Actor(), request=Request("", "s")
    )
    assert not Hold.objects.filter(state="active").exists()
    change_of_shopper(her, Edit("vinga-38", quantity=1))
    second = placing.place_cart_of_shopper(her, checkout(), key="k2")
    orders.not_found(Hold.objects.get(state="active").pk, "Oskar")
    second.refresh_from_db()
    assert second.state == "cancelled"
    assert facts()[-1] == "Order Cancelled"


def test_what_was_to_be_collected_and_is_not_found_waits_in_another_store(priced: Shop) -> None:
    deliver(priced.small, priced.goteborg, 1)
    deliver(priced.small, priced.stockholm, 1)
    her = come()
    change_of_shopper(her, Edit("vinga-38", quantity=1, fulfilment="pick_up", place="goteborg"))
    order = placing.place_cart_of_shopper(her, checkout("store"), key="k")
    lost = orders.not_found(Hold.objects.get().pk, "Oskar")
    assert lost.next
    assert lost.next.pk == priced.stockholm
    assert there(priced.small, priced.goteborg) == (0, 0, 0)
    kept = orders.keep_elsewhere(lost.hold.pk, priced.stockholm, "Oskar")
    assert orders.keep_elsewhere(lost.hold.pk, priced.stockholm, "Oskar").pk == kept.pk
    assert there(priced.small, priced.stockholm) == (1, 1, 0)
    orders.hand_over(
        order.pk, priced.stockholm, None, actor=Actor("Eva"), request=Request("tablet", "h")
    )
    order.refresh_from_db()
    assert order.state == "completed"


def test_what_an_order_keeps_is_not_let_go_behind_its_back(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 1)
    her = come()
    change_of_shopper(her, Edit("vinga-38", quantity=1))
    placing.place_cart_of_shopper(her, checkout(), key="k")
    kept = Hold.objects.get().pk
    with pytest.raises(Refusal):
        holds.release(kept, "Oskar")
    with pytest.raises(Refusal):
        holds.hand_over(kept, "Oskar")
    assert there(priced.small, priced.warehouse) == (1, 1, 0)
