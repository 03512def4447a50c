"""What is shown to whom, in which order, and why: as pure arithmetic."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindel.decide.contents import Placement, Says
from spindel.decide.ranking import Because, Her, Interest, LeftOut, Ranked, Why, rank
from spindel.offers.basket import Buyer, Reason
from spindel.offers.terms import Goods
from tests.decide.cast import (
    NOON,
    any_contents,
    any_her,
    contents,
    goods,
    live,
    offer,
    place,
)


def keys(ranked: Ranked) -> list[str]:
    return [one.content.key for one in ranked.shown]


VINGA = goods(1, "Vinga", "Sneakers")


def test_priority_comes_first_then_what_concerns_her_then_the_newest() -> None:
    there = contents(
        [
            live("old", days=9),
            live("new", days=1),
            live("brand", days=9, goods=Goods(brands=frozenset({"Vinga"}))),
            live("first", days=99, priority=1),
        ]
    )
    her = Her(interests=[Interest(VINGA, looked=True)])
    assert keys(rank(there, place(), her)) == ["first", "brand", "new", "old"]


def test_what_she_looked_at_and_her_store_has_in_her_size_says_so() -> None:
    there = contents([live("vinga", goods=Goods(products=frozenset({"p1"})))])
    her = Her(
        interests=[Interest(VINGA, looked=True, bought=True, here=True, fits=True)], store="Ystad"
    )
    (choice,) = rank(there, place(), her).shown
    assert choice.why == [
        Why(Because.LOOKED_AT, "p1"),
        Why(Because.BOUGHT, "p1"),
        Why(Because.IN_HER_STORE, "Ystad"),
        Why(Because.IN_HER_SIZE, "Ystad"),
    ]


@pytest.mark.parametrize(
    ("terms", "buyer", "reason"),
    [
        ({"markets": frozenset({"DK"})}, Buyer(), Reason.WRONG_MARKET),
        ({"audience": frozenset({"club"})}, Buyer(), Reason.NOT_FOR_HER),
        ({"most_each": 1}, Buyer(used={1: 1}), Reason.USED_BY_HER),
        ({"most_uses": 9}, Buyer(uses_left={1: 0}), Reason.USED_UP),
        ({"budget": {"SEK": 9}}, Buyer(money_left={1: 0}), Reason.USED_UP),
        ({"until": NOON}, Buyer(), Reason.EXPIRED),
        ({"since": NOON + timedelta(1)}, Buyer(), Reason.NOT_YET),
    ],
)
def test_an_offer_that_would_not_count_for_her_is_not_shown(
    terms: dict[str, object], buyer: Buyer, reason: Reason
) -> None:
    there = contents([live("sale", offer="offer-1")], offer(1, **terms))
    ranked = rank(there, place(), Her(buyer=buyer))
    assert not ranked.shown
    assert [(one.reason, one.of_offer) for one in ranked.not_shown] == [(LeftOut.OFFER, reason)]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"markets": frozenset({"DK"})}, LeftOut.WRONG_MARKET),
        ({"since": NOON + timedelta(1)}, LeftOut.NOT_YET),
        ({"until": NOON}, LeftOut.EXPIRED),
        ({"audience": frozenset({"club"})}, LeftOut.NOT_FOR_HER),
        ({"offer": "offer-9"}, LeftOut.NO_OFFER),
    ],
)
def test_what_is_not_for_her_now_says_why(more: dict[str, object], reason: LeftOut) -> None:
    ranked = rank(contents([live("sale", **more)]), place(), Her())
    assert [one.reason for one in ranked.not_shown] == [reason]


def test_on_a_products_page_is_what_is_about_it_first_and_nothing_about_others() -> None:
    on_page = frozenset({Placement.PRODUCT})
    there = contents(
        [
            live("all", placements=on_page),
            live("boots", placements=on_page, goods=Goods(categories=frozenset({"Boots"}))),
            live("vinga", placements=on_page, offer="offer-1", days=9),
        ],
        offer(1, goods=Goods(products=frozenset({"p1"}))),
    )
    ranked = rank(there, place(Placement.PRODUCT, product=VINGA), Her())
    assert keys(ranked) == ["vinga", "all"]
    assert [one.content.key for one in ranked.not_shown] == ["boots"]
    assert ranked.not_shown[0].reason is LeftOut.OTHER_GOODS


def _told(ranked: Ranked) -> object:
    return (
        [(one.content.key, tuple(one.why)) for one in ranked.shown],
        sorted((one.content.key, one.reason, one.of_offer or "") for one in ranked.not_shown),
    )


OFFERS = (offer(1), offer(2, markets=frozenset({"DK"})))


@given(any_contents(), any_her, st.sampled_from(Placement), st.randoms())
def test_it_does_not_matter_in_which_order_contents_come(several, her, placement, chance) -> None:
    asked = place(placement)
    first = rank(contents(several, *OFFERS), asked, her)
    mixed = list(several)
    chance.shuffle(mixed)
    assert _told(rank(contents(mixed, *OFFERS), asked, her)) == _told(first)


@given(any_contents(), any_her, st.sampled_from(Placement))
def test_each_content_of_the_placement_is_shown_or_says_why_not(several, her, placement) -> None:
    ranked = rank(contents(several, *OFFERS), place(placement), her)
    there = {one.key for one in several if placement in one.says.placements}
    shown, not_shown = keys(ranked), [one.content.key for one in ranked.not_shown]
    assert sorted(shown + not_shown) == sorted(there)
    assert not set(shown) & set(her.dismissed)


@given(any_contents(), any_her, st.sampled_from(Placement), st.sampled_from(Placement))
def test_of_what_two_placements_have_the_same_comes_in_the_same_order(
    several, her, one, other
) -> None:
    both = frozenset({one, other})
    there = contents([replace(c, says=_in(c.says, both)) for c in several], *OFFERS)
    assert _told(rank(there, place(one), her)) == _told(rank(there, place(other), her))


def _in(says: Says, placements: frozenset[Placement]) -> Says:
    return msgspec.structs.replace(says, placements=placements)
