"""What tests of the club do and see."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from spindel.club import actions, jobs, reading, verifying
from spindel.club.actions import Correction
from spindel.club.followers import FOLLOWER as CLUB
from spindel.club.models import ClubMember, PointsLot
from spindel.club.reading import MemberView
from spindel.club.terms import ClubTerms
from spindel.identity import identifiers
from spindel.identity.followers import FOLLOWER as IDENTITY
from spindel.identity.ownership import Under
from spindel.kit.idempotency import Request
from spindel.staff.actors import Actor
from spindel.timeline import following
from spindel.timeline.models import Fact
from tests.telling import wait_until

AT_TILL = Actor("Oskar", channel="store")


def join(who: int, actor: Actor = AT_TILL) -> ClubMember:
    """She joins the club; everybody has heard."""
    card = actions.join(Under(who), actor=actor)
    catch_up()
    return card


def catch_up() -> None:
    """Who is who, and the club, are up to date; also with what the club itself records."""
    both = (IDENTITY, CLUB)
    for one in both:
        following.enrol(one)

    def nothing_left() -> bool:
        while any([following.step(one) for one in both]):  # noqa: C419  # each in its turn
            pass
        lags = {one.follower: one.facts for one in following.lags()}
        return not any(lags[one.name] for one in both)

    wait_until(nothing_left, 30)


def has(who: int) -> MemberView:
    """What whoever has the identifier has in the club."""
    found = reading.of_customer(customer(who), "en")
    assert found is not None
    assert verifying.verify() == []
    return found


def customer(who: int) -> int:
    """Whose the identifier is."""
    found = identifiers.living(who)
    assert found is not None
    return found


def months_pass(days: int) -> None:
    """All that is in the ledger was so many days earlier; the jobs have run."""
    ago = timedelta(days=days)
    for lot in PointsLot.objects.all():
        lot.at -= ago
        lot.available_from -= ago
        lot.expires_at = lot.expires_at - ago if lot.expires_at else None
        lot.save(update_fields=["at", "available_from", "expires_at"])
    ClubMember.objects.exclude(tier_due=None).update(tier_due=timezone.now())
    while jobs.settle():
        pass
    catch_up()


def wait_days() -> int:
    """How long points wait."""
    return ClubTerms().pending_days


def facts(*names: str) -> list[dict[str, object]]:
    """What the facts of these names tell, in their order."""
    found = Fact.objects.filter(name__in=names).order_by("transaction", "sequence")
    return [one.properties for one in found]


def give(who: int, points: int, key: str) -> None:
    """Somebody here gives her points, or takes some."""
    actions.correct(
        customer(who),
        Correction(points=points, why="sorry"),
        actor=Actor("Maja"),
        request=Request("test", key),
    )
