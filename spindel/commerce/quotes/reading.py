"""Reading quotes: what somebody was offered, what has become of it, and whose it is."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from spindel.catalogue.models import Place
from spindel.catalogue.pricing import list_price
from spindel.catalogue.reading import LIST_PRICES
from spindel.catalogue.wording import in_language
from spindel.commerce.common import links, numbers
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.orders.prefill import Typed
from spindel.commerce.quotes.models import Quote, QuoteLine
from spindel.commerce.stock.models import Hold
from spindel.commerce.stock.reading import levels
from spindel.identity import customers
from spindel.kit import idempotency, sql
from spindel.kit.money import VatOfRate
from spindel.kit.options import options_text
from spindel.offers.basket import Basket, BasketLine, PricedLine
from spindel.offers.pricing import price

State = Quote.State


@dataclass(frozen=True, slots=True)
class QuoteLineView:
    """A line: what is offered at which price, and how it comes. Amounts are in minor units.

    `now` is what everybody pays today; `list_amount` what they paid when it was offered.
    """

    line: int
    variant: int
    product_id: int
    sku: str
    product: str
    name: str
    options: dict[str, str]
    picture: str
    quantity: int
    amount: int
    list_amount: int
    now: int | None
    total: int
    vat_rate: int
    fulfilment: str
    place_id: int | None
    place: str
    place_name: str

    @property
    def words(self) -> str:
        """Its options in words: "38, black"."""
        return options_text(self.options)


@dataclass(frozen=True, slots=True)
class QuoteView:
    """A quote, whole, in words of a language. `state` counts its time, also when no job has run."""

    id: int
    number: str
    number_spaced: str
    revision: int
    state: str
    state_text: str
    identifier: int | None
    contact: dict[str, str]
    address: dict[str, str]
    channel: str
    place: str
    place_name: str
    staff: int | None
    by: str
    market: str
    currency: str
    language: str
    note: str
    until: datetime
    holds: bool
    pay_by: str
    total: int
    list_total: int
    vat: int
    vat_by_rate: list[VatOfRate]
    made_at: datetime
    sent_at: datetime | None
    sent_revision: int
    mailed: bool
    seen_at: datetime | None
    failed_at: datetime | None
    failure: str
    failure_text: str
    ended_at: datetime | None
    ended_by: str
    order_id: int | None
    order: str
    url: str
    lines: list[QuoteLineView]

    @property
    def is_open(self) -> bool:
        """Whether it can still be changed, sent or taken."""
        return self.state in OPEN

    @property
    def is_stale(self) -> bool:
        """Whether it was changed since she was told of it."""
        return self.state == State.SENT and self.sent_revision != self.revision


OPEN = (State.DRAFT, State.SENT)


def state_of(quote: Quote, now: datetime | None = None) -> Quote.State:
    """What has become of it, from the second that its time is up; nobody's is withdrawn."""
    state = State(quote.state)
    if state in OPEN and quote.identifier_id is None:
        return State.WITHDRAWN
    if state in OPEN and quote.until <= (now or timezone.now()):
        return State.EXPIRED
    return state


_LINES = f"""
SELECT l.quote_id, l.line, l.variant_id, p.id, v.sku, p.number, p.names, v.options,
       coalesce(v.pictures[1], p.pictures[1], ''), l.quantity, l.amount, l.list_amount,
       CASE WHEN v.removed_at IS NULL AND p.removed_at IS NULL THEN price.regular END,
       CASE WHEN v.removed_at IS NULL AND p.removed_at IS NULL THEN price.sale END,
       p.vat, l.fulfilment, place.id, coalesce(place.code, ''), coalesce(place.name, '')
FROM quotes_quoteline l
JOIN quotes_quote q ON q.id = l.quote_id
JOIN catalogue_variant v ON v.id = l.variant_id
JOIN catalogue_product p ON p.id = v.product_id
LEFT JOIN catalogue_place place ON place.id = l.place_id
CROSS JOIN LATERAL ({
    LIST_PRICES.format(variant="l.variant_id", market="q.market", currency="q.currency")
}) price
WHERE l.quote_id = ANY(%s)
ORDER BY l.quote_id, l.line
"""  # noqa: S608  # put together from constants


def view(quote: Quote, language: str) -> QuoteView:
    """The quote, its names in the language."""
    return views([quote], language)[0]


