"""Points by what really happens: orders, returns, exchanges, other systems' tills, merges."""

from __future__ import annotations

import pytest

from spindel.club import actions, reading, verifying
from spindel.club.models import ClubMember, PointsEntry, PointsLot
from spindel.commerce.orders import actions as orders
from spindel.identity import actions as identity
from spindel.identity import customers
from spindel.identity.models import Identifier
from spindel.kit.refusal import Refusal
from spindel.timeline.models import Source
from tests.club.cast import (
    AT_TILL,
    catch_up,
    customer,
    facts,
    give,
    has,
    join,
    months_pass,
    wait_days,
)
from tests.commerce import acting
from tests.commerce.conftest import Shop
from tests.commerce.orders.cast import bought
from tests.commerce.returns.cast import back, here, swap
from tests.commerce.stock.cast import deliver
from tests.telling import tell


def test_she_earns_by_an_order_and_can_spend_when_it_can_not_come_back(
    shop: Shop, anna: int
) -> None:
    card = join(anna)
    order = bought(shop, anna, quantity=2)
    catch_up()
    assert (has(anna).available, has(anna).pending) == (0, 259)
    [earned] = facts("Points Earned")
    assert (earned["points"], earned["order_id"]) == (259, order.number)
    months_pass(wait_days())
    assert (has(anna).available, has(anna).pending) == (259, 0)
    assert has(anna).number == card.number


def test_what_comes_back_over_a_counter_takes_its_points_back(shop: Shop, anna: int) -> None:
    join(anna)
    order = bought(shop, anna, quantity=2)
    acting.ship(
        order.pk, shop.warehouse, None, carrier="PostNord", by="Lena", source="test", key="sent"
    )
    back(order, shop.goteborg)
    catch_up()
    assert has(anna).pending == 129
    [taken] = facts("Points Taken Back")
    assert taken["points"] == 130


def test_a_cancelled_order_gives_none(shop: Shop, anna: int) -> None:
    join(anna)
    order = bought(shop, anna, quantity=2)
    orders.cancel(order.pk, None, by="Maja", why="changed their mind")
    catch_up()
    assert has(anna).pending == 0


def test_an_even_exchange_leaves_as_many_as_there_were(shop: Shop, anna: int) -> None:
    join(anna)
    order = bought(shop, anna)
    acting.ship(
        order.pk, shop.warehouse, None, carrier="PostNord", by="Lena", source="test", key="sent"
    )
    deliver(shop.large, shop.goteborg, 1)
    swap(order, shop.goteborg, here(shop.large, shop.goteborg))
    catch_up()
    assert has(anna).pending == 129


def test_a_purchase_that_a_till_tells_of_counts_once_whoever_tells_it_again(
    pos: Source, web: Source, anna: int
) -> None:
    join(anna)
    told = {
        "type": "track", "event": "Order Completed", "userId": "anna",
        "properties": {"order_id": "4711", "total": 499.5, "currency": "SEK"},
    }  # fmt: skip
    tell([told | {"messageId": "1"}], key="pos-key")
    tell([told | {"messageId": "2"}], key="pos-key")
    catch_up()
    assert has(anna).pending == 49
    tell([{
        "type": "track", "event": "Order Refunded", "userId": "anna", "messageId": "3",
        "properties": {"order_id": "4711", "total": 99.5, "currency": "SEK"},
    }], key="pos-key")  # fmt: skip
    catch_up()
    assert has(anna).pending == 40


def test_a_public_key_earns_nobody_anything(web: Source, anna: int) -> None:
    join(anna)
    tell([{
        "type": "track", "event": "Order Completed", "userId": "anna", "messageId": "1",
        "properties": {"order_id": "4711", "total": 99_999, "currency": "SEK"},
    }])  # fmt: skip
    catch_up()
    assert has(anna).pending == 0


@pytest.mark.parametrize(
    "odd",
    [
        {"total": "NaN"},
        {"total": "Infinity"},
        {"total": -5},
        {"total": 1e300},
        {"total": "1e9999999"},
        {"total": "1e-9999999"},
        {"total": []},
        {"currency": "???"},
    ],
)
def test_what_makes_no_sense_gives_nothing(pos: Source, anna: int, odd: dict[str, object]) -> None:
    join(anna)
    tell([{
        "type": "track", "event": "Order Completed", "userId": "anna", "messageId": "1",
        "properties": {"order_id": "4711", "total": 1, "currency": "SEK"} | odd,
    }], key="pos-key")  # fmt: skip
    catch_up()
    assert has(anna).available == 0


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ("Item Returned", {"price": 1e13, "quantity": 10_000}),
        ("Order Refunded", {"total": 1e300}),
        ("Item Exchanged", {"value": 1e300, "difference": -1e300, "new_order_id": "4712"}),
        ("Item Exchanged", {"value": 1e300, "difference": -(10**300), "new_order_id": "4711"}),
    ],
)
def test_odd_numbers_told_again_and_again_do_not_stop_those_that_come_after(
    pos: Source, anna: int, event: str, words: dict[str, object]
) -> None:
    join(anna)
    bought_ = {"total": 5e12, "currency": "SEK"}
    tell(
        [{
            "type": "track", "event": name, "userId": "anna", "messageId": f"{n}",
            "properties": {"order_id": order, "currency": "SEK"} | told,
        } for n, (name, order, told) in enumerate([
            ("Order Completed", "4711", bought_), *[(event, "4711", words)] * 3,
            ("Order Completed", "4713", {"total": 100}),
        ])],
        key="pos-key",
    )  # fmt: skip
    catch_up()
    assert PointsLot.objects.get(order="4713").points == 10
    assert verifying.verify() == []


