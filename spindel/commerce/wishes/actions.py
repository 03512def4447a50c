"""Wish lists; and whoever waits until something is back hears of it, once."""

from __future__ import annotations

import uuid
from contextlib import suppress
from urllib.parse import quote, urlencode

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from spindel.catalogue.models import Variant
from spindel.catalogue.wording import in_language
from spindel.commerce.carts.actions import NoSuchGoods
from spindel.commerce.wishes import reading as wishes
from spindel.commerce.wishes.facts import (
    ProductAddedToWishlist,
    ProductBackInStock,
    ProductRemovedFromWishlist,
)
from spindel.commerce.wishes.models import StockCursor, Wish
from spindel.identity import identifiers
from spindel.kit import environment, sql
from spindel.kit.actions import action
from spindel.kit.options import options_text
from spindel.kit.refusal import Refusal
from spindel.messages.actions import Outgoing, send_mail
from spindel.messages.rules import NotSent
from spindel.shoppers import reading as shoppers
from spindel.shoppers.models import Shopper
from spindel.shoppers.reading import NoShopper
from spindel.timeline.recording import Gone, Recorded, record

MOST = 200  # on one list


class NotKnown(Refusal):
    """Whoever wants to be told has to prove first who she is."""

    code = "not_known"


# --- lists ----------------------------------------------------------------------------------------


@action(records="Product Added to Wishlist")
def wish(digest: bytes, sku: str, *, waits: bool) -> None:
    """Put it on the shopper's list; with `waits` she is told when it is back. Again: as it says.

    Raises NoShopper, NoSuchGoods, NotKnown, Refusal, and recording.Gone.
    """
    shopper = _shopper(digest)
    variant = _variant(sku)
    if waits and shopper.identifier_id is None:
        raise NotKnown
    mine = wishes.of(shopper)
    there = mine.filter(variant=variant).order_by("pk").first()
    if there is None:
        if mine.count() >= MOST:
            raise Refusal("wishes_full", count=MOST)
        if not _put(shopper, variant, waits):
            return
        _record(ProductAddedToWishlist, variant, shopper)
    elif waits and not there.waits:
        language = shopper.language
        mine.filter(pk=there.pk).update(waits=True, language=language, back_at=None, told_at=None)
    elif not waits:
        mine.filter(variant=variant).update(waits=False)


_PUT = """
INSERT INTO wishes_wish (identifier_id, shopper_id, variant_id, waits, language)
VALUES (%(identifier)s, %(shopper)s, %(variant)s, %(waits)s, %(language)s)
ON CONFLICT DO NOTHING
RETURNING id
"""


def _put(shopper: Shopper, variant: Variant, waits: bool) -> bool:
    """Whether it is new; another device of hers may have been quicker."""
    proved = shopper.identifier_id is not None
    words = {
        "identifier": shopper.identifier_id or shopper.browser_id,
        "shopper": None if proved else shopper.pk,
        "variant": variant.pk,
        "waits": waits,
        "language": shopper.language,
    }
    return sql.row(_PUT, words) is not None


@action(records="Product Removed from Wishlist")
def unwish(digest: bytes, sku: str) -> None:
    """Take it off the shopper's list. Again: nothing.

    Raises NoShopper, NoSuchGoods, and recording.Gone.
    """
    shopper = _shopper(digest)
    variant = _variant(sku)
    count, _by_table = wishes.of(shopper).filter(variant=variant).delete()
    if count:
        _record(ProductRemovedFromWishlist, variant, shopper)


def _shopper(digest: bytes) -> Shopper:
    """The session, which stays, and whoever has it: one request of it at a time."""
    found = shoppers.find(digest)
    identifiers.stay((found.identifier_id, found.browser_id))
    locked = Shopper.objects.select_for_update().filter(pk=found.pk, ended_at=None).first()
    if locked is None or locked.identifier_id != found.identifier_id:
        raise NoShopper
    return locked


def _variant(sku: str) -> Variant:
    found = Variant.objects.select_related("product").filter(sku=sku).first()
    if found is None:
        raise NoSuchGoods
    return found


def _record(kind: type[Recorded], variant: Variant, shopper: Shopper) -> None:
    identifier = shopper.identifier_id or shopper.browser_id
    if identifier is not None:
        record(kind(**_goods(variant)), identifier, shopper.channel)


def _goods(variant: Variant) -> dict[str, str]:
    product = variant.product
    options = sorted(variant.options.items(), reverse=True)
    return {
        "product_id": product.number,
        "sku": variant.sku,
        "name": in_language(product.names, "sv", product.number),
        "variant": ", ".join(str(value) for _, value in options),
        "brand": product.brand,
        "category": product.categories[0] if product.categories else "",
    }


