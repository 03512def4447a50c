"""What returns and exchanges come to, and until when: by the rules alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindel.commerce.orders import rules
from spindel.commerce.orders.returnable_rules import (
    DEFAULT_POLICY,
    Policy,
    last_moment,
    policy_for,
    takeable,
)
from spindel.commerce.returns.rules import Asked, Balance, Came, NotSold, came_of, evened, value_of

STOCKHOLM = ZoneInfo("Europe/Stockholm")
AMOUNTS = st.integers(0, 10**9)
PRODUCTS = st.sampled_from(["vinga", "marstrand", "smögen"])
CAME = st.lists(st.builds(Came, PRODUCTS, st.integers(1, 9), AMOUNTS), max_size=6)
ASKED = st.lists(st.builds(Asked, PRODUCTS, st.integers(1, 9), AMOUNTS), max_size=6)


@given(st.lists(st.tuples(st.integers(1, 9), AMOUNTS), max_size=6), st.randoms())
def test_all_pieces_together_give_what_was_paid_and_some_never_more(
    lines: list[tuple[int, int]], chance: object
) -> None:
    paid = sum(many * amount for many, amount in lines)
    pieces = [Came("p", 1, amount) for many, amount in lines for _ in range(many)]
    chance.shuffle(pieces)  # type: ignore[attr-defined]  # Random, which Hypothesis replays
    back = 0
    for piece in pieces:
        back += value_of([piece])
        assert back <= paid
    assert back == paid


@dataclass
class Line:
    quantity: int
    total: int
    list_amount: int = 0
    delivered: int = 0
    cancelled: int = 0
    returned: int = 0


@given(st.integers(1, 30), AMOUNTS, st.lists(st.sampled_from(["cancel", "send", "return"])))
def test_each_piece_counts_once_whatever_is_cancelled_and_comes_back_in_between(
    quantity: int, total: int, steps: list[str]
) -> None:
    line, gone = Line(quantity, total), 0
    ends = ["send"] * quantity + ["return"] * quantity  # in the end nothing of it is hers
    for step in [*steps, *ends]:
        if step == "return" and line.returned < line.delivered:
            gone += rules.returning(line, 1)
            assert sum(one.amount for one in came_of(line, "vinga", 1)) == rules.returning(line, 1)
            line.returned += 1
        elif step != "return" and line.delivered + line.cancelled < quantity:
            if step == "send":
                line.delivered += 1
            else:
                gone += rules.cancelling(line, 1)
                line.cancelled += 1
        assert rules.kept(line) - rules.given_back(line) == total - gone
    assert (gone, line.returned + line.cancelled) == (total, quantity)


@given(CAME, ASKED)
def test_an_exchange_makes_no_money_and_loses_none(came: list[Came], asked: list[Asked]) -> None:
    prices = evened(came, asked)
    total = sum(many * amount for one in prices for many, amount in one)
    balance = Balance(value_of(came), total)
    assert balance.value + balance.to_pay == balance.total + balance.to_refund
    assert min(balance.to_pay, balance.to_refund) == 0
    assert 0 <= balance.to_refund <= balance.value
    assert balance.credited <= balance.value
    for one, parts in zip(asked, prices, strict=True):
        assert sum(many for many, _ in parts) == one.quantity


@given(CAME)
def test_the_same_products_in_other_sizes_are_even_whatever_they_cost_today(
    came: list[Came],
) -> None:
    asked = [Asked(one.product, one.quantity, None) for one in reversed(came)]
    total = sum(many * amount for one in evened(came, asked) for many, amount in one)
    assert Balance(value_of(came), total) == Balance(total, total)


def test_another_product_and_more_than_came_back_cost_todays_price() -> None:
    came = [Came("vinga", 1, 99_900)]
    asked = [Asked("vinga", 2, 129_900), Asked("marstrand", 1, 50_000)]
    assert evened(came, asked) == [[(1, 99_900), (1, 129_900)], [(1, 50_000)]]
    with pytest.raises(NotSold) as refused:
        evened(came, [Asked("vinga", 1, None), Asked("vinga", 1, None)])
    assert refused.value.index == 1


def test_the_policy_that_says_most_exactly_counts() -> None:
    shoes, sandals, every = Policy(60), Policy(14), Policy(90)
    policies = {"Shoes": shoes, "Shoes > Sandals": sandals}
    assert policy_for(["shoes > Sandals > Women"], policies) == sandals
    assert policy_for(["Shoes > Boots", "Care"], policies) == shoes
    assert policy_for(["Shoestrings"], policies) == DEFAULT_POLICY
    assert policy_for([], policies | {"": every}) == every


def test_goods_come_back_until_the_end_of_the_last_day_where_the_shop_is() -> None:
    late = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)  # in Stockholm it is the 29th, in summer time
    assert last_moment(late, 1, STOCKHOLM) == datetime(2026, 3, 30, 22, tzinfo=UTC)


def test_pieces_that_were_handed_over_later_come_back_longer() -> None:
    first = datetime(2026, 3, 2, 12, tzinfo=UTC)
    parts = [(first, 2), (first + timedelta(days=10), 1)]
    policy = Policy(30)

    def asked(days: float, returned: int = 0) -> tuple[int, int, str]:
        found = takeable(parts, returned, policy, first + timedelta(days=days), STOCKHOLM)
        return found.can, found.open, found.why

    assert asked(30) == (3, 3, "")
    assert asked(31) == (1, 3, "")
    assert asked(31, returned=2) == (1, 1, "")
    assert asked(41) == (0, 3, "too_late")
    assert asked(1, returned=3) == (0, 0, "")
    never = takeable(parts, 0, Policy(0), first, STOCKHOLM)
    assert (never.can, never.open, never.why) == (0, 3, "never")