def test_what_was_bought_before_she_joined_earns_nothing(shop: Shop, anna: int) -> None:
    bought(shop, anna)
    join(anna)
    catch_up()
    assert has(anna).pending == 0


def test_exchanges_of_what_was_bought_before_she_joined_earn_what_is_paid_on_top(
    pos: Source, anna: int
) -> None:
    tell([_purchase("Order Completed", "1", total=1_000)], key="pos-key")
    join(anna)
    swap_ = {"value": 1_000, "difference": 50, "new_order_id": "2"}
    tell([_purchase("Item Exchanged", "1", **swap_)], key="pos-key")
    catch_up()
    assert has(anna).pending == 0
    tell([_purchase("Order Completed", "2", total=50)], key="pos-key")
    catch_up()
    assert has(anna).pending == 5
    again = {"value": 1_050, "difference": 0, "new_order_id": "3"}
    tell([_purchase("Item Exchanged", "2", **again)], key="pos-key")
    catch_up()
    assert has(anna).pending == 5


def test_exchanges_of_what_she_bought_as_a_member_keep_their_points(pos: Source, anna: int) -> None:
    join(anna)
    swap_ = {"value": 1_000, "difference": -200, "new_order_id": "2"}
    tell([_purchase("Order Completed", "1", total=1_500)], key="pos-key")
    tell([_purchase("Item Exchanged", "1", **swap_)], key="pos-key")
    catch_up()
    points = dict(PointsLot.objects.values_list("order", "left"))
    assert points == {"1": 50, "2": 80}
    assert verifying.verify() == []


def _purchase(event: str, order: str, **told: object) -> dict[str, object]:
    return {
        "type": "track", "event": event, "userId": "anna", "messageId": f"{event} {order}",
        "properties": {"order_id": order, "currency": "SEK"} | told,
    }  # fmt: skip


def test_points_expire_and_she_is_told(shop: Shop, anna: int) -> None:
    join(anna)
    bought(shop, anna)
    catch_up()
    months_pass(wait_days())
    months_pass(731)
    assert (has(anna).available, has(anna).earned) == (0, 0)
    assert facts("Points Expired") == [{"points": 129}]


def test_she_reaches_a_tier_and_loses_it_when_a_year_has_passed(shop: Shop, anna: int) -> None:
    join(anna)
    bought(shop, anna, quantity=5)
    catch_up()
    assert (has(anna).tier, has(anna).next_tier, has(anna).missing) == ("silver", "gold", 851)
    assert [one["tier"] for one in facts("Tier Reached")] == ["silver"]
    assert ClubMember.objects.get().tier == "silver"
    months_pass(366)
    assert ClubMember.objects.get().tier == ""


def test_two_members_who_become_one_have_one_membership_and_are_two_again_when_taken_apart(
    shop: Shop, anna: int
) -> None:
    tell([{"type": "identify", "messageId": "b", "userId": "berit", "traits": {}}], key="crm-key")
    berit = Identifier.objects.get(kind="user_id", value="berit").pk
    first, second = join(anna), join(berit)
    give(anna, 100, "a")
    give(berit, 30, "b")
    one = identity.merge_customers(customer(anna), customer(berit), "maja@nordsko.example")
    assert (has(anna).available, has(anna).number) == (130, first.number)
    assert has(berit) == has(anna)
    assert reading.cards_of(customer(anna)) == [first, second]
    identity.split_customer(one, [berit, _card(second.number)], "maja@nordsko.example")
    assert (has(anna).available, has(berit).available) == (100, 30)
    assert has(berit).number == second.number


def test_joining_twice_is_joining_once(anna: int) -> None:
    assert join(anna) == join(anna)
    assert len(facts("Club Joined")) == 1


def test_her_card_is_hers_at_once_for_whoever_scans_it(anna: int) -> None:
    card = join(anna)
    assert customers.by_identifier("card", card.number) == customer(anna)


def test_whoever_leaves_has_nothing_left_and_earns_nothing(shop: Shop, anna: int) -> None:
    card = join(anna)
    give(anna, 100, "a")
    actions.leave(customer(anna), actor=AT_TILL)
    bought(shop, anna)
    catch_up()
    assert reading.of_customer(customer(anna), "en") is None
    assert verifying.verify() == []
    assert facts("Club Left") == [{"number": card.number}]
    again = join(anna)
    assert (again.number, has(anna).available) == (card.number, 0)


def test_a_correction_is_done_once_and_takes_no_more_than_there_is(anna: int) -> None:
    join(anna)
    give(anna, 100, "a")
    give(anna, 100, "a")
    assert has(anna).available == 100
    with pytest.raises(Refusal, match="can be spent"):
        give(anna, -101, "b")
    give(anna, -100, "c")
    assert has(anna).available == 0


def test_verify_finds_what_does_not_add_up(shop: Shop, anna: int) -> None:
    join(anna)
    bought(shop, anna)
    catch_up()
    assert verifying.verify() == []
    ClubMember.objects.update(pending=1_000)
    assert len(verifying.verify()) == 1
    ClubMember.objects.update(pending=129)
    PointsLot.objects.update(points=200)
    assert len(verifying.verify()) == 1
    PointsLot.objects.update(points=129)
    PointsEntry.objects.all().delete()
    assert len(verifying.verify()) == 1


def _card(number: str) -> int:
    return Identifier.objects.get(kind="card", value=number).pk
