"""Which offers will be in each other's way in a week."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from spindel.offers.basket import Offer
from spindel.offers.conflicts import Conflict, Why, conflicts
from spindel.offers.terms import Goods, PercentOff, Stacking
from tests.offers import cast
from tests.offers.cast import NOON, line, offer

WEEK = (NOON, NOON + timedelta(days=7))
SHOES = Goods(categories=frozenset({"shoes"}))
GOODS = [line(1, 100, categories=["shoes"], brand="Vinga"), line(2, 100, categories=["bags"])]
MONDAY, THURSDAY = NOON + timedelta(days=2), NOON + timedelta(days=4)


def told(*offers: object, goods: list = GOODS) -> list[tuple[str, int, int]]:
    return [(str(one.why), one.first.id, one.second.id) for one in conflicts(offers, WEEK, goods)]


def named(id: int, rate: int = 1_000, **terms: object):
    return offer(id, PercentOff(rate), **terms)


def test_two_on_the_same_goods_of_which_one_ends_while_the_other_holds() -> None:
    spring, sale = named(1, goods=SHOES), named(2, until=THURSDAY)
    (found,) = conflicts([spring, sale], WEEK, GOODS)
    assert found == Conflict(Why.CHANGES, spring, sale, THURSDAY, (0,))


def test_two_that_hold_all_week_change_no_price() -> None:
    assert told(named(1, goods=SHOES), named(2)) == []


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"goods": SHOES}, {"goods": Goods(categories=frozenset({"bags"})), "until": THURSDAY}),
        ({"markets": frozenset({"SE"})}, {"markets": frozenset({"DK"}), "until": THURSDAY}),
        ({"audience": frozenset({"a"})}, {"audience": frozenset({"b"}), "until": THURSDAY}),
        ({"until": MONDAY}, {"since": MONDAY}),
        ({}, {"since": NOON + timedelta(days=8)}),
        ({}, {"until": NOON - timedelta(days=1)}),
        ({}, {"until": THURSDAY, "needs_code": True}),
        ({}, {"until": THURSDAY, "stacking": Stacking.TOGETHER}),
    ],
)
def test_two_that_nobody_has_both_of_or_that_add_up_are_in_nobodys_way(one, two) -> None:
    assert told(named(1, **one), named(2, **two)) == []


def test_one_that_counts_alone_hides_the_others() -> None:
    alone = named(1, stacking=Stacking.ALONE, goods=SHOES)
    assert told(alone, named(2, goods=Goods(categories=frozenset({"bags"})))) == [("hides", 1, 2)]


def test_two_that_customers_read_under_one_name() -> None:
    one, two = named(1), named(2, 2_000)
    assert told(one, two) == []
    same = Offer(2, 1, replace(two.terms, names=one.terms.names))
    assert told(one, same) == [("same_name", 1, 2)]


@given(
    st.lists(cast.terms, max_size=6),
    st.lists(st.none() | st.integers(-24, 24 * 9), min_size=12, max_size=12),
    st.randoms(use_true_random=False),
)
def test_the_order_of_offers_makes_no_difference_and_moments_are_in_the_week(
    several, hours, chance
) -> None:
    found = []
    for id, one in enumerate(several):
        pair = hours[2 * id : 2 * id + 2]
        since, until = (None if h is None else NOON + timedelta(hours=h) for h in pair)
        if since is not None and until is not None and since >= until:
            since, until = None, until
        found.append(Offer(id, 1, replace(one, since=since, until=until)))
    lines = [line(n, 100, categories=["shoes"], brand="Vinga") for n in (1, 2, 3)]
    once = conflicts(found, WEEK, lines)
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert conflicts(shuffled, WEEK, lines) == once
    for one in once:
        assert WEEK[0] <= one.at < WEEK[1]
        assert one.first.id < one.second.id
        assert one.on or one.why != Why.CHANGES
