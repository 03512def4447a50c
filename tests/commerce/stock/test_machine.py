"""Whatever is done in whatever order: the books add up, and nothing is promised twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from spindel.commerce.common.rules import Line, NotEnough
from spindel.commerce.stock.actions import holds, movements
from spindel.commerce.stock.actions.movements import Move
from spindel.commerce.stock.ledger import Count
from spindel.commerce.stock.models import Hold, Level, Movement, StockEvent
from spindel.commerce.stock.reading import levels
from spindel.kit.idempotency import Request
from spindel.kit.refusal import Refusal
from tests.commerce.conftest import Shop
from tests.commerce.stock.cast import let_time_pass, reserve
from tests.examples import examples
from tests.working import work

VARIANTS, PLACES, QUANTITIES = st.integers(0, 1), st.integers(0, 1), st.integers(1, 4)
LINES = st.lists(st.tuples(VARIANTS, PLACES, QUANTITIES), min_size=1, max_size=4)
PICK = st.integers(0, 10_000)
_EXAMPLES, _STEPS = examples(25), 30


def test_levels_equal_the_ledger_and_nothing_is_promised_twice(shop: Shop) -> None:
    variants, places = (shop.small, shop.large), (shop.goteborg, shop.stockholm)
    rounds = iter(range(1_000_000))

    class Store(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.round = next(rounds)
            self.keys = 0
            self.on_hand = dict.fromkeys([(v, p) for v in (0, 1) for p in (0, 1)], 0)
            self.holds: dict[int, tuple[list[tuple[int, int]], int]] = {}
            self.active: dict[int, tuple[int, int, int]] = {}
            self.may_be_short: set[tuple[int, int]] = set()
            # What earlier rounds have left is sold, or comes back.
            for hold in Hold.objects.filter(state="active"):
                holds.release(hold.pk, "test")
            self.begun = now = timezone.now()
            movements.count([Count(v, p, 0, now) for v in variants for p in places], "test")

        def key(self) -> str:
            self.keys += 1
            return f"{self.round}-{self.keys}"

        def available(self, level: tuple[int, int]) -> int:
            held = sum(q for v, p, q in self.active.values() if (v, p) == level)
            return self.on_hand[level] - held

        @rule(v=VARIANTS, p=PLACES, q=QUANTITIES, again=st.booleans())
        def deliver(self, v: int, p: int, q: int, again: bool) -> None:
            arrived = Move(
                self.key(), Movement.Kind.DELIVERY, variants[v], places[p], q, timezone.now()
            )
            assert movements.move([arrived], "test", "erp") == 1
            if again:
                assert movements.move([arrived], "test", "erp") == 0
            self.on_hand[v, p] += q

        @rule(v=VARIANTS, p=PLACES, q=QUANTITIES, kind=st.sampled_from(["damage", "transfer"]))
        def lose(self, v: int, p: int, q: int, kind: str) -> None:
            moved = Movement.Kind(kind)
            to = places[1 - p] if kind == "transfer" else None
            movements.move(
                [Move(self.key(), moved, variants[v], places[p], q, timezone.now(), to)],
                "test",
                "erp",
            )
            self.on_hand[v, p] -= q
            if to:
                self.on_hand[v, 1 - p] += q
            self.note_short()

        @rule(lines=LINES, again=st.booleans())
        def sell(self, lines: list[tuple[int, int, int]], again: bool) -> None:
            key, sold = self.key(), [Line(variants[v], places[p], q) for v, p, q in lines]
            at = timezone.now()
            for told in range(1 + again):
                assert movements.sell(sold, at, "till", Request("pos", key)).again == bool(told)
            for v, p, q in lines:
                self.on_hand[v, p] -= q
            self.note_short()

        @rule(v=VARIANTS, p=PLACES, q=st.integers(0, 6))
        def count(self, v: int, p: int, q: int) -> None:
            assert movements.count([Count(variants[v], places[p], q, timezone.now())], "test") == 1
            self.on_hand[v, p] = q
            self.note_short()

        @rule(v=VARIANTS, p=PLACES, q=QUANTITIES, kind=st.sampled_from(["delivery", "sale"]))
        def tell_what_was_counted_already(self, v: int, p: int, q: int, kind: str) -> None:
            key = self.key()
            if kind == "sale":
                movements.sell(
                    [Line(variants[v], places[p], q)], self.begun, "till", Request("pos", key)
                )
            else:
                came = Move(key, Movement.Kind(kind), variants[v], places[p], q, self.begun)
                assert movements.move([came], "test", "erp") == 1

        @rule(v=VARIANTS, p=PLACES, q=QUANTITIES)
        def count_wrongly(self, v: int, p: int, q: int) -> None:
            counted = movements.count_now(variants[v], places[p], q, "test")
            late = Move(self.key(), Movement.Kind.DELIVERY, variants[v], places[p], q, counted.at)
            movements.move([late], "test", "erp")
            movements.uncount(variants[v], places[p], counted.at, "test")
            self.on_hand[v, p] += q
            self.note_short()

        def note_short(self) -> None:
            """Goods that are gone are gone, whoever they were promised to."""
            self.may_be_short |= {level for level in self.on_hand if self.available(level) < 0}

        @rule(lines=LINES, again=st.booleans())
        def reserve(self, lines: list[tuple[int, int, int]], again: bool) -> None:
            wanted: dict[tuple[int, int], int] = {}
            for v, p, q in lines:
                wanted[v, p] = wanted.get((v, p), 0) + q
            enough = all(self.available(level) >= q for level, q in wanted.items())
            key = self.key()
            asked = [Line(variants[v], places[p], q) for v, p, q in lines]
            if not enough:
                with pytest.raises(NotEnough):
                    reserve(*asked, key=key)
                return
            for _ in range(1 + again):
                made = reserve(*asked, key=key)
                assert len(made) == len(wanted)
            for one in made:
                v, p = variants.index(one.variant_id), places.index(one.place_id)
                self.active[one.pk] = (v, p, wanted[v, p])

        def some_hold(self, pick: int) -> int | None:
            return sorted(self.active)[pick % len(self.active)] if self.active else None

        @rule(pick=PICK, what=st.sampled_from(["release", "hand over", "not found"]))
        def end(self, pick: int, what: str) -> None:
            hold = self.some_hold(pick)
            if hold is None:
                return
            if what == "release":
                holds.release(hold, "test")
            elif what == "hand over":
                holds.hand_over(hold, "test")
            else:
                holds.not_found(hold, "test")
            v, p, q = self.active.pop(hold)
            if what != "release":
                self.on_hand[v, p] -= q

        @rule(pick=PICK)
        def extend(self, pick: int) -> None:
            hold = self.some_hold(pick)
            if hold is not None:
                until = Hold.objects.get(pk=hold).until + timedelta(minutes=1)
                try:
                    holds.extend(hold, until, request=Request("test", self.key()))
                except Refusal:
                    assert Hold.objects.get(pk=hold).extended == holds.MOST_EXTENSIONS

        @rule(pick=PICK)
        def let_expire(self, pick: int) -> None:
            hold = self.some_hold(pick)
            if hold is not None:
                let_time_pass(Hold.objects.get(pk=hold))
                del self.active[hold]

        @rule()
        def sweep(self) -> None:
            work("commerce")

        @invariant()
        def the_books_add_up(self) -> None:
            assert levels.verify() == []
            for level in levels.levels(variants):
                v, p = variants.index(level.variant), places.index(level.place)
                assert level.on_hand == self.on_hand[v, p]
                assert level.available == self.available((v, p))
                assert level.available >= 0 or (v, p) in self.may_be_short

        def teardown(self) -> None:
            """Every level that has more promised than there is was flagged."""
            short = Level.objects.filter(variant__in=variants)
            for level in short:
                if level.on_hand < level.held:
                    where = {"variant": level.variant_id, "place": level.place_id}
                    assert StockEvent.objects.filter(kind="short", **where).exists()

    run_state_machine_as_test(
        Store,
        settings=settings(
            max_examples=_EXAMPLES,
            stateful_step_count=_STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
