"""What a basket costs with offers: what always holds, and what others got wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spindel.kit import money
from spindel.offers.basket import BasketLine, Buyer, Code, Offer, Reason
from spindel.offers.eligible import Offers
from spindel.offers.pricing import price
from spindel.offers.splitting import shared
from spindel.offers.terms import (
    AmountOff,
    AmountOffEach,
    DeliveryOff,
    FixedPrice,
    Goods,
    Hours,
    PercentOff,
    PiecesForLess,
    Stacking,
    Terms,
)
from tests.offers import cast
from tests.offers.cast import NOON, basket, fee, line, offer, priced, total

TOGETHER, ALONE = Stacking.TOGETHER, Stacking.ALONE


# --- what always holds ----------------------------------------------------------------------------


@given(cast.lines, cast.offers, cast.fees)
def test_no_line_or_fee_costs_less_than_nothing_or_more_than_by_the_list(
    lines: list[BasketLine], offers: list[Offer], fees: list[BasketLine]
) -> None:
    found = priced(lines, *offers, fees=fees)
    for one in (*found.lines, *found.fees):
        assert 0 <= one.total <= one.line.quantity * (one.line.each or 0)
        assert all(each.amount < 0 for each in one.adjustments)
        assert len({each.offer.id for each in one.adjustments}) == len(one.adjustments)
        assert one.line.agreed is None or not one.adjustments


@given(cast.lines, cast.offers, cast.fees)
def test_lines_and_fees_add_up_to_the_total_and_its_vat(
    lines: list[BasketLine], offers: list[Offer], fees: list[BasketLine]
) -> None:
    found = priced(lines, *offers, fees=fees)
    assert [one.line for one in found.lines] == lines
    assert [one.line for one in found.fees] == fees
    priced_lines = [*found.lines, *found.fees]
    assert found.totals.total == sum(one.total for one in priced_lines)
    by_rate = {
        rate: sum(one.total for one in priced_lines if one.line.vat_rate == rate)
        for rate in found.totals.vat_by_rate
    }
    assert found.totals.vat_by_rate == {
        rate: money.vat_in(amount, rate) for rate, amount in by_rate.items()
    }
    listed = sum(one.quantity * (one.each or 0) for one in [*lines, *fees])
    assert listed - found.totals.total == sum(found.applied.values())


@given(cast.lines, cast.offers, cast.fees, st.randoms())
def test_the_order_of_lines_and_of_offers_makes_no_difference(
    lines: list[BasketLine],
    offers: list[Offer],
    fees: list[BasketLine],
    random: st.random.Random,
) -> None:
    before = priced(lines, *offers, fees=fees)
    numbers = list(range(len(lines)))
    random.shuffle(numbers)
    mixed = list(offers)
    random.shuffle(mixed)
    after = priced([lines[number] for number in numbers], *mixed, fees=fees)
    assert after.totals == before.totals
    assert after.applied == before.applied
    by_line = sorted((one.line.variant, one.line.quantity, one.total) for one in before.lines)
    assert by_line == sorted(
        (one.line.variant, one.line.quantity, one.total) for one in after.lines
    )


@st.composite
def more_generous(draw: st.DrawFn) -> tuple[Terms, Terms]:
    """Terms, and the same with more to give or less to ask for."""
    before = draw(cast.terms)
    benefit, now = before.benefit, before
    how = draw(st.sampled_from(["benefit", "minimum", "least_pieces", "cap"]))
    if how == "minimum":
        now = msgspec.structs.replace(before, minimum={})
    elif how == "least_pieces":
        now = msgspec.structs.replace(
            before, least_pieces=draw(st.integers(0, before.least_pieces))
        )
    elif how == "cap":
        cap = None if before.cap is None else draw(st.none() | st.integers(before.cap, 10_000))
        now = msgspec.structs.replace(before, cap=cap)
    elif isinstance(benefit, PercentOff | PiecesForLess | DeliveryOff) and benefit.rate:
        better = msgspec.structs.replace(benefit, rate=draw(st.integers(benefit.rate, 10_000)))
        now = msgspec.structs.replace(before, benefit=better)
    elif isinstance(benefit, FixedPrice):
        amount = draw(st.integers(0, benefit.amounts["SEK"]))
        now = msgspec.structs.replace(before, benefit=FixedPrice({"SEK": amount}))
    else:
        amount = draw(st.integers(benefit.amounts["SEK"], 80_000))
        now = msgspec.structs.replace(before, benefit=type(benefit)(amounts={"SEK": amount}))
    return before, now


@settings(max_examples=300)
@given(cast.lines, cast.offers, cast.fees, more_generous())
def test_a_more_generous_offer_never_makes_the_basket_dearer(
    lines: list[BasketLine],
    offers: list[Offer],
    fees: list[BasketLine],
    better: tuple[Terms, Terms],
) -> None:
    before, now = (Offer(99, 1, one) for one in better)
    assert total(lines, *offers, now, fees=fees) <= total(lines, *offers, before, fees=fees)


@settings(max_examples=300)
@given(cast.lines, cast.offers, cast.fees, cast.terms)
def test_one_more_offer_never_makes_the_basket_dearer(
    lines: list[BasketLine], offers: list[Offer], fees: list[BasketLine], another: Terms
) -> None:
    more = Offer(99, 1, another)
    assert total(lines, *offers, more, fees=fees) <= total(lines, *offers, fees=fees)


@given(cast.lines, cast.offers, cast.fees, st.integers(0, 30_000))
def test_no_offer_gives_more_than_is_left_of_its_money(
    lines: list[BasketLine], offers: list[Offer], fees: list[BasketLine], left: int
) -> None:
    limited = {one.id: left for one in offers}
    found = priced(lines, *offers, buyer=Buyer(money_left=limited), fees=fees)
    assert all(amount <= left for amount in found.applied.values())
    assert found.totals.total >= total(lines, *offers, fees=fees)


@given(cast.lines, cast.offers)
def test_all_pieces_in_whatever_parts_come_to_what_was_paid(
    lines: list[BasketLine], offers: list[Offer]
) -> None:
    for one in priced(lines, *offers).lines:
        many = one.line.quantity
        back = [money.share(one.total, many, piece, 1) for piece in range(many)]
        assert sum(back) == one.total
        assert max(back) - min(back) <= 1


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=12), st.data())
def test_an_amount_is_shared_out_to_the_last_unit(weights: list[int], data: st.DataObject) -> None:
    amount = data.draw(st.integers(0, sum(weights)))
    parts = shared(amount, weights)
    assert sum(parts) == amount
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))


@given(st.lists(st.integers(0, 60), min_size=1, max_size=6))
def test_as_an_amount_grows_no_part_of_it_shrinks(weights: list[int]) -> None:
    before = shared(0, weights)
    for amount in range(1, sum(weights) + 1):
        now = shared(amount, weights)
        assert all(one <= other for one, other in zip(before, now, strict=True))
        before = now


# --- benefits -------------------------------------------------------------------------------------


def test_per_cent_are_taken_off_each_piece_so_that_three_cost_three_times_one() -> None:
    ten = offer(1, PercentOff(1_000))
    assert total([line(1, 3_335)], ten) == 3_001  # half an öre is the buyer's
    assert total([line(1, 3_335, 3)], ten) == 9_003


def test_a_hundred_per_cent_leave_nothing() -> None:
    assert total([line(1, 33_333, 3), line(2, 1)], offer(1, PercentOff(10_000))) == 0


def test_an_amount_off_never_gives_money_away() -> None:
    assert total([line(1, 3_000, 2)], offer(1, AmountOffEach({"SEK": 5_000}))) == 0
    assert total([line(1, 3_000, 2)], offer(1, AmountOff({"SEK": 50_000}))) == 0


def test_a_fixed_price_never_makes_dearer() -> None:
    fixed = offer(1, FixedPrice({"SEK": 39_900}))
    assert total([line(1, 49_900), line(2, 29_900)], fixed) == 39_900 + 29_900


@pytest.mark.parametrize(("many", "paid"), [(1, 1), (2, 2), (3, 2), (5, 4), (6, 4), (7, 5)])
def test_three_for_two_holds_for_each_three(many: int, paid: int) -> None:
    assert total([line(1, 10_000, many)], offer(1, PiecesForLess(3))) == paid * 10_000


def test_three_for_two_gives_the_cheapest_of_each_three_over_all_lines() -> None:
    lines = [line(1, 10_000), line(2, 20_000, 2), line(3, 30_000, 2), line(4, 5_000)]
    # 300 300 200 | 200 100 50
    assert total(lines, offer(1, PiecesForLess(3))) == 115_000 - 20_000 - 5_000


def test_the_second_at_half_price() -> None:
    half = offer(1, PiecesForLess(2, 1, 5_000))
    assert total([line(1, 10_000), line(2, 8_000), line(3, 6_000)], half) == 20_000


def test_three_for_two_is_on_the_goods_that_it_is_for() -> None:
    socks = offer(1, PiecesForLess(3), goods=Goods(categories=frozenset({"socks"})))
    lines = [line(1, 5_000, 3, categories=["socks"]), line(2, 1_000, 2)]
    found = priced(lines, socks)
    assert [one.total for one in found.lines] == [10_000, 2_000]


def test_an_amount_is_shared_by_what_the_lines_cost_and_vat_follows() -> None:
    lines = [line(1, 10_000, vat_rate=2500), line(2, 20_000, vat_rate=600)]
    found = priced(lines, offer(1, AmountOff({"SEK": 10_000})))
    assert [one.total for one in found.lines] == [6_667, 13_333]
    assert found.totals.vat_by_rate == {600: 755, 2500: 1_333}


# --- what counts together -------------------------------------------------------------------------


def test_a_piece_has_the_best_of_its_offers() -> None:
    shoes = offer(1, PercentOff(2_000), goods=Goods(categories=frozenset({"shoes"})))
    all_goods = offer(2, PercentOff(1_000))
    lines = [line(1, 10_000, categories=["shoes"]), line(2, 10_000)]
    assert [one.total for one in priced(lines, shoes, all_goods).lines] == [8_000, 9_000]


def test_per_cent_on_top_are_of_what_is_left() -> None:
    lines = [line(1, 10_000)]
    assert (
        total(lines, offer(1, PercentOff(5_000)), offer(2, PercentOff(5_000), stacking=TOGETHER))
        == 2_500
    )


def test_what_stacks_goes_no_further_than_to_its_cap() -> None:
    half = offer(1, PercentOff(5_000))
    more = offer(2, PercentOff(5_000), stacking=TOGETHER, cap=6_000)
    less = offer(3, PercentOff(5_000), stacking=TOGETHER, cap=3_000)
    assert total([line(1, 10_000)], half, more) == 4_000
    assert total([line(1, 10_000)], half, less) == 5_000
    assert total([line(1, 10_000)], less) == 7_000


def test_what_counts_alone_does_where_that_is_cheaper_and_says_so_where_not() -> None:
    alone = offer(1, PercentOff(3_000), stacking=ALONE)
    two = [offer(2, PercentOff(2_000)), offer(3, AmountOff({"SEK": 1_500}), stacking=TOGETHER)]
    small, large = [line(1, 10_000)], [line(1, 100_000)]
    assert total(small, alone, *two) == 6_500
    assert total(large, alone, *two) == 70_000
    not_used = priced(small, alone, *two).not_applied
    assert [(one.reason, one.offer) for one in not_used] == [(Reason.OTHER_IS_BETTER, alone)]
    assert set(not_used[0].instead) == set(two)


def test_pieces_in_a_group_have_no_other_offer_than_those_on_top() -> None:
    group, ten = offer(1, PiecesForLess(3)), offer(2, PercentOff(1_000))
    on_top = offer(3, PercentOff(1_000), stacking=TOGETHER)
    assert total([line(1, 10_000, 4)], group, ten) == 20_000 + 9_000
    assert total([line(1, 10_000, 4)], group, on_top) == 18_000 + 9_000


def test_of_two_on_top_that_take_groups_the_stingy_one_keeps_no_pieces_from_the_other() -> None:
    generous = offer(1, PiecesForLess(2, 1, 5_000), stacking=TOGETHER)
    stingy = offer(2, PiecesForLess(2, 1, 1_000), stacking=TOGETHER, priority=0)
    assert total([line(1, 10_000, 2)], generous) == 15_000
    assert total([line(1, 10_000, 2)], generous, stingy) == 14_000


# --- delivery ---


def test_free_delivery_takes_the_fee_off_and_no_goods() -> None:
    found = priced([line(1, 10_000)], offer(1, DeliveryOff(rate=10_000)), fees=[fee(4_900)])
    assert [one.total for one in (*found.lines, *found.fees)] == [10_000, 0]
    assert found.applied == {1: 4_900}
    assert found.totals.vat_by_rate == {2500: 2_000}


def test_cheaper_delivery_counts_beside_what_is_on_goods() -> None:
    offers = [offer(1, PercentOff(1_000)), offer(2, DeliveryOff(amounts={"SEK": 2_000}))]
    found = priced([line(1, 10_000)], *offers, fees=[fee(4_900, vat_rate=600)])
    assert found.totals.total == 9_000 + 2_900
    assert found.totals.vat_by_rate == {2500: 1_800, 600: money.vat_in(2_900, 600)}


def test_an_amount_off_the_goods_takes_nothing_off_the_fee() -> None:
    found = priced([line(1, 10_000)], offer(1, AmountOff({"SEK": 50_000})), fees=[fee(4_900)])
    assert found.totals.total == 4_900


def test_of_two_on_delivery_the_better_one_counts() -> None:
    offers = [offer(1, DeliveryOff(rate=5_000)), offer(2, DeliveryOff(rate=10_000))]
    found = priced([line(1, 10_000)], *offers, fees=[fee(4_900)])
    assert found.applied == {2: 4_900}
    assert [(one.reason, one.instead) for one in found.not_applied] == [
        (Reason.OTHER_IS_BETTER, (offers[1],))
    ]


def test_delivery_is_free_where_the_goods_that_it_is_on_are_bought() -> None:
    free = offer(1, DeliveryOff(rate=10_000), goods=Goods(products=frozenset({"p1"})))
    assert total([line(1, 10_000), line(2, 5_000)], free, fees=[fee(4_900)]) == 15_000
    assert total([line(2, 5_000)], free, fees=[fee(4_900)]) == 9_900
    assert total([line(1, 10_000, agreed=9_000)], free, fees=[fee(4_900)]) == 9_000


def test_free_delivery_says_so_where_there_is_no_fee() -> None:
    free = offer(1, DeliveryOff(rate=10_000))
    assert reasons([line(1, 10_000)], free, Buyer()) == [Reason.NO_FEE]
    assert reasons([line(1, 10_000)], free, Buyer(), fees=[fee(0)]) == [Reason.NO_FEE]


# --- who, when, what ------------------------------------------------------------------------------


def reasons(lines: list[BasketLine], one: Offer, buyer: Buyer, **more: object) -> list[Reason]:
    found = price(basket(*lines, **more), Offers([one]), buyer)
    return [each.reason for each in found.not_applied]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"markets": frozenset({"DK"})}, Reason.WRONG_MARKET),
        ({"minimum": {"DKK": 1}}, Reason.WRONG_MARKET),
        ({"until": NOON}, Reason.EXPIRED),
        ({"since": NOON + timedelta(seconds=1)}, Reason.NOT_YET),
        ({"hours": Hours(frozenset({1}))}, Reason.NOT_NOW),
        ({"audience": frozenset({"members"})}, Reason.NOT_FOR_HER),
        ({"most_each": 2}, Reason.USED_BY_HER),
        ({"minimum": {"SEK": 20_001}}, Reason.TOO_LITTLE),
        ({"least_pieces": 3}, Reason.TOO_FEW),
    ],
)
def test_what_does_not_count_says_why(said: dict[str, object], reason: Reason) -> None:
    one = offer(1, PercentOff(1_000), **said)
    buyer = Buyer(used={1: 2})
    assert reasons([line(1, 10_000, 2)], one, buyer) == [reason]


def test_it_says_how_much_more_it_takes() -> None:
    needs = offer(1, PercentOff(1_000), minimum={"SEK": 50_000})
    found = priced([line(1, 10_000, 2)], needs).not_applied[0]
    assert (found.reason, found.missing) == (Reason.TOO_LITTLE, 30_000)
    found = priced([line(1, 10_000, 2)], offer(1, PiecesForLess(3))).not_applied[0]
    assert (found.reason, found.missing) == (Reason.TOO_FEW, 1)


def test_a_minimum_is_counted_at_list_prices() -> None:
    cheaper = offer(1, PercentOff(5_000))
    needs = offer(2, AmountOff({"SEK": 1_000}), stacking=TOGETHER, minimum={"SEK": 20_000})
    assert total([line(1, 20_000)], cheaper, needs) == 9_000


def test_what_is_used_up_by_one_customer_is_not_for_another() -> None:
    one = offer(1, PercentOff(1_000), most_each=1)
    assert reasons([line(1, 100)], one, Buyer(used={1: 1})) == [Reason.USED_BY_HER]
    assert reasons([line(1, 100)], one, Buyer()) == []
    assert reasons([line(1, 100)], one, Buyer(uses_left={1: 0})) == [Reason.USED_UP]


def test_a_code_is_needed_where_the_offer_says_so_and_names_it_where_it_is_not() -> None:
    coded = offer(1, PercentOff(1_000), needs_code=True)
    over = replace(offer(2, PercentOff(1_000), until=NOON), stopped=True)
    known = {"TEN": Code(coded), "SPENT": Code(coded, spent=True), "OVER": Code(over)}
    live, buyer = Offers([coded]), Buyer(codes=known)
    goods = [line(1, 10_000)]
    assert price(basket(*goods), live, buyer).totals.total == 10_000
    assert price(basket(*goods, codes=["TEN"]), live, buyer).totals.total == 9_000
    found = price(basket(*goods, codes=["SPENT", "WHAT", "OVER"]), live, buyer)
    assert [(one.reason, one.code) for one in found.not_applied] == [
        (Reason.CODE_SPENT, "SPENT"),
        (Reason.UNKNOWN_CODE, "WHAT"),
        (Reason.EXPIRED, "OVER"),
    ]
    assert found.totals.total == 10_000


def test_of_two_codes_of_an_offer_one_counts() -> None:
    coded = offer(1, PercentOff(1_000), needs_code=True)
    buyer = Buyer(codes={"ONE": Code(coded), "TWO": Code(coded)})
    found = price(basket(line(1, 100), codes=["ONE", "TWO"]), Offers([coded]), buyer)
    assert found.totals.total == 90
    assert [(one.reason, one.code) for one in found.not_applied] == [
        (Reason.OTHER_IS_BETTER, "TWO")
    ]


def test_a_discount_goes_when_its_code_goes() -> None:
    coded = offer(1, PercentOff(1_000), needs_code=True)
    buyer = Buyer(codes={"TEN": Code(coded)})
    with_code = price(basket(line(1, 100), codes=["TEN"]), Offers([coded]), buyer)
    without = price(basket(line(1, 100)), Offers([coded]), buyer)
    assert (with_code.totals.total, without.totals.total) == (90, 100)
    assert without.lines[0].adjustments == ()


def test_what_was_agreed_stays_agreed() -> None:
    found = priced([line(1, 10_000, agreed=8_000)], offer(1, PercentOff(5_000)))
    assert found.totals.total == 8_000
    assert [one.reason for one in found.not_applied] == [Reason.AGREED]


def test_the_discount_lies_on_the_goods_that_it_is_for() -> None:
    jeans = offer(1, AmountOff({"SEK": 5_000}), goods=Goods(categories=frozenset({"jeans"})))
    lines = [line(1, 1_000), line(2, 20_000, categories=["jeans"])]
    assert [one.total for one in priced(lines, jeans).lines] == [1_000, 15_000]


def test_the_last_discount_is_cut_to_what_is_left_or_another_counts() -> None:
    half, ten = offer(1, PercentOff(5_000)), offer(2, PercentOff(1_000))
    lines = [line(1, 10_000), line(2, 10_000)]
    assert total(lines, half, ten, buyer=Buyer(money_left={1: 3_000})) == 17_000
    assert total(lines, half, ten, buyer=Buyer(money_left={1: 1_000})) == 18_000


@pytest.mark.parametrize(
    ("days", "opens", "closes", "at", "holds"),
    [
        ({2}, "10:00", "12:00", "2026-03-10T10:59:59+00:00", True),  # 11:59:59 in Stockholm
        ({2}, "10:00", "12:00", "2026-03-10T11:00:00+00:00", False),
        ({2}, "00:00", "24:00", "2026-03-10T22:59:59+00:00", True),
        ({2}, "00:00", "24:00", "2026-03-10T23:00:00+00:00", False),
        ({2}, "22:00", "02:00", "2026-03-11T00:30:00+00:00", True),  # the night of Tuesday
        ({2}, "22:00", "02:00", "2026-03-10T00:30:00+00:00", False),
        ({7}, "22:00", "02:00", "2026-03-30T00:30:00+02:00", True),  # an hour was skipped that day
    ],
)
def test_hours_are_those_of_the_market(
    days: set[int], opens: str, closes: str, at: str, holds: bool
) -> None:
    told = {"days": sorted(days), "opens": opens, "closes": closes}
    hours = msgspec.convert(told, Hours)
    assert hours.hold(msgspec.convert(at, type(NOON)), cast.STOCKHOLM) is holds
