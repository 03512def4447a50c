"""What is due is done, once, and nobody holds it up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F

from spindel.club import actions, jobs
from spindel.club.models import ClubMember, PointsLot
from spindel.club.terms import ClubTerms
from spindel.identity.models import Identifier
from spindel.timeline.models import Source
from tests.club.cast import AT_TILL, catch_up, customer, join
from tests.telling import tell


@pytest.fixture
def berit(anna: int) -> int:
    """Berit's identifier."""
    tell([{"type": "identify", "messageId": "b", "userId": "berit", "traits": {}}], key="crm-key")
    return Identifier.objects.get(kind="user_id", value="berit").pk


def of_a_till(event: str, order: str, total: int, who: str = "anna") -> None:
    tell([{
        "type": "track", "event": event, "userId": who, "messageId": f"{event} {order}",
        "properties": {"order_id": order, "total": total, "currency": "SEK"},
    }], key="pos-key")  # fmt: skip
    catch_up()


def days_pass(days: int) -> None:
    ago = timedelta(days=days)
    PointsLot.objects.update(
        at=F("at") - ago, available_from=F("available_from") - ago, expires_at=F("expires_at") - ago
    )


def test_of_whoever_leaves_nothing_is_due_any_more(pos: Source, anna: int) -> None:
    join(anna)
    of_a_till("Order Completed", "1", 1_000)
    actions.leave(customer(anna), actor=AT_TILL)
    days_pass(400)
    assert not jobs.settle()
    assert not PointsLot.objects.filter(released=False).exists()


def test_many_who_left_starve_nobody(
    pos: Source, anna: int, berit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_PART", 1)
    for who, name in ((anna, "anna"), (berit, "berit")):
        join(who)
        of_a_till("Order Completed", name, 1_000, name)
    actions.leave(customer(anna), actor=AT_TILL)
    days_pass(40)
    jobs.settle()
    assert ClubMember.objects.get(identifier=berit).available == 100


def test_what_came_back_whole_before_it_could_be_spent_is_due_once(pos: Source, anna: int) -> None:
    actions.set_terms(ClubTerms(pending_days=365), "test")
    join(anna)
    of_a_till("Order Completed", "1", 1_000)
    of_a_till("Order Refunded", "1", 1_000)
    days_pass(366)
    jobs.settle()
    assert PointsLot.objects.get().released
    assert not jobs.settle()


def test_the_job_goes_on_until_all_that_is_due_is_done(
    pos: Source, anna: int, berit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_PART", 1)
    for who, name in ((anna, "anna"), (berit, "berit")):
        join(who)
        of_a_till("Order Completed", name, 1_000, name)
    days_pass(40)
    assert jobs.settle()
    assert not jobs.settle()
    assert [one.available for one in ClubMember.objects.all()] == [100, 100]
