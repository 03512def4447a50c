"""Whatever becomes of orders in whatever order: each pair is in one place, and paid for once."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from spindel.catalogue.models import Place, Price
from spindel.commerce.carts.actions import Edit, change_of_shopper
from spindel.commerce.common.rules import NotEnough
from spindel.commerce.orders import actions as orders
from spindel.commerce.orders.actions import Some
from spindel.commerce.orders.models import Order, OrderLine
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.draft import Draft, Item
from spindel.commerce.orders.placement.placing import Checkout
from spindel.commerce.payments.models import PaymentCommand
from spindel.commerce.stock.models import Hold, Level
from spindel.commerce.stock.reading import levels
from spindel.kit.idempotency import Request
from spindel.kit.refusal import Refusal
from spindel.staff.actors import Actor
from tests.commerce import acting
from tests.commerce.conftest import Shop
from tests.commerce.orders.cast import ANNA, HOME, come
from tests.commerce.stock.cast import deliver
from tests.examples import examples
from tests.working import work

VARIANTS, PLACES, QUANTITIES = st.integers(0, 1), st.integers(0, 1), st.integers(1, 3)
LINES = st.dictionaries(VARIANTS, QUANTITIES, min_size=1)
PICK = st.integers(0, 10_000)
_EXAMPLES, _STEPS = examples(20), 30


def test_each_pair_is_in_one_place_whatever_becomes_of_orders(shop: Shop) -> None:
    variants, places = (shop.small, shop.large), (shop.goteborg, shop.stockholm)
    skus, codes = ("vinga-38", "vinga-39"), ("goteborg", "stockholm")
    for variant in variants:
        Price.objects.create(variant_id=variant, market="SE", currency="SEK", amount=129_900)
    Place.objects.filter(pk__in=places).update(ships=True)
    keys = iter(range(1_000_000))

    class Book(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.orders: list[int] = []
            self.came = {one: self.on_hand(one) + self.gone(one) for one in variants}

        def on_hand(self, variant: int) -> int:
            found = Level.objects.filter(variant=variant).aggregate(sum=Sum("on_hand"))["sum"]
            return int(found or 0)

        def gone(self, variant: int) -> int:
            found = OrderLine.objects.filter(variant=variant).aggregate(sum=Sum("delivered"))
            return int(found["sum"] or 0)

        def some_order(self, pick: int) -> Order | None:
            if not self.orders:
                return None
            return Order.objects.get(pk=self.orders[pick % len(self.orders)])

        @rule(v=VARIANTS, p=PLACES, q=QUANTITIES)
        def deliver(self, v: int, p: int, q: int) -> None:
            deliver(variants[v], places[p], q)
            self.came[variants[v]] += q

        @rule(
            lines=LINES,
            p=st.none() | PLACES,
            pay_by=st.sampled_from(["invoice", "card", "store"]),
            again=st.booleans(),
        )
        def order(self, lines: dict[int, int], p: int | None, pay_by: str, again: bool) -> None:
            if p is None and pay_by == "store":
                return
            her = come(f"browser-{next(keys)}")
            how = {} if p is None else {"fulfilment": "pick_up", "place": codes[p]}
            for v, q in lines.items():
                change_of_shopper(her, Edit(skus[v], quantity=q, **how))  # type: ignore[arg-type]  # whatever a test wants
            before = sum(one.available for one in levels.levels(variants))
            with suppress(NotEnough):
                made = placing.place_cart_of_shopper(her, Checkout(pay_by, ANNA, HOME), key="k")
                self.orders.append(made.pk)
                if again:
                    checkout = Checkout(pay_by, ANNA, HOME)
                    assert placing.place_cart_of_shopper(her, checkout, key="k").pk == made.pk
                after = sum(one.available for one in levels.levels(variants))
                assert before - after == sum(lines.values())

        @rule(lines=LINES, p=PLACES)
        def sell(self, lines: dict[int, int], p: int) -> None:
            items = [Item(variants[v], q, "hand_over", places[p]) for v, q in lines.items()]
            with suppress(NotEnough):
                made = placing.sell(
                    Draft(
                        request=Request("till", str(next(keys))),
                        items=items,
                        market="SE",
                        currency="SEK",
                        language="sv",
                        actor=Actor(channel="store", place=places[p]),
                        pay_by="till",
                    )
                )
                self.orders.append(made.pk)

        @rule(pick=PICK, paid=st.booleans())
        def settle(self, pick: int, paid: bool) -> None:
            order = self.some_order(pick)
            if order is not None:
                with suppress(Refusal):
                    (orders.confirm if paid else orders.give_up)(order.pk)

        @rule(pick=PICK, line=st.none() | VARIANTS, q=QUANTITIES)
        def cancel(self, pick: int, line: int | None, q: int) -> None:
            order = self.some_order(pick)
            if order is not None:
                with suppress(Refusal):
                    some = None if line is None else [Some(line, q)]
                    orders.cancel(order.pk, some, by="test")

        @rule(pick=PICK, p=PLACES, line=st.none() | VARIANTS, q=QUANTITIES, over=st.booleans())
        def let_go(self, pick: int, p: int, line: int | None, q: int, over: bool) -> None:
            order = self.some_order(pick)
            if order is None:
                return
            some = None if line is None else [Some(line, q)]
            words = {"by": "test", "source": "test", "key": str(next(keys))}
            with suppress(Refusal):
                if over:
                    acting.hand_over(order.pk, places[p], some, **words)
                else:
                    acting.ship(order.pk, places[p], some, carrier="x", **words)

        @rule()
        def let_collecting_lapse(self) -> None:
            late = timezone.now() - timedelta(seconds=1)
            Hold.objects.filter(state="active", until__lt="9000-01-01T00:00Z").update(until=late)
            work("commerce")

        @invariant()
        def each_pair_is_in_one_place(self) -> None:
            assert levels.verify() == []
            for one in variants:
                assert self.on_hand(one) + self.gone(one) == self.came[one]
            assert all(one.available >= 0 for one in levels.levels(variants))

        @invariant()
        def what_is_kept_is_what_is_to_come(self) -> None:
            for line in OrderLine.objects.filter(order__in=self.orders):
                kept = Hold.objects.filter(order_line_id=line.pk, state="active")
                still = sum(one.quantity for one in kept)
                assert still == line.quantity - line.delivered - line.cancelled

        @invariant()
        def no_more_is_taken_than_was_bought(self) -> None:
            for order in Order.objects.filter(pk__in=self.orders):
                commands = PaymentCommand.objects.filter(payment__order_id=order.pk)
                taken = sum(one.amount for one in commands if one.kind == "capture")
                back = sum(one.amount for one in commands if one.kind == "refund")
                worth = sum(one.amount * one.delivered for one in order.lines.all())
                assert taken <= order.total
                if taken:
                    assert taken - back >= worth

    run_state_machine_as_test(
        Book,
        settings=settings(
            max_examples=_EXAMPLES,
            stateful_step_count=_STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
