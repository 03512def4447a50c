"""Holding: all or nothing, once, until a moment."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from spindel.commerce.common.rules import Line, NotEnough
from spindel.commerce.stock.actions import holds
from spindel.commerce.stock.facts import StockReserved
from spindel.commerce.stock.models import Hold, Movement
from spindel.kit.idempotency import KeyReused, Request
from spindel.kit.refusal import Refusal
from spindel.timeline.models import Fact
from spindel.timeline.recording import Gone
from tests.commerce.conftest import Shop
from tests.commerce.stock.cast import deliver, let_time_pass, reserve, soon, there
from tests.working import work


def told(whose: int) -> list[str]:
    """What is on the timeline about holds, the oldest first."""
    facts = Fact.objects.filter(identifier_id=whose).order_by("sequence")
    return [one.name for one in facts if one.name.startswith(("Stock", "Reservation"))]


def test_what_is_held_is_not_available_to_others(shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 3)
    reserve((shop.small, shop.goteborg, 2))
    assert there(shop.small, shop.goteborg) == (3, 2, 1)
    with pytest.raises(NotEnough) as refused:
        reserve((shop.small, shop.goteborg, 2))
    assert refused.value.available == [Line(shop.small, shop.goteborg, 1)]
    assert there(shop.small, shop.goteborg) == (3, 2, 1)
    assert Hold.objects.count() == 1


def test_nothing_is_held_where_there_never_was_any(shop: Shop) -> None:
    with pytest.raises(NotEnough) as refused:
        reserve((shop.small, shop.goteborg, 1))
    assert refused.value.available == [Line(shop.small, shop.goteborg, 0)]


def test_several_lines_are_all_held_or_none(shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 1)
    with pytest.raises(NotEnough) as refused:
        reserve((shop.small, shop.goteborg, 1), (shop.large, shop.goteborg, 1))
    assert refused.value.available == [Line(shop.large, shop.goteborg, 0)]
    assert there(shop.small, shop.goteborg) == (1, 0, 1)
    deliver(shop.large, shop.goteborg, 1)
    made = reserve((shop.large, shop.goteborg, 1), (shop.small, shop.goteborg, 1))
    assert [one.variant_id for one in made] == [shop.small, shop.large]
    assert there(shop.small, shop.goteborg) == (1, 1, 0)


def test_the_same_item_twice_in_a_batch_is_added_up__medusa_16502(shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 3)
    line = (shop.small, shop.goteborg, 2)
    with pytest.raises(NotEnough):
        reserve(line, line)
    deliver(shop.small, shop.goteborg, 1)
    (one,) = reserve(line, line)
    assert one.quantity == 4
    assert there(shop.small, shop.goteborg) == (4, 4, 0)


def test_the_same_key_again_answers_the_same_hold(shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 2)
    deliver(shop.large, shop.goteborg, 2)
    first = reserve((shop.small, shop.goteborg, 1), key="once")
    again = reserve((shop.small, shop.goteborg, 1), key="once")
    assert [one.pk for one in again] == [one.pk for one in first]
    both = [(shop.small, shop.goteborg, 1), (shop.large, shop.goteborg, 1)]
    first = reserve(*both, key="both")
    again = reserve(*reversed(both), key="both")
    assert [one.pk for one in again] == [one.pk for one in first]
    assert there(shop.small, shop.goteborg) == (2, 2, 0)
    assert there(shop.large, shop.goteborg) == (2, 1, 1)


def test_the_same_key_for_something_else_is_refused(shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 5)
    deliver(shop.large, shop.goteborg, 5)
    reserve((shop.small, shop.goteborg, 1), key="once")
    for other in (
        [(shop.small, shop.goteborg, 2)],
        [(shop.large, shop.goteborg, 1)],
        [(shop.small, shop.goteborg, 1), (shop.large, shop.goteborg, 1)],
    ):
        with pytest.raises(KeyReused):
            reserve(*other, key="once")
    assert there(shop.small, shop.goteborg) == (5, 1, 4)
    assert there(shop.large, shop.goteborg) == (5, 0, 5)


def test_a_hold_ends_the_second_its_time_is_up_without_any_job(shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 1)
    (first,) = reserve((shop.small, shop.goteborg, 1))
    let_time_pass(first)
    assert there(shop.small, shop.goteborg) == (1, 0, 1)
    reserve((shop.small, shop.goteborg, 1))
    assert there(shop.small, shop.goteborg) == (1, 1, 0)
    first.refresh_from_db()
    assert first.state == Hold.State.EXPIRED


def test_expired_holds_are_taken_back_for_several_lines_too(shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 1)
    deliver(shop.large, shop.goteborg, 1)
    for one in reserve((shop.small, shop.goteborg, 1), (shop.large, shop.goteborg, 1)):
        let_time_pass(one)
    assert len(reserve((shop.small, shop.goteborg, 1), (shop.large, shop.goteborg, 1))) == 2


def test_the_job_takes_back_and_tells_her_once(shop: Shop, anna: int) -> None:
    deliver(shop.small, shop.goteborg, 1)
    (held,) = reserve((shop.small, shop.goteborg, 1), whose=anna)
    let_time_pass(held)
    work("commerce")
    held.refresh_from_db()
    assert held.state == Hold.State.EXPIRED
    assert told(anna) == ["Stock Reserved", "Reservation Expired"]


def test_what_another_took_back_is_told_by_the_job(shop: Shop, anna: int) -> None:
    deliver(shop.small, shop.goteborg, 1)
    (held,) = reserve((shop.small, shop.goteborg, 1), whose=anna)
    let_time_pass(held)
    reserve((shop.small, shop.goteborg, 1))
    assert told(anna) == ["Stock Reserved"]
    work("commerce")
    assert told(anna) == ["Stock Reserved", "Reservation Expired"]


def test_a_hold_is_handed_over_once(shop: Shop, anna: int) -> None:
    deliver(shop.small, shop.goteborg, 2)
    (held,) = reserve((shop.small, shop.goteborg, 1), whose=anna)
    for _ in range(2):
        assert holds.hand_over(held.pk, "oskar").state == Hold.State.HANDED_OVER
    assert there(shop.small, shop.goteborg) == (1, 0, 1)
    assert told(anna) == ["Stock Reserved", "Reservation Collected"]
    with pytest.raises(holds.Ended):
        holds.release(held.pk, "oskar")


def test_a_hold_can_be_released_by_anybody_who_may__mobile_buy_sdk_ios_644(
    shop: Shop, anna: int
) -> None:
    deliver(shop.small, shop.goteborg, 1)
    (held,) = reserve((shop.small, shop.goteborg, 1), whose=anna)
    for _ in range(2):
        assert holds.release(held.pk, "maja").state == Hold.State.RELEASED
    assert there(shop.small, shop.goteborg) == (1, 0, 1)
    assert told(anna) == ["Stock Reserved", "Reservation Released"]
    with pytest.raises(holds.Ended):
        holds.hand_over(held.pk, "oskar")
    with pytest.raises(holds.NoHold):
        holds.release(held.pk + 1, "maja")


def test_a_late_hold_can_be_released_and_not_handed_over(shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 1)
    (held,) = reserve((shop.small, shop.goteborg, 1))
    let_time_pass(held)
    for refused in (
        lambda: holds.hand_over(held.pk, "oskar"),
        lambda: holds.set_aside(held.pk),
        lambda: holds.extend(held.pk, soon(), request=Request("web", "k")),
    ):
        with pytest.raises(holds.Ended):
            refused()
    assert holds.release(held.pk, "oskar").state == Hold.State.RELEASED


def test_the_timer_can_not_be_extended_for_ever__pretix_1575(shop: Shop, anna: int) -> None:
    deliver(shop.small, shop.goteborg, 1)
    (held,) = reserve((shop.small, shop.goteborg, 1), whose=anna)
    with pytest.raises(Refusal, match="14 days"):
        holds.extend(held.pk, held.made_at + timedelta(days=15), request=Request("web", "far"))
    with pytest.raises(Refusal, match="anyway"):
        holds.extend(held.pk, held.until - timedelta(minutes=1), request=Request("web", "near"))
    for n in range(3):
        until = held.until + timedelta(hours=n + 1)
        for _ in range(2):  # the second time is a retry
            assert holds.extend(held.pk, until, request=Request("web", f"e{n}")).until == until
    with pytest.raises(Refusal, match="3 times"):
        holds.extend(held.pk, held.until + timedelta(hours=9), request=Request("web", "e9"))
    assert told(anna) == ["Stock Reserved", *["Reservation Extended"] * 3]


def test_a_hold_ends_in_the_future_and_not_too_far(shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 1)
    for until in (timezone.now() - timedelta(seconds=1), timezone.now() + timedelta(days=15)):
        with pytest.raises(Refusal):
            reserve((shop.small, shop.goteborg, 1), until=until)
    for quantity in (0, -1):
        with pytest.raises(Refusal):
            reserve((shop.small, shop.goteborg, quantity))
    with pytest.raises(Refusal):
        reserve()


def test_what_is_not_found_is_put_right_and_the_nearest_store_is_named(
    shop: Shop, anna: int
) -> None:
    deliver(shop.small, shop.goteborg, 1)
    deliver(shop.small, shop.warehouse, 9)  # nearer, and nobody can come there
    deliver(shop.small, shop.stockholm, 1)
    (held,) = reserve((shop.small, shop.goteborg, 1), whose=anna)
    for _ in range(2):
        missing = holds.not_found(held.pk, "oskar")
        assert missing.next is not None
        assert missing.next.pk == shop.stockholm
        assert missing.hold.state == Hold.State.MISSING
    assert there(shop.small, shop.goteborg) == (0, 0, 0)
    assert told(anna) == ["Stock Reserved", "Reservation Failed"]
    (other,) = reserve((shop.small, shop.stockholm, 1))
    assert holds.not_found(other.pk, "oskar").next is None


def test_what_is_set_aside_is_told_once(shop: Shop, anna: int) -> None:
    deliver(shop.small, shop.goteborg, 1)
    (held,) = reserve((shop.small, shop.goteborg, 1), whose=anna)
    for _ in range(2):
        assert holds.set_aside(held.pk).set_aside_at is not None
    assert told(anna) == ["Stock Reserved", "Reservation Ready"]


@pytest.mark.parametrize("lines", [1, 2])
def test_the_fact_names_the_goods_and_the_store(shop: Shop, anna: int, lines: int) -> None:
    deliver(shop.small, shop.goteborg, 2)
    deliver(shop.large, shop.goteborg, 2)
    wanted = [(shop.small, shop.goteborg, 2), (shop.large, shop.goteborg, 1)][:lines]
    for _ in range(2):  # the first time there is no source yet
        Fact.objects.filter(name="Stock Reserved").delete()
        made = reserve(*wanted, whose=anna)
        first = Fact.objects.filter(name="Stock Reserved").order_by("sequence")[0]
        assert first.properties == {
            "hold_id": made[0].pk,
            "store": "goteborg",
            "store_name": "Göteborg",
            "product_id": "vinga",
            "name": "Vinga",
            "sku": "vinga-38",
            "variant": "38",
            "quantity": 2,
            "until": made[0].until.isoformat(),
        }
        assert set(first.properties) == {field.name for field in fields(StockReserved)}
        for one in made:
            holds.release(one.pk, "test")


def test_nothing_is_held_for_somebody_who_is_gone(shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 1)
    with pytest.raises(Gone):
        reserve((shop.small, shop.goteborg, 1), whose=987654321)
    assert there(shop.small, shop.goteborg) == (1, 0, 1)


def test_movements_are_only_added(shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 1)
    for change in (
        lambda: Movement.objects.update(on_hand=5),
        lambda: Movement.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="only added"):
            change()
