"""What a member has: as her pages, the tablet, the console and machines see it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import ngettext

from spindel.club import accounts, cards, settings
from spindel.club.accounts import YEAR
from spindel.club.models import ClubMember, PointsEntry
from spindel.club.rules import Account, Lot
from spindel.club.terms import ClubTerms
from spindel.kit import sql
from spindel.kit.templatetags.look import minor_words, number


@dataclass(frozen=True, slots=True)
class MemberView:
    """A membership. `earned` are the points of a year, which decide on the tier; `missing` so many
    more make the `next_tier`. `expiring` are those that are over first, at `expires_at`. A reward
    takes `reward_points`, and is `reward_amounts` off a basket, by currency in minor units; so many
    `rewards` can be had now.
    """

    number: str
    number_spaced: str
    joined_at: datetime
    available: int
    pending: int
    owed: int
    earned: int
    tier: str
    tier_name: str
    next_tier: str
    next_tier_name: str
    missing: int
    expiring: int
    expires_at: datetime | None
    reward_points: int
    reward_amounts: dict[str, int]
    rewards: int

    @property
    def points_words(self) -> str:
        """What can be spent, in words."""
        return ngettext("%(many)s point", "%(many)s points", self.available) % {
            "many": number(self.available)
        }

    def reward_words(self, currency: str) -> str:
        """What a reward takes off in the currency; empty where it takes off nothing."""
        amount = self.reward_amounts.get(currency)
        return minor_words(amount, currency) if amount else ""


# The cards of a customer: of the identifiers that are hers today.
_CARDS = """
SELECT m.* FROM club_clubmember m
CROSS JOIN LATERAL (
    SELECT customer_id FROM identity_tenure WHERE identifier_id = m.identifier_id
    ORDER BY since DESC LIMIT 1
) t
WHERE m.left_at IS NULL AND t.customer_id = %(customer)s AND m.identifier_id IN (
    SELECT identifier_id FROM identity_tenure WHERE customer_id = %(customer)s)
ORDER BY m.id
"""

_LOTS = f"""
SELECT {accounts.LOT} FROM club_pointslot
WHERE member_id = ANY(%(members)s::bigint[]) AND ("left" > 0 OR at > %(since)s) ORDER BY id
"""  # noqa: S608  # put together from constants


def cards_of(customer: int) -> list[ClubMember]:
    """The cards of the living customer; the first is the one that shows."""
    return list(ClubMember.objects.raw(_CARDS, {"customer": customer}))


def of_customer(customer: int, language: str) -> MemberView | None:
    """The living customer's membership; None where she has none."""
    return _membership(cards_of(customer), language)


def of_identifiers(ids: Collection[int], language: str) -> MemberView | None:
    """The membership of whoever has these identifiers; None where they have none."""
    found = ClubMember.objects.filter(left_at=None, identifier__in=list(ids)).order_by("pk")
    return _membership(list(found), language)


def _membership(cards_: Sequence[ClubMember], language: str) -> MemberView | None:
    if not cards_:
        return None
    ids, now = [one.pk for one in cards_], timezone.now()
    lots = [accounts.lot_of(row) for row in sql.rows(_LOTS, {"members": ids, "since": now - YEAR})]
    account = Account(ids, lots, {one.pk: one.owed for one in cards_})
    account.settle(now)
    return _view(cards_[0], account, settings.terms(), language, now)


def _view(
    card: ClubMember,
    account: Account,
    club: ClubTerms,
    language: str,
    now: datetime,
) -> MemberView:
    earned = account.earned_since(now - YEAR)
    tier, ahead = club.tier(earned), club.next_tier(earned)
    expiring, expires_at = _first_over(account.lots)
    return MemberView(
        number=card.number,
        number_spaced=cards.spaced(card.number),
        joined_at=card.joined_at,
        available=account.available,
        pending=account.pending,
        owed=sum(account.owed.values()),
        earned=earned,
        tier=tier.key if tier else "",
        tier_name=tier.name(language) if tier else "",
        next_tier=ahead.key if ahead else "",
        next_tier_name=ahead.name(language) if ahead else "",
        missing=ahead.points - earned if ahead else 0,
        expiring=expiring,
        expires_at=expires_at,
        reward_points=club.reward.points,
        reward_amounts=dict(sorted(club.reward.amounts.items())),
        rewards=account.available // club.reward.points,
    )


def _first_over(lots: Collection[Lot]) -> tuple[int, datetime | None]:
    """How many points are over first, on one day, and when."""
    ending = {lot.expires_at: 0 for lot in lots if lot.left and lot.expires_at is not None}
    if not ending:
        return 0, None
    first = min(ending)
    day = [one for one in lots if one.left and one.expires_at and one.expires_at <= first]
    return sum(one.left for one in day), first


@dataclass(frozen=True, slots=True)
class EntryView:
    """A line of her ledger; `order` is the number of the order that it is about."""

    at: datetime
    kind: str
    words: str
    points: int
    order: str
    why: str


def ledger(customer: int, most: int = 20) -> list[EntryView]:
    """The newest lines of the living customer."""
    found = PointsEntry.objects.filter(member__in=cards_of(customer)).select_related("lot")
    return [
        EntryView(
            one.at,
            one.kind,
            str(PointsEntry.Kind(one.kind).label),
            one.points,
            one.lot.order if one.lot else "",
            one.why,
        )
        for one in found.order_by("-at", "-pk")[:most]
    ]
