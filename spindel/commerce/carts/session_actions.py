"""What a shopper's session does to its cart."""

from __future__ import annotations

from django.db.models import F

from spindel.catalogue.markets import Market
from spindel.commerce.carts import ownership
from spindel.commerce.carts.models import Cart, CartLine
from spindel.identity import identifiers
from spindel.kit.actions import action
from spindel.shoppers.actions import NOBODYS
from spindel.shoppers.models import Shopper


@action(silent="How she wants her pages is kept with the session, and goes with it.")
def prefer(digest: bytes, wanted: Market) -> None:
    """Change the session's market and language. Raises NoShopper.

    In another market everything costs something else, so her cart goes there, too.
    """
    shopper = ownership.give_cart(digest)
    market, currency = wanted.market, wanted.currency
    shopper.market, shopper.currency, shopper.language = market, currency, wanted.language
    shopper.save(update_fields=["market", "currency", "language"])
    hers = Cart.objects.filter(pk=shopper.cart_id or 0).exclude(market=market, currency=currency)
    if hers.update(market=market, currency=currency, version=F("version") + 1):
        # What she has seen was other money: nothing has become dearer or cheaper.
        CartLine.objects.filter(cart=shopper.cart_id).update(seen_amount=None)


@action(silent=NOBODYS)
def name_browser(digest: bytes, browser: int | None) -> None:
    """Say what the shop's script calls the device, which it does once she has consented.

    Raises NoShopper, and recording.Gone.
    """
    shopper = ownership.give_cart(digest)
    if browser is None or shopper.browser_id == browser:
        return
    identifiers.stay((browser,))
    shopper.browser_id = browser
    shopper.save(update_fields=["browser"])
    if shopper.identifier_id is None and shopper.cart_id is not None:
        ownership.give_to_browser(shopper.cart_id, browser)


def bring(shopper: Shopper, identifier: int) -> None:
    """Have what is in the session's cart be in that of whoever has just proved who they are."""
    before = shopper.cart_id
    shopper.cart_id = ownership.proven_cart(identifier, shopper.market, shopper.currency)
    shopper.save(update_fields=["cart_id"])
    if before is not None and before != shopper.cart_id:
        ownership.merge([(before, shopper.cart_id)])


def leave(shopper: Shopper) -> None:
    """The cart stays that of whoever was logged in before."""
    shopper.cart_id = None
