"""What is done to carts, by shoppers on any device and by people here on their behalf."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from babel.numbers import get_currency_precision, list_currencies
from django.utils import timezone

from spindel.catalogue.markets import Market
from spindel.catalogue.models import Place
from spindel.catalogue.reading import LIST_PRICES
from spindel.commerce.carts import ownership, session_cart, unmerge
from spindel.commerce.carts import reading as carts
from spindel.commerce.carts.facts import CartAbandoned, CartRecovered, CartShared
from spindel.commerce.carts.markets import move
from spindel.commerce.carts.models import Cart
from spindel.commerce.common import links, rules
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.identity.ownership import Under
from spindel.kit import idempotency, sql
from spindel.kit.actions import action
from spindel.kit.idempotency import KeyReused
from spindel.kit.refusal import Refusal
from spindel.kit.waking import is_time_to_wake
from spindel.shoppers import reading as shoppers
from spindel.timeline.append import NOTIFY_FACTS
from spindel.timeline.models import Channel
from spindel.timeline.recording import Gone, own_source, record, told_by

MOST_LINES = 100
MOST_OF_ONE = 999


class Changed(Refusal):
    """The cart is another than the one that she saw. `cart` is what it is now."""

    code = "cart_changed"

    def __init__(self, cart: carts.CartView) -> None:
        super().__init__()
        self.cart = cart


class NoSuchGoods(Refusal):
    """There is no such variant, or none that is sold in this market."""

    code = "no_such_goods"


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of one line. What is None stays as it is; `add` counts on top of what is there.

    `quantity` 0 takes the line out. `version` is that of the cart that the change was made to, if
    that matters. `key` says which request it is: the last one again adds nothing, and for anything
    else it is refused.
    """

    sku: str
    quantity: int | None = None
    add: bool = False
    fulfilment: str | None = None
    place: str | None = None
    saved: bool | None = None
    version: int | None = None
    key: uuid.UUID | None = None

    @property
    def content(self) -> uuid.UUID | None:
        """The fingerprint of the request, where it has a key."""
        if self.key is None:
            return None
        return idempotency.fingerprint(
            *(self.sku, self.quantity, self.add, self.fulfilment, self.place, self.version)
        )


# --- editing --------------------------------------------------------------------------------------

# How many digits a currency has after the point, where those are not two.
_DIGITS = json.dumps(
    {
        code: get_currency_precision(code)
        for code in sorted(list_currencies())
        if get_currency_precision(code) != 2
    }
)

