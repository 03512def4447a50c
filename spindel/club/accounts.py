"""Members' points, locked, changed by the rules, and written: of one customer or of many, by the
same number of statements.

The identifiers are locked first, as by whoever forgets somebody, and then the cards, by their ids.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta

from spindel.club.facts import PointsEarned, PointsExpired, PointsTakenBack, TierReached
from spindel.club.rules import EXPIRED, Account, Lot, NotEnough, summed
from spindel.club.settings import terms
from spindel.club.terms import ClubTerms
from spindel.identity.ownership import Under
from spindel.kit import sql
from spindel.kit.refusal import Refusal
from spindel.timeline.recording import Recorded

YEAR = timedelta(days=365)  # of what was earned within it, tiers are

_LOCK = """
SELECT t.customer_id, m.id, m.identifier_id, m.number, m.tier, m.owed
FROM club_clubmember m
JOIN identity_identifier i ON i.id = m.identifier_id
CROSS JOIN LATERAL (
    SELECT customer_id FROM identity_tenure WHERE identifier_id = m.identifier_id
    ORDER BY since DESC LIMIT 1
) t
WHERE m.left_at IS NULL AND m.identifier_id IN (
    SELECT identifier_id FROM identity_tenure WHERE customer_id = ANY(%(customers)s::bigint[])
) AND t.customer_id = ANY(%(customers)s::bigint[])
ORDER BY m.id
FOR KEY SHARE OF i FOR UPDATE OF m
"""

_NAMES = [one.name for one in fields(Lot)]
# The columns of a lot, in the order of `lot_of`.
LOT = ", ".join("member_id" if name == "member" else f'"{name}"' for name in _NAMES)
_LOTS = f"""
SELECT {LOT} FROM club_pointslot
WHERE member_id = ANY(%(members)s::bigint[])
  AND ("left" > 0 OR NOT released OR at > %(since)s OR "order" = ANY(%(orders)s::text[]))
ORDER BY id
"""  # noqa: S608  # put together from constants


@dataclass(slots=True)
class Card:
    """A member's card that is locked."""

    id: int
    identifier: Under  # it was chosen when she joined
    number: str
    tier: str


@dataclass(slots=True)
class Membership:
    """A customer's membership, locked: her cards, and what is on them."""

    customer: int
    cards: list[Card]
    account: Account
    facts: list[tuple[Recorded, int]] = field(default_factory=list)

    @property
    def first(self) -> Card:
        """The card that shows, and that what comes is put on."""
        return self.cards[0]

    def card_of(self, identifier: int | None) -> Card:
        """The card of whoever has the identifier; of several people's it is that one's own."""
        return next((one for one in self.cards if one.identifier == identifier), self.first)

    def tell(self, fact: Recorded, card: int | None = None) -> None:
        """Have the fact recorded with what has changed."""
        who = next((one for one in self.cards if one.id == card), self.first)
        self.facts.append((fact, who.identifier))


def lock(
    customers: Collection[int],
    now: datetime,
    orders: Collection[str] = (),
    certain: Collection[int] | None = None,
) -> dict[int, Membership]:
    """The memberships of the living customers that are members, by customer, locked to the end of
    the transaction and brought up to the moment; with the lots of these orders. With `certain`,
    of a membership only the cards of these identifiers.
    """
    found: dict[int, Membership] = {}
    for customer, id, identifier, number, tier, owed in sql.rows(
        _LOCK, {"customers": list(customers)}
    ):
        if certain is not None and identifier not in certain:
            continue
        hers = found.setdefault(customer, Membership(customer, [], Account([])))
        hers.cards.append(Card(id, identifier, number, tier))
        hers.account.members.append(id)
        hers.account.owed[id] = owed
    by_card = {one.id: hers for hers in found.values() for one in hers.cards}
    words = {"members": list(by_card), "since": now - YEAR, "orders": list(orders)}
    for row in sql.rows(_LOTS, words) if by_card else ():
        lot = lot_of(row)
        by_card[lot.member].account.lots.append(lot)
    for hers in found.values():
        hers.account.settle(now)
    return found


# In the order in which `lock` takes the cards.
_LOOK_ANEW = """
UPDATE club_clubmember SET tier_due = now() WHERE id IN (
    SELECT id FROM club_clubmember
    WHERE left_at IS NULL AND identifier_id IN (
        SELECT identifier_id FROM identity_tenure WHERE customer_id = ANY(%s::bigint[]))
    ORDER BY id FOR UPDATE)
"""
_LOOK_ANEW_AT_ALL = """
UPDATE club_clubmember SET tier_due = now() WHERE id IN (
    SELECT id FROM club_clubmember WHERE left_at IS NULL ORDER BY id FOR UPDATE)
"""


def look_anew(changed: Collection[int], moved: Mapping[int, int]) -> None:
    """Have the tiers of these customers be due: what is theirs together is more now, or less."""
    sql.run(_LOOK_ANEW, [list(changed)])


def look_anew_at_all() -> None:
    """Have everybody's tier be due: also of whom points are being written for as tiers were."""
    sql.run(_LOOK_ANEW_AT_ALL)


