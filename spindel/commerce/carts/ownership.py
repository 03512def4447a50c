"""Whose cart is whose: opening it, locking it, and making one of two.

Whoever changes a cart locks the identifier that its facts are told of, then the cart, then its
lines; two carts in the order of their ids. So nobody waits in a circle, and no edit is lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from spindel.catalogue.markets import Market
from spindel.commerce.carts import reading as carts
from spindel.commerce.carts.facts import CartMerged
from spindel.commerce.carts.models import Cart
from spindel.identity import customers, graph, identifiers, ownership
from spindel.identity.models import Identifier
from spindel.identity.ownership import Under
from spindel.identity.rules import KINDS
from spindel.kit import sql
from spindel.shoppers.models import Shopper
from spindel.shoppers.reading import NoShopper
from spindel.timeline.recording import OWN_SOURCE, record_all


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
FROM shoppers_shopper s
JOIN identity_identifier i ON i.id = coalesce(s.identifier_id, s.browser_id)
JOIN carts_cart c ON c.id = s.cart_id
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
    graph.lock_shared()
    shopper = Shopper.objects.select_for_update().filter(digest=digest, ended_at=None).first()
    if shopper is None or (shopper.identifier_id or shopper.browser_id) is None:
        raise NoShopper
    before = Cart.objects.filter(pk=shopper.cart_id or 0).first()
    if before is not None:  # the next one has the prices of the last, wherever it was changed
        shopper.market, shopper.currency = before.market, before.currency
    there = carts.still_open(shopper.cart_id)
    if shopper.identifier_id is not None:
        shopper.cart_id = proven_cart(shopper.identifier_id, shopper.market, shopper.currency)
    elif there is None:
        shopper.cart_id = _browsers_cart(shopper)
    shopper.save(update_fields=["cart_id", "market", "currency"])
    return shopper


def proven_cart(who: int, market: str, currency: str) -> int:
    """The open cart of whoever certainly has the identifier: in her own session, and for whoever
    serves her. In the market, where it is made here.

    One that an unproven browser began for her is not shown: its lines come along into hers. One of
    somebody who is only thought to be her stays that one's, and hers is beside it; it becomes a
    part of that one's as soon as it is certain that they are one. Raises NoShopper.
    """
    customer = identifiers.living(who)
    if customer is None:
        raise NoShopper
    there = carts.open_of(customer)
    proven = identifiers.proven(who)
    if there is not None and there.identifier_id in proven:
        _gather(proven, there.pk)
        return there.pk
    # Of two who open it at once only one may have it made.
    sql.rows("SELECT FROM identity_identifier WHERE id = %s FOR NO KEY UPDATE", [who])
    beside = carts.beside(proven)
    if there is not None and not carts.is_devices(there):
        return beside.pk if beside is not None else _beside(who, market, currency)
    if there is not None:
        lock([there.pk])
        Cart.objects.filter(pk=there.pk, state=Cart.State.OPEN).update(customer=None)
    if beside is None:
        mine = _open([(customer, who, market, currency)])[customer]
        if Cart.objects.get(pk=mine).identifier_id not in proven:  # somebody else was quicker
            return _beside(who, market, currency)
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
        merge([(beside.pk, into)])


def _beside(who: int, market: str, currency: str) -> int:
    return Cart.objects.create(identifier_id=who, market=market, currency=currency).pk


def _browsers_cart(shopper: Shopper) -> int:
    """A cart for a browser; the customer's only where nobody but the browser is known of her."""
    assert shopper.browser_id is not None
    made = Cart.objects.create(market=shopper.market, currency=shopper.currency)
    give_to_browser(made.pk, shopper.browser_id)
    return made.pk


# Where another session of hers was quicker, this one's stays its own.
_GIVE = """
UPDATE carts_cart SET identifier_id = %(browser)s, customer_id = CASE WHEN NOT EXISTS (
    SELECT FROM carts_cart WHERE customer_id = %(customer)s AND state = 'open' AND id <> %(cart)s
) THEN %(customer)s::bigint END
WHERE id = %(cart)s AND state = 'open'
"""


