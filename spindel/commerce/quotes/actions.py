"""Quotes: made with a customer, sent to her, changed, taken back, and accepted.

Locks are taken in one order: her identifier, the quote, then what an order takes (`placement`).
So of two who accept it one does, and whoever changes it meanwhile comes before or after.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.utils import timezone

from spindel.catalogue.models import Place
from spindel.catalogue.reading import currency_of
from spindel.commerce.common import contacts, numbers, rules
from spindel.commerce.common.facts import Products, major
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.common.rules import Line
from spindel.commerce.orders import placement
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement import allocation
from spindel.commerce.orders.placement.draft import Draft, Item, check_items, check_market
from spindel.commerce.orders.placement.goods import Goods, costs_today, goods_of
from spindel.commerce.payments import providers
from spindel.commerce.quotes import quote_mail
from spindel.commerce.quotes import reading as quotes
from spindel.commerce.quotes.facts import (
    QuoteAccepted,
    QuoteChanged,
    QuoteExpired,
    QuoteFailed,
    QuoteSent,
    QuoteWithdrawn,
)
from spindel.commerce.quotes.models import Quote, QuoteLine
from spindel.commerce.stock import ledger
from spindel.commerce.stock.actions import holds
from spindel.commerce.stock.models import Hold, Movement
from spindel.identity import identifiers
from spindel.kit import idempotency
from spindel.kit.actions import action
from spindel.kit.idempotency import Request
from spindel.kit.refusal import Refusal
from spindel.kit.saying import NotThere
from spindel.messages.actions import send_mail
from spindel.messages.models import Mail
from spindel.staff.actors import Actor
from spindel.timeline.recording import record

LONGEST = timedelta(days=90)  # that a quote is good for
LONGEST_NOTE = 2_000
_AGAIN = timedelta(hours=1)  # so long she may try in vain without its being told again
_LONGEST = contacts.CONTACT | contacts.ADDRESS

State = Quote.State
Failure = Quote.Failure


class NoQuote(NotThere):
    """There is no such quote."""

    code = "no_such_quote"


class Changed(Refusal):
    """It is not what was seen any more. `quote` is how it is now."""

    code = "quote_changed"

    def __init__(self, quote: Quote) -> None:
        super().__init__()
        self.quote = quote


class Over(Refusal):
    """Nothing can be done with it any more, or not yet. `state` says what it is."""

    code = "quote_over"

    def __init__(self, state: Quote.State) -> None:
        super().__init__(state=state)
        self.state = state


class TooCheap(Refusal):
    """Less is asked for something than the person may. `lowest` is the least, in minor units."""

    code = "too_cheap"

    def __init__(self, goods: Goods, lowest: int) -> None:
        super().__init__()
        self.goods = goods
        self.lowest = lowest


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteData:
    """What a quote says. An item without an amount is offered at what everybody pays."""

    items: Sequence[Item]
    until: datetime
    market: str
    language: str
    pay_by: str
    holds: bool = False
    note: str = ""
    contact: Mapping[str, str] = field(default_factory=dict)
    address: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Maker:
    """Who offers it, and how many percent below everybody's price that person may go."""

    actor: Actor
    limit: int


# --- made and changed -----------------------------------------------------------------------------


@action(silent="It is hers once it is sent to her.")
def make(offer: QuoteData, maker: Maker, *, identifier: int | None, request: Request) -> Quote:
    """Write down what is offered, and hold its goods if that is asked for: all of them or none.

    Without an identifier it is for whoever has the address or the number in `contact`. The same
    request again answers the same quote. Raises Refusal, TooCheap, rules.NotEnough, KeyReused, and
    recording.Gone.
    """
    actor = maker.actor
    content = idempotency.fingerprint(offer, identifier, actor.channel, actor.place)
    if done := idempotency.before(Quote.objects.all(), request.id, content):
        return done
    who = _by_contact(offer) if identifier is None else identifier
    if who is None:
        contacts.check_contact(offer.contact, offer.address, offer.market)
        raise Refusal("quote_for_nobody")
    identifiers.stay([who])
    offer, goods = _check(offer, maker, [], who)
    quote = Quote(
        number=numbers.new("Q"),
        key=request.id,
        content=content,
        identifier_id=who,
        channel=actor.channel,
        place_id=actor.place,
    )
    _write(quote, offer, maker, goods)
    _hold(quote, [])
    return quote