# The line as it is to be, the cart's next version and the fact are one statement, behind the lock
# on the cart. What is not sold any more can be changed and taken out, but not put in.
#
# What one costs by the list is told in the fact, and kept as what she saw: so the lower of the two
# list prices, as `pricing.list_price` has it, is taken here. A question before would be a trip more
# behind the lock, for each edit of a cart.
_EDIT = f"""
WITH cart AS MATERIALIZED ({{cart}}), goods AS (
    SELECT v.id, v.sku, p.number, p.brand, coalesce(p.categories[1], '') AS category,
           coalesce(p.names->>'sv', p.names->>'da', p.names->>'en', p.number) AS name,
           (SELECT coalesce(string_agg(value, ', ' ORDER BY key DESC), '')
            FROM jsonb_each_text(v.options)) AS variant,
           CASE WHEN v.removed_at IS NULL AND p.removed_at IS NULL
                THEN least(price.regular, price.sale) END AS amount
    FROM cart JOIN catalogue_variant v ON v.sku = %(sku)s::text
    JOIN catalogue_product p ON p.id = v.product_id
    CROSS JOIN LATERAL ({
    LIST_PRICES.format(variant="v.id", market="cart.market", currency="cart.currency")
}) price
), line AS (
    SELECT cart.id AS cart_id, goods.id AS variant_id, old.quantity AS was,
           coalesce(old.saved, false) AS was_saved,
           CASE WHEN %(quantity)s::int IS NULL THEN old.quantity
                WHEN NOT %(add)s::bool THEN %(quantity)s::int
                WHEN old.key = %(key)s::uuid THEN old.quantity
                ELSE coalesce(old.quantity, 0) + %(quantity)s::int END AS quantity,
           coalesce(%(fulfilment)s::text, old.fulfilment, 'ship') AS fulfilment,
           CASE WHEN %(fulfilment)s::text IS NULL THEN old.place_id ELSE %(place)s::bigint END
               AS place_id,
           coalesce(%(saved)s::bool, old.saved, false) AS saved,
           coalesce(goods.amount, old.seen_amount) AS amount,
           old.id IS NULL AND {MOST_LINES} <= (
               SELECT count(*) FROM carts_cartline WHERE cart_id = cart.id) AS is_full,
           %(key)s::uuid IS NOT NULL AND EXISTS (
               SELECT FROM carts_cartline used
               WHERE used.cart_id = cart.id AND used.key = %(key)s::uuid
                 AND used.content IS DISTINCT FROM %(content)s::uuid) AS is_reused
    FROM cart CROSS JOIN goods
    LEFT JOIN carts_cartline old ON old.cart_id = cart.id AND old.variant_id = goods.id
    WHERE old.id IS NOT NULL OR goods.amount IS NOT NULL
), put AS (
    INSERT INTO carts_cartline AS l (cart_id, variant_id, quantity, fulfilment, place_id, saved,
                                        seen_amount, key, content)
    SELECT cart_id, variant_id, quantity, fulfilment, place_id, saved, amount, %(key)s::uuid,
           %(content)s::uuid
    FROM line WHERE quantity BETWEEN 1 AND {MOST_OF_ONE} AND NOT is_full AND NOT is_reused
    ON CONFLICT (cart_id, variant_id) DO UPDATE
    SET quantity = excluded.quantity, fulfilment = excluded.fulfilment,
        place_id = excluded.place_id, saved = excluded.saved, seen_amount = excluded.seen_amount,
        key = coalesce(excluded.key, l.key), content = coalesce(excluded.content, l.content)
    RETURNING cart_id
), gone AS (
    DELETE FROM carts_cartline l USING line
    WHERE l.cart_id = line.cart_id AND l.variant_id = line.variant_id AND line.quantity = 0
    RETURNING l.cart_id
), bumped AS (
    UPDATE carts_cart c
    SET version = c.version + 1, abandoned_at = NULL,
        changed_at = greatest(c.changed_at, date_trunc('minute', statement_timestamp()))
    FROM (SELECT cart_id FROM put UNION ALL SELECT cart_id FROM gone) changed
    WHERE c.id = changed.cart_id
    RETURNING c.version
), happened AS (
    SELECT CASE WHEN line.saved AND NOT was_saved AND was IS NOT NULL THEN 'Product Saved'
                WHEN was_saved AND NOT line.saved THEN 'Product Added'
                WHEN line.quantity > coalesce(was, 0) THEN 'Product Added'
                WHEN line.quantity < was THEN 'Product Removed' END AS name,
           CASE WHEN line.saved <> was_saved THEN line.quantity
                ELSE abs(line.quantity - coalesce(was, 0)) END AS quantity
    FROM line, bumped
), digits AS (
    SELECT coalesce((%(digits)s::jsonb ->> cart.currency)::int, 2) AS digits FROM cart
), fact AS (
    INSERT INTO timeline_fact (id, identifier_id, name, channel, source_id, occurred_at, properties)
    SELECT %(fact)s::uuid, cart.who, happened.name, cart.channel, cart.source, now(),
           jsonb_build_object(
               'cart_id', cart.id, 'product_id', g.number, 'sku', g.sku, 'name', g.name,
               'variant', g.variant, 'brand', g.brand, 'category', g.category,
               'quantity', happened.quantity,
               'price', round(line.amount / 10.0 ^ digits, digits), 'currency', cart.currency
           ) || %(by)s::jsonb
    FROM happened, line, goods g, cart, digits WHERE happened.name IS NOT NULL
)
SELECT (SELECT version FROM bumped), line.quantity, line.is_full, line.is_reused,
       CASE WHEN %(notify)s::bool THEN pg_notify('{NOTIFY_FACTS}', '') END
FROM line
"""  # noqa: S608  # put together from constants

_EDIT_HELD = _EDIT.format(
    cart="""
    SELECT %(cart)s::bigint AS id, %(market)s::text AS market, %(currency)s::text AS currency,
           %(channel)s::text AS channel, %(who)s::bigint AS who, %(source)s::bigint AS source
    """
)

