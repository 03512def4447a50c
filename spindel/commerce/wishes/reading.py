"""Reading wish lists, and who is to be told that something is back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from spindel.catalogue.markets import Market
from spindel.catalogue.models import Variant
from spindel.catalogue.wording import in_language
from spindel.commerce.carts import session_cart
from spindel.commerce.common import recipients
from spindel.commerce.wishes.models import Wish
from spindel.identity import identifiers
from spindel.kit import sql
from spindel.offers import pieces
from spindel.offers.pieces import PieceView
from spindel.shoppers import reading as shoppers
from spindel.shoppers.models import Shopper


def of(shopper: Shopper) -> QuerySet[Wish]:
    """What is certainly hers: of this session before she has proved who she is, else of her."""
    mine = Q(shopper=shopper)
    if shopper.identifier_id is not None:
        mine = Q(shopper=None, identifier__in=shoppers.identifiers(shopper))
    return Wish.objects.filter(mine)


# Of one and the same thing hers counts; on another device of hers it may be put there just now.
_BRING = """
INSERT INTO wishes_wish (identifier_id, variant_id, waits, language, made_at)
SELECT %(identifier)s, variant_id, waits, language, made_at
FROM wishes_wish WHERE shopper_id = %(shopper)s ORDER BY variant_id
ON CONFLICT (identifier_id, variant_id) WHERE shopper_id IS NULL DO NOTHING
"""
_BROUGHT = "DELETE FROM wishes_wish WHERE shopper_id = %(shopper)s"


def bring(shopper: Shopper, identifier: int) -> None:
    """Have what was wished for in the session be hers who has just proved who she is in it."""
    words = {"shopper": shopper.pk, "identifier": identifier}
    sql.run(_BRING, words)
    sql.run(_BROUGHT, words)


@dataclass(frozen=True, slots=True)
class WishView:
    """A wish as it stands now. `amount` is what one piece costs her, with what offers take off;
    none: it is not sold here now. `available` can be sent.
    """

    sku: str
    product: str
    name: str
    options: dict[str, str]
    picture: str
    waits: bool
    amount: int | None
    currency: str
    available: int


def view(shopper: Shopper) -> list[WishView]:
    """Her wish list, the newest first."""
    found = of(shopper).select_related("variant__product").order_by("-made_at", "-pk")
    items = list({one.variant_id: one for one in reversed(found)}.values())[::-1]
    variants = [one.variant_id for one in items]
    here = session_cart.market_of(shopper)
    skus = [one.variant.sku for one in items]
    market = Market(*here, shopper.language)
    who = shopper.identifier_id or shopper.browser_id
    prices = {one.sku: one for one in pieces.view(market, who, skus=skus)} if skus else {}
    there = can_be_sent(variants)
    return [
        _view(
            one,
            shopper.language,
            here[1],
            prices.get(one.variant.sku),
            there.get(one.variant_id, 0),
        )
        for one in items
    ]


def _view(
    one: Wish, language: str, currency: str, price: PieceView | None, available: int
) -> WishView:
    variant, product = one.variant, one.variant.product
    return WishView(
        variant.sku,
        product.number,
        in_language(product.names, language, product.number),
        variant.options,
        (variant.pictures or product.pictures or [""])[0],
        one.waits,
        price.total if price is not None else None,
        currency,
        available,
    )


# Without the holds that have ended and were not taken back yet.
_SENT = """
SELECT l.variant_id, sum(greatest(0, l.on_hand - l.held + coalesce(ended.quantity, 0)))::int
FROM stock_level l JOIN catalogue_place p ON p.id = l.place_id
CROSS JOIN LATERAL (
    SELECT sum(h.quantity) AS quantity FROM stock_hold h
    WHERE h.variant_id = l.variant_id AND h.place_id = l.place_id
      AND h.state = 'active' AND h.until <= statement_timestamp()
) ended
WHERE l.variant_id = ANY(%s) AND p.ships AND p.closed_at IS NULL
GROUP BY l.variant_id
"""


def can_be_sent(variants: Collection[int]) -> dict[int, int]:
    """How many of the variants can be sent from anywhere now."""
    return dict(sql.rows(_SENT, [list(variants)]))


# --- who is to be told ----------------------------------------------------------------------------


def to_tell(most: int, without: Sequence[int]) -> list[int]:
    """Wishes of things that are back, and nobody has been told yet."""
    hers = Wish.objects.filter(identifier__isnull=False)
    found = hers.filter(waits=True, back_at__isnull=False).exclude(pk__in=without).order_by("pk")
    return list(found.values_list("pk", flat=True)[:most])


def is_had(variant: Variant) -> bool:
    """Whether the variant is sold, and can be sent from anywhere."""
    if variant.removed_at is not None or variant.product.removed_at is not None:
        return False
    return can_be_sent([variant.pk]).get(variant.pk, 0) > 0


def address(wish: Wish) -> str:
    """Where she is written to: an address that is certainly hers; nowhere before she proved it."""
    if wish.identifier_id is None or wish.shopper_id is not None:
        return ""
    certain = identifiers.proven_each([wish.identifier_id])
    return recipients.emails(certain).get(wish.identifier_id, "")