def views(quotes: Collection[Quote], language: str) -> list[QuoteView]:
    """The quotes in their order, their names in the language."""
    rows: dict[int, list[sql.Row]] = {one.pk: [] for one in quotes}
    for row in sql.rows(_LINES, [list(rows)]):
        rows[row[0]].append(row[1:])
    places = Place.objects.in_bulk([one.place_id for one in quotes if one.place_id])
    return [_view(one, rows[one.pk], places.get(one.place_id or 0), language) for one in quotes]


def _in_basket(row: sql.Row) -> BasketLine:
    variant, quantity, amount = row[1], row[8], row[9]
    regular, sale, vat = row[11:14]
    return BasketLine(variant, quantity, vat, list_price(regular, sale), agreed=amount)


def _line(row: sql.Row, priced: PricedLine, language: str) -> QuoteLineView:
    line, variant, id, sku, number, names, options, picture, quantity, amount, list_amount = row[
        :11
    ]
    _regular, _sale, vat, fulfilment, place_id, place, place_name = row[11:]
    now = priced.line.list_price
    return QuoteLineView(
        line,
        variant,
        id,
        sku,
        number,
        in_language(_parsed(names), language, number),
        _parsed(options),
        picture,
        quantity,
        amount,
        list_amount,
        now.amount if now else None,
        priced.total,
        vat,
        fulfilment,
        place_id,
        place,
        place_name,
    )


def _parsed(told: object) -> dict[str, str]:
    found = json.loads(told) if isinstance(told, str) else told
    assert isinstance(found, dict)
    return found


def _view(quote: Quote, rows: Sequence[sql.Row], place: Place | None, language: str) -> QuoteView:
    basket = Basket(
        market=quote.market,
        currency=quote.currency,
        at=timezone.now(),
        lines=[_in_basket(one) for one in rows],
    )
    priced = price(basket)  # no offer changes what was agreed
    sums = priced.totals
    lines = [_line(row, one, language) for row, one in zip(rows, priced.lines, strict=True)]
    state = state_of(quote)
    return QuoteView(
        id=quote.pk,
        number=quote.number,
        number_spaced=numbers.spaced(quote.number),
        revision=quote.revision,
        state=str(state),
        state_text=str(state.label),
        identifier=quote.identifier_id,
        contact=quote.contact,
        address=quote.address,
        channel=quote.channel,
        place=place.code if place else "",
        place_name=place.name if place else "",
        staff=quote.staff_id,
        by=quote.by,
        market=quote.market,
        currency=quote.currency,
        language=quote.language,
        note=quote.note,
        until=quote.until,
        holds=quote.holds,
        pay_by=quote.pay_by,
        total=sums.total,
        list_total=sum(one.quantity * max(one.list_amount, one.amount) for one in lines),
        vat=sums.vat,
        vat_by_rate=sums.rates,
        made_at=quote.made_at,
        sent_at=quote.sent_at,
        sent_revision=quote.sent_revision,
        mailed=quote.mailed,
        seen_at=quote.seen_at,
        failed_at=quote.failed_at,
        failure=quote.failure,
        failure_text=str(Quote.Failure(quote.failure).label) if quote.failure else "",
        ended_at=quote.ended_at or (quote.until if state == State.EXPIRED else None),
        ended_by=quote.ended_by,
        order_id=quote.order_id,
        order=quote.order.number if quote.order else "",
        url=links.page("quote-page", "quote", quote.pk),
        lines=lines,
    )


# --- finding --------------------------------------------------------------------------------------


def find(id: int) -> Quote | None:
    """The quote with its order, if there is one."""
    return Quote.objects.select_related("order").filter(pk=id).first()


def behind_link(id: int) -> Quote | None:
    """The quote behind its customer's link; none where she has accepted it and was forgotten."""
    found = find(id)
    if found is None or (found.order is not None and found.order.identifier_id is None):
        return None
    return found


def by_number(typed: str) -> Quote | None:
    """The quote with the number that somebody has typed."""
    found = Quote.objects.filter(number=numbers.read(typed))
    return found.select_related("order").first()


def listed(
    state: str = "", made_by: int | None = None, before: int | None = None
) -> QuerySet[Quote]:
    """Quotes, the newest first: those in the state as it is now, of a colleague, before a one."""
    found = Quote.objects.select_related("order").order_by("-pk")
    if state in OPEN:
        found = found.filter(state=state, until__gt=timezone.now(), identifier__isnull=False)
    elif state == State.EXPIRED:
        late = Q(state__in=OPEN, until__lte=timezone.now(), identifier__isnull=False)
        found = found.filter(late | Q(state=state))
    elif state == State.WITHDRAWN:
        found = found.filter(Q(state__in=OPEN, identifier__isnull=True) | Q(state=state))
    elif state:
        found = found.filter(state=state)
    if made_by is not None:
        found = found.filter(staff=made_by)
    if before is not None:
        found = found.filter(pk__lt=before)
    return found


