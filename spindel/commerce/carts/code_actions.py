"""Codes of offers, put into a cart and taken out again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from spindel.catalogue.markets import Market
from spindel.commerce.carts import ownership
from spindel.commerce.carts import reading as carts
from spindel.commerce.carts.facts import CouponApplied, CouponDenied, CouponRemoved
from spindel.commerce.carts.models import Cart
from spindel.identity.ownership import Under
from spindel.kit import sql
from spindel.kit.actions import action
from spindel.kit.refusal import Refusal
from spindel.offers import codes
from spindel.offers.basket import Reason
from spindel.offers.explaining import CodeView
from spindel.timeline.models import Channel, Fact
from spindel.timeline.recording import record

_MOST_DENIED, _WITHIN = 20, timedelta(minutes=10)

# What no change of the cart would mend: such a code is not kept in it.
_FINAL = frozenset(
    (
        *(Reason.UNKNOWN_CODE, Reason.CODE_SPENT, Reason.WRONG_MARKET, Reason.NOT_YET),
        *(Reason.EXPIRED, Reason.STOPPED, Reason.NOT_FOR_HER),
        *(Reason.USED_UP, Reason.USED_BY_HER),
    )
)


@dataclass(frozen=True, slots=True)
class Entered:
    """The cart after a code was entered. `denied` is the code where it is not kept."""

    cart: carts.CartView
    denied: CodeView | None


class CodeDenied(Refusal):
    """A code that is not taken; `cart` is as it was."""

    code = "code_denied"

    def __init__(self, entered: Entered, denied: CodeView) -> None:
        super().__init__(why=denied.text)
        self.cart = entered.cart
        self.reason = denied.reason


@action(records="Coupon Applied")
def enter(digest: bytes, typed: str) -> Entered:
    """Put the code into the cart of whoever has the session. One that may count later, when there
    is more in the cart, is kept and says what it takes. Raises NoShopper, and Refusal.
    """
    return _enter(ownership.of_shopper(digest), typed)


@action(records="Coupon Applied")
def enter_for(who: Under, typed: str, market: Market, channel: str = Channel.STORE) -> Entered:
    """The same for whoever is served by this identifier. Raises customers.NotFound, and Refusal."""
    return _enter(ownership.of_served(who, market, channel), typed)


def _enter(cart: ownership.Held, typed: str) -> Entered:
    _check_guessing(cart.who)
    code = codes.read(typed)
    row = Cart.objects.get(pk=cart.id)
    if code in row.codes:
        return Entered(carts.view(cart.id, cart.language), None)
    if len(row.codes) >= carts.MOST_CODES:
        raise Refusal("too_many_codes_typed", most=carts.MOST_CODES)
    _keep(cart, [*row.codes, code])
    shown = carts.view(cart.id, cart.language)
    entered = next(one for one in shown.codes if one.code == code)
    if entered.reason in _FINAL:
        _keep(cart, row.codes)
        denied = CouponDenied(cart_id=cart.id, coupon_id=code, reason=entered.reason)
        record(denied, cart.who, cart.channel)
        return Entered(carts.view(cart.id, cart.language), entered)
    record(CouponApplied(cart_id=cart.id, coupon_id=code), cart.who, cart.channel)
    return Entered(shown, None)


def _check_guessing(who: int) -> None:
    """Raises Refusal for whoever has tried many codes just now that there are not."""
    lately = timezone.now() - _WITHIN
    tried = Fact.objects.filter(
        identifier_id=who, name=CouponDenied.fact_name(), occurred_at__gt=lately
    )
    if tried.count() >= _MOST_DENIED:
        raise Refusal("too_many_tries")


@action(records="Coupon Removed")
def take_out(digest: bytes, typed: str) -> carts.CartView:
    """Take the code out of the cart of whoever has the session. Raises NoShopper."""
    return _take_out(ownership.of_shopper(digest), typed)


@action(records="Coupon Removed")
def take_out_for(
    who: Under, typed: str, market: Market, channel: str = Channel.STORE
) -> carts.CartView:
    """The same for whoever is served by this identifier. Raises customers.NotFound."""
    return _take_out(ownership.of_served(who, market, channel), typed)


def _take_out(cart: ownership.Held, typed: str) -> carts.CartView:
    code = codes.read(typed)
    row = Cart.objects.get(pk=cart.id)
    if code in row.codes:
        _keep(cart, [one for one in row.codes if one != code])
        record(CouponRemoved(cart_id=cart.id, coupon_id=code), cart.who, cart.channel)
    return carts.view(cart.id, cart.language)


_KEEP = """
UPDATE carts_cart SET codes = %s::text[], version = version + 1, abandoned_at = NULL,
    changed_at = greatest(changed_at, date_trunc('minute', statement_timestamp()))
WHERE id = %s
"""


def _keep(cart: ownership.Held, kept: list[str]) -> None:
    sql.run(_KEEP, [kept, cart.id])
