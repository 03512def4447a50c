"""What tests do, in words that they say loosely: who does it, which request it is, and the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from spindel.catalogue.markets import Market
from spindel.commerce.orders import actions as orders
from spindel.commerce.orders.actions import Some, Tracking
from spindel.commerce.orders.models import Order, Return, Shipment
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.draft import Draft, Item
from spindel.commerce.orders.placement.placing import Bought, Purchase
from spindel.commerce.returns import actions as returns
from spindel.commerce.returns.actions import Back, HandedIn, Wanted
from spindel.kit.idempotency import Request
from spindel.staff.actors import Actor

SWEDEN = Market("SE", "SEK", "sv")


def acts(**words: Any) -> dict[str, Any]:
    """The words, with those of who does it and of which request it is as actions take them."""
    who = {one: words.pop(one) for one in ("by", "user", "channel", "place") if one in words}
    if person := who.pop("user", None):
        who["user"] = person.pk
    which = {one: words.pop(one) for one in ("source", "key") if one in words}
    if which:
        words["request"] = Request(**({"source": "test", "key": "k"} | which))
    return {"actor": Actor(**who)} | words


def drafted(**words: Any) -> Draft:
    """An order to be written, of loose words."""
    return Draft(**acts(**words))


def ship(order: int, place: int, some: Sequence[Some] | None, **words: Any) -> Shipment:
    """Send it, by a carrier."""
    carrier = {"carrier": "carrier", "tracking": "number", "tracking_url": "url"}
    said = {carrier[one]: words.pop(one) for one in list(words) if one in carrier}
    return orders.ship(order, place, some, Tracking(**said), **acts(**words))


def hand_over(order: int, place: int, some: Sequence[Some] | None, **words: Any) -> Shipment:
    """Hand over what was to be collected."""
    return orders.hand_over(order, place, some, **acts(**words))


def take_back(order: int, lines: Sequence[Back], **words: Any) -> Return:
    """Take goods back over a counter."""
    return returns.take_back(order, *_over_counter(lines, words))


def exchange(order: int, lines: Sequence[Back], wanted: Sequence[Item], **words: Any) -> Return:
    """Exchange them there."""
    asked = ("pay_by", "contact", "address", "difference")
    said = {one: words.pop(one) for one in asked if one in words}
    back, actor, request = _over_counter(lines, words)
    return returns.exchange(order, back, Wanted(wanted, **said), actor, request)


def _over_counter(lines: Sequence[Back], words: Any) -> tuple[HandedIn, Actor, Request]:
    who = acts(**({"channel": "store"} | words))
    actor, request = who.pop("actor"), who.pop("request")
    return HandedIn(lines, **who), actor, request


def tell_purchase(number: str, lines: Sequence[Bought], **words: Any) -> Order:
    """Tell of what a till has sold."""
    by, source = words.pop("by"), words.pop("source")
    return placing.tell_purchase(Purchase(number, lines, **words), Actor(by), source)
