"""The club at the counter: three taps to join, a card that is scanned, a reward."""

from __future__ import annotations

from spindel.club.models import ClubMember
from spindel.offers.models import PricePromise
from tests.club.cast import catch_up, give
from tests.commerce.conftest import Shop
from tests.store.cast import Tablet
from tests.store.cast import priced as priced  # a fixture
from tests.store.cast import tablet as tablet  # a fixture


def test_somebody_whom_nobody_knows_joins_by_a_number_in_three_taps(
    tablet: Tablet, priced: Shop
) -> None:
    page = tablet.get("/store/customers/?q=070-174+06+05")
    page = tablet.tap(page, "/store/customers/new/")
    join = _address(page, "/club/join/")
    page = tablet.tap(page, join)
    assert "Now a member of the club." in page
    card = ClubMember.objects.get()
    assert (card.channel, card.place_id) == ("store", priced.goteborg)
    assert card.number.startswith("29")


def test_a_card_that_is_scanned_leads_to_her_and_her_points_become_a_reward(
    tablet: Tablet, priced: Shop
) -> None:
    page = tablet.get("/store/customers/?q=070-174+06+05")
    page = tablet.tap(page, "/store/customers/new/")
    page = tablet.tap(page, _address(page, "/club/join/"))
    catch_up()
    card = ClubMember.objects.get()
    assert card.identifier_id is not None
    give(card.identifier_id, 210, "a")
    page = tablet.tap(tablet.get("/store/"), "/store/scan/", code=card.number)
    assert "210 points" in page
    page = tablet.tap(page, _address(page, "/club/reward/"))
    assert "The reward is made" in page
    assert "10 points" in page
    promise = PricePromise.objects.get()
    assert promise.terms["benefit"]["amounts"]["SEK"] == 10_000


def _address(page: str, end: str) -> str:
    return next(one for one in page.split('"') if one.endswith(end))
