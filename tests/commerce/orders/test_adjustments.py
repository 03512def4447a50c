"""What is taken off a line is the same for every face, and comes back with its pieces alone."""

from __future__ import annotations

import itertools
import random
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spindel.catalogue.models import Place, Price, Product
from spindel.catalogue.reading import prices_now
from spindel.commerce.carts.actions import Edit, NoSuchGoods, change_of_shopper
from spindel.commerce.carts.models import CartLine
from spindel.commerce.orders import actions as orders
from spindel.commerce.orders import balance, book, lifetime_value, order_mail, receipts, rules
from spindel.commerce.orders.actions import Some
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.draft import Item
from spindel.commerce.orders.placement.goods import goods_of
from spindel.commerce.orders.reading import views
from spindel.commerce.orders.stages import Reader
from spindel.commerce.payments.models import Payment
from spindel.commerce.returns.actions import Back
from spindel.identity import customers
from spindel.identity.shown import Opened
from spindel.kit import money as kit_money
from spindel.kit.idempotency import Request
from spindel.offers.models import Offer
from spindel.staff.actors import Actor
from spindel.staff.models import User
from spindel.timeline.models import Fact
from tests.commerce import acting
from tests.commerce.conftest import Shop
from tests.commerce.orders.cast import ANNA, HOME, checkout, come, counter
from tests.commerce.orders.cast import priced as priced  # a fixture
from tests.commerce.orders.offers import take_off
from tests.commerce.returns.cast import back, here, money, swap
from tests.commerce.stock.cast import deliver
from tests.telling import follow

_numbers = itertools.count()


