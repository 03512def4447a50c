"""Orders come to be: from a cart, over a counter, and from what a till has told of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from spindel.catalogue.markets import Market
from spindel.catalogue.models import Place
from spindel.commerce.carts import ownership
from spindel.commerce.carts import reading as carts
from spindel.commerce.carts.actions import Changed
from spindel.commerce.carts.facts import CartRecovered
from spindel.commerce.carts.markets import move
from spindel.commerce.carts.models import Cart, CartLine
from spindel.commerce.common import contacts, numbers, rules
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.orders import placement
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement.draft import Draft, Item, with_receipt
from spindel.commerce.orders.placement.goods import Costs, Goods, Sold
from spindel.commerce.orders.placement.holds import holds_of, in_session
from spindel.commerce.stock.ledger import Told
from spindel.commerce.stock.models import Movement
from spindel.identity import identifiers
from spindel.identity.ownership import Under
from spindel.kit import idempotency, sql
from spindel.kit.actions import action
from spindel.kit.idempotency import KeyReused, Request
from spindel.kit.refusal import Refusal
from spindel.shoppers import reading as shoppers
from spindel.shoppers.models import Shopper
from spindel.shoppers.reading import NoShopper
from spindel.staff.actors import Actor
from spindel.timeline.models import Channel
from spindel.timeline.recording import record


@dataclass(frozen=True, slots=True)
class Checkout:
    """How a cart is ordered. `version` and `total` are what she saw, if they must still hold. A
    gift card pays as far as it goes, by its code; `pay_by` is how the rest is.
    """

    pay_by: str
    contact: Mapping[str, str]
    address: Mapping[str, str]
    version: int | None = None
    total: int | None = None
    gift_card: str = ""


@action(records="Order Completed")
def place_cart_of_shopper(digest: bytes, checkout: Checkout, *, key: str) -> Order:
    """Order what is in the shopper's cart. The same key again answers the same order.

    Raises ownership.NoShopper, Changed, rules.NotEnough, Refusal, KeyReused, and
    recording.Gone.
    """
    session = sql.prepared(_SESSION, {"digest": digest})
    if session is None:
        raise NoShopper
    request = shoppers.request(session[0], key)
    keys = rules.contact_keys(checkout.contact, checkout.address, session[1])
    typed = next(iter(keys.items()), None)
    words = {"digest": digest, "key": request.id, "kind": None, "value": None}
    if typed is not None:
        words |= {"kind": typed[0], "value": typed[1]}
    _, found = sql.together(idempotency.locking(request.id), (_WHO, words))
    if not found:
        raise NoShopper
    shopper, proved, browser, market, currency, language, channel, known, done = found[0]
    asked = idempotency.fingerprint(checkout)
    if done is not None:
        return _hers(Order.objects.get(pk=done), asked, shopper, proved)
    draft = Draft(
        request=request,
        actor=Actor(channel=channel),
        items=[],
        whose=proved or known or (typed and identifiers.identifier(*typed)),
        # Who only types an address has not proved that the browser is its owner's.
        also=[browser] if browser and proved is not None else [],
        contact=checkout.contact,
        address=checkout.address,
        market=market,
        currency=currency,
        language=language,
        pay_by=checkout.pay_by,
        shopper=shopper,
        asked=asked,
        proved=proved is not None,
    )
    draft = with_receipt(draft)
    return _place(*_cart_of_shopper(digest, draft.whose), checkout, draft)


_SESSION = """
SELECT s.id, coalesce(c.market, s.market)
FROM shoppers_shopper s LEFT JOIN carts_cart c ON c.id = s.cart_id
WHERE s.digest = %(digest)s::bytea AND s.ended_at IS NULL
"""
# Who has the session, who has the address that was typed, and the order that the same request has
# made before.
_WHO = """
SELECT s.id, s.identifier_id, s.browser_id, s.market, s.currency, s.language, s.channel,
       (SELECT id FROM identity_identifier WHERE kind = %(kind)s::text AND value = %(value)s::text),
       (SELECT id FROM orders_order WHERE key = %(key)s::uuid)
