"""Whose cart is whose: opening it, locking it, and making one of two.

Whoever changes a cart locks the identifier that its facts are told of, then the cart, then its
lines; two carts in the order of their ids. So nobody waits in a circle, and no edit is lost.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from spindel.commerce import whose
from spindel.commerce.facts import CartMerged
from spindel.commerce.models import Cart, Shopper
from spindel.commerce.reading import carts
from spindel.identity import customers, graph
from spindel.identity.models import Identifier
from spindel.identity.rules import KINDS
from spindel.kit import sql
from spindel.timeline.recording import OWN_SOURCE, record


class NoShopper(LookupError):
    """The session is over, or never was."""


@dataclass(frozen=True, slots=True)
class Held:
    """A cart that the caller has locked, and who its facts are told of."""

    id: int
    version: int
    market: str
    currency: str
    language: str
    channel: str
    who: int
    abandoned: bool
    source: int | None


_SOURCE = f"(SELECT id FROM timeline_source WHERE slug = '{OWN_SOURCE}')"  # noqa: S608  # the same

LOCK_OF_SHOPPER = f"""
SELECT c.id, c.version, c.market, c.currency, s.language, s.channel, i.id AS who,
       c.abandoned_at IS NOT NULL AS abandoned, {_SOURCE} AS source
FROM commerce_shopper s
JOIN identity_identifier i ON i.id = coalesce(s.identifier_id, s.browser_id)
JOIN commerce_cart c ON c.id = s.cart_id
WHERE s.digest = %(digest)s::bytea AND s.ended_at IS NULL AND c.state = 'open'
FOR KEY SHARE OF i FOR UPDATE OF c
"""  # noqa: S608  # put together from constants


def of_shopper(digest: bytes) -> Held:
    """The shopper's open cart, locked; it is made where she has none. Raises NoShopper."""
    for _ in range(_TRIES):
        row = sql.prepared(LOCK_OF_SHOPPER, {"digest": digest})
        if row is not None:
            return Held(*row)
        give_cart(digest)
    raise NoShopper


_TRIES = 5  # what was just found may be ordered or merged before it is locked


def give_cart(digest: bytes) -> Shopper:
    """Have the shopper's session refer to the cart that is hers now. Raises NoShopper.

    Nobody changes who is who meanwhile; and of two requests of one session the second waits for
    the first, and finds its cart.
    """
    graph.hold()
    shopper = Shopper.objects.select_for_update().filter(digest=digest, ended_at=None).first()
    if shopper is None or (shopper.identifier_id or shopper.browser_id) is None:
        raise NoShopper
    there = carts.still_open(shopper.cart_id)
    if shopper.identifier_id is not None:
        shopper.cart_id = proven_cart(shopper)
    elif there is None:
        shopper.cart_id = _browsers_cart(shopper)
    shopper.save(update_fields=["cart"])
    return shopper


def proven_cart(shopper: Shopper) -> int:
    """The open cart of the customer whom she has proved to be.

    One that an unproven browser began for her is not shown: its lines come along into hers. One of
    somebody who is only thought to be her stays that one's, and hers is beside it; it becomes a
    part of that one's as soon as it is certain that they are one.
    """
    assert shopper.identifier_id is not None
    customer = whose.living(shopper.identifier_id)
    if customer is None:
        raise NoShopper
    there = carts.open_of(customer)
    proven = whose.proven(shopper.identifier_id)
    if there is not None and there.identifier_id in proven:
        _gather(proven, there.pk)
        return there.pk
    # Of two sessions of hers only one may have her cart made.
    sql.rows(
        "SELECT FROM identity_identifier WHERE id = %s FOR NO KEY UPDATE", [shopper.identifier_id]
    )
    beside = carts.beside(proven)
    if there is not None and not _is_devices(there):
        return beside.pk if beside is not None else _beside(shopper)
    if there is not None:
        lock([there.pk])
        Cart.objects.filter(pk=there.pk, state=Cart.State.OPEN).update(customer=None)
    if beside is None:
        mine = _open(customer, shopper.identifier_id, shopper.market, shopper.currency)
    else:
        mine = beside.pk
        with suppress(IntegrityError), transaction.atomic():  # somebody here may be quicker
            Cart.objects.filter(pk=mine).update(customer=customer)
    if there is not None and mine != there.pk:
        copy_lines(there.pk, mine)
    return mine


