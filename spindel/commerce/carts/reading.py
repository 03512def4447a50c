"""Reading carts: what is in one, what it comes to now, and what has changed since."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import NamedTuple

import msgspec
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext

from spindel.catalogue.pricing import list_price
from spindel.catalogue.reading import LIST_PRICES
from spindel.commerce.carts.models import Cart
from spindel.commerce.carts.rules import Wanted, notes
from spindel.commerce.common import links
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.identity import identifiers
from spindel.identity.models import Identifier
from spindel.identity.ownership import Under
from spindel.identity.rules import KINDS
from spindel.kit import sql
from spindel.offers import delivery, explaining
from spindel.offers import reading as offers
from spindel.offers.basket import NOTHING, Basket, BasketLine, Priced, PricedLine
from spindel.offers.delivery import NO_FEES, Fees
from spindel.offers.explaining import CodeView, Discount
from spindel.offers.reading import Standing, standing


@dataclass(frozen=True, slots=True)
class Note:
    """Something that she has to know of a line: a word for machines, and a sentence for her."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class CartLineView:
    """A line as it stands now. Amounts are in minor units; None where it is not sold any more."""

    variant: int
    sku: str
    product: str
    name: str
    options: dict[str, str]
    picture: str
    quantity: int
    amount: int | None
    was: int | None
    total: int
    vat_rate: int
    fulfilment: str
    place: str
    place_name: str
    place_id: int | None
    saved: bool
    available: int
    discounts: list[Discount]
    notes: list[Note]
    priced: PricedLine


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """What it costs that the goods come by a method: `amount`, `total` after discounts. `chosen`:
    some of them do; `cart_total`: what the cart comes to if all of them do. `missing` is for how
    much more one has to buy for it to cost less, at list prices, and `text` says so; 0: it never
    does.
    """

    fulfilment: str
    name: str
    amount: int
    total: int
    discounts: list[Discount]
    chosen: bool
    cart_total: int
    missing: int
    text: str


@dataclass(frozen=True, slots=True)
class CartView:
    """A cart with its lines, newest last, and what those come to that are not saved for later, with
    what their delivery costs (`fees`). `deliveries` are the methods that can be chosen, where any
    costs something.
    """

    id: int
    version: int
    market: str
    currency: str
    count: int
    total: int
    vat: int
    discounts: list[Discount]
    codes: list[CodeView]
    lines: list[CartLineView]
    deliveries: list[DeliveryView] = field(default_factory=list)
    fees: Sequence[PricedLine] = ()

    @property
    def open_lines(self) -> list[CartLineView]:
        """Those that are to be ordered."""
        return [one for one in self.lines if not one.saved]

    @property
    def in_order(self) -> bool:
        """Whether each of them can be ordered as it stands."""
        bad = {"gone", "not_here", "sold_out", "short"}
        return not any(note.code in bad for one in self.open_lines for note in one.notes)


# A cart, with a row for each line, and one for none. What can come the way that she wants: from all
# places that ship, or from her place. Holds that have ended do not count, whether or not they were
# taken back.
_SHOWN = f"""
SELECT c.id, c.version, priced.market, priced.currency, shown.language, whose.id,
       c.codes, stands.edition, stands.promised,
       l.variant_id, v.sku, p.number,
       coalesce(nullif(p.names->>shown.language, ''), nullif(p.names->>'sv', ''),
                nullif(p.names->>'da', ''), nullif(p.names->>'en', ''), p.number),
       v.options::text, coalesce(v.pictures[1], p.pictures[1], ''), l.quantity,
       CASE WHEN v.removed_at IS NULL AND p.removed_at IS NULL THEN price.regular END,
       CASE WHEN v.removed_at IS NULL AND p.removed_at IS NULL THEN price.sale END,
       p.vat, p.brand, p.categories, l.fulfilment, place.id, coalesce(place.code, ''),
       coalesce(place.name, ''), l.saved,
       CASE WHEN priced.market = c.market THEN l.seen_amount END, stocked.available,
       coalesce(place.country <> priced.market, false)
FROM ({{shown}}) AS shown (cart, language, market, currency, buyer)
JOIN {{carts}} c ON c.id = shown.cart
CROSS JOIN LATERAL (SELECT coalesce(shown.buyer, c.identifier_id)) AS whose (id)
CROSS JOIN LATERAL (SELECT {standing("whose.id")} OFFSET 0) AS stands (edition, promised)
CROSS JOIN LATERAL (SELECT coalesce(shown.market, c.market) AS market,
                           coalesce(shown.currency, c.currency) AS currency) priced
LEFT JOIN {{lines}} l ON l.cart_id = c.id
LEFT JOIN catalogue_variant v ON v.id = l.variant_id
LEFT JOIN catalogue_product p ON p.id = v.product_id
LEFT JOIN catalogue_place place ON place.id = l.place_id
CROSS JOIN LATERAL ({
    LIST_PRICES.format(variant="l.variant_id", market="priced.market", currency="priced.currency")
}) price
CROSS JOIN LATERAL (
    SELECT coalesce(sum(greatest(0, level.on_hand - level.held + ended.quantity)), 0)::int
        AS available
    FROM stock_level level
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(h.quantity), 0) AS quantity FROM stock_hold h
        WHERE h.variant_id = level.variant_id AND h.place_id = level.place_id
          AND h.state = 'active' AND h.until <= statement_timestamp()
    ) ended
    WHERE level.variant_id = l.variant_id AND level.place_id = ANY (
        CASE WHEN l.fulfilment = 'ship'
             THEN (SELECT array_agg(s.id) FROM catalogue_place s
                   WHERE s.ships AND s.closed_at IS NULL)
             WHEN place.closed_at IS NULL AND place.hands_over THEN ARRAY[l.place_id] END)
) stocked
ORDER BY l.added_at, l.id
"""  # noqa: S608  # put together from constants