# --- what is back ---------------------------------------------------------------------------------

_NOBODYS = "Stock is nobody’s; whoever waits for it is told by `tell_back`."
_WINDOW = """
SELECT transaction::text, id FROM (
    SELECT transaction, id FROM stock_stockevent
    WHERE (transaction, id) > (%(transaction)s::xid8, %(event)s)
      AND transaction < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY transaction, id LIMIT %(limit)s
) events ORDER BY transaction DESC, id DESC LIMIT 1
"""
# Only what can really be had: sold, and there to be sent.
_MARK = """
UPDATE wishes_wish w SET back_at = statement_timestamp()
FROM (
    SELECT DISTINCT variant_id FROM stock_stockevent
    WHERE (transaction, id) > (%(transaction)s::xid8, %(event)s)
      AND (transaction, id) <= (%(to_transaction)s::xid8, %(to_event)s) AND kind = 'back'
) back
WHERE w.variant_id = back.variant_id AND w.waits AND w.back_at IS NULL
  AND EXISTS (
      SELECT FROM stock_level l JOIN catalogue_place p ON p.id = l.place_id
      WHERE l.variant_id = w.variant_id AND p.ships AND p.closed_at IS NULL
        AND l.on_hand > l.held)
"""


@action(silent=_NOBODYS)
def follow_stock(most: int) -> bool:
    """See who waits for what is back, in the next so many stock events; whether there were any.

    Read in the order of their transactions, and no further than the oldest that is open, as facts
    are: what is seen and the cursor commit together, so nobody is passed over.
    """
    StockCursor.objects.get_or_create(pk=1, defaults={"transaction": 0, "event": 0})
    cursor = StockCursor.objects.select_for_update(skip_locked=True).filter(pk=1).first()
    if cursor is None:  # another worker is at it
        return False
    words: dict[str, object] = {
        "transaction": str(cursor.transaction),
        "event": cursor.event,
        "limit": most,
    }
    end = sql.row(_WINDOW, words)
    if end is None:
        return False
    sql.run(_MARK, words | {"to_transaction": end[0], "to_event": end[1]})
    cursor.transaction, cursor.event, cursor.moved_at = int(end[0]), end[1], timezone.now()
    cursor.save()
    return True


@action(records="Product Back In Stock")
def tell_back(id: int) -> None:
    """Tell whoever waits that it is back, on her timeline and by mail; once.

    Where it is gone again, she goes on waiting.
    """
    found = Wish.objects.filter(pk=id).first()
    if found is None:
        return
    try:
        identifiers.stay((found.identifier_id,))
    except Gone:
        found.delete()
    else:
        _tell(id)


def _tell(id: int) -> None:
    found = Wish.objects.select_for_update().filter(pk=id, waits=True).first()
    if found is None or found.back_at is None or found.identifier_id is None:
        return
    variant = Variant.objects.select_related("product").get(pk=found.variant_id)
    if not wishes.is_had(variant):
        found.back_at = None
        found.save(update_fields=["back_at"])
        return
    record(ProductBackInStock(**_goods(variant)), found.identifier_id)
    if address := wishes.address(found):
        with suppress(NotSent):
            _mail(found, variant, address)
    found.waits, found.told_at = False, timezone.now()
    found.save(update_fields=["waits", "told_at"])


def _mail(wish: Wish, variant: Variant, address: str) -> None:
    product = variant.product
    name = in_language(product.names, wish.language, product.number)
    with translation.override(wish.language):
        options = options_text(variant.options)
        what = " ".join((f"{name}, {options}" if options else name).split())
        text = _("%(what)s is back. You asked us to tell you.") % {"what": what}
        shop = environment.value("SPINDEL_SHOP_URL").rstrip("/")
        if shop:
            page = f"{shop}/products/{quote(product.number)}?{urlencode({'sku': variant.sku})}"
            text = f"{text}\n\n{page}"
        send_mail(
            Outgoing(
                to=address,
                subject=(_("%(what)s is back") % {"what": what})[:200],
                text=text,
                language=wish.language,
                purpose="back",
                key=uuid.uuid5(_MAILS, f"{wish.pk} {wish.back_at}"),
                identifier=wish.identifier_id,
            )
        )


_MAILS = uuid.UUID("6f5d3c1e-8d0c-4a9e-9d5e-2b7f6c1a4e30")
