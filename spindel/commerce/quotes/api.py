"""Quotes for machines: made, changed, sent, withdrawn and read."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from spindel.commerce.common import lookups
from spindel.commerce.common.schema import IdempotencyKey, Whose
from spindel.commerce.orders.placement.draft import MOST_LINES, Item
from spindel.commerce.orders.schema import AddressIn, ContactIn, ItemIn, VatOut
from spindel.commerce.quotes import actions
from spindel.commerce.quotes import reading as quotes
from spindel.commerce.quotes.actions import Changed, Maker, NoQuote, Over, QuoteData
from spindel.commerce.quotes.models import Quote
from spindel.kit import pagination
from spindel.kit.refusal import Refusal
from spindel.kit.saying import beside
from spindel.kit.schema import Language, Market, Moment, Name, Number, ViewSchema
from spindel.staff.api import Routes, actor, caller, has, needs, sent
from spindel.staff.models import Role, Scope
from spindel.staff.permissions import PRICE_LIMIT
from spindel.timeline.models import Channel

router = Router(tags=["Quotes"])
_read, _write = needs(Scope.READ_ORDERS), needs(Scope.WRITE_ORDERS)


class QuoteLineOut(
    ViewSchema, view=quotes.QuoteLineView, without=("variant", "product_id", "place_id")
):
    """A line that is offered. `list_amount` is what everybody paid then, `now` what they pay."""


class QuoteOut(
    ViewSchema,
    view=quotes.QuoteView,
    without=(
        *("id", "number_spaced", "state_text", "identifier", "place_name", "staff", "list_total"),
        *("mailed", "failure_text", "ended_by", "order_id"),
    ),
):
    """A quote, whole. Amounts in minor units, VAT included. `url` is its page, where it is
    accepted: told to tokens with the scope `orders:write`, and empty for others.

    `state` is draft, sent, accepted, withdrawn or expired; `failure` is why she could not accept
    it when she wanted to.
    """

    vat_by_rate: list[VatOut]
    lines: list[QuoteLineOut]


class QuotesOut(Schema):
    """Quotes, the newest first. `next` is the `before` of the next page; null on the last."""

    items: list[QuoteOut]
    next: str | None


@beside.register
def _now(no: Changed) -> dict[str, object]:
    return {"quote": _shown(no.quote).dict()}


@beside.register
def _state(no: Over) -> dict[str, object]:
    return {"state": no.state}


def _quote(number: str) -> Quote:
    found = quotes.by_number(number)
    if found is None:
        raise NoQuote
    return found


def _shown(quote: Quote) -> QuoteOut:
    return QuoteOut.from_orm(quotes.view(quote, quote.language))


def _read_by(request: HttpRequest, quote: Quote) -> QuoteOut:
    shown = _shown(quote)
    return shown if has(request, Scope.WRITE_ORDERS) else shown.model_copy(update={"url": ""})


@router.get("", summary="List quotes", response=QuotesOut, auth=_read)
def get_quotes(
    request: HttpRequest,
    identifier: Annotated[Whose | None, Query()] = None,
    state: Annotated[Quote.State | None, Query()] = None,
    before: Annotated[Name | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> QuotesOut:
    """Quotes, the newest first: all, of a state, or of whoever has an identifier (`kind:value`)."""
    last = None
    if before is not None:
        found = quotes.by_number(before)
        if found is None:
            raise Refusal("bad_before")
        last = found.pk
    listed = quotes.listed(state or "", None, last)
    if identifier is not None:
        listed = listed.filter(identifier__in=lookups.identifiers(identifier))
    some = pagination.page(listed[: limit + 1], limit, lambda quote: quote.number)
    return QuotesOut(items=[_read_by(request, one) for one in some.items], next=some.next)


@router.get("/{number}", summary="See a quote", response=QuoteOut, auth=_read)
def get_quote(request: HttpRequest, number: Number) -> QuoteOut:
    """A quote, by its number."""
    return _read_by(request, _quote(number))


# --- making ---------------------------------------------------------------------------------------


class OfferIn(Schema):
    """What is offered. An item without an amount is offered at what she pays today.

    `holds`: its stock is held until then, which is 14 days away at most; else 90.
    """

    items: Annotated[list[ItemIn], Field(min_length=1, max_length=MOST_LINES)]
    until: Moment
    pay_by: Literal["store", "invoice", "card"] = "invoice"
    market: Market = "SE"
    language: Language = "sv"
    holds: bool = False
    note: Annotated[str, Field(max_length=actions.LONGEST_NOTE)] = ""
    contact: ContactIn = ContactIn()
    address: AddressIn = AddressIn()

    def offer(self) -> QuoteData:
        """As the action takes it. Raises Refusal."""
        variants = lookups.variants({one.sku for one in self.items})
        places = lookups.places({one.place for one in self.items if one.place})
        return QuoteData(
            items=[
                Item(
                    variants[one.sku],
                    one.quantity,
                    one.fulfilment,
                    places[one.place].pk if one.place else None,
                    one.amount,
                )
                for one in self.items
            ],
            until=self.until,
            market=self.market,
            language=self.language,
            pay_by=self.pay_by,
            holds=self.holds,
            note=self.note,
            contact=self.contact.plain(),
            address=self.address.plain(self.market),
        )


class MakeIn(OfferIn):
    """A new quote. `whose` is `kind:value`; without it the contact says for whom it is."""

    whose: Whose | None = None
    channel: Channel = Channel.OTHER
    place: Name | None = None


class ReviseIn(OfferIn):
    """What is offered instead. `revision` is the one that you have seen."""

    revision: Annotated[int, Field(ge=1, le=32_767)]


class SendIn(Schema):
    """How she gets it: by mail, or you give her the link. `revision` is the one you have seen."""

    revision: Annotated[int, Field(ge=1, le=32_767)]
    mail: bool = True


def _maker(request: HttpRequest, channel: str = Channel.OTHER, place: int | None = None) -> Maker:
    """A machine is held to no role's limit: whoever gave it the token answers for its prices."""
    return Maker(actor(request, channel, place), PRICE_LIMIT[Role.ADMIN])