_KEPT = {"carts": "carts_cart", "lines": "carts_cartline"}
_BY_ID = _SHOWN.format(
    shown="VALUES (%(cart)s::bigint, %(language)s::text, %(market)s::text, %(currency)s::text,"
    " %(buyer)s::bigint)",
    **_KEPT,
)

# Of whoever has a session, for a statement that is sent together with others; its words are the
# `digest`, and for whom it is priced (`buyer`) where that is not whose cart it is.
OF_SESSION = _SHOWN.format(
    shown="SELECT cart_id, language, NULL::text, NULL::text, %(buyer)s::bigint"
    " FROM shoppers_shopper WHERE digest = %(digest)s::bytea",
    **_KEPT,
)

# Of goods that are in no cart.
_SHARED = _SHOWN.format(
    shown="VALUES (0::bigint, %(language)s::text, %(market)s::text, %(currency)s::text,"
    " NULL::bigint)",
    carts="(SELECT 0::bigint AS id, 0 AS version, '' AS market, '' AS currency,"
    " NULL::bigint AS identifier_id, '{{}}'::text[] AS codes)",
    lines="""(
    SELECT 0::bigint AS cart_id, variant_id, quantity, 'ship' AS fulfilment,
           NULL::bigint AS place_id, false AS saved, NULL::bigint AS seen_amount,
           number AS added_at, number AS id
    FROM unnest(%(variants)s::bigint[], %(quantities)s::int[]) WITH ORDINALITY
        AS shared (variant_id, quantity, number)
    JOIN catalogue_variant v ON v.id = variant_id
)""",
)


def view(
    id: int,
    language: str,
    market: str | None = None,
    currency: str | None = None,
    buyer: int | None = None,
    *,
    delivered: bool = True,
) -> CartView:
    """The cart as it stands now, in words of the language; as it would be in another market, or for
    whoever has another identifier. Not `delivered`: all of it is taken along from a counter.
    """
    words = {
        "cart": id,
        "language": language,
        "market": market,
        "currency": currency,
        "buyer": buyer,
    }
    return read(sql.prepared_rows(_BY_ID, words), delivered=delivered)


def read(rows: Sequence[sql.Row], *, delivered: bool = True) -> CartView:
    """A cart, of what a statement above has answered. Not `delivered`: as `view` has it."""
    id, version, market, currency, language, buyer, codes, edition, promised = rows[0][:9]
    there = [_Row(*row[9:]) for row in rows if row[9] is not None]
    basket = Basket(
        market=market,
        currency=currency,
        at=timezone.now(),
        lines=[_in_basket(one) for one in there if not one.saved],
        codes=codes,
    )
    saved = replace(basket, lines=[_in_basket(one) for one in there if one.saved], codes=())
    fees = delivery.fees(edition, market, currency) if delivered else NO_FEES
    if fees:
        methods = {one.fulfilment for one in there if not one.saved}
        basket = delivery.with_fees(basket, fees, methods)
    stands = Standing(edition, promised)
    priced = offers.priced(basket, buyer, stands)
    beside = offers.priced(saved, buyer, stands) if saved.lines else NOTHING
    sums = priced.totals
    held = _held_for(id, there)
    costs, waiting = iter(priced.lines), iter(beside.lines)
    lines = [
        _line(
            one,
            next(waiting if one.saved else costs),
            held.get((one.variant, one.place_id), 0),
            language,
        )
        for one in there
    ]
    return CartView(
        id,
        version,
        market,
        currency,
        sum(one.quantity for one in basket.lines),
        sums.total,
        sums.vat,
        explaining.discounts((*priced.lines, *priced.fees), language),
        [explaining.code(one, priced, language, currency) for one in codes],
        lines,
        _deliveries(basket, priced, fees, language) if fees else [],
        priced.fees,
    )


