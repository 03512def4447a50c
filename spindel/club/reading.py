"""What a member has: as her pages, the tablet, the console and machines see it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import ngettext

from spindel.club import accounts, cards, settings
from spindel.club.accounts import YEAR
from spindel.club.models import ClubMember, PointsEntry
from spindel.club.rules import Account, Lot
from spindel.club.terms import ClubTerms
from spindel.identity import customers
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


_CARDS = """
SELECT m.id FROM club_clubmember m
WHERE m.left_at IS NULL AND m.identifier_id = ANY(%(identifiers)s::bigint[]) ORDER BY m.id
"""

_LOTS = f"""
SELECT {accounts.LOT} FROM club_pointslot
WHERE member_id = ANY(%(members)s::bigint[]) AND ("left" > 0 OR at > %(since)s) ORDER BY id
"""  # noqa: S608  # put together from constants


def identifiers(customer: int) -> list[int]:
    """What the living customer is known by today."""
    found = [id for id, _, _ in customers.spans(customer)]
    return [id for id, whose in customers.of(found).items() if whose == customer]


def of_customer(customer: int, language: str) -> MemberView | None:
    """The living customer's membership; None where she has none."""
    return of_identifiers(identifiers(customer), language)


def of_identifiers(ids: Collection[int], language: str) -> MemberView | None:
    """The membership of whoever has these identifiers; None where they have none."""
    found = [id for (id,) in sql.rows(_CARDS, {"identifiers": list(ids)})]
    if not found:
        return None
    first = ClubMember.objects.get(pk=found[0])
    now = timezone.now()
    rows = sql.rows(_LOTS, {"members": found, "since": now - YEAR})
    owed = ClubMember.objects.filter(pk__in=found).values_list("pk", "owed")
    account = Account(found, [accounts.lot_of(row) for row in rows], dict(owed))
    account.settle(now)
    return _view(first, account, settings.terms(), language, now)


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


_FIRST = """
SELECT m.id FROM club_clubmember m
CROSS JOIN LATERAL (
    SELECT customer_id FROM identity_tenure WHERE identifier_id = m.identifier_id
    ORDER BY since DESC LIMIT 1
) t
WHERE m.left_at IS NULL AND t.customer_id = %(customer)s AND m.identifier_id IN (
    SELECT identifier_id FROM identity_tenure WHERE customer_id = %(customer)s)
  AND (%(certain)s::bigint[] IS NULL OR m.identifier_id = ANY(%(certain)s::bigint[]))
ORDER BY m.id LIMIT 1
"""


def first_card(customer: int, certain: Collection[int] | None = None) -> ClubMember | None:
    """The card of the living customer that shows: her first; of these identifiers, if any."""
    words = {"customer": customer, "certain": None if certain is None else list(certain)}
    found = sql.row(_FIRST, words)
    return None if found is None else ClubMember.objects.get(pk=found[0])


@dataclass(frozen=True, slots=True)
class EntryView:
    """A line of her ledger; `order` is the number of the order that it is about."""

    at: datetime
    kind: str
    words: str
    points: int
    order: str
    why: str


def ledger(ids: Collection[int], most: int = 20) -> list[EntryView]:
    """The newest lines of whoever has these identifiers."""
    mine = ClubMember.objects.filter(identifier_id__in=list(ids), left_at=None)
    found = PointsEntry.objects.filter(member__in=mine).select_related("lot")
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


def whose(number: str) -> int | None:
    """The identifier of the member whose card has the number; None where there is none."""
    found = ClubMember.objects.filter(number=number, left_at=None)
    return found.values_list("identifier_id", flat=True).first()