@router.post("", summary="Create a quote", response={201: QuoteOut}, auth=_write)
def make(request: HttpRequest, body: MakeIn, key: IdempotencyKey) -> Status[QuoteOut]:
    """Write a quote down. It is hers once it is sent. The same key again answers the same one.

    409 `not_enough` says what is `available` of what was to be held; then nothing was made.
    """
    where = lookups.places([body.place])[body.place].pk if body.place else None
    who = None
    if body.whose is not None:
        who = lookups.identifier(body.whose, lookups.country(body))
        if who is None:
            raise Refusal("quote_of_nobody")
    offer = body.offer()
    made = actions.make(
        offer, _maker(request, body.channel, where), identifier=who, request=sent(request, key)
    )
    return Status(201, _shown(made))


@router.put("/{number}", summary="Change a quote", response=QuoteOut, auth=_write)
def revise(request: HttpRequest, number: Number, body: ReviseIn) -> QuoteOut:
    """Offer something else instead. 409 `changed` carries the `quote` as it is now."""
    found, offer = _quote(number), body.offer()
    return _shown(actions.revise(found.pk, body.revision, offer, _maker(request)))


@router.post("/{number}/send", summary="Send a quote", response=QuoteOut, auth=_write)
def send(request: HttpRequest, number: Number, body: SendIn, key: IdempotencyKey) -> QuoteOut:
    """Let her have it. The same key again mails nothing."""
    found = _quote(number)
    which, by = sent(request, key), caller(request)
    return _shown(actions.send(found.pk, body.revision, which, by=by, mail=body.mail))


@router.post("/{number}/withdraw", summary="Withdraw a quote", response=QuoteOut, auth=_write)
def withdraw(request: HttpRequest, number: Number) -> QuoteOut:
    """Take it back; what is held for it is free. Again: nothing."""
    found = _quote(number)
    return _shown(actions.withdraw(found.pk, by=caller(request)))


ROUTES = (
    Routes(
        "/quotes",
        router,
        "Quotes",
        "Offers to one customer at a price of their own.",
    ),
)