@action(records="Quote Changed")
def revise(id: int, revision: int, offer: QuoteData, maker: Maker) -> Quote:
    """Offer something else instead. What was held for it before is held for what it is now.

    `revision` is the one that was seen. What she has seen can't be accepted any more. Raises
    NoQuote, Changed, Over, and as `make`.
    """
    quote = _open(_lock(id), revision)
    before = list(quote.lines.all())
    kept = list(quotes.held(quote))
    offer, goods = _check(
        offer, maker, before if offer.market == quote.market else [], quote.identifier_id
    )
    if quote.sent_revision == 0 and quote.identifier_id == _by_contact(quote):
        quote.identifier_id = _by_contact(offer) or quote.identifier_id
        identifiers.stay([quote.identifier_id])
    quote.revision += 1
    quote.failed_at, quote.failure = None, ""
    _write(quote, offer, maker, goods)
    _hold(quote, kept)
    if quote.sent_revision:
        _tell(QuoteChanged, quote, until=quote.until.isoformat(), by=maker.actor.by)
    return quote


def _by_contact(told: QuoteData | Quote) -> int | None:
    keys = rules.contact_keys(told.contact, told.address, told.market)
    return identifiers.identifier(*next(iter(keys.items()))) if keys else None


def _check(
    offer: QuoteData, maker: Maker, before: Collection[QuoteLine], who: int | None
) -> tuple[QuoteData, dict[int, Goods]]:
    """The offer with a price for each item, and what the goods are; `before` is what was offered so
    far. What has no price is offered at what it costs whoever has the identifier. Raises Refusal,
    and TooCheap.
    """
    _check_words(offer)
    _check_time(offer)
    check_items(offer.items)
    ways = {one.fulfilment for one in offer.items}
    if not ways <= {Fulfilment.SHIP, Fulfilment.PICK_UP}:
        raise Refusal("quoted_now")
    if offer.pay_by not in providers.choices(ways):
        raise Refusal("not_paid_so")
    sent = Fulfilment.SHIP in ways
    contacts.check(offer.pay_by, offer.contact, offer.address, offer.market, sent=sent)
    wanted = {one.place for one in offer.items if one.place is not None}
    if wanted - set(_open_stores(wanted)):
        raise Refusal("store_closed")
    check_market(offer.market, offer.items, offer.address)
    goods = goods_of(
        {one.variant for one in offer.items}, offer.market, _currency(offer.market), offer.language
    )
    asked = (offer.items, goods, offer.market, _currency(offer.market))
    usual = costs_today(*asked)
    hers = usual if who is None else costs_today(*asked, who)
    if any(one is None for one in usual):
        raise Refusal("not_in_market")
    # What somebody who may go further has offered already stands, for as many at most.
    stands = Counter[tuple[int, int]]()
    for line in before:
        stands[line.variant_id, line.amount] += line.quantity
    items = []
    for one, today, her_price in zip(offer.items, usual, hers, strict=True):
        if one.amount is None:
            items.append(replace(one, amount=her_price))
            continue
        if stands[one.variant, one.amount] >= one.quantity:
            stands[one.variant, one.amount] -= one.quantity
        elif one.amount != her_price:
            _check_price(one.amount, today or 0, goods[one.variant], maker.limit)
        items.append(one)
    return replace(offer, items=items), goods


def _open_stores(ids: Collection[int]) -> Collection[int]:
    found = Place.objects.filter(pk__in=ids, hands_over=True, closed_at=None)
    return found.values_list("pk", flat=True)


def _check_words(offer: QuoteData) -> None:
    for parts in (offer.contact, offer.address):
        for name, text in parts.items():
            if name not in _LONGEST or len(text) > _LONGEST[name] or "\0" in text:
                raise Refusal("quote_words")
    if len(offer.note) > LONGEST_NOTE or "\0" in offer.note:
        raise Refusal("quote_note")
    if offer.language not in ("sv", "da", "en"):
        raise Refusal("quote_language")


def _check_time(offer: QuoteData) -> None:
    now = timezone.now()
    if offer.until <= now:
        raise Refusal("quote_in_the_past")
    if offer.until > now + LONGEST:
        raise Refusal("quote_too_long")
    if offer.holds and offer.until > now + holds.LONGEST:
        raise Refusal("quote_held_too_long")


def _currency(market: str) -> str:
    found = currency_of(market) if len(market) == 2 else None
    if found is None:
        raise Refusal("quote_market")
    return found


