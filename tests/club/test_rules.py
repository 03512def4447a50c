"""The arithmetic of points: it adds up, whatever happens in whichever order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindel.club.rules import Account, Lot, NotEnough
from spindel.club.terms import ClubTerms

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
WAITS, LASTS = timedelta(days=30), timedelta(days=365)


def order(
    account: Account, bought: int, number: str = "R1", at: datetime = NOW, card: int = 1
) -> Lot:
    """An order that was paid, of which each ten kronor are a point."""
    lot = Lot(
        member=card, order=number, currency="SEK", per_point=1_000, bought=bought, at=at,
        available_from=at + WAITS, expires_at=at + LASTS, id=len(account.lots) + 1,
    )  # fmt: skip
    account.lots.append(lot)
    account.reckon(lot)
    return lot


def total(account: Account) -> int:
    return account.available + account.pending - sum(account.owed.values())


def test_points_wait_until_goods_can_not_come_back_and_then_they_can_be_spent() -> None:
    anna = Account([1])
    order(anna, 129_900)
    anna.settle(NOW)
    assert (anna.available, anna.pending) == (0, 129)
    with pytest.raises(NotEnough):
        anna.spend(1)
    anna.settle(NOW + WAITS)
    anna.spend(100)
    assert (anna.available, anna.pending) == (29, 0)


def test_what_comes_back_in_parts_takes_back_exactly_what_it_gave() -> None:
    anna = Account([1])
    lot = order(anna, 129_999)
    for _ in range(3):
        lot.back += 43_333
        anna.reckon(lot)
    assert total(anna) == 0


def test_points_that_were_spent_before_the_goods_came_back_are_owed_and_paid_by_the_next() -> None:
    anna = Account([1])
    lot = order(anna, 100_000)
    anna.settle(NOW + WAITS)
    anna.spend(100)
    lot.back = 100_000
    anna.reckon(lot)
    assert (anna.available, anna.pending, anna.owed) == (0, 0, {1: 100})
    order(anna, 150_000, "R2", NOW + WAITS)
    anna.settle(NOW + WAITS + WAITS)
    assert (anna.available, anna.owed) == (50, {1: 0})


def test_what_has_expired_is_not_taken_back_again() -> None:
    anna = Account([1])
    lot = order(anna, 100_000)
    anna.settle(NOW + LASTS)
    lot.back = 100_000
    anna.reckon(lot)
    assert total(anna) == 0


def test_those_are_spent_first_that_are_over_first() -> None:
    anna = Account([1])
    late = order(anna, 50_000, "R2", NOW + timedelta(days=1))
    early = order(anna, 50_000, "R1", NOW)
    anna.settle(NOW + WAITS + WAITS)
    anna.spend(60)
    assert (early.left, late.left) == (0, 40)


def test_an_order_that_is_told_of_after_its_return_gives_the_same() -> None:
    anna = Account([1])
    lot = order(anna, 0)
    lot.back = 40_000
    anna.reckon(lot)
    lot.bought = 100_000
    anna.reckon(lot)
    assert total(anna) == 60


def test_money_back_for_what_came_back_counts_once_and_money_back_without_goods_does_too() -> None:
    lot = Lot(member=1, per_point=1_000, at=NOW, available_from=NOW, expires_at=None)
    lot.bought, lot.back, lot.refunded = 100_000, 30_000, 25_000
    assert lot.target == 70
    lot.refunded = 50_000
    assert lot.target == 50
    lot.worth = 60_000
    assert lot.target == 30


_steps = st.lists(
    st.one_of(
        st.tuples(st.just("earn"), st.integers(0, 300_000), st.sampled_from([1, 2])),
        st.tuples(st.just("back"), st.integers(0, 200_000), st.integers(0, 5)),
        st.tuples(st.just("cancel"), st.integers(0, 100_000), st.integers(0, 5)),
        st.tuples(st.just("spend"), st.integers(1, 300), st.just(0)),
        st.tuples(st.just("wait"), st.integers(1, 400), st.just(0)),
        st.tuples(st.just("swap"), st.integers(0, 100_000), st.integers(0, 5)),
    ),
    max_size=20,
)


@given(_steps)
def test_whatever_happens_nothing_is_below_zero_and_the_entries_are_the_balance(
    steps: list[tuple[str, int, int]],
) -> None:
    her, now = Account([1, 2]), NOW
    orders: list[Lot] = []
    for what, many, which in steps:
        lot = orders[which % len(orders)] if orders else None
        if what == "earn":
            orders.append(order(her, many, f"R{len(orders)}", now, card=which))
        elif what == "wait":
            now += timedelta(days=many)
        elif what == "spend":
            before = her.available
            try:
                her.spend(many)
            except NotEnough:
                assert before < many
            else:
                assert her.available == before - many
        elif lot is not None:
            if what == "back":
                lot.back += many
            elif what == "swap":
                lot.swapped += many
            else:
                lot.worth = many if lot.worth is None else min(many, lot.worth)
            her.reckon(lot)
        her.settle(now)
        for card in (1, 2):
            available, pending, owed = her.of_member(card)
            assert min(available, pending, owed) >= 0
            entered = sum(one.points for one in her.entries if one.member == card)
            assert entered == available + pending - owed
        assert not (her.available and sum(her.owed.values()))
        for one in orders:
            assert 0 <= one.left <= one.points
            assert one.net >= one.target
            assert one.net - one.expired <= one.target


@given(st.permutations(["earn", "back", "back", "cancel", "refund"]))
def test_the_order_in_which_things_are_told_changes_nothing(steps: list[str]) -> None:
    anna = Account([1])
    lot = order(anna, 0)
    for what in steps:
        if what == "earn":
            lot.bought = 200_000
        elif what == "back":
            lot.back += 30_000
        elif what == "cancel":
            lot.worth = 150_000
        else:
            lot.refunded += 80_000
        anna.reckon(lot)
    assert total(anna) == 90


def test_she_sees_her_way_to_the_next_tier() -> None:
    club = ClubTerms()
    assert club.tier(499) is None
    silver, gold = club.tier(500), club.next_tier(500)
    assert silver is not None
    assert gold is not None
    assert (silver.key, gold.key) == ("silver", "gold")
    assert club.next_tier(1_500) is None
