"""What is done in the club: joined, left, put right, and its terms changed.

Whoever joins is locked by her identifier, so that of two who have her join at once the second finds
the first's card.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from spindel.club import accounts, cards, reading, settings
from spindel.club.accounts import Membership
from spindel.club.facts import ClubJoined, ClubLeft, PointsSpent
from spindel.club.models import ClubMember, ClubSettings, PointsEntry
from spindel.club.rules import SPENT
from spindel.club.terms import ClubTerms, told
from spindel.identity import identifiers
from spindel.identity.ownership import Under
from spindel.kit import sql
from spindel.kit.actions import action
from spindel.kit.idempotency import KeyReused, Request
from spindel.kit.refusal import Refusal
from spindel.offers.models import PricePromise
from spindel.offers.promising import promise
from spindel.offers.terms import AmountOff, Stacking, Terms
from spindel.staff import audit
from spindel.staff.actors import Actor
from spindel.timeline.recording import Gone, record, record_all

_LOCK = "SELECT FROM identity_identifier WHERE id = %s FOR NO KEY UPDATE"


@action(records="Club Joined")
def join(who: Under, *, actor: Actor, certain: Collection[int] | None = None) -> ClubMember:
    """Have her be a member, with a card; who is one already, or was, has the one that she has. With
    `certain`, only a card of these identifiers is one that she has.

    Raises Refusal where the club takes in nobody, and recording.Gone.
    """
    if not settings.terms().is_open:
        raise Refusal("club_closed")
    if not sql.rows(_LOCK, [who]):
        raise Gone
    customer = identifiers.living(who)
    if customer is None:
        raise Gone
    for one in reading.cards_of(customer):
        if certain is None or one.identifier_id in certain:
            return one
    was = ClubMember.objects.filter(identifier_id=who).order_by("pk").first()
    card = _make(who, actor) if was is None else _again(was, actor)
    with_number = identifiers.identifier("card", card.number)
    also = [] if with_number in (None, who) else [with_number]
    record(ClubJoined(number=card.number), who, actor.channel, also=[one for one in also if one])
    return card


def _make(who: Under, actor: Actor) -> ClubMember:
    """A card under a number that she had from before, or a new one."""
    place = actor.place
    for number in [*_numbers(who), cards.new(), cards.new()]:
        try:
            with transaction.atomic():  # somebody may be quicker with the number
                return ClubMember.objects.create(
                    identifier_id=who, number=number, channel=actor.channel, place_id=place,
                    by=actor.by,
                )  # fmt: skip
        except IntegrityError:
            continue
    raise RuntimeError("No number is free.")


def _numbers(who: Under) -> list[str]:
    """The numbers of cards that are certainly hers."""
    certain = sorted(identifiers.proven(who))
    found = "SELECT value FROM identity_identifier WHERE id = ANY(%s) AND kind = 'card' ORDER BY id"
    return [value for (value,) in sql.rows(found, [certain])]


def _again(card: ClubMember, actor: Actor) -> ClubMember:
    card.left_at, card.joined_at = None, timezone.now()
    card.channel, card.place_id, card.by = actor.channel, actor.place, actor.by
    card.save(update_fields=["left_at", "joined_at", "channel", "place", "by"])
    return card


@action(records="Club Left")
def leave(customer: int, *, actor: Actor) -> None:
    """The living customer is a member no more; what points were left are gone. Raises Refusal."""
    now = timezone.now()
    hers = _locked(customer)
    hers.account.leave()
    for card in hers.cards:
        hers.tell(ClubLeft(number=card.number), card.id)
    _write(hers, f"left {uuid.uuid4()}", actor)
    ClubMember.objects.filter(pk__in=[one.id for one in hers.cards]).update(
        left_at=now, tier="", tier_due=None
    )


# --- points that become something -----------------------------------------------------------------

NAMES = {"en": "Club reward", "sv": "Klubbelöning", "da": "Klubbelønning"}


@action(records="Points Spent")
def take_reward(
    customer: int, *, actor: Actor, request: Request, certain: Collection[int] | None = None
) -> PricePromise:
    """Make a reward of the living customer's points: so much off her next basket, in every channel.
    With `certain`, only what is on the cards of these identifiers. The same request again answers
    the same reward. Raises Refusal.
    """
    hers = _locked(customer, certain)
    reference, source = str(request.id), PricePromise.Source.REWARD
    if done := PricePromise.objects.filter(source=source, reference=reference).first():
        if done.identifier_id not in {one.identifier for one in hers.cards}:
            raise KeyReused
        return done
    reward = settings.terms().reward
    accounts.spend(hers, reward.points, SPENT)
    made = promise(
        hers.first.identifier,
        Terms(
            names=NAMES,
            benefit=AmountOff(amounts=reward.amounts),
            stacking=Stacking.TOGETHER,
            priority=0,
        ),
        until=timezone.now() + timedelta(days=reward.days),
        source=source,
        reference=reference,
        actor=actor,
    )
    hers.tell(PointsSpent(points=reward.points, promise_id=made.pk, until=made.until.isoformat()))
    _write(hers, f"reward {reference}", actor)
    return made


MOST_CORRECTED = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """So many points more, or fewer, and why."""

    points: int
    why: str


@action(silent="What somebody here has put right is in the ledger, with who did and why.")
def correct(customer: int, wanted: Correction, *, actor: Actor, request: Request) -> None:
    """Give the living customer points, or take some: no more than she can spend. The same request
    again changes nothing. Raises Refusal.
    """
    if not wanted.points or abs(wanted.points) > MOST_CORRECTED or not wanted.why:
        raise Refusal("odd_correction")
    hers = _locked(customer)
    source = f"corrected {request.id}"
    if PointsEntry.objects.filter(source__startswith=source).exists():
        return
    now, club = timezone.now(), settings.terms()
    if wanted.points > 0:
        hers.account.put(accounts.given(hers.first.id, wanted.points, now, club), "corrected")
    else:
        accounts.spend(hers, -wanted.points, "corrected")
    _write(hers, source, actor, wanted.why)
    audit.note(actor.by, "club.corrected", [customer], {"points": wanted.points})


def _locked(customer: int, certain: Collection[int] | None = None) -> Membership:
    hers = accounts.lock([customer], timezone.now(), certain=certain).get(customer)
    if hers is None:
        raise Refusal("no_member")
    return hers


def _write(hers: Membership, source: str, actor: Actor, why: str = "") -> None:
    facts = accounts.write([hers], timezone.now(), source, actor.by, why)
    record_all(facts, actor.channel)


@action(silent="How the club works is nobody's; the audit log says who has changed it.")
def set_terms(terms: ClubTerms, by: str) -> None:
    """Have the club work like this from now on; what was earned stays as it was reckoned."""
    before = settings.terms()
    ClubSettings.objects.update_or_create(
        pk=1, defaults={"terms": told(terms), "by": by, "changed_at": timezone.now()}
    )
    if _levels(terms) != _levels(before):
        accounts.look_anew_at_all()
    audit.note(by, "club.terms_changed")


def _levels(terms: ClubTerms) -> set[tuple[str, int]]:
    return {(one.key, one.points) for one in terms.tiers}