FROM shoppers_shopper s WHERE s.digest = %(digest)s::bytea AND s.ended_at IS NULL
"""


def _cart_of_shopper(digest: bytes, buyer: int | None) -> tuple[ownership.Held, carts.CartView]:
    """Her cart, locked, and what is in it for whoever has the identifier: who buys may have used an
    offer that the browser has not.
    """
    words = {"digest": digest}
    held, shown = sql.together(
        (ownership.LOCK_OF_SHOPPER, words), (carts.OF_SESSION, words | {"buyer": buyer})
    )
    if held and shown and held[0][0] == shown[0][0]:
        return ownership.Held(*held[0]), carts.read(shown)
    cart = ownership.of_shopper(digest)  # she has none, or it is just becoming another
    return cart, carts.view(cart.id, cart.language, buyer=buyer)


def _hers(order: Order, asked: UUID, shopper: int, proved: int | None) -> Order:
    """The order, unless something else was asked for, or by somebody else who was logged in here.

    Raises KeyReused.
    """
    idempotency.check(order.content, asked)
    if order.shopper_id == shopper:
        return order
    if proved is None or order.identifier_id not in identifiers.proven(proved):
        raise KeyReused
    return order


@action(records="Order Completed")
def place_cart_for(
    who: Under,
    checkout: Checkout,
    market: Market,
    *,
    actor: Actor,
    request: Request,
    at_counter: bool = False,
    known: Mapping[str, str] | None = None,
) -> Order:
    """Order what is in the cart of whoever is served by this identifier, as somebody here does.

    In a store, where she stands, a cart of another market becomes one of its market.
    `at_counter`: all of it is handed over there, now. What she has held there is used up.
    `known` is how she is reached as is known here, where the request does not say; it is no part of
    that, as more may be known when it is sent again.
    Raises as `place_cart_of_shopper`, and customers.NotFound.
    """
    draft = Draft(
        request=request,
        actor=actor,
        items=[],
        whose=who,
        contact=checkout.contact or known or {},
        address=checkout.address,
        market=market.market,
        currency=market.currency,
        language=market.language,
        pay_by=checkout.pay_by,
        asked=idempotency.fingerprint(
            *(checkout, market.market, market.currency, market.language),
            *(actor.channel, actor.place, at_counter),
        ),
    )
    if done := placement.before(draft):
        if done.identifier_id not in identifiers.proven(who):
            raise KeyReused
        return done
    cart = ownership.of_served(who, market, actor.channel)
    if actor.place is not None and checkout.version in (None, cart.version):
        cart = move(cart, market.market, market.currency)
        checkout = replace(checkout, version=None)
    shown = carts.view(cart.id, cart.language, buyer=who, delivered=not at_counter)
    return _place(cart, shown, checkout, draft, actor.place if at_counter else None)


def _place(
    cart: ownership.Held,
    shown: carts.CartView,
    checkout: Checkout,
    draft: Draft,
    counter: int | None = None,
) -> Order:
    if checkout.version is not None and checkout.version != cart.version:
        raise Changed(shown)
    lines = shown.open_lines
    if not lines:
        raise Refusal("cart_empty")
    if draft.shopper and any(one.fulfilment == Fulfilment.HAND_OVER for one in lines):
        raise Refusal("over_the_counter")
    if any(one.amount is None for one in lines):
        raise Changed(shown)
    if checkout.total is not None and checkout.total != shown.total:
        raise Changed(shown)
    items = [
        Item(one.variant, one.quantity, one.fulfilment, one.place_id)
        if counter is None
        else Item(one.variant, one.quantity, Fulfilment.HAND_OVER, counter)
        for one in lines
    ]
    draft = replace(draft, items=items, cart=cart.id, market=cart.market, currency=cart.currency)
    draft = replace(draft, address=contacts.address(checkout.address, cart.market))
    draft = replace(draft, holds=holds_of(draft), gift_card=checkout.gift_card)
    # At what the cart has just said, in the same words: nothing is asked or priced again.
    sold = [
        Sold(item, _goods(one), one.priced) for item, one in zip(draft.items, lines, strict=True)
    ]
    order = placement.write(draft, Costs(sold, shown.fees))
    if cart.abandoned:
        record(CartRecovered(cart_id=cart.id), cart.who, cart.channel)
    if len(lines) < len(shown.lines):
        _keep_saved(cart.id)
    return order


def _goods(line: carts.CartLineView) -> Goods:
    options = ", ".join(value for _, value in sorted(line.options.items(), reverse=True))
    return Goods(
        line.variant,
        line.sku,
        line.product,
        line.name,
        options,
        line.vat_rate,
        line.priced.line.list_price,
        line.priced.line.brand,
        line.priced.line.categories,
    )


def _keep_saved(ordered: int) -> None:
    """What waits in a cart that was ordered goes on waiting, in the next one."""
    old = Cart.objects.get(pk=ordered)
    new = Cart.objects.create(
        customer_id=old.customer_id,
        identifier_id=old.identifier_id,
        market=old.market,
        currency=old.currency,
    )
    CartLine.objects.filter(cart_id=ordered, saved=True).update(cart_id=new.pk)
    Shopper.objects.filter(cart_id=ordered).update(cart_id=new.pk)


# --- over the counter -----------------------------------------------------------------------------


@action(records="Order Completed")
def sell(draft: Draft) -> Order:
    """Sell goods, as a clerk or an agent does; `draft.items` says how they come.

    Who bought is known by the receipt alone where `draft.whose` is None. What is held for her of
    the goods that she takes with her is used up. The same key again answers the same order.
    Raises Refusal, rules.NotEnough, KeyReused, and recording.Gone.
    """
    draft = with_receipt(draft)
    if done := placement.before(draft):
        return done
    return placement.write(in_session(replace(draft, holds=[*draft.holds, *holds_of(draft)])))


# --- what a till has told of ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bought:
    """A line of a purchase at a till: what was paid for one, in minor units."""

    variant: int
    quantity: int
    amount: int


@dataclass(frozen=True, slots=True)
class Purchase:
    """What was bought at a till, with the number of its receipt. `at` is when; None, as it is told.
    `whose` is an identifier of whoever bought it, if that is known.
    """

    number: str
    lines: Sequence[Bought]
    place: Place
    currency: str
    at: datetime | None = None
    whose: int | None = None


@action(records="Order Completed")
def tell_purchase(purchase: Purchase, actor: Actor, source: str) -> Order:
    """Take in a purchase that a till has made, now or, while it was offline, before.

    It is in the order book then, so it can be given back anywhere; the receipt's number is the
    order's, and the key of the request of the `source`. The goods are gone whatever the books say,
    so a level may come to be below zero. Told again, it is the same order. Raises Refusal, and
    KeyReused.
    """
    place, at = purchase.place, purchase.at
    request = Request(source, purchase.number)
    draft = Draft(
        request=request,
        actor=replace(actor, channel=Channel.STORE, place=place.pk),
        items=[
            Item(one.variant, one.quantity, Fulfilment.HAND_OVER, place.pk, one.amount)
            for one in purchase.lines
        ],
        whose=purchase.whose,
        market=place.country,
        currency=purchase.currency,
        language="sv",
        pay_by="till",
        at=min(at, timezone.now()) if at else None,
        number=numbers.read(purchase.number),  # as it is found again, however it is typed
    )
    draft = with_receipt(replace(draft, asked=replace(draft, at=at).content))
    if done := placement.before(draft):
        return done
    # Another till may be telling of its own just now.
    idempotency.lock(idempotency.key("number", draft.number))
    if Order.objects.filter(number=draft.number).exists():
        raise Refusal("receipt_number_taken")
    sold: Counter[int] = Counter()
    for one in purchase.lines:
        sold[one.variant] += one.quantity
    told = [
        Told(request.id, line, variant, place.pk, Movement.Kind.SALE, -many, draft.at)
        for line, (variant, many) in enumerate(sorted(sold.items()))
    ]
    return placement.write_told(draft, told)
