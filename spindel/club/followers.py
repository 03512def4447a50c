"""What the club does when facts arrive: what members have paid gives points, and what came back
takes them back.

Only what a trusted source has told counts: a shop's public key would let anybody earn. It follows
facts, so it hears of orders of ours and of purchases at other systems alike.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from spindel.club import accounts
from spindel.club.accounts import Membership
from spindel.club.rules import Lot
from spindel.club.settings import terms
from spindel.club.terms import ClubTerms
from spindel.kit import sql
from spindel.kit.money import places
from spindel.timeline.following import Follower, Window
from spindel.timeline.recording import record_all

BOUGHT, UPDATED, CANCELLED = "Order Completed", "Order Updated", "Order Cancelled"
RETURNED, EXCHANGED, REFUNDED = "Item Returned", "Item Exchanged", "Order Refunded"
NAMES = (BOUGHT, UPDATED, CANCELLED, RETURNED, EXCHANGED, REFUNDED)

# Of an order, in minor units: no number that anybody tells is too large for the columns.
_MOST = 10**15

# Of those who are members today. What a device told was whoever's had it then.
_READ = """
SELECT f.name, f.identifier_id, f.occurred_at, f.properties::text, t.customer_id
FROM timeline_fact f
JOIN timeline_source s ON s.id = f.source_id AND s.trusted
CROSS JOIN LATERAL (
    SELECT customer_id FROM identity_tenure
    WHERE identifier_id = f.identifier_id AND since <= f.occurred_at ORDER BY since DESC LIMIT 1
) t
WHERE (f.transaction, f.sequence) > (%(start)s::xid8, %(after)s)
  AND (f.transaction, f.sequence) <= (%(end)s::xid8, %(last)s)
  AND f.name = ANY(%(names)s)
  AND EXISTS (
    SELECT FROM identity_tenure held JOIN club_clubmember m ON m.identifier_id = held.identifier_id
    WHERE held.customer_id = t.customer_id AND m.left_at IS NULL)
ORDER BY f.transaction, f.sequence
"""


@dataclass(frozen=True, slots=True)
class _Told:
    """A fact about an order."""

    name: str
    identifier: int
    at: datetime
    properties: Mapping[str, object]
    customer: int

    @property
    def order(self) -> str:
        return self.text("order_id")

    def text(self, name: str) -> str:
        found = self.properties.get(name)
        return str(found).strip()[:64] if isinstance(found, str | int) else ""

    def minor(self, name: str, currency: str) -> int:
        """An amount in minor units, not below nothing; what is none is nothing."""
        return _minor(self.properties.get(name), currency)


def _minor(told: object, currency: str) -> int:
    if isinstance(told, bool) or not isinstance(told, int | float | str):
        return 0
    try:
        amount = Decimal(str(told)).scaleb(places(currency))
        return min(max(0, int(amount.to_integral_value())), _MOST)
    except (ArithmeticError, ValueError):
        return 0


def follow(window: Window) -> None:
    """Take in a window of facts."""
    words = {
        "start": str(window.start[0]),
        "after": window.start[1],
        "end": str(window.end[0]),
        "last": window.end[1],
        "names": list(NAMES),
    }
    found = [
        _Told(name, identifier, at, json.loads(properties), customer)
        for name, identifier, at, properties, customer in sql.rows(_READ, words)
    ]
    told = [one for one in found if one.order]
    if not told:
        return
    club, now = terms(), timezone.now()
    customers = {one.customer for one in told}
    orders = {one.order for one in told} | {one.text("new_order_id") for one in told} - {""}
    hers = accounts.lock(customers, now, orders)
    joined = _joined(hers)
    for one in told:
        if one.customer in hers:
            _take(hers[one.customer], one, club, now, joined)
    touched = list(accounts.each(hers))
    record_all(accounts.write(touched, now, f"facts {window.end[0]}.{window.end[1]}"))


def _joined(hers: Mapping[int, Membership]) -> dict[int, datetime]:
    cards = [one.id for membership in hers.values() for one in membership.cards]
    return dict(
        sql.rows("SELECT id, joined_at FROM club_clubmember WHERE id = ANY(%s)", [cards])
        if cards
        else []
    )


def _take(
    hers: Membership,
    one: _Told,
    club: ClubTerms,
    now: datetime,
    joined: Mapping[int, datetime],
) -> None:
    card = hers.card_of(one.identifier)
    lot = hers.account.of_order(one.order)
    if lot is None:
        if one.at < joined[card.id]:
            return  # she was no member then
        lot = _lot(card.id, one.order, one, club)
        if lot is None:
            return
        hers.account.lots.append(lot)
    counted = lot.counted
    _count(lot, one)
    changed = [lot]
    # The other thing earns what came back had earned: of a purchase before she joined, nothing.
    kept = min(counted, one.minor("value", lot.currency) - _less(one, lot.currency))
    if one.name == EXCHANGED and kept and (new := one.text("new_order_id")):
        swapped = hers.account.of_order(new) or _lot(lot.member, new, one, club)
        if swapped is not None:
            if swapped not in hers.account.lots:
                hers.account.lots.append(swapped)
            swapped.swapped = min(swapped.swapped + kept, _MOST)
            changed.append(swapped)
    for each in changed:
        # Bought long ago and only told of now: it can be spent, or is over.
        accounts.tell_earned(hers, each, hers.account.reckon(each))
    hers.account.settle(now)


def _less(one: _Told, currency: str) -> int:
    """How much less than what came back the other thing costs; that is paid back."""
    difference = one.properties.get("difference")
    if not isinstance(difference, int | float):
        return 0
    return min(_minor(-difference, currency), one.minor("value", currency))


def _count(lot: Lot, one: _Told) -> None:
    currency = lot.currency
    if one.name == BOUGHT:
        lot.bought = max(lot.bought, one.minor("total", currency))  # two systems may tell of it
    elif one.name == UPDATED:
        worth = one.minor("total", currency)
        lot.worth = worth if lot.worth is None else min(worth, lot.worth)
    elif one.name == CANCELLED:
        lot.worth = 0
    elif one.name == REFUNDED:
        lot.refunded = min(lot.refunded + one.minor("total", currency), _MOST)
    elif one.name == RETURNED:
        quantity = one.properties.get("quantity", 1)
        many = quantity if isinstance(quantity, int) and 0 < quantity <= 10_000 else 1
        lot.back = min(lot.back + many * one.minor("price", currency), _MOST)
    elif one.name == EXCHANGED:
        lot.back = min(lot.back + one.minor("value", currency), _MOST)


def _lot(member: int, order: str, one: _Told, club: ClubTerms) -> Lot | None:
    """A new lot for the order; None where the club gives nothing for its money."""
    currency = one.text("currency").upper()
    if currency not in club.per_point:
        return None
    return Lot(
        member=member,
        order=order,
        currency=currency,
        per_point=club.per_point[currency],
        at=one.at,
        available_from=one.at + timedelta(days=club.pending_days),
        expires_at=club.expires(one.at),
    )


FOLLOWER = Follower("club", follow, after="identity")
FOLLOWERS = (FOLLOWER,)