# One that is locked, and what is known of it read, in the same statement: which can only have seen
# all of it when nobody has changed it since the statement began.
_EDIT_AT_ONCE = _EDIT.format(
    cart=f"""
    WITH held AS MATERIALIZED ({ownership.LOCK_OF_SHOPPER})
    SELECT held.* FROM held JOIN carts_cart seen
        ON seen.id = held.id AND seen.version = held.version
    WHERE NOT held.abandoned AND held.source IS NOT NULL
      AND coalesce(%(version)s::int = held.version, true)
    """  # noqa: S608  # put together from constants
)


@action(records="Product Added", in_one_statement=True)
def change_of_shopper(digest: bytes, edit: Edit) -> carts.CartView:
    """Change a line of the cart of whoever has the session; the cart as it is then.

    Raises NoShopper, Changed, NoSuchGoods, and Refusal.
    """
    return _change_at_once(digest, edit) or _change_of_shopper(digest, edit)


@action(records="Product Added")
def _change_of_shopper(digest: bytes, edit: Edit) -> carts.CartView:
    return _change(ownership.of_shopper(digest), edit)


@action(records="Product Removed")
def change_for(
    who: Under,
    edit: Edit,
    market: Market,
    *,
    channel: str = Channel.STORE,
    here: bool = False,
) -> carts.CartView:
    """Change a line of the cart of whoever is served by this identifier; the cart as it is then.

    `here`: she stands in a store of the market, so a cart of another one becomes one of this.
    Raises as `change_of_shopper`, and customers.NotFound.
    """
    cart = ownership.of_served(who, market, channel)
    _check_version(cart, edit)
    if here:
        cart = move(cart, market.market, market.currency)
        edit = replace(edit, version=None)
    return _change(cart, edit)


def _check_version(cart: ownership.Held, edit: Edit) -> None:
    if edit.version is not None and edit.version != cart.version:
        raise Changed(carts.view(cart.id, cart.language))


def _change_at_once(digest: bytes, edit: Edit) -> carts.CartView | None:
    """The cart after the change, as it is nearly always made: with nobody in between.

    None where that needs more than a statement; then nothing is done. Raises Refusal.
    """
    if edit.fulfilment not in (None, Fulfilment.SHIP):
        return None
    words = {**_words(edit), "place": None, "digest": digest, "version": edit.version}
    changed, shown = sql.together(
        (_EDIT_AT_ONCE, words), (carts.OF_SESSION, {"digest": digest, "buyer": None})
    )
    if not changed or not _is_done(changed[0]):
        return None
    if shown:
        return carts.read(shown)
    return session_cart.cart(shoppers.find(digest))  # it was just made another


def _change(cart: ownership.Held, edit: Edit) -> carts.CartView:
    _check_version(cart, edit)
    _edit(cart, edit)
    if cart.abandoned:
        record(CartRecovered(cart_id=cart.id), cart.who, cart.channel)
    return carts.view(cart.id, cart.language)


def _edit(cart: ownership.Held, edit: Edit) -> None:
    words = {
        **_words(edit),
        "cart": cart.id,
        "who": cart.who,
        "channel": cart.channel,
        "market": cart.market,
        "currency": cart.currency,
        "source": cart.source or own_source().pk,
        "place": _place(edit, cart.market),
    }
    row = sql.prepared(_EDIT_HELD, words)
    if row is None or not _is_done(row):
        raise NoSuchGoods


def _words(edit: Edit) -> dict[str, object]:
    return {
        "sku": edit.sku,
        "quantity": edit.quantity,
        "add": edit.add,
        "fulfilment": edit.fulfilment,
        "saved": edit.saved,
        "key": edit.key,
        "content": edit.content,
        "fact": uuid.uuid4(),
        "notify": is_time_to_wake(NOTIFY_FACTS),
        "digits": _DIGITS,
        "by": json.dumps(told_by()),
    }


def _is_done(row: sql.Row) -> bool:
    """Whether the line is as it was to be; not, where there was none to change.

    Raises Refusal, and KeyReused.
    """
    version, quantity, is_full, is_reused, _ = row
    if is_reused:
        raise KeyReused
    if version is not None or quantity == 0:
        return True
    if quantity is None:
        return False
    if is_full:
        raise Refusal("cart_lines", most=MOST_LINES)
    raise Refusal("quantity_too_large", most=MOST_OF_ONE)