def give_to_browser(cart: int, browser: int) -> None:
    """Say which browser's the cart is; its customer's only where nothing else is known of her."""
    customer = identifiers.living(browser)
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
INSERT INTO carts_cart (customer_id, identifier_id, market, currency)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[])
    AS wanted (customer, identifier, market, currency)
ORDER BY customer
ON CONFLICT (customer_id) WHERE state = 'open' AND customer_id IS NOT NULL DO NOTHING
"""

_OPENED = "SELECT customer_id, id FROM carts_cart WHERE customer_id = ANY(%s) AND state = 'open'"

_Wanted = tuple[int, int, str, str]  # the customer, her identifier, the market and its currency


def _open(wanted: Collection[_Wanted]) -> dict[int, int]:
    """The open cart of each of the customers, made where there is none: also when two ask at the
    same time.
    """
    opened: dict[int, int] = {}
    while missing := [one for one in wanted if one[0] not in opened]:
        sql.run(_OPEN, sql.columns(missing))
        opened |= dict(sql.rows(_OPENED, [[customer for customer, *_ in missing]]))
    return opened


_LOCK_CARTS = "SELECT id FROM carts_cart WHERE id = ANY(%s) ORDER BY id FOR UPDATE"


def lock(ids: Collection[int]) -> None:
    """Keep everybody else from these carts."""
    sql.rows(_LOCK_CARTS, [sorted(ids)])


_LOCK_FOR_SERVED = f"""
SELECT c.id, c.version, c.market, c.currency, %(language)s::text, %(channel)s::text, i.id,
       c.abandoned_at IS NOT NULL, {_SOURCE}
FROM carts_cart c JOIN identity_identifier i ON i.id = c.identifier_id
WHERE c.id = %(cart)s::bigint AND c.state = 'open'
FOR KEY SHARE OF i FOR UPDATE OF c
"""  # noqa: S608  # put together from constants


def of_served(who: Under, market: Market, channel: str) -> Held:
    """The open cart of whoever is served by this identifier, locked; it is made where she has none.

    It is the one that she sees when she has proved to have it. What somebody here does to it is not
    shown to a browser that she is only thought to use: where that is all there is, its lines come
    along into hers. Raises customers.NotFound.
    """
    words = {"language": market.language, "channel": channel}
    for _ in range(_TRIES):
        there = carts.of_served(who)
        if there is None or _is_only_thought_hers(there, who):
            graph.lock_shared()
            cart = _served_cart(who, there, market.market, market.currency)
        else:
            cart = there.pk
        row = sql.row(_LOCK_FOR_SERVED, words | {"cart": cart})
        if row is not None:
            return Held(*row)
    raise customers.NotFound


def _is_only_thought_hers(cart: Cart, who: int) -> bool:
    """Whether it is a browser's, and whoever is served is known by more than that."""
    customer = identifiers.living(who)
    return carts.is_devices(cart) and customer is not None and _is_known(customer)


def _served_cart(who: int, browsers: Cart | None, market: str, currency: str) -> int:
    if browsers is not None:
        market, currency = browsers.market, browsers.currency
    try:
        return proven_cart(who, market, currency)
    except NoShopper:
        raise customers.NotFound from None


# --- carts that become one ------------------------------------------------------------------------

_PAIRS = """(
    SELECT * FROM unnest(%(origins)s::bigint[], %(intos)s::bigint[]) AS pair (origin, "into")
) pair"""

# The larger quantity of each: nothing is doubled and nothing lost. A line that waits in one cart
# and is wanted in the other is wanted.
_COPY = f"""
INSERT INTO carts_cartline AS l (cart_id, variant_id, quantity, fulfilment, place_id, saved,
                                    seen_amount, added_at)
SELECT pair.into, line.variant_id, line.quantity, line.fulfilment, line.place_id, line.saved,
       CASE WHEN (origin.market, origin.currency) = (hers.market, hers.currency)
            THEN line.seen_amount END,
       line.added_at
FROM {_PAIRS}
JOIN carts_cart origin ON origin.id = pair.origin
JOIN carts_cart hers ON hers.id = pair.into
JOIN carts_cartline line ON line.cart_id = pair.origin
ORDER BY pair.into, line.variant_id
ON CONFLICT (cart_id, variant_id) DO UPDATE
SET quantity = greatest(l.quantity, excluded.quantity), saved = l.saved AND excluded.saved
"""  # noqa: S608  # put together from constants