def _check_price(amount: int, today: int, goods: Goods, limit: int) -> None:
    """The price is not above everybody's, and not further below it than the person may go."""
    if amount > today:
        raise Refusal("price_above")
    lowest = rules.lowest(today, limit)
    if amount < lowest:
        raise TooCheap(goods, lowest)


def _write(quote: Quote, offer: QuoteData, maker: Maker, goods: Mapping[int, Goods]) -> None:
    quote.contact = {name: text.strip() for name, text in offer.contact.items()}
    quote.address = {name: text.strip() for name, text in offer.address.items()}
    keys = rules.contact_keys(quote.contact, quote.address, offer.market)
    quote.contact_email, quote.contact_phone = keys.get("email", ""), keys.get("phone", "")
    quote.staff_id, quote.by = maker.actor.user, maker.actor.by
    quote.market, quote.currency = offer.market, _currency(offer.market)
    quote.language, quote.note = offer.language, offer.note.strip()
    quote.until, quote.holds, quote.pay_by = offer.until, offer.holds, offer.pay_by
    quote.save()
    quote.lines.all().delete()
    QuoteLine.objects.bulk_create(
        QuoteLine(
            quote=quote,
            line=number,
            variant_id=one.variant,
            quantity=one.quantity,
            amount=one.amount or 0,
            list_amount=goods[one.variant].amount or 0,
            fulfilment=one.fulfilment,
            place_id=one.place,
        )
        for number, one in enumerate(offer.items)
    )


def _items(quote: Quote) -> list[Item]:
    return [
        Item(one.variant_id, one.quantity, one.fulfilment, one.place_id, one.amount)
        for one in quote.lines.order_by("line")
    ]


# --- what is held for it --------------------------------------------------------------------------


def _hold(quote: Quote, instead: Sequence[Hold]) -> None:
    """Hold the quote's goods, if it is to hold any, instead of those of its former revision."""
    if not quote.holds:
        _let_go(instead, quote.by)
        return
    parcels = allocation.parcels(_items(quote), instead, quote.by)
    holds.reserve(
        [Line(one.variant, one.place, one.quantity) for one in parcels],
        quote.until,
        actor=Actor(quote.by, quote.staff_id, quote.channel),
        request=Request("quote", f"{quote.pk}.{quote.revision}"),
    )


def _let_go(kept: Sequence[Hold], by: str) -> None:
    ledger.lock([(one.variant_id, one.place_id) for one in kept])
    still = Hold.objects.filter(pk__in=[one.pk for one in kept], state=Hold.State.ACTIVE)
    for one in still:
        ledger.end(one, Hold.State.RELEASED, Movement.Kind.RELEASE, by)


# --- what becomes of it ---------------------------------------------------------------------------


def _lock(id: int) -> Quote:
    """The quote, which nobody else changes meanwhile; its customer is not forgotten either."""
    found = Quote.objects.filter(pk=id).first()
    if found is None:
        raise NoQuote
    if found.identifier_id is not None:
        identifiers.stay([found.identifier_id])
    return Quote.objects.select_for_update().get(pk=id)


def _open(quote: Quote, revision: int) -> Quote:
    state = quotes.state_of(quote)
    if state not in quotes.OPEN:
        raise Over(state)
    if quote.revision != revision:
        raise Changed(quote)
    return quote


@action(records="Quote Sent")
def send(id: int, revision: int, request: Request, *, by: str, mail: bool = True) -> Quote:
    """Let her have it: by mail, or, without, by a link that whoever is here gives to her.

    `revision` is the one that was seen. The same request again mails nothing. Raises NoQuote,
    Changed, Over, Refusal, KeyReused, NotSent, and recording.Gone.
    """
    named, asked = request.part(f"quote {id}").id, idempotency.fingerprint(revision, mail)
    quote = _lock(id)
    again = quote.sent_key == named
    if again or Mail.objects.filter(key=named).exists():
        idempotency.check(quote.sent_content if again else None, asked)
    _open(quote, revision)
    if again or (not mail and quote.sent_revision == revision):
        return quote
    if mail and not quote.contact.get("email"):
        raise Refusal("no_address_in_quote")
    quote.state = State.SENT
    quote.sent_at, quote.sent_revision, quote.mailed = timezone.now(), revision, mail
    quote.sent_key, quote.sent_content = named, asked
    quote.save(
        update_fields=["state", "sent_at", "sent_revision", "sent_key", "sent_content", "mailed"]
    )
    if mail:
        letter = quote_mail.write(quotes.view(quote, quote.language))
        send_mail(
            letter.mail(
                quote.contact["email"],
                language=quote.language,
                purpose="quote",
                key=named,
                identifier=quote.identifier_id,
                ends_at=quote.until,
            )
        )
    _tell(QuoteSent, quote, until=quote.until.isoformat(), by=by)
    return quote