def _deliveries(basket: Basket, priced: Priced, fees: Fees, language: str) -> list[DeliveryView]:
    worth = delivery.worth_of(basket.lines)
    chosen = {one.line.delivery for one in priced.fees}
    found = []
    for method in delivery.METHODS:
        whole = priced.instead.get(method, priced)
        fee = next(one for one in whole.fees if one.line.delivery == method)
        cheaper = delivery.cheaper_band(fees.get(method, ()), worth)
        missing = cheaper.worth - worth if cheaper and cheaper.amount < fee.total else 0
        found.append(
            DeliveryView(
                method,
                explaining.method(method, language),
                fee.amount or 0,
                fee.total,
                explaining.discounts([fee], language),
                method in chosen,
                whole.totals.total,
                missing,
                explaining.cheaper(missing, cheaper.amount, basket.currency, language)
                if missing and cheaper
                else "",
            )
        )
    return found


def _in_basket(row: _Row) -> BasketLine:
    return BasketLine(
        row.variant,
        row.quantity,
        row.vat_rate,
        list_price(row.regular, row.sale),
        product=row.product,
        brand=row.brand,
        categories=row.categories,
    )


class _Row(NamedTuple):
    """A line, as the statements above answer it."""

    variant: int
    sku: str
    product: str
    name: str
    options: str
    picture: str
    quantity: int
    regular: int | None
    sale: int | None
    vat_rate: int
    brand: str
    categories: list[str]
    fulfilment: str
    place_id: int | None
    place: str
    place_name: str
    saved: bool
    seen: int | None
    available: int
    elsewhere: bool


def _line(row: _Row, priced: PricedLine, held: int, language: str) -> CartLineView:
    available, listed = row.available + held, priced.line.list_price
    said = notes(Wanted(row.quantity, priced.amount, row.seen, available, row.elsewhere))
    return CartLineView(
        row.variant,
        row.sku,
        row.product,
        row.name,
        _options(row.options),
        row.picture,
        row.quantity,
        priced.amount,
        listed.was if listed else None,
        priced.total,
        row.vat_rate,
        row.fulfilment,
        row.place,
        row.place_name,
        row.place_id,
        row.saved,
        available,
        explaining.discounts([priced], language),
        [_note(code, language, available, row.fulfilment, row.place_name) for code in said],
        priced,
    )


_options = msgspec.json.Decoder(dict[str, str]).decode

# What is held for her is there for her: of the sessions that have the cart, and of whoever it is
# certainly. As `placement.holds` uses it up when she orders.
_HELD_FOR = """
SELECT h.variant_id, h.place_id, sum(h.quantity)::int FROM stock_hold h
WHERE h.variant_id = ANY(%(variants)s) AND h.place_id = ANY(%(places)s)
  AND h.state = 'active' AND h.until > statement_timestamp() AND h.order_line_id IS NULL
  AND (h.identifier_id = ANY(%(certain)s)
       OR h.shopper_id IN (SELECT id FROM shoppers_shopper WHERE cart_id = %(cart)s))
GROUP BY h.variant_id, h.place_id
"""


def _held_for(cart: int, lines: Sequence[_Row]) -> dict[tuple[int, int | None], int]:
    """What is held for whoever has the cart, of what they would fetch and the store has too little
    of; asked for those lines alone, which are few.
    """
    short = [one for one in lines if one.place_id is not None and one.available < one.quantity]
    found = Cart.objects.select_related("identifier").filter(pk=cart).first() if short else None
    if found is None:
        return {}
    certain = set[int]()
    if found.identifier is not None and not KINDS[found.identifier.kind].device:
        certain = identifiers.proven(found.identifier.pk)
    words = {
        "variants": [one.variant for one in short],
        "places": [one.place_id for one in short],
        "certain": sorted(certain),
        "cart": cart,
    }
    return {(variant, place): many for variant, place, many in sql.rows(_HELD_FOR, words)}


def _note(code: str, language: str, available: int, fulfilment: str, place: str) -> Note:
    with translation.override(language):
        return Note(code, _words(code, available, fulfilment, place))


def _words(code: str, available: int, fulfilment: str, place: str) -> str:
    if code == "gone":
        return gettext("This is not sold any more.")
    if code == "not_here":
        return gettext("%(place)s is in another country: choose a store here, or have it sent.") % {
            "place": place
        }
    if code == "sold_out":
        if fulfilment == Fulfilment.SHIP:
            return gettext("Sold out on the web. A store may have it.")
        return gettext("Sold out in %(place)s.") % {"place": place}
    if code == "short":
        return ngettext(
            "There is only %(count)s left.", "There are only %(count)s left.", available
        ) % {"count": available}
    if code == "dearer":
        return gettext("The price has gone up since you put it here.")
    return gettext("The price has gone down since you put it here.")