def test_the_cart_the_order_and_the_counter_take_the_same_off(
    priced: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    Product.objects.update(vat=2500)
    deliver(priced.small, priced.warehouse, 9)
    deliver(priced.small, priced.goteborg, 9)
    take_off(monkeypatch, lambda line: 10_001 * line.quantity)
    her = come()
    seen = change_of_shopper(her, Edit("vinga-38", quantity=3))
    (line,) = seen.lines
    assert (line.amount, line.total, seen.total) == (129_900, 359_697, 359_697)
    order = placing.place_cart_of_shopper(her, checkout(total=359_697), key="k")
    sold = placing.sell(counter(priced, "sold", here(priced.small, priced.goteborg, 3)))
    for one in (order, sold):
        assert (one.total, one.vat) == (359_697, kit_money.vat_in(359_697, 2500))
        (line,) = one.lines.all()
        assert (line.amount, line.list_amount, line.total) == (129_900, 129_900, 359_697)
        (why,) = line.adjustments.all()
        assert (why.amount, why.reason, why.label) == (-30_003, "offer", "Summer")
        assert why.source == f"offer:{Offer.objects.get().pk}"
        assert Payment.objects.get(order_id=one.pk).amount == 359_697
        told = Fact.objects.get(name="Order Completed", properties__order_id=one.number)
        assert (told.properties["total"], told.properties["discount"]) == (3596.97, 300.03)
        assert told.properties["products"][0]["price"] == 1198.99


PRICES = st.none() | st.integers(1, 10**6)


@given(regular=PRICES, sale=PRICES)
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_edit_of_a_cart_tells_the_list_price_that_every_face_says(
    priced: Shop, regular: int | None, sale: int | None
) -> None:
    her, variant = come(f"browser-{next(_numbers)}"), priced.small
    change_of_shopper(her, Edit("vinga-39", quantity=1))
    Price.objects.filter(variant_id=variant).delete()
    for amount, is_sale in ((regular, False), (sale, True)):
        if amount is not None:
            Price.objects.create(
                variant_id=variant, market="SE", currency="SEK", amount=amount, sale=is_sale
            )
    listed = prices_now([variant]).get(variant, {}).get(("SE", "SEK"))
    assert goods_of([variant], "SE", "SEK", "sv")[variant].price == listed
    if listed is None:
        with pytest.raises(NoSuchGoods):
            change_of_shopper(her, Edit("vinga-38", quantity=1))
        return
    seen = change_of_shopper(her, Edit("vinga-38", quantity=1))
    (line,) = (one for one in seen.lines if one.sku == "vinga-38")
    assert (line.amount, line.was) == (listed.amount, listed.was)
    assert CartLine.objects.get(cart=seen.id, variant=variant).seen_amount == listed.amount
    told = Fact.objects.filter(properties__cart_id=seen.id, properties__sku="vinga-38")
    assert round(100 * told.get().properties["price"]) == listed.amount


@pytest.mark.parametrize("how", ["cart", "counter"])
def test_what_others_pay_without_a_sale_is_kept_whichever_way_it_was_bought(
    priced: Shop, how: str
) -> None:
    deliver(priced.small, priced.warehouse, 9)
    deliver(priced.small, priced.goteborg, 9)
    Price.objects.create(
        variant_id=priced.small, market="SE", currency="SEK", amount=99_900, sale=True
    )
    if how == "cart":
        change_of_shopper(her := come(), Edit("vinga-38", quantity=1))
        order = placing.place_cart_of_shopper(her, checkout(), key="k")
    else:
        order = placing.sell(counter(priced, "k", here(priced.small, priced.goteborg)))
    (line,) = order.lines.all()
    assert (line.amount, line.list_amount, line.total) == (99_900, 129_900, 99_900)


def test_what_she_has_been_worth_is_what_was_paid_for_what_she_kept(
    priced: Shop, anna: int, agent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_off(monkeypatch, lambda line: 1_000)
    deliver(priced.small, priced.warehouse, 9)
    Place.objects.filter(pk=priced.warehouse).update(ships=True)
    how = {"pay_by": "invoice", "contact": ANNA, "address": HOME, "whose": anna}
    order = placing.sell(counter(priced, "k", Item(priced.small, 3), **how))
    placing.sell(counter(priced, "whole", Item(priced.small, 1), **how))
    orders.cancel(order.pk, [Some(0, 1)], by="Elin")
    acting.ship(
        order.pk, priced.warehouse, None, carrier="x", actor=Actor("E"), request=Request("t", "s")
    )
    back(order, priced.stockholm)
    follow()
    customer = customers.by_identifier("user_id", "anna")
    assert customer
    (found,) = lifetime_value.of(Opened(agent, customer))
    # Of 3,887.00 the pieces have 1,295.66 and twice 1,295.67; the second is hers.
    assert found.spent == Decimal("1295.67") + 1_289
    assert (found.purchases, found.returns) == (2, 1)


QUANTITY, OFF = st.integers(1, 5), st.integers(0, 700)


@given(st.tuples(QUANTITY, QUANTITY), st.tuples(OFF, OFF), st.randoms(use_true_random=False))
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_is_cancelled_and_comes_back_in_whatever_parts_gives_back_exactly_what_was_paid(
    priced: Shop, many: tuple[int, int], off: tuple[int, int], dice: random.Random
) -> None:
    variants, key = (priced.small, priced.large), f"k{next(_numbers)}"
    Place.objects.filter(pk=priced.warehouse).update(ships=True)
    Price.objects.update(amount=1_000)
    for variant, quantity in zip(variants, many, strict=True):
        deliver(variant, priced.warehouse, quantity)
    with pytest.MonkeyPatch.context() as patch:
        take_off(patch, lambda line: off[variants.index(line.variant)])
        items = [Item(variant, quantity) for variant, quantity in zip(variants, many, strict=True)]
        how = {"pay_by": "invoice", "contact": ANNA, "address": HOME}
        order = placing.sell(counter(priced, key, *items, **how))
    paid = [1_000 * quantity - less for quantity, less in zip(many, off, strict=True)]
    assert [one.total for one in order.lines.order_by("line")] == paid

    def hers() -> int:
        found = Payment.objects.get(order_id=order.pk)
        asked = {"capture": 0, "refund": 0}
        for one in found.commands.exclude(kind="cancel"):
            asked[one.kind] += one.amount
        return asked["capture"] - asked["refund"]

    def worth() -> list[int]:
        lines = order.lines.order_by("line")
        return [rules.kept(one) - rules.given_back(one) for one in lines]

    def cancel(some: list[int]) -> None:
        before = worth()
        orders.cancel(order.pk, [Some(one, 1) for one in some], by="Elin")
        for line in {0, 1}.difference(some):
            assert worth()[line] == before[line], "nothing moves to the line that stays"

    def bring_back(some: list[int]) -> None:
        told = back(
            order, priced.stockholm, *(Back(one, 1) for one in some), key=f"{key}.{next(_numbers)}"
        )
        assert told.refund == sum(one.amount for one in told.lines.all())
        for one in told.lines.all():
            line = one.order_line
            assert one.amount in (line.total // line.quantity, -(-line.total // line.quantity))

    # Some is cancelled before anything is paid, some leaves, and then all of it comes to nothing.
    gone = [dice.randint(0, quantity) for quantity in many]
    sent = [dice.randint(0, all_ - some) for all_, some in zip(many, gone, strict=True)]
    for line in (0, 1):
        cancel([line] * gone[line])
    parcel = [Some(line, number) for line, number in enumerate(sent) if number]
    if parcel:
        acting.ship(
            order.pk,
            priced.warehouse,
            parcel,
            carrier="x",
            actor=Actor("E"),
            request=Request("t", key),
        )
        assert hers() == balance.worth(order) == sum(worth())
    steps = [
        (act, line)
        for line in (0, 1)
        for act, times in ((bring_back, sent[line]), (cancel, many[line] - gone[line] - sent[line]))
        for _ in range(times)
    ]
    dice.shuffle(steps)
    for act, some in itertools.groupby(steps, key=lambda one: one[0]):
        act([line for _, line in some])
        assert hers() == (sum(worth()) if parcel else 0)
    assert worth() == [0, 0]


def test_an_even_exchange_of_some_pieces_is_even_to_the_last_oere(
    priced: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_off(monkeypatch, lambda line: 1_000 if line.variant == priced.small else 0)
    deliver(priced.small, priced.goteborg, 3)
    deliver(priced.large, priced.stockholm, 3)
    order = placing.sell(counter(priced, "k", here(priced.small, priced.goteborg, 3)))
    assert order.total == 388_700
    for number, (many, each) in enumerate([(2, [129_566, 129_567]), (1, [129_567])]):
        done = swap(
            order,
            priced.stockholm,
            here(priced.large, priced.stockholm, many),
            lines=[Back(0, many)],
            key=f"s{number}",
        )
        assert done.exchange
        lines = done.exchange.lines.order_by("line")
        assert sorted({one.amount for one in lines}) == each
        assert (done.exchange.total, done.refund, done.credited) == (sum(each), *[sum(each)] * 2)
    assert money() == {"till": 388_700}
    told = Fact.objects.filter(name="Item Exchanged")
    assert {one.properties["difference"] for one in told} == {0.0}
    assert sum(round(100 * one.properties["value"]) for one in told) == 388_700


def test_receipt_mail_and_lists_add_up_after_some_came_back(
    priced: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    Product.objects.update(vat=1200)
    take_off(monkeypatch, lambda line: 1_000)
    deliver(priced.small, priced.goteborg, 3)
    order = placing.sell(counter(priced, "k", here(priced.small, priced.goteborg, 3)))
    gave = back(order, priced.stockholm, Back(0, 2))
    assert gave.refund == 129_566 + 129_567
    (view,) = views([order.pk], "en", Reader.COLLEAGUE)
    (line,) = view.lines
    assert (line.total, view.total) == (388_700, 388_700)
    receipt = receipts.of(view)
    assert [one.total for one in (*receipt.rows, *receipt.back)] == [388_700, -259_133]
    assert (receipt.total, receipt.vat[0].vat) == (129_567, kit_money.vat_in(129_567, 1200))
    (sums,) = book.sums(Order.objects.all())
    assert (sums.total, sums.returned, sums.saved) == (388_700, 259_133, 1_000)
    told = order_mail.Back("Stockholm", [(0, 2, gave.refund)], gave.refund)
    letter = order_mail.refunded(view, told)
    assert "2\xa0591,33\xa0kr" in letter.text