# What each had, so that it can be taken apart.
_REMEMBER = f"""
INSERT INTO carts_cartmerge (into_id, origin_id, had, brought)
SELECT into_id, origin_id,
       coalesce(jsonb_agg(line) FILTER (WHERE cart_id = into_id), '[]'),
       jsonb_agg(line) FILTER (WHERE cart_id = origin_id)
FROM (
    SELECT pair.into AS into_id, pair.origin AS origin_id, cart_id,
           jsonb_build_array(variant_id, quantity, saved) AS line
    FROM {_PAIRS}
    JOIN carts_cartline l ON l.cart_id IN (pair.into, pair.origin) ORDER BY added_at, l.id
) lines
GROUP BY into_id, origin_id HAVING bool_or(cart_id = origin_id)
RETURNING into_id, origin_id
"""  # noqa: S608  # put together from constants

_CHANGED = """
UPDATE carts_cart SET version = version + 1 WHERE id = ANY(%s) RETURNING id, identifier_id
"""

_Pair = tuple[int, int]  # the cart whose lines come along, and the one that they come into


def copy_lines(origin: int, into: int) -> None:
    """Have the lines of a cart in another, too; both exist, and are locked here."""
    lock([origin, into])
    _copy([(origin, into)])


def _copy(pairs: Collection[_Pair]) -> None:
    """Have lines of carts, which are locked, in others, too; each other one is named once."""
    origins, intos = sql.columns(list(pairs))
    words = {"origins": origins, "intos": intos}
    brought: dict[int, int] = dict(sql.rows(_REMEMBER, words))
    if not brought:
        return
    sql.run(_COPY, words)
    record_all(
        (CartMerged(cart_id=into, merged=brought[into]), who)
        for into, who in sql.rows(_CHANGED, [list(brought)])
        if who is not None
    )


def merge(pairs: Collection[_Pair]) -> None:
    """Make the first cart of each pair a part of the second; no second one is named twice.

    Its lines stay with it: it can be looked up.
    """
    lock({cart for pair in pairs for cart in pair})
    # What was ordered is not wanted once more.
    still_open = carts.those_open([origin for origin, _ in pairs])
    if going := [pair for pair in pairs if pair[0] in still_open]:
        _copy(going)
        _join_codes(going)
        _become_parts(going)


_JOIN_CODES = """
UPDATE carts_cart c SET codes = (
    SELECT array_agg(code) FROM (
        SELECT code FROM unnest(c.codes || more.codes) WITH ORDINALITY AS one (code, number)
        GROUP BY code ORDER BY min(number) LIMIT %(most)s
    ) kept)
FROM (
    SELECT pair."into", array_agg(code ORDER BY pair.origin) AS codes
    FROM unnest(%(origins)s::bigint[], %(intos)s::bigint[]) AS pair (origin, "into")
    JOIN carts_cart origin ON origin.id = pair.origin CROSS JOIN unnest(origin.codes) AS code
    GROUP BY pair."into"
) more
WHERE c.id = more."into"
"""


def _join_codes(pairs: Collection[_Pair]) -> None:
    origins, intos = sql.columns(list(pairs))
    sql.run(_JOIN_CODES, {"origins": origins, "intos": intos, "most": carts.MOST_CODES})


_BECOME_PARTS = """
UPDATE carts_cart c SET state = 'merged', merged_into_id = part.into, customer_id = NULL
FROM unnest(%s::bigint[], %s::bigint[]) AS part (origin, "into") WHERE c.id = part.origin
"""


def _become_parts(pairs: Collection[_Pair]) -> None:
    if pairs:
        sql.run(_BECOME_PARTS, sql.columns(list(pairs)))