@action(records="Quote Withdrawn")
def withdraw(id: int, *, by: str) -> Quote:
    """Take it back, and let go of what is held for it. One that is withdrawn stays so.

    Raises NoQuote, and Over when it was accepted or has expired.
    """
    quote = _lock(id)
    state = quotes.state_of(quote)
    if state == State.WITHDRAWN:
        return quote
    _open(quote, quote.revision)
    was_sent = quote.state == State.SENT
    _end(quote, State.WITHDRAWN, by)
    if was_sent:
        _tell(QuoteWithdrawn, quote, by=by)
    return quote


@action(records="Quote Accepted")
def accept(id: int, revision: int, *, channel: str) -> Order:
    """Order what is offered, at the price that is offered, with what is held for it.

    `revision` is the one that she saw. One that is accepted answers its order. Raises NoQuote,
    Changed, Over, Refusal, rules.NotEnough, and recording.Gone.
    """
    quote = _lock(id)
    if quote.order is not None:
        return quote.order
    if quotes.state_of(quote) != State.SENT:
        raise Over(quotes.state_of(quote))
    _open(quote, revision)
    order = placement.write(
        Draft(
            request=Request("quote", str(quote.pk)),
            items=_items(quote),
            market=quote.market,
            currency=quote.currency,
            language=quote.language,
            actor=Actor(channel=channel, place=quote.place_id),
            pay_by=quote.pay_by,
            whose=quote.identifier_id,
            contact=quote.contact,
            address=quote.address,
            holds=[one.pk for one in quotes.held(quote)],
        )
    )
    quote.state, quote.order, quote.ended_at = State.ACCEPTED, order, timezone.now()
    quote.save(update_fields=["state", "order", "ended_at"])
    _tell(QuoteAccepted, quote, order_id=order.number)
    return order


@action(records="Quote Failed")
def fail(id: int, failure: Quote.Failure) -> None:
    """Keep that she wanted to accept it and could not, for whoever has made it. Raises NoQuote."""
    quote = _lock(id)
    now = timezone.now()
    again = quote.failed_at is not None and now - quote.failed_at < _AGAIN
    if quote.order_id is not None or (again and quote.failure == failure):
        return
    quote.failed_at, quote.failure = now, failure
    quote.save(update_fields=["failed_at", "failure"])
    _tell(QuoteFailed, quote, reason=str(failure))


@action(silent="That a page was opened is told by the shop's own script, if it is to be told.")
def see(id: int) -> None:
    """Keep when she first opened it."""
    Quote.objects.filter(pk=id, seen_at=None, state=State.SENT).update(seen_at=timezone.now())


@action(records="Quote Expired")
def expire(id: int) -> None:
    """Put an end to one whose time is up. Any other stays as it is."""
    quote = _lock(id)
    if quote.state != State.SENT or quote.until > timezone.now():
        return
    _end(quote, State.EXPIRED, "", at=quote.until)
    _tell(QuoteExpired, quote)


def _end(quote: Quote, state: Quote.State, by: str, at: datetime | None = None) -> None:
    quote.state, quote.ended_by, quote.ended_at = state, by, at or timezone.now()
    quote.save(update_fields=["state", "ended_by", "ended_at"])
    _let_go(list(quotes.held(quote)), by)


# --- the fact -------------------------------------------------------------------------------------

_Kind = (
    type[QuoteSent]
    | type[QuoteChanged]
    | type[QuoteAccepted]
    | type[QuoteFailed]
    | type[QuoteWithdrawn]
    | type[QuoteExpired]
)


def _tell(kind: _Kind, quote: Quote, **more: str) -> None:
    if quote.identifier_id is None:
        return
    shown = quotes.view(quote, "sv")  # the timeline's names are in one language
    products: Products = [
        {
            "product_id": one.product,
            "sku": one.sku,
            "name": one.name,
            "variant": one.words,
            "quantity": one.quantity,
            "price": major(one.amount, quote.currency),
        }
        for one in shown.lines
    ]
    fact = kind(
        quote_id=quote.number,
        total=major(shown.total, quote.currency),
        currency=quote.currency,
        products=products,
        **more,
    )
    record(fact, quote.identifier_id, quote.channel)