def _place(edit: Edit, market: str) -> int | None:
    """The id of the place that the goods are to be had in. Raises Refusal."""
    if edit.fulfilment is None or edit.fulfilment == Fulfilment.SHIP:
        return None
    found = Place.objects.filter(code=edit.place or "", closed_at=None, hands_over=True).first()
    if found is None:
        raise Refusal("no_store_said")
    rules.check_market(market, [found.country], "")
    return found.pk


# --- carts that become one ------------------------------------------------------------------------


@action(records="Cart Merged")
def settle(changed: Collection[int], moved: Mapping[int, int]) -> None:
    """Keep one open cart for each customer when it has changed who is who.

    Sessions look anew whose cart is theirs, so that nobody goes on in a cart that is somebody
    else's now; before the carts are locked, as everybody does it.
    """
    sql.run(_LOOK_ANEW, [list(changed)])
    ownership.become_one(moved)
    unmerge.give_back(changed)


# Of those who have proved who they are: a browser's session keeps what was done in it.
_LOOK_ANEW = """
UPDATE shoppers_shopper s SET cart_id = NULL
FROM identity_tenure t
WHERE s.identifier_id = t.identifier_id AND t.customer_id = ANY(%s) AND s.cart_id IS NOT NULL
"""


# --- sharing, leaving, coming back ----------------------------------------------------------------


@action(records="Cart Shared")
def share(digest: bytes) -> tuple[str, datetime]:
    """A code that shows the cart's lines, as they are now, to whoever has it; and until when.

    Not what waits, nor where she would fetch them. Raises NoShopper.
    """
    cart = ownership.of_shopper(digest)
    record(CartShared(cart_id=cart.id, share_via="link"), cart.who, cart.channel)
    lines = carts.view(cart.id, cart.language).open_lines
    return links.share([(one.variant, one.quantity) for one in lines])


@action(records="Product Added")
def add_shared(digest: bytes, code: str) -> carts.CartView:
    """Put what somebody has shared into the shopper's cart, where it is not in it already.

    Raises NoShopper, links.NoSuchLink, and Refusal.
    """
    goods = links.shared(code).goods
    cart = ownership.of_shopper(digest)
    variants, quantities = sql.columns(goods) if goods else ([], [])
    words = {"variants": variants, "quantities": quantities, "cart": cart.id}
    for sku, quantity in sql.rows(_SHARED, words):
        with suppress(NoSuchGoods):  # not sold any more, or not in this market
            _edit(cart, Edit(sku, quantity=quantity))
    return carts.view(cart.id, cart.language)


_SHARED = """
SELECT v.sku, shared.quantity
FROM unnest(%(variants)s::bigint[], %(quantities)s::int[]) WITH ORDINALITY
    AS shared (variant_id, quantity, number)
JOIN catalogue_variant v ON v.id = shared.variant_id
WHERE NOT EXISTS (
    SELECT FROM carts_cartline mine
    WHERE mine.cart_id = %(cart)s AND mine.variant_id = shared.variant_id)
ORDER BY shared.number
"""


@action(records="Cart Abandoned")
def abandon(cart: int, after: timedelta = carts.ABANDONED_AFTER) -> None:
    """Put on the timeline that nothing has become of the cart for a while; unless it has by now."""
    found = Cart.objects.select_for_update().filter(pk=cart).first()
    late = timezone.now() - after
    if found is None or found.state != Cart.State.OPEN or found.abandoned_at is not None:
        return
    if found.changed_at > late or found.identifier_id is None:
        return
    shown = carts.view(found.pk, "en")
    found.abandoned_at = timezone.now()
    found.save(update_fields=["abandoned_at"])
    if shown.open_lines:
        products = [
            {"sku": one.sku, "product_id": one.product, "name": one.name, "quantity": one.quantity}
            for one in shown.open_lines
        ]
        with suppress(Gone):
            fact = CartAbandoned(cart_id=found.pk, products=products)
            record(fact, found.identifier_id, Channel.WEB)