# What was made while the identifier was hers.
_OF_CUSTOMER = """
SELECT q.id FROM unnest(%(ids)s::bigint[], %(since)s::timestamptz[], %(until)s::timestamptz[])
    AS span (id, since, until)
JOIN quotes_quote q ON q.identifier_id = span.id AND q.made_at >= span.since
    AND q.made_at < span.until
ORDER BY q.made_at DESC, q.id DESC LIMIT %(limit)s
"""


def of_customer(customer: int, limit: int) -> list[Quote]:
    """What the living customer was offered, the newest first."""
    spans = customers.spans(customer)
    words = {
        "ids": [id for id, _, _ in spans],
        "since": [since for _, since, _ in spans],
        "until": [until for _, _, until in spans],
        "limit": limit,
    }
    ids = [id for (id,) in sql.rows(_OF_CUSTOMER, words)]
    found = Quote.objects.select_related("order").in_bulk(ids)
    return [found[id] for id in ids]


_OWNERS = """
SELECT q.id, (
    SELECT customer_id FROM identity_tenure
    WHERE identifier_id = q.identifier_id AND since <= q.made_at ORDER BY since DESC LIMIT 1
)
FROM quotes_quote q WHERE q.id = ANY(%s)
"""


def owners(quotes: Collection[int]) -> dict[int, int]:
    """Whose the quotes are, by their ids; without those whose customer was forgotten."""
    rows = sql.rows(_OWNERS, [list(quotes)])
    return {quote: customer for quote, customer in rows if customer is not None}


def held(quote: Quote) -> QuerySet[Hold]:
    """What is kept for the quote as it stands."""
    key = idempotency.key("quote", f"{quote.pk}.{quote.revision}")
    return Hold.objects.filter(key=key, state=Hold.State.ACTIVE)


def lacking(quote: Quote, lines: Sequence[QuoteLineView]) -> dict[int, int]:
    """How many there are of that which there is too little of now, by line."""
    kept = held(quote).filter(until__gt=timezone.now())
    there: dict[tuple[int, int], int] = {}
    for one in levels.levels({line.variant for line in lines}):
        there[one.variant, one.place] = max(0, one.available)
    for variant, place, quantity in kept.values_list("variant", "place", "quantity"):
        there[variant, place] = there.get((variant, place), 0) + quantity
    sending = set(Place.objects.filter(ships=True, closed_at=None).values_list("pk", flat=True))
    found = {}
    for line in lines:
        places = sending if line.fulfilment == Fulfilment.SHIP else {line.place_id}
        left = sum(
            many for (one, at), many in there.items() if one == line.variant and at in places
        )
        if left < line.quantity:
            found[line.line] = left
    return found


_MOST_BEHIND = 1_000  # open quotes that hold some of the same goods


def behind(holds: Collection[Hold]) -> dict[int, Quote]:
    """The open quotes that the holds are for, by the holds' ids; other holds are left out.

    A hold does not name its quote, but its key is made of the quote's number and revision.
    """
    asked = [one for one in holds if one.order_line_id is None and one.identifier_id is None]
    if not asked:
        return {}
    some = Quote.objects.filter(
        pk__in=QuoteLine.objects.filter(variant__in={one.variant_id for one in asked})
        .order_by()
        .values("quote"),
        holds=True,
        state__in=OPEN,
        until__gt=timezone.now(),
    )
    keys = {
        idempotency.key("quote", f"{one.pk}.{one.revision}"): one
        for one in some.order_by("-pk")[:_MOST_BEHIND]
    }
    return {one.pk: keys[one.key] for one in asked if one.key in keys}


def ended(most: int, without: Sequence[int]) -> Sequence[int]:
    """Quotes that were sent and whose time is up, which no fact says yet."""
    late = Quote.objects.filter(state=State.SENT, until__lte=timezone.now())
    late = late.exclude(pk__in=without).order_by("until")
    return list(late.values_list("pk", flat=True)[:most])


_MOST_TYPED = 10  # of the newest


def typed(mine: Collection[int]) -> list[Typed]:
    """What was typed into quotes for whoever has these identifiers, the newest first."""
    found = Quote.objects.filter(identifier__in=mine).order_by("-made_at", "-pk")[:_MOST_TYPED]
    return [Typed(one.made_at, one.contact, one.address) for one in found]