def lot_of(row: sql.Row) -> Lot:
    """The lot of a row that has the columns of `LOT`."""
    return Lot(**dict(zip(_NAMES, row, strict=True)))


def given(card: int, points: int, now: datetime, club: ClubTerms) -> Lot:
    """Points of no order, that can be spent at once."""
    return Lot(
        member=card, at=now, available_from=now, expires_at=club.expires(now), released=True,
        points=points, left=points,
    )  # fmt: skip


def spend(hers: Membership, points: int, kind: str) -> None:
    """Use points of hers. Raises Refusal."""
    try:
        hers.account.spend(points, kind)
    except NotEnough:
        raise Refusal("too_few_points", points=points, available=hers.account.available) from None


# --- writing --------------------------------------------------------------------------------------

_IDS = """
SELECT nextval(pg_get_serial_sequence('club_pointslot', 'id')) FROM generate_series(1, %s)
"""

_PUT_LOTS = f"""
INSERT INTO club_pointslot ({LOT})
SELECT * FROM unnest(
    %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[],
    %s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[], %s::timestamptz[],
    %s::timestamptz[], %s::boolean[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
ON CONFLICT (id) DO UPDATE SET
    bought = excluded.bought, swapped = excluded.swapped, back = excluded.back,
    refunded = excluded.refunded, worth = excluded.worth, at = excluded.at,
    available_from = excluded.available_from,
    expires_at = excluded.expires_at, released = excluded.released, points = excluded.points,
    "left" = excluded."left", taken = excluded.taken, expired = excluded.expired
"""  # noqa: S608  # put together from constants

_PUT_ENTRIES = """
INSERT INTO club_pointsentry (member_id, lot_id, kind, points, source, by, why)
SELECT member, lot, kind, points, source, by, why
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::text[],
            %s::text[]) AS t (member, lot, kind, points, source, by, why)
"""

_PUT_CARDS = """
UPDATE club_clubmember m
SET available = t.available, pending = t.pending, owed = t.owed, tier = t.tier,
    tier_due = t.tier_due
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[],
            %s::timestamptz[]) AS t (id, available, pending, owed, tier, tier_due)
WHERE m.id = t.id
"""


def write(
    memberships: Collection[Membership], now: datetime, source: str, by: str = "", why: str = ""
) -> list[tuple[Recorded, int]]:
    """Write what has become of them; the facts that are to be recorded of it, with whose they are.

    `source` says of what all this comes, and is used once: the same again raises IntegrityError.
    """
    new = [lot for hers in memberships for lot in hers.account.lots if not lot.id]
    ids = sql.rows(_IDS, [len(new)]) if new else []
    for lot, (id,) in zip(new, ids, strict=True):
        lot.id = id
    lots = [lot for hers in memberships for lot in hers.account.lots]
    if lots:
        sql.run(_PUT_LOTS, sql.columns([[getattr(one, name) for name in _NAMES] for one in lots]))
    entries = [
        (
            one.member,
            one.lot.id if one.lot else None,
            one.kind,
            one.points,
            f"{source} {one.kind} {one.lot.id if one.lot else f'of {one.member}'}",
            by,
            why,
        )
        for hers in memberships
        for one in summed(hers.account.entries)
    ]
    if entries:
        sql.run(_PUT_ENTRIES, sql.columns(entries))
    club = terms()
    for hers in memberships:
        _tell_expired(hers)
        _reach(hers, club, now)
    cards = [
        (one.id, *hers.account.of_member(one.id), one.tier, _tier_due(hers, one, now))
        for hers in memberships
        for one in hers.cards
    ]
    if cards:
        sql.run(_PUT_CARDS, sql.columns(cards))
    return [fact for hers in memberships for fact in hers.facts]


def _tell_expired(hers: Membership) -> None:
    over = -sum(one.points for one in hers.account.entries if one.kind == EXPIRED and one.lot)
    if over:
        hers.tell(PointsExpired(points=over))


def _reach(hers: Membership, club: ClubTerms, now: datetime) -> None:
    """Give her the tier that she has earned; what she had for a year and earns no more is over."""
    reached = club.tier(hers.account.earned_since(now - YEAR))
    had = {one.tier for one in hers.cards}
    if reached is not None and reached.key not in had:
        before = max((one.points for one in club.tiers if one.key in had), default=0)
        if reached.points > before:
            hers.tell(TierReached(tier=reached.key, title=reached.name("en")))
    for card in hers.cards:
        card.tier = reached.key if reached else ""


def _tier_due(hers: Membership, card: Card, now: datetime) -> datetime | None:
    first = hers.account.earned_until(now - YEAR) if card.tier else None
    return None if first is None else first + YEAR


def tell_earned(hers: Membership, lot: Lot, change: int) -> None:
    """Say what an order has changed of her points."""
    if change > 0:
        fact: Recorded = PointsEarned(
            points=change, order_id=lot.order, available_from=lot.available_from.isoformat()
        )
    elif change < 0:
        fact = PointsTakenBack(points=-change, order_id=lot.order)
    else:
        return
    hers.tell(fact, lot.member)


def each(found: Mapping[int, Membership]) -> Iterator[Membership]:
    """The memberships in the order of their customers."""
    for customer in sorted(found):
        yield found[customer]
