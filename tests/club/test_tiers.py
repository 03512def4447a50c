"""The tier that a member sees is that by which she has prices."""

from __future__ import annotations

import pytest

from spindel.club import accounts, actions, jobs
from spindel.club.models import ClubMember
from spindel.club.terms import ClubTerms, Tier
from spindel.identity import actions as identity
from spindel.identity.models import Identifier
from tests.club.cast import catch_up, customer, facts, give, has, join
from tests.statements import counted
from tests.telling import tell

MAJA = "maja@nordsko.example"


@pytest.fixture
def berit(anna: int) -> int:
    """Berit's identifier."""
    tell([{"type": "identify", "messageId": "b", "userId": "berit", "traits": {}}], key="crm-key")
    return Identifier.objects.get(kind="user_id", value="berit").pk


def tiers() -> list[str]:
    """Of all cards, as prices use them, once the job has run."""
    jobs.settle()
    assert not jobs.settle()
    return list(ClubMember.objects.order_by("pk").values_list("tier", flat=True))


def both(anna: int, berit: int, hers: int, other: int) -> None:
    join(anna)
    join(berit)
    give(anna, hers, "a")
    give(berit, other, "b")


def test_two_who_become_one_have_the_tier_of_all_that_is_theirs(anna: int, berit: int) -> None:
    both(anna, berit, 300, 300)
    identity.merge_customers(customer(anna), customer(berit), MAJA)
    assert tiers() == [has(anna).tier] * 2 == ["silver"] * 2
    catch_up()
    assert [one["tier"] for one in facts("Tier Reached")] == ["silver"]


def test_of_two_tiers_that_become_one_membership_the_higher_stays(anna: int, berit: int) -> None:
    both(anna, berit, 1_500, 500)
    assert tiers() == ["gold", "silver"]
    identity.merge_customers(customer(anna), customer(berit), MAJA)
    assert tiers() == ["gold", "gold"]


def test_whoever_is_taken_apart_has_the_tier_of_her_own_points(anna: int, berit: int) -> None:
    both(anna, berit, 500, 30)
    one = identity.merge_customers(customer(anna), customer(berit), MAJA)
    assert tiers() == ["silver", "silver"]
    card = ClubMember.objects.get(identifier=berit).number
    of_card = Identifier.objects.get(kind="card", value=card).pk
    identity.split_customer(one, [berit, of_card], MAJA)
    assert tiers() == [has(anna).tier, has(berit).tier] == ["silver", ""]


def test_prices_follow_when_tiers_are_changed(anna: int) -> None:
    join(anna)
    give(anna, 300, "a")
    assert tiers() == [""]
    actions.set_terms(ClubTerms(tiers=(Tier("friend", {"en": "Friend"}, 200),)), "test")
    assert tiers() == [has(anna).tier] == ["friend"]
    actions.set_terms(ClubTerms(tiers=()), "test")
    assert tiers() == [has(anna).tier] == [""]


def test_other_terms_leave_everybody_as_they_are(anna: int) -> None:
    join(anna)
    assert tiers() == [""]
    actions.set_terms(ClubTerms(pending_days=3), "test")
    assert ClubMember.objects.get().tier_due is None


def test_whose_tiers_are_due_is_one_statement_for_any_number(
    anna: int, berit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    join(anna)
    join(berit)
    them = {customer(anna), customer(berit)}
    with counted(monkeypatch) as many:
        accounts.look_anew(them, {})
    assert ClubMember.objects.exclude(tier_due=None).count() == 2
    assert many[0] == 1
