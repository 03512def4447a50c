"""What a promise does to a basket, beside whatever offers there are."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from spindel.offers.basket import BasketLine, Buyer, Offer
from spindel.offers.terms import Terms
from tests.offers import cast
from tests.offers.cast import total

# Each is hers alone, or of an offer that is stopped, used up, or says something else by now.
_PROMISED = st.lists(st.tuples(cast.terms, st.booleans(), st.integers(1, 6)), max_size=3)
Told = list[tuple[Terms, bool, int]]


def promises(told: Told) -> list[Offer]:
    found: dict[int, Offer] = {}
    for number, (terms, alone, offer) in enumerate(told, 1):
        id = -number if alone else offer
        found[id] = Offer(id, 7, terms, promise=number)
    return list(found.values())


@settings(max_examples=60)
@given(cast.lines, cast.offers, _PROMISED)
def test_a_promise_never_makes_a_basket_dearer(
    lines: list[BasketLine], offers: list[Offer], told: Told
) -> None:
    hers = promises(told)
    without = total(lines, *offers)
    for many in range(1, len(hers) + 1):
        of_offers = [one for one in hers[:many] if one.id > 0]
        alone = [one for one in hers[:many] if one.id < 0]
        assert total(lines, *offers, buyer=Buyer(promises=of_offers)) <= without
        assert total(lines, *offers, buyer=Buyer(promises=alone)) <= without
        assert total(lines, *offers, buyer=Buyer(promises=hers[:many])) <= total(
            lines, *offers, buyer=Buyer(promises=alone)
        )


@settings(max_examples=60)
@given(cast.lines, cast.offers)
def test_stopping_what_was_shown_changes_nothing_for_whoever_has_seen_it(
    lines: list[BasketLine], offers: list[Offer]
) -> None:
    seen = [replace(one, promise=one.id) for one in offers]
    before = total(lines, *offers)
    assert total(lines, buyer=Buyer(promises=seen)) == before
    stopped = [replace(one, stopped=True) for one in offers]
    assert total(lines, *stopped, buyer=Buyer(promises=seen)) == before


@settings(max_examples=60)
@given(cast.lines, cast.offers)
def test_what_is_left_of_an_offer_takes_nothing_from_whom_it_was_promised(
    lines: list[BasketLine], offers: list[Offer]
) -> None:
    seen = [replace(one, promise=one.id) for one in offers]
    used_up = {one.id: 0 for one in offers}
    buyer = Buyer(promises=seen, uses_left=used_up, money_left=used_up)
    assert total(lines, *offers, buyer=buyer) == total(lines, *offers)
