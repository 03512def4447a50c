"""What is done to carts, by shoppers on any device and by people here on their behalf."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from babel.numbers import get_currency_precision
from django.utils import timezone

from spindel.catalogue.models import Place
from spindel.catalogue.reading import PRICE_NOW
from spindel.commerce import apart, links, opening
from spindel.commerce.facts import CartAbandoned, CartRecovered, CartShared
from spindel.commerce.models import Cart, Fulfilment
from spindel.commerce.reading import carts
from spindel.commerce.rules import Refused
from spindel.kit import sql
from spindel.kit.actions import action
from spindel.timeline.append import NOTIFY_FACTS
from spindel.timeline.models import Channel
from spindel.timeline.recording import (
    Gone,
    is_time_to_notify,
    own_source,
    record,
)

MOST_LINES = 100
MOST_OF_ONE = 999


class Changed(ValueError):
    """The cart is another than the one that she saw. `cart` is what it is now."""

    def __init__(self, cart: carts.CartView) -> None:
        super().__init__("The cart has changed.")
        self.cart = cart


class NoSuchGoods(LookupError):
    """There is no such variant, or none that is sold in this market."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of one line. What is None stays as it is; `add` counts on top of what is there.

    `quantity` 0 takes the line out. `version` is that of the cart that the change was made to, if
    that matters. `key` says which request it is: the last one again adds nothing.
    """

    sku: str
    quantity: int | None = None
    add: bool = False
    fulfilment: str | None = None
    place: str | None = None
    saved: bool | None = None
    version: int | None = None
    key: uuid.UUID | None = None


# --- editing --------------------------------------------------------------------------------------

# The line as it is to be, the cart's next version and the fact are one statement, behind the lock
# on the cart. What is not sold any more can be changed and taken out, but not put in.
_EDIT = f"""
WITH goods AS (
    SELECT v.id, v.sku, p.number, p.brand, coalesce(p.categories[1], '') AS category,
           coalesce(p.names->>'sv', p.names->>'da', p.names->>'en', p.number) AS name,
           (SELECT coalesce(string_agg(value, ', ' ORDER BY key DESC), '')
            FROM jsonb_each_text(v.options)) AS variant,
           CASE WHEN v.removed_at IS NULL AND p.removed_at IS NULL THEN price.amount END AS amount
    FROM catalogue_variant v
    JOIN catalogue_product p ON p.id = v.product_id
    LEFT JOIN LATERAL ({
    PRICE_NOW.format(variant="v.id", market="%(market)s::text", currency="%(currency)s::text")
}) price ON true
    WHERE v.sku = %(sku)s::text
), line AS (
    SELECT goods.id AS variant_id, old.quantity AS was, coalesce(old.saved, false) AS was_saved,
           CASE WHEN %(quantity)s::int IS NULL THEN old.quantity
                WHEN NOT %(add)s::bool THEN %(quantity)s::int
                WHEN old.key = %(key)s::uuid THEN old.quantity
                ELSE coalesce(old.quantity, 0) + %(quantity)s::int END AS quantity,
           coalesce(%(fulfilment)s::text, old.fulfilment, 'ship') AS fulfilment,
           CASE WHEN %(fulfilment)s::text IS NULL THEN old.place_id ELSE %(place)s::bigint END
               AS place_id,
           coalesce(%(saved)s::bool, old.saved, false) AS saved,
           coalesce(goods.amount, old.seen_amount) AS amount
    FROM goods
    LEFT JOIN commerce_cartline old ON old.cart_id = %(cart)s::bigint AND old.variant_id = goods.id
    WHERE old.id IS NOT NULL OR goods.amount IS NOT NULL
), put AS (
    INSERT INTO commerce_cartline AS l (cart_id, variant_id, quantity, fulfilment, place_id, saved,
                                        seen_amount, key)
    SELECT %(cart)s::bigint, variant_id, quantity, fulfilment, place_id, saved, amount,
           %(key)s::uuid
    FROM line WHERE quantity BETWEEN 1 AND {MOST_OF_ONE}
    ON CONFLICT (cart_id, variant_id) DO UPDATE
    SET quantity = excluded.quantity, fulfilment = excluded.fulfilment,
        place_id = excluded.place_id, saved = excluded.saved, seen_amount = excluded.seen_amount,
        key = coalesce(excluded.key, l.key)
    RETURNING 1
), gone AS (
    DELETE FROM commerce_cartline l USING line
    WHERE l.cart_id = %(cart)s::bigint AND l.variant_id = line.variant_id AND line.quantity = 0
    RETURNING 1
), bumped AS (
    UPDATE commerce_cart SET version = version + 1, changed_at = statement_timestamp(),
                             abandoned_at = NULL
    WHERE id = %(cart)s::bigint AND EXISTS (SELECT FROM put UNION ALL SELECT FROM gone)
    RETURNING version
), happened AS (
    SELECT CASE WHEN line.saved AND NOT was_saved AND was IS NOT NULL THEN 'Product Saved'
                WHEN was_saved AND NOT line.saved THEN 'Product Added'
                WHEN line.quantity > coalesce(was, 0) THEN 'Product Added'
                WHEN line.quantity < was THEN 'Product Removed' END AS name,
           CASE WHEN line.saved <> was_saved THEN line.quantity
                ELSE abs(line.quantity - coalesce(was, 0)) END AS quantity
    FROM line, bumped
), fact AS (
    INSERT INTO timeline_fact (id, identifier_id, name, channel, source_id, occurred_at, properties)
    SELECT %(fact)s::uuid, %(who)s::bigint, happened.name, %(channel)s::text, %(source)s::bigint,
           now(),
           jsonb_build_object(
               'cart_id', %(cart)s::bigint, 'product_id', g.number, 'sku', g.sku, 'name', g.name,
               'variant', g.variant, 'brand', g.brand, 'category', g.category,
               'quantity', happened.quantity,
               'price', round(line.amount / 10.0 ^ %(digits)s::int, %(digits)s::int),
               'currency', %(currency)s::text)
    FROM happened, line, goods g WHERE happened.name IS NOT NULL
)
SELECT (SELECT version FROM bumped), line.quantity, line.was IS NULL,
       (SELECT count(*) FROM commerce_cartline WHERE cart_id = %(cart)s::bigint),
       CASE WHEN %(notify)s::bool THEN pg_notify('{NOTIFY_FACTS}', '') END