def _gather(proven: Collection[int], into: int) -> None:
    """Have what was begun beside the cart be a part of it, while it is open."""
    while (beside := carts.beside(proven)) is not None:
        lock([beside.pk, into])
        if carts.still_open(into) is None:
            return
        merge(beside.pk, into)


def _beside(shopper: Shopper) -> int:
    made = Cart.objects.create(
        identifier_id=shopper.identifier_id, market=shopper.market, currency=shopper.currency
    )
    return made.pk


def _browsers_cart(shopper: Shopper) -> int:
    """A cart for a browser; the customer's only where nobody but the browser is known of her."""
    assert shopper.browser_id is not None
    made = Cart.objects.create(market=shopper.market, currency=shopper.currency)
    give_to_browser(made.pk, shopper.browser_id)
    return made.pk


# Where another session of hers was quicker, this one's stays its own.
_GIVE = """
UPDATE commerce_cart SET identifier_id = %(browser)s, customer_id = CASE WHEN NOT EXISTS (
    SELECT FROM commerce_cart WHERE customer_id = %(customer)s AND state = 'open' AND id <> %(cart)s
) THEN %(customer)s::bigint END
WHERE id = %(cart)s AND state = 'open'
"""


def give_to_browser(cart: int, browser: int) -> None:
    """Say which browser's the cart is; its customer's only where nothing else is known of her."""
    customer = whose.living(browser)
    if customer is not None and _is_known(customer):
        customer = None
    # Of two sessions of a browser that is new only one may take it.
    sql.rows("SELECT FROM identity_identifier WHERE id = %s FOR NO KEY UPDATE", [browser])
    sql.run(_GIVE, {"cart": cart, "browser": browser, "customer": customer})


def _is_known(customer: int) -> bool:
    """Whether more is known of the customer than devices."""
    devices = [kind.name for kind in KINDS.values() if kind.device]
    held = Identifier.objects.filter(tenure__customer=customer)
    return held.exclude(kind__in=devices).exists()


_OPEN = """
INSERT INTO commerce_cart (customer_id, identifier_id, market, currency)
VALUES (%(customer)s, %(identifier)s, %(market)s, %(currency)s)
ON CONFLICT (customer_id) WHERE state = 'open' AND customer_id IS NOT NULL DO NOTHING
RETURNING id
"""


def _open(customer: int, identifier: int, market: str, currency: str) -> int:
    """The customer's open cart, made where there is none: also when two ask at the same time."""
    words = {
        "customer": customer,
        "identifier": identifier,
        "market": market,
        "currency": currency,
    }
    while True:
        there = carts.open_of(customer)
        if there is not None:
            return there.pk
        if row := sql.row(_OPEN, words):
            return int(row[0])


_LOCK_CARTS = "SELECT id FROM commerce_cart WHERE id = ANY(%s) ORDER BY id FOR UPDATE"


def lock(ids: Collection[int]) -> None:
    """Keep everybody else from these carts."""
    sql.rows(_LOCK_CARTS, [sorted(ids)])


_LOCK_OF_CUSTOMER = f"""
SELECT c.id, c.version, c.market, c.currency, %(language)s::text, %(channel)s::text, i.id,
       c.abandoned_at IS NOT NULL, {_SOURCE}
FROM commerce_cart c JOIN identity_identifier i ON i.id = c.identifier_id
WHERE c.customer_id = %(customer)s::bigint AND c.state = 'open'
FOR KEY SHARE OF i FOR UPDATE OF c
"""  # noqa: S608  # put together from constants


def of_customer(customer: int, market: str, currency: str, language: str, channel: str) -> Held:
    """The living customer's open cart, locked; it is made where she has none.

    What somebody here does to it is not shown to a browser that she is only thought to use: where
    that is all there is, its lines come along into hers. Raises customers.NotFound.
    """
    words = {"customer": customer, "language": language, "channel": channel}
    for _ in range(_TRIES):
        there = carts.open_of(customer)
        if there is None or (_is_devices(there) and _is_known(customer)):
            graph.hold()
            _own(customer, there, market, currency)
        row = sql.row(_LOCK_OF_CUSTOMER, words)
        if row is not None:
            return Held(*row)
    raise customers.NotFound(customer)


