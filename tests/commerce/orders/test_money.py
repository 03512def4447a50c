"""Whatever is bought, given back, exchanged and cancelled: what was paid is what she has, or has
still to get.
"""

from __future__ import annotations

import itertools
import random
from contextlib import suppress

import pytest
from django.db.models import F, QuerySet

from spindel.catalogue.models import Place, Price
from spindel.commerce.orders import actions as orders
from spindel.commerce.orders import balance, rules
from spindel.commerce.orders.actions import Some
from spindel.commerce.orders.models import Order, OrderLine
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.draft import Item
from spindel.commerce.payments.models import Payment
from spindel.commerce.returns.actions import Back
from spindel.commerce.stock.models import Hold
from spindel.kit.idempotency import Request
from spindel.kit.refusal import Refusal
from spindel.staff.actors import Actor
from tests.commerce import acting
from tests.commerce.conftest import Shop
from tests.commerce.orders.cast import ANNA, HOME, counter
from tests.commerce.orders.cast import priced as priced  # a fixture
from tests.commerce.orders.offers import take_off
from tests.commerce.returns.cast import back, money, swap
from tests.commerce.returns.cast import marstrand as marstrand  # a fixture
from tests.commerce.stock.cast import deliver

STEPS = 30
PRICES = (0, 1, 99, 33_333, 129_900, 150_000)
# How what is given for something may be paid.
WAYS = {
    "hand_over": ("till", "invoice"),
    "ship": ("till", "invoice"),
    "pick_up": ("till", "invoice", "store"),
}
ACTS = ("sell", "swap", "swap", "swap", "bring back", "cancel", "cancel", "send", "fetch", "price")


def lines(act: str) -> QuerySet[OrderLine]:
    """Lines with which it can be done."""
    found = OrderLine.objects.order_by("pk")
    if act in ("swap", "bring back"):
        return found.filter(delivered__gt=F("returned"))
    left = found.filter(quantity__gt=F("delivered") + F("cancelled"))
    ways = {"send": ["ship"], "fetch": ["pick_up"]}.get(act, ["ship", "pick_up"])
    return left.filter(fulfilment__in=ways)


def to_pay(order: Order) -> int:
    """What is still to be paid of the order, where nobody has asked for it yet."""
    payment = Payment.objects.filter(order_id=order.pk).first()
    if payment is None or payment.captured or payment.commands.exclude(kind="refund").exists():
        return 0
    return balance.due(order)


def it_adds_up() -> None:
    everything = OrderLine.objects.all()
    hers = sum(rules.kept(one) - rules.given_back(one) for one in everything)
    assert sum(money().values()) + sum(map(to_pay, Order.objects.all())) == hers
    for payment in Payment.objects.all():
        assert payment.refunded <= payment.captured <= payment.amount
        assert not payment.commands.exclude(failed_at=None).exists()


@pytest.mark.parametrize("seed", range(10))
def test_what_was_paid_is_what_she_has_whatever_is_exchanged_for_what(
    priced: Shop, marstrand: int, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice, keys = random.Random(seed), itertools.count()  # the same each time
    goods = (priced.small, priced.large, marstrand)
    for variant in goods:
        for place in (priced.goteborg, priced.stockholm, priced.warehouse):
            deliver(variant, place, 500)
    Place.objects.filter(pk__in=(priced.warehouse, priced.stockholm)).update(ships=True)

    def some_item(fulfilment: str) -> Item:
        place = None if fulfilment == "ship" else priced.stockholm
        return Item(dice.choice(goods), dice.randint(1, 3), fulfilment, place)

    offers = [0, 0, 1, 100, 33_334] if seed % 2 else [0]  # off a line
    take_off(monkeypatch, lambda line: dice.choice(offers))

    def do(act: str) -> None:
        key = f"k{next(keys)}"
        if act == "price":
            costs = dice.choice(PRICES)
            Price.objects.filter(variant=dice.choice(goods)).update(amount=costs)
            return
        if act == "sell":
            items = [some_item(dice.choice(("ship", "hand_over"))) for _ in range(2)]
            how = {"pay_by": dice.choice(WAYS["ship"]), "contact": ANNA, "address": HOME}
            placing.sell(counter(priced, key, *items, **how))
            return
        if not (found := list(lines(act))):
            return
        line = dice.choice(found)
        order, many = line.order, [Some(line.line, 1)]
        if act == "bring back":
            back(order, priced.stockholm, Back(line.line, dice.randint(1, 2)), key=key)
        elif act == "swap":
            wanted = some_item(dice.choice(tuple(WAYS)))
            how = {"pay_by": dice.choice(WAYS[wanted.fulfilment]), "contact": ANNA, "address": HOME}
            came = [Back(line.line, dice.randint(1, 2))]
            swap(order, priced.stockholm, wanted, key=key, lines=came, **how)
        elif act == "cancel":
            orders.cancel(order.pk, dice.choice((None, many)), by="Elin")
        else:
            place = Hold.objects.filter(order_line_id=line.pk, state="active")[0].place_id
            if act == "fetch":
                orders.hand_over(
                    order.pk, place, many, actor=Actor("Oskar"), request=Request("t", key)
                )
            else:
                acting.ship(
                    order.pk,
                    place,
                    many,
                    carrier="x",
                    actor=Actor("Elin"),
                    request=Request("t", key),
                )

    done = 0
    for _ in range(STEPS):
        with suppress(Refusal):
            do(dice.choice(ACTS))
            done += 1
        it_adds_up()
    assert done > STEPS // 2