FROM line
"""  # noqa: S608  # put together from constants


@action(records="Product Added")
def change_of_shopper(digest: bytes, edit: Edit) -> carts.CartView:
    """Change a line of the cart of whoever has the session; the cart as it is then.

    Raises NoShopper, Changed, NoSuchGoods, and Refused.
    """
    return _change(opening.of_shopper(digest), edit)


@action(records="Product Removed")
def change_of_customer(
    customer: int,
    edit: Edit,
    *,
    market: str,
    currency: str,
    language: str,
    channel: str = Channel.STORE,
) -> carts.CartView:
    """Change a line of the living customer's cart, as somebody here; the cart as it is then.

    Raises as `change_of_shopper`, and customers.NotFound.
    """
    return _change(opening.of_customer(customer, market, currency, language, channel), edit)


def _change(cart: opening.Held, edit: Edit) -> carts.CartView:
    if edit.version is not None and edit.version != cart.version:
        raise Changed(_view(cart, cart.version))
    version = _edit(cart, edit)
    if cart.abandoned:
        record(CartRecovered(cart_id=cart.id), cart.who, cart.channel)
    return _view(cart, version)


def _view(cart: opening.Held, version: int) -> carts.CartView:
    return carts.view(cart.id, version, cart.market, cart.currency, cart.language)


def _edit(cart: opening.Held, edit: Edit) -> int:
    """The version of the cart after the change."""
    words = {
        "cart": cart.id,
        "who": cart.who,
        "channel": cart.channel,
        "market": cart.market,
        "currency": cart.currency,
        "digits": get_currency_precision(cart.currency),
        "source": cart.source or own_source().pk,
        "sku": edit.sku,
        "quantity": edit.quantity,
        "add": edit.add,
        "fulfilment": edit.fulfilment,
        "place": _place(edit),
        "saved": edit.saved,
        "key": edit.key,
        "fact": uuid.uuid4(),
        "notify": is_time_to_notify(),
    }
    row = sql.prepared(_EDIT, words)
    if row is None:
        raise NoSuchGoods(edit.sku)
    version, quantity, is_new, lines, _ = row
    if is_new and quantity and lines >= MOST_LINES:
        raise Refused(f"A cart has at most {MOST_LINES} lines.")
    if version is not None:
        return int(version)
    if quantity is None:  # a line that is not there was to be changed
        raise NoSuchGoods(edit.sku)
    if quantity != 0:
        raise Refused(f"A quantity is at most {MOST_OF_ONE}.")
    return cart.version


def _place(edit: Edit) -> int | None:
    """The id of the place that the goods are to be had in. Raises Refused."""
    if edit.fulfilment is None or edit.fulfilment == Fulfilment.SHIP:
        return None
    found = Place.objects.filter(code=edit.place or "", closed_at=None, hands_over=True).first()
    if found is None:
        raise Refused("Say in which store.")
    return found.pk


# --- carts that become one ------------------------------------------------------------------------


@action(records="Cart Merged")
def settle(changed: Collection[int], moved: Mapping[int, int]) -> None:
    """Keep one open cart for each customer when it has changed who is who.

    Sessions look anew whose cart is theirs, so that nobody goes on in a cart that is somebody
    else's now; before the carts are locked, as everybody does it.
    """
    sql.run(_LOOK_ANEW, [list(changed)])
    for gone, kept in sorted(moved.items()):
        opening.become_one(gone, kept)
    apart.give_back(changed)


# Of those who have proved who they are: a browser's session keeps what was done in it.
_LOOK_ANEW = """
UPDATE commerce_shopper s SET cart_id = NULL
FROM identity_tenure t
WHERE s.identifier_id = t.identifier_id AND t.customer_id = ANY(%s) AND s.cart_id IS NOT NULL
"""


# --- sharing, leaving, coming back ----------------------------------------------------------------


@action(records="Cart Shared")
def share(digest: bytes) -> str:
    """A code that shows the cart's lines, as they are then, to whoever has it. Raises NoShopper."""
    cart = opening.of_shopper(digest)
    record(CartShared(cart_id=cart.id, share_via="link"), cart.who, cart.channel)
    return links.code("cart", cart.id)


@action(records="Product Added")
def add_shared(digest: bytes, code: str) -> carts.CartView:
    """Put what somebody has shared into the shopper's cart, where it is not in it already.

    Raises NoShopper, links.NoSuchLink, and Refused.
    """
    origin = links.read("cart", code)
    cart = opening.of_shopper(digest)
    version = cart.version
    for sku, quantity in sql.rows(_SHARED, {"origin": origin, "cart": cart.id}):
        with suppress(NoSuchGoods):  # not sold any more, or not in this market
            version = _edit(cart, Edit(sku, quantity=quantity))
    return _view(cart, version)


_SHARED = """
SELECT v.sku, l.quantity FROM commerce_cartline l JOIN catalogue_variant v ON v.id = l.variant_id
WHERE l.cart_id = %(origin)s AND NOT l.saved AND NOT EXISTS (
    SELECT FROM commerce_cartline mine
    WHERE mine.cart_id = %(cart)s AND mine.variant_id = l.variant_id)
ORDER BY l.added_at, l.id
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
    shown = carts.view_of(found, "en")
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