_HAVE_CARTS = """
SELECT customer_id FROM carts_cart WHERE customer_id = ANY(%s) AND state = 'open'
"""

_LOCK_OPEN = """
SELECT c.id, c.customer_id, c.identifier_id, coalesce(i.kind IN ('anonymous_id', 'device'), true),
       c.market, c.currency
FROM carts_cart c LEFT JOIN identity_identifier i ON i.id = c.identifier_id
WHERE c.customer_id = ANY(%s) AND c.state = 'open' ORDER BY c.id FOR UPDATE OF c
"""

_GIVE_TO = """
UPDATE carts_cart c SET customer_id = given.customer
FROM unnest(%s::bigint[], %s::bigint[]) AS given (id, customer) WHERE c.id = given.id
"""


@dataclass(frozen=True, slots=True)
class _Begun:
    """An open cart of one of the customers who have become one."""

    id: int
    customer: int
    identifier: int | None
    is_devices: bool
    market: str
    currency: str


def become_one(moved: Mapping[int, int]) -> None:
    """Have one open cart for each customer and those who have become part of her, who are given
    with whom they are part of.

    The younger's becomes part of the older's, where it is certain that they are one. What is only a
    browser's cart is shown to the browser on and on, so nothing is put into it: its lines come
    along into hers. Where that is all there is, it is hers, and the browser's still.
    """
    bringing = {gone for (gone,) in sql.rows(_HAVE_CARTS, [list(moved)])}
    if not bringing:
        return
    named = bringing | {moved[gone] for gone in bringing}
    begun: dict[int, list[_Begun]] = defaultdict(list)
    for row in sql.rows(_LOCK_OPEN, [list(named)]):
        one = _Begun(*row)
        begun[moved.get(one.customer, one.customer)].append(one)
    for kept, several in begun.items():
        several.sort(key=lambda one: (one.customer != kept, one.customer))
    together = {kept: several for kept, several in begun.items() if len(several) > 1}
    _give((one.id, None) for several in together.values() for one in several)
    hers = _hers(together)
    _give(
        [
            *((several[0].id, kept) for kept, several in begun.items() if kept not in together),
            *((into.id, kept) for kept, into in hers.items()),
        ]
    )
    _bring([(hers[kept], several) for kept, several in together.items()])


def _give(given: Iterable[tuple[int, int | None]]) -> None:
    if pairs := list(given):
        sql.run(_GIVE_TO, sql.columns(pairs))


def _hers(together: Mapping[int, Sequence[_Begun]]) -> dict[int, _Begun]:
    """Of each customer the one of several carts that goes on; a new one where they are all
    browsers'.
    """
    hers = {
        kept: one
        for kept, several in together.items()
        for one in reversed(several)
        if not one.is_devices
    }
    if browsers := {kept: first for kept, (first, *_) in together.items() if kept not in hers}:
        who = ownership.under_each(browsers)
        made = _open(
            [(kept, who[kept], first.market, first.currency) for kept, first in browsers.items()]
        )
        for kept, first in browsers.items():
            hers[kept] = _Begun(made[kept], kept, who[kept], False, first.market, first.currency)
    return hers


def _bring(together: Sequence[tuple[_Begun, Sequence[_Begun]]]) -> None:
    """Have what is in the other carts in the one that goes on: a cart each time, of everybody's."""
    certain = identifiers.proven_each([into.identifier for into, _ in together if into.identifier])
    waiting = [
        (into, one)
        for into, several in together
        for one in several
        if one.id != into.id
        and (one.is_devices or one.identifier in certain.get(into.identifier or 0, ()))
    ]
    # Those of browsers last: what is certainly hers decides how the goods are to come.
    waiting.sort(key=lambda pair: pair[1].is_devices)
    while waiting:
        turn = {into.id: one for into, one in reversed(waiting)}
        waiting = [(into, one) for into, one in waiting if turn[into.id] is not one]
        _copy([(one.id, into) for into, one in turn.items()])
        _become_parts([(one.id, into) for into, one in turn.items() if not one.is_devices])
