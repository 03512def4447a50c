"""Carts that became one are taken apart, and put together again.

Nothing that was changed since is touched: her last word on a line is newer than the merge.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from spindel.catalogue.markets import Market
from spindel.commerce.carts import ownership, unmerge
from spindel.commerce.carts import reading as carts
from spindel.commerce.carts.actions import Changed
from spindel.commerce.carts.facts import CartMerged, CartTakenApart
from spindel.commerce.carts.models import CartMerge
from spindel.identity.ownership import Under
from spindel.kit.actions import action
from spindel.kit.refusal import Refusal
from spindel.staff.actors import Actor
from spindel.timeline.recording import record


@action(records="Cart Taken Apart")
def take_apart(
    who: Under,
    *,
    merge: int,
    version: int,
    language: str,
    actor: Actor,
) -> carts.CartView:
    """Make the cart of whoever is served what it was before the other came into it.

    What only the other had is saved for later, so nothing of hers is lost. Raises Changed where
    the cart is not of this version any more, and Refusal.
    """
    seen = _seen(who, merge, version, language, actor.channel)
    if seen.merge.apart_at is not None:
        raise Refusal("carts_apart")
    unmerge.separate([seen.merge], keep=True)
    CartMerge.objects.filter(pk=merge).update(apart_at=timezone.now())
    fact = CartTakenApart(cart_id=seen.cart.id, merged=seen.merge.origin_id, by=actor.by)
    record(fact, seen.cart.who, actor.channel)
    return _view(seen.cart)


@action(records="Cart Merged")
def put_together(
    who: Under,
    *,
    merge: int,
    version: int,
    language: str,
    actor: Actor,
) -> carts.CartView:
    """Take back that the carts were taken apart. Raises as `take_apart`."""
    seen = _seen(who, merge, version, language, actor.channel)
    if seen.merge.apart_at is None:
        raise Refusal("carts_one")
    unmerge.join(seen.merge)
    CartMerge.objects.filter(pk=merge).update(apart_at=None)
    record(
        CartMerged(cart_id=seen.cart.id, merged=seen.merge.origin_id), seen.cart.who, actor.channel
    )
    return _view(seen.cart)


@dataclass(frozen=True, slots=True)
class _Seen:
    """Her cart, locked, as she who asks has seen it, and what came into it."""

    cart: ownership.Held
    merge: CartMerge


def _seen(who: Under, merge: int, version: int, language: str, channel: str) -> _Seen:
    there = carts.of_served(who)
    if there is None:
        raise Refusal("cart_not_open")
    cart = ownership.of_served(who, Market(there.market, there.currency, language), channel)
    if cart.version != version:
        raise Changed(carts.view(cart.id, language))
    found = CartMerge.objects.filter(pk=merge, into=cart.id).first()
    if found is None:
        raise Refusal("carts_gone")
    return _Seen(cart, found)


def _view(cart: ownership.Held) -> carts.CartView:
    return carts.view(cart.id, cart.language)
