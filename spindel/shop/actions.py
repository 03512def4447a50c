"""What a shopper does that needs more than one of the rooms: holds goods, says who they are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone

from spindel.commerce.carts import session_cart
from spindel.commerce.common import contacts, markets
from spindel.commerce.common.rules import Line
from spindel.commerce.orders import prefill
from spindel.commerce.stock.actions import holds
from spindel.commerce.stock.models import Hold
from spindel.commerce.stock.reading import levels
from spindel.identity import actions as identity
from spindel.identity import identifiers
from spindel.kit.actions import action
from spindel.kit.refusal import Refusal
from spindel.shoppers import reading as shoppers
from spindel.shoppers.models import Shopper
from spindel.staff.actors import Actor

MOST_HELD = 10  # things in stores at a time, for one shopper


class TooManyHeld(Refusal):
    """Much is held for her already."""

    code = "too_many_held"


@action(records="Stock Reserved")
def hold(digest: bytes, line: Line, until: datetime, *, key: str, asked: str) -> Hold:
    """Hold something for whoever has the session; the same key again answers the same hold.

    Raises reading.NoShopper of shoppers, TooManyHeld, and as `holds.reserve`.
    """
    her = shoppers.find(digest)
    market = session_cart.market_of(her)[0]
    markets.check(market, [line.place])
    identifiers.stay((her.identifier_id, her.browser_id))
    # One request of the session at a time: many at once do not hold more than one after another.
    Shopper.objects.select_for_update().get(pk=her.pk)
    request = shoppers.request(her.pk, key)
    if not Hold.objects.filter(key=request.id).exists():
        held = levels.holds_of_shopper(her, shoppers.identifiers(her))
        active = held.filter(state=Hold.State.ACTIVE, until__gt=timezone.now())
        if sum(one.quantity for one in active) + line.quantity > MOST_HELD:
            raise TooManyHeld(most=MOST_HELD)
    (made,) = holds.reserve(
        [line],
        until,
        actor=Actor(channel=her.channel),
        request=request,
        whose=her.identifier_id or her.browser_id,
        asked=asked,
        shopper=her.pk,
    )
    return made


# --- what they say of themselves ------------------------------------------------------------------


class NotKnown(Refusal):
    """Nobody has proved in the session who they are."""

    code = "not_known"


@action(records="Details Changed")
def change_details(digest: bytes, contact: Mapping[str, str], address: Mapping[str, str]) -> None:
    """Change what they are called, their number and where they live, each in its normal form; none
    takes it away. What was so before is not said anew.

    Raises reading.NoShopper of shoppers, NotKnown, rules.Incomplete, and recording.Gone.
    """
    her = shoppers.find(digest)
    if her.identifier_id is None:
        raise NotKnown
    before = prefill.details(her)
    market = before["country"]
    contacts.check_name(contact)
    contacts.check_phone(contact, market)
    told: dict[str, object] = {
        name: contact[name] for name in ("name", "phone") if contact[name] != before[name]
    }
    if address:
        contacts.check_address(address, market)
    if address != contacts.address(before, ""):
        told["address"] = _as_trait(address)
    identity.change_details(her.identifier_id, told)


def _as_trait(address: Mapping[str, str]) -> object:
    """The address as sources tell of addresses (Segment's spec of traits)."""
    named = {"postcode": "postal_code"}
    return {named.get(name, name): value for name, value in address.items()} or ""
