"""What ERP and tills tell: each movement once, counts in order, and nothing argued with."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spindel.catalogue.models import Product, Variant
from spindel.commerce.common.rules import Line, NotEnough
from spindel.commerce.stock import jobs
from spindel.commerce.stock.actions import holds, movements
from spindel.commerce.stock.actions.movements import Move
from spindel.commerce.stock.ledger import Count
from spindel.commerce.stock.models import Level, Movement, StockCheck, StockEvent
from spindel.commerce.stock.reading import levels as reading_levels
from spindel.kit.idempotency import KeyReused, Request
from spindel.kit.refusal import Refusal
from tests.commerce.conftest import Shop
from tests.commerce.stock.cast import deliver, reserve, there

Kind = Movement.Kind


def move(
    kind: Kind, variant: int, place: int, quantity: int, key: str, to: int | None = None
) -> int:
    moved = Move(key, kind, variant, place, quantity, timezone.now(), to)
    return movements.move([moved], "ERP", "erp")


def events(variant: int, place: int) -> list[str]:
    found = StockEvent.objects.filter(variant=variant, place=place).order_by("pk")
    return [one.kind for one in found]


def test_goods_come_and_go(shop: Shop) -> None:
    here, other = (shop.small, shop.goteborg), (shop.small, shop.stockholm)
    assert move(Kind.DELIVERY, *here, 5, "1") == 1
    assert move(Kind.DAMAGE, *here, 1, "2") == 1
    assert move(Kind.RETURN, *here, 2, "3") == 1
    assert move(Kind.TRANSFER, *here, 4, "4", to=shop.stockholm) == 2
    assert there(*here) == (2, 0, 2)
    assert there(*other) == (4, 0, 4)


def test_a_movement_counts_once_however_often_it_is_told(shop: Shop) -> None:
    at = timezone.now()
    moved = Move("t", Kind.TRANSFER, shop.small, shop.goteborg, 2, at, shop.stockholm)
    for fresh in (2, 0):
        assert movements.move([moved], "ERP", "erp") == fresh
    twice = Move("d", Kind.DELIVERY, shop.small, shop.goteborg, 3, timezone.now())
    assert movements.move([twice, twice], "ERP", "erp") == 1
    assert movements.move([twice], "another ERP", "other") == 1  # whose keys are its own
    assert there(shop.small, shop.goteborg) == (4, 0, 4)


def test_a_key_for_something_else_is_refused_and_nothing_of_the_batch_is_kept(shop: Shop) -> None:
    move(Kind.DELIVERY, shop.small, shop.goteborg, 2, "d")
    now = timezone.now()
    batch = [
        Move("new", Kind.DELIVERY, shop.large, shop.goteborg, 1, now),
        Move("d", Kind.DELIVERY, shop.small, shop.goteborg, 3, now),
    ]
    with pytest.raises(KeyReused):
        movements.move(batch, "ERP", "erp")
    with pytest.raises(KeyReused):  # within a batch, too
        movements.move(
            [batch[0], Move("new", Kind.RETURN, shop.large, shop.goteborg, 1, now)], "", ""
        )
    assert there(shop.small, shop.goteborg) == (2, 0, 2)
    assert there(shop.large, shop.goteborg) == (0, 0, 0)


@pytest.mark.parametrize(
    ("kind", "quantity", "to"),
    [
        (Kind.SALE, 1, None),
        (Kind.DELIVERY, 0, None),
        (Kind.DELIVERY, 1, 1),
        (Kind.TRANSFER, 1, None),
    ],
)
def test_a_movement_that_makes_no_sense_is_refused(
    shop: Shop, kind: Kind, quantity: int, to: int | None
) -> None:
    with pytest.raises(Refusal):
        move(kind, shop.small, shop.goteborg, quantity, "x", to and shop.stockholm)


def test_a_sale_is_told_as_it_happens_not_at_close__erpnext_43052(shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 1)
    movements.sell(
        [Line(shop.small, shop.goteborg, 1)], timezone.now(), "till", Request("pos", "r1")
    )
    with pytest.raises(NotEnough):
        reserve((shop.small, shop.goteborg, 1))


def test_a_sale_from_an_offline_till_is_not_doubled__odoo_152259(shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 3)
    deliver(shop.large, shop.goteborg, 3)
    sale = [Line(shop.small, shop.goteborg, 1), Line(shop.large, shop.goteborg, 1)]
    at = timezone.now() - timedelta(hours=3)
    answers = [
        movements.sell(lines, at, "till", Request("pos", "r1"))
        for lines in (sale, sale[::-1], sale)
    ]
    assert [one.again for one in answers] == [False, True, True]
    assert there(shop.small, shop.goteborg) == (2, 0, 2)
    for other in (sale[:1], [*sale, Line(shop.small, shop.stockholm, 1)], [*sale, sale[0]]):
        with pytest.raises(KeyReused):
            movements.sell(other, at, "till", Request("pos", "r1"))
    assert there(shop.small, shop.goteborg) == (2, 0, 2)
    assert there(shop.small, shop.stockholm) == (0, 0, 0)


def test_a_late_sale_may_go_below_zero_and_is_flagged(shop: Shop) -> None:
    here = (shop.small, shop.goteborg)
    deliver(*here, 1)
    (held,) = reserve((*here, 1))
    late = timezone.now() - timedelta(hours=2)
    for again in (False, True):
        sold = movements.sell([Line(*here, 1)], late, "till", Request("pos", "r1"))
        assert (sold.again, [one.available for one in sold.short]) == (again, [-1])
    assert there(*here) == (0, 1, -1)
    movements.sell([Line(*here, 1)], late, "till", Request("pos", "r2"))
    assert there(*here) == (-1, 1, -2)
    assert events(*here) == ["back", "sold_out", "short", "below_zero"]
    holds.release(held.pk, "oskar")
    deliver(*here, 3)
    assert there(*here) == (2, 0, 2)


def test_running_low_sold_out_and_back_are_told_when_they_begin(shop: Shop) -> None:
    here = (shop.small, shop.goteborg)
    deliver(*here, 4)
    reserve((*here, 1))
    reserve((*here, 1))
    (last,) = reserve((*here, 2))
    holds.release(last.pk, "maja")
    assert events(*here) == ["back", "low", "sold_out", "back"]


def count(variant: int, place: int, quantity: int, at: datetime) -> int:
    return movements.count([Count(variant, place, quantity, at)], "ERP")


def test_a_count_makes_it_so_and_an_older_one_is_passed_over(shop: Shop) -> None:
    here = (shop.small, shop.goteborg)
    noon = timezone.now() - timedelta(hours=3)
    assert count(*here, 7, noon) == 1
    assert there(*here) == (7, 0, 7)
    assert count(*here, 7, noon) == 0  # again
    assert count(*here, 9, noon - timedelta(hours=1)) == 0
    assert there(*here) == (7, 0, 7)
    assert count(*here, 5, noon + timedelta(hours=1)) == 1
    assert there(*here) == (5, 0, 5)


def test_what_moved_after_a_count_is_kept_on_top_of_it(shop: Shop) -> None:
    here = (shop.small, shop.goteborg)
    deliver(*here, 4)
    counted = timezone.now() - timedelta(minutes=5)
    (held,) = reserve((*here, 1))
    holds.hand_over(held.pk, "oskar")
    reserve((*here, 1))
    assert count(*here, 10, counted) == 1  # it was counted before the delivery and the sale
    assert there(*here) == (13, 1, 12)


DAY = timezone.now() - timedelta(days=1)


def hour(number: int) -> datetime:
    """Of yesterday, or thereabouts."""
    return DAY + timedelta(hours=number)


@pytest.mark.parametrize(
    ("kind", "quantity"),
    [(Kind.DELIVERY, 56), (Kind.RETURN, 1), (Kind.DAMAGE, 2), (Kind.TRANSFER, 3), (Kind.SALE, 4)],
)
def test_what_is_told_after_a_count_and_dated_before_it_is_in_the_count_already(
    shop: Shop, kind: Kind, quantity: int
) -> None:
    here = (shop.small, shop.goteborg)
    count(*here, 41, hour(9))
    for at in (hour(8), hour(9), hour(8)):
        key = at.isoformat()
        if kind == Kind.SALE:
            movements.sell([Line(*here, quantity)], at, "till", Request("pos", key))
        else:
            to = shop.stockholm if kind == Kind.TRANSFER else None
            movements.move([Move(key, kind, *here, quantity, at, to)], "ERP", "erp")
    assert there(*here) == (41, 0, 41)
    kept = Movement.objects.filter(variant=shop.small, place=shop.goteborg, kind=kind)
    assert [abs(one.in_count) for one in kept] == [quantity, quantity]
    assert [(one.on_hand, one.counted_at) for one in kept] == [(0, hour(9))] * 2
    if kind == Kind.TRANSFER:  # whose other end was not counted
        assert there(shop.small, shop.stockholm) == (6, 0, 6)


def test_each_end_of_a_transfer_is_in_the_count_of_its_own_place(shop: Shop) -> None:
    here, other = (shop.small, shop.goteborg), (shop.small, shop.stockholm)
    count(*here, 5, hour(8))
    count(*other, 5, hour(10))
    movements.move([Move("t", Kind.TRANSFER, *here, 2, hour(9), shop.stockholm)], "ERP", "erp")
    assert (there(*here)[0], there(*other)[0]) == (3, 5)


def test_a_key_is_told_from_another_use_though_it_was_in_a_count(shop: Shop) -> None:
    here = (shop.small, shop.goteborg)
    count(*here, 41, hour(9))
    for again in (1, 0):
        assert movements.move([Move("d", Kind.DELIVERY, *here, 2, hour(8))], "ERP", "erp") == again
    with pytest.raises(KeyReused):
        movements.move([Move("d", Kind.DELIVERY, *here, 3, hour(8))], "ERP", "erp")


def test_of_two_counts_of_one_moment_the_lower_holds_whichever_comes_first(shop: Shop) -> None:
    for place, told in ((shop.goteborg, (5, 7, 5)), (shop.stockholm, (7, 5, 7))):
        for quantity in told:
            count(shop.small, place, quantity, hour(9))
        assert there(shop.small, place)[0] == 5


def test_a_count_that_is_taken_back_has_never_been(shop: Shop) -> None:
    here = (shop.small, shop.goteborg)
    count(*here, 10, hour(8))
    counted = movements.count_now(*here, 2, "oskar")
    for key, at in (("in both", hour(7)), ("in the last", hour(9))):
        movements.move([Move(key, Kind.DELIVERY, *here, 5, at)], "ERP", "erp")
    assert there(*here)[0] == 2
    for _again in range(2):
        assert movements.uncount(*here, counted.at, "oskar") == 15
    movements.move([Move("later", Kind.DELIVERY, *here, 5, hour(9))], "ERP", "erp")
    assert there(*here)[0] == 20
    with pytest.raises(Refusal):  # what was counted before it nobody has kept
        movements.uncount(*here, hour(8), "oskar")
    assert count(*here, 3, hour(12)) == 1
    assert there(*here)[0] == 3


# Told of one variant in two places: hours, and so several of one moment.
_HOURS, _MANY, _PLACE = st.integers(0, 6), st.integers(1, 9), st.integers(0, 1)
_KINDS = st.sampled_from(["count", "delivery", "sale", "return", "damage", "transfer"])
_TELLINGS = st.lists(st.tuples(_KINDS, _PLACE, _MANY, _HOURS), min_size=2, max_size=7)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), tellings=_TELLINGS)
def test_whatever_is_told_in_whatever_order_the_level_is_the_last_count_and_what_moved_since(
    shop: Shop, data: st.DataObject, tellings: list[tuple[str, int, int, int]]
) -> None:
    places = (shop.goteborg, shop.stockholm)
    told = list(enumerate(tellings))
    levels = []
    for order in (told, data.draw(st.permutations(told))):
        product = Product.objects.create(number=str(uuid.uuid4()))
        variant = Variant.objects.create(product=product, sku=str(uuid.uuid4())).pk
        for number, (kind, p, many, at) in order:
            key = f"{variant} {number}"
            if kind == "count":
                count(variant, places[p], many, hour(at))
            elif kind == "sale":
                movements.sell(
                    [Line(variant, places[p], many)], hour(at), "till", Request("pos", key)
                )
            else:
                to = places[1 - p] if kind == "transfer" else None
                moved = Move(key, Kind(kind), variant, places[p], many, hour(at), to)
                movements.move([moved], "ERP", "erp")
        levels.append([there(variant, place) for place in places])
    assert levels[0] == levels[1] == [(right := _right(tellings, p), 0, right) for p in (0, 1)]
    assert reading_levels.verify() == []


def _right(tellings: list[tuple[str, int, int, int]], place: int) -> int:
    counts = [(at, -many) for kind, p, many, at in tellings if kind == "count" and p == place]
    since, counted = max(counts, default=(-1, 0))
    ways = {"delivery": 1, "return": 1, "sale": -1, "damage": -1, "transfer": -1, "count": 0}
    moved = [(ways[kind] * many, p, at) for kind, p, many, at in tellings]
    moved += [(many, 1 - p, at) for kind, p, many, at in tellings if kind == "transfer"]
    return sum((many for many, p, at in moved if p == place and at > since), -counted)


def test_of_two_counts_of_a_level_in_a_batch_the_newer_holds(shop: Shop) -> None:
    here = (shop.small, shop.goteborg)
    now = timezone.now()
    batch = [Count(*here, 3, now), Count(*here, 8, now - timedelta(hours=1))]
    assert movements.count(batch, "ERP") == 1
    assert there(*here) == (3, 0, 3)


def test_a_count_from_tomorrow_does_not_shut_out_the_real_ones(shop: Shop) -> None:
    here = (shop.small, shop.goteborg)
    count(*here, 3, timezone.now() + timedelta(days=1))
    assert count(*here, 4, timezone.now()) == 1


def test_the_check_tells_what_does_not_add_up_and_repairs_nothing(shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 2)
    jobs.prove()
    assert (StockCheck.objects.get().levels, StockCheck.objects.get().wrong) == (1, 0)
    Level.objects.filter(variant=shop.small).update(on_hand=3)
    jobs.prove()
    assert StockCheck.objects.get().wrong == 0  # an hour has not passed
    StockCheck.objects.update(at=timezone.now() - timedelta(hours=2))
    jobs.prove()
    assert StockCheck.objects.get().wrong == 1
    (wrong,) = reading_levels.verify()
    assert (wrong.on_hand, wrong.on_hand_moved) == (3, 2)
    assert there(shop.small, shop.goteborg) == (3, 0, 3)
    Level.objects.filter(variant=shop.small).update(on_hand=2)


def test_a_key_is_kept_as_what_says_nothing_of_it(shop: Shop) -> None:
    movements.sell(
        [Line(shop.small, shop.goteborg, 1)], timezone.now(), "", Request("pos", "anna@example.se")
    )
    assert isinstance(Movement.objects.get().key, uuid.UUID)