def _own(customer: int, browsers: Cart | None, market: str, currency: str) -> None:
    """Make a cart that is the customer's own, with what is in the browser's."""
    if browsers is not None:
        lock([browsers.pk])
        Cart.objects.filter(pk=browsers.pk, state=Cart.State.OPEN).update(customer=None)
        market, currency = browsers.market, browsers.currency
    mine = _open(customer, whose.of_customer(customer), market, currency)
    if browsers is not None and mine != browsers.pk:
        copy_lines(browsers.pk, mine)


# --- carts that become one ------------------------------------------------------------------------

# The larger quantity of each: nothing is doubled and nothing lost. A line that waits in one cart
# and is wanted in the other is wanted.
_COPY = """
INSERT INTO commerce_cartline AS l (cart_id, variant_id, quantity, fulfilment, place_id, saved,
                                    seen_amount, added_at)
SELECT %(into)s, variant_id, quantity, fulfilment, place_id, saved,
       CASE WHEN (SELECT count(DISTINCT (market, currency)) = 1 FROM commerce_cart
                  WHERE id IN (%(from)s, %(into)s)) THEN seen_amount END,
       added_at
FROM commerce_cartline WHERE cart_id = %(from)s ORDER BY variant_id
ON CONFLICT (cart_id, variant_id) DO UPDATE
SET quantity = greatest(l.quantity, excluded.quantity), saved = l.saved AND excluded.saved
"""

# What each had, so that it can be taken apart.
_REMEMBER = """
INSERT INTO commerce_cartmerge (into_id, origin_id, had, brought)
SELECT %(into)s, %(from)s, coalesce(jsonb_agg(line) FILTER (WHERE cart_id = %(into)s), '[]'),
       jsonb_agg(line) FILTER (WHERE cart_id = %(from)s)
FROM (
    SELECT cart_id, jsonb_build_array(variant_id, quantity, saved) AS line
    FROM commerce_cartline WHERE cart_id IN (%(into)s, %(from)s) ORDER BY added_at, id
) lines
HAVING bool_or(cart_id = %(from)s)
"""


def copy_lines(origin: int, into: int) -> None:
    """Have the lines of a cart in another, too; both exist, and are locked here."""
    lock([origin, into])
    sql.run(_REMEMBER, {"from": origin, "into": into})
    if sql.run(_COPY, {"from": origin, "into": into}):
        sql.run("UPDATE commerce_cart SET version = version + 1 WHERE id = %s", [into])
        into_cart = Cart.objects.get(pk=into)
        if into_cart.identifier_id is not None:
            record(CartMerged(cart_id=into, merged=origin), into_cart.identifier_id)


def merge(origin: int, into: int) -> None:
    """Make the first cart a part of the second. Its lines stay with it: it can be looked up."""
    lock([origin, into])
    if carts.still_open(origin) is None:  # what was ordered is not wanted once more
        return
    copy_lines(origin, into)
    Cart.objects.filter(pk=origin).update(
        state=Cart.State.MERGED, merged_into_id=into, customer=None
    )


def become_one(gone: int, kept: int) -> None:
    """Have one open cart for a customer and another who has become part of her.

    The younger's becomes part of the older's, where it is certain that they are one. What is only a
    browser's cart is shown to the browser on and on, so nothing is put into it: its lines come
    along into hers. Where that is all there is, it is hers, and the browser's still.
    """
    theirs, hers = carts.open_of(gone), carts.open_of(kept)
    found = [one for one in (hers, theirs) if one is not None]
    if theirs is None:
        return
    lock([one.pk for one in found])
    if hers is None:
        Cart.objects.filter(pk=theirs.pk).update(customer=kept)
        return
    browsers = [one for one in found if _is_devices(one)]
    own = [one.pk for one in found if one not in browsers]
    Cart.objects.filter(pk__in=[one.pk for one in found]).update(customer=None)
    into = own[0] if own else _open(kept, whose.of_customer(kept), hers.market, hers.currency)
    Cart.objects.filter(pk=into).update(customer=kept)
    for other in own[1:]:
        if _are_certainly_one(other, into):
            merge(other, into)
    for browser in browsers:
        copy_lines(browser.pk, into)


def _are_certainly_one(cart: int, other: int) -> bool:
    one, two = Cart.objects.in_bulk([cart, other]).values()
    return one.identifier_id is not None and two.identifier_id in whose.proven(one.identifier_id)


def _is_devices(cart: Cart) -> bool:
    found = Identifier.objects.filter(pk=cart.identifier_id or 0).values_list("kind", flat=True)
    kind = found.first()
    return kind is None or KINDS[kind].device