def shared(code: str, language: str, market: str, currency: str) -> CartView:
    """What whoever has the link is shown: the goods that were shared, at what they cost in her
    market today. Raises NoSuchLink.
    """
    variants, quantities = sql.columns(links.shared(code).goods) or ([], [])
    words = {"language": language, "market": market, "currency": currency}
    rows = sql.rows(_SHARED, words | {"variants": variants, "quantities": quantities})
    return read(rows, delivered=False)


def still_open(id: int | None) -> Cart | None:
    """The cart, if it is open."""
    return Cart.objects.filter(pk=id or 0, state=Cart.State.OPEN).first()


def those_open(ids: Collection[int]) -> set[int]:
    """Those of these carts that are open."""
    found = Cart.objects.filter(pk__in=ids, state=Cart.State.OPEN)
    return set(found.values_list("pk", flat=True))


def open_of(customer: int) -> Cart | None:
    """The open cart of a living customer, if she has one."""
    return Cart.objects.filter(customer=customer, state=Cart.State.OPEN).first()


def certainly_of(who: int) -> Cart | None:
    """The open cart of whoever certainly has the identifier: the customer's, where it is hers."""
    customer, proven = identifiers.living(who), identifiers.proven(who)
    there = open_of(customer) if customer is not None else None
    return there if there is not None and there.identifier_id in proven else beside(proven)


def of_served(who: Under) -> Cart | None:
    """The same for whoever serves her; where she has none, that of a browser that she is thought
    to use, whose lines come along into hers.
    """
    customer = identifiers.living(who)
    return certainly_of(who) or (None if customer is None else of_browser(customer))


def of_browser(customer: int) -> Cart | None:
    """The customer's open cart, if nobody but a browser has begun it."""
    there = open_of(customer)
    return there if there is not None and is_devices(there) else None


def is_devices(cart: Cart) -> bool:
    """Whether the cart is a browser's, or nobody's."""
    found = Identifier.objects.filter(pk=cart.identifier_id or 0).values_list("kind", flat=True)
    kind = found.first()
    return kind is None or KINDS[kind].device


def beside(proven: Collection[int]) -> Cart | None:
    """The open cart of whoever has proved to have these, which is not the customer's: somebody
    else's is, who is only thought to be the same.
    """
    found = Cart.objects.filter(identifier__in=proven, customer=None, state=Cart.State.OPEN)
    return found.exclude(identifier__kind__in=_DEVICES).order_by("pk").first()


# What one is called is known to others, who may have a session of their own by that name.
_DEVICES = [kind.name for kind in KINDS.values() if kind.device]


MOST_CODES = 5  # in a cart

# Who has goods in a cart that an offer is on, and its code where it needs one: that cart said what
# the offer takes off. As `offers.shown.register` asks.
SHOWN_AN_OFFER = """
SELECT c.identifier_id FROM carts_cart c
JOIN offers_offerversion o ON o.offer_id = %(offer)s AND o.number = %(version)s
WHERE c.state = 'open'
  AND c.changed_at >= greatest(date_trunc('minute', %(since)s), now() - interval '30 days')
  AND c.identifier_id IS NOT NULL
  AND (NOT coalesce((o.terms->>'needs_code')::bool, false) OR EXISTS (
      SELECT FROM offers_offercode k WHERE k.offer_id = %(offer)s AND k.digest = ANY(
          SELECT sha256(convert_to(typed, 'UTF8')) FROM unnest(c.codes) AS typed)))
  AND EXISTS (
      SELECT FROM carts_cartline l JOIN catalogue_variant v ON v.id = l.variant_id
      JOIN catalogue_product p ON p.id = v.product_id
      WHERE l.cart_id = c.id AND NOT l.saved
        AND (%(products)s::text[] = '{}' OR p.number = ANY(%(products)s::text[]))
        AND (%(categories)s::text[] = '{}' OR p.categories::text[] && %(categories)s::text[])
        AND (%(brands)s::text[] = '{}' OR p.brand = ANY(%(brands)s::text[])))
"""

ABANDONED_AFTER = timedelta(hours=1)

_TO_ABANDON = """
SELECT id FROM carts_cart
WHERE state = 'open' AND abandoned_at IS NULL AND changed_at < %s AND id <> ALL(%s::bigint[])
ORDER BY changed_at LIMIT %s
"""


def to_abandon(most: int, without: Sequence[int]) -> list[int]:
    """Carts that nothing has become of for a while, and no fact says so yet."""
    late = timezone.now() - ABANDONED_AFTER
    return [id for (id,) in sql.rows(_TO_ABANDON, [late, list(without), most])]
