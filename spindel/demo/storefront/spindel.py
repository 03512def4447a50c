"""Spindel as a shop's server sees it: an HTTP API that answers in JSON."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from types import MappingProxyType
from typing import TypeVar
from urllib.parse import quote

import httpx
import msgspec
from msgspec import Struct, field

T = TypeVar("T")
Query = Sequence[tuple[str, str]]

# It would log the addresses that it asks for, and those hold what people have searched for.
logging.getLogger("httpx").setLevel(logging.WARNING)

_SECONDS = 10.0
_STREAM_SECONDS = 45.0  # Spindel says something every fifteen


class Away(Exception):
    """Spindel does not answer, or not as it promised."""


class Problem(Exception):
    """Spindel has answered that something can't be done; `code` says what, for machines."""

    def __init__(self, status: int, code: str, message: str, body: bytes) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.body = body


# --- what it answers; of each only what the shop's pages show -------------------------------------


class Price(Struct):
    """A price in minor units; `was` is what it costs else, where a sale or an offer holds."""

    market: str
    currency: str
    amount: int
    was: int | None = None
    offers: Sequence[str] = ()


class Variant(Struct):
    """A size in a colour."""

    sku: str
    options: dict[str, str]
    prices: list[Price]


class Meant(Struct):
    """The variant that a search means, and what of it was named."""

    sku: str
    options: dict[str, str]


class Product(Struct):
    """A model, with its variants in order."""

    number: str
    names: dict[str, str]
    texts: dict[str, str]
    brand: str
    categories: list[str]
    attributes: dict[str, str]
    variants: list[Variant]
    removed: bool = False
    meant: Meant | None = None


class FacetValue(Struct):
    """A value, and how many products have it."""

    value: str
    count: int


class Facet(Struct):
    """A way to narrow a search."""

    name: str
    values: list[FacetValue]


class Found(Struct):
    """What a search has found."""

    items: list[Product]
    total: int
    facets: list[Facet]
    next: str | None = None
    read_as: str = ""
    instead: str = ""


class Place(Struct):
    """A store or a warehouse."""

    code: str
    name: str
    kind: str
    street: str
    postcode: str
    city: str
    country: str
    time_zone: str
    ships: bool
    hands_over: bool
    km: float | None = None
    open_now: bool = False
    closes_at: datetime | None = None
    opens_at: datetime | None = None
    until_tomorrow: datetime | None = None


class Places(Struct):
    """Places, the nearest first."""

    items: list[Place]


class Level(Struct):
    """How much of a variant is in a place."""

    sku: str
    place: str
    available: int


class Levels(Struct):
    """Levels."""

    items: list[Level]


class Session(Struct):
    """Who is at the shop; `key` is told once."""

    known: bool
    market: str
    currency: str
    language: str
    key: str = ""
    name: str | None = None
    email: str | None = None


class Details(Struct):
    """What a form of theirs begins with."""

    name: str = ""
    email: str = ""
    phone: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""


class Login(Struct):
    """As whom a mailed link logs in, and whether this session has asked for it."""

    email: str
    asked_here: bool


class Note(Struct):
    """Something about a line that she should know, in her language."""

    code: str
    text: str


class Discount(Struct):
    """What an offer takes off."""

    name: str
    amount: int


class Piece(Struct):
    """What one piece of a variant costs her, in minor units; `total` is after the discounts."""

    sku: str
    amount: int
    was: int | None
    discounts: list[Discount]
    total: int

    def price(self, market: str, currency: str) -> Price:
        """It as a price, which says what it would cost without an offer."""
        was = self.was if self.total == self.amount else self.was or self.amount
        offers = [one.name for one in self.discounts]
        return Price(market, currency, self.total, was, offers)


class Prices(Struct):
    """What goods cost her."""

    market: str
    currency: str
    items: list[Piece]


class EnteredCode(Struct):
    """A code in the cart; `text` says why it does not count."""

    code: str
    counts: bool
    text: str


class CartLine(Struct):
    """A line of the cart."""

    sku: str
    product: str
    name: str
    options: dict[str, str]
    quantity: int
    amount: int | None
    total: int
    fulfilment: str
    saved: bool
    available: int
    was: int | None = None
    place: str | None = None
    place_name: str | None = None
    notes: list[Note] = field(default_factory=list)
    discounts: list[Discount] = field(default_factory=list)


class Delivery(Struct):
    """What it costs that goods come by a method."""

    fulfilment: str
    name: str
    total: int
    chosen: bool
    text: str


class Cart(Struct):
    """The cart as it stands."""

    version: int
    currency: str
    count: int
    total: int
    vat: int
    lines: list[CartLine]
    market: str = ""
    discounts: list[Discount] = field(default_factory=list)
    codes: list[EnteredCode] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    merged: bool = False


class _Changed(Struct):
    cart: Cart


class Availability(Struct):
    """How much there is of what was asked for."""

    sku: str
    available: int


class _NotEnough(Struct):
    available: list[Availability]


class Shared(Struct):
    """What somebody has shared."""

    lines: list[CartLine]
    currency: str
    until: datetime


class Code(Struct):
    """The code of a shared cart."""

    code: str


class Wish(Struct):
    """Something on the wish list; `waits`: to be told when it is back."""

    sku: str
    name: str
    waits: bool
    product: str
    options: dict[str, str]
    amount: int | None
    currency: str
    available: int


class Wishes(Struct):
    """The wish list."""

    items: list[Wish]


class Promise(Struct):
    """Something that she was promised or shown; `gives` in her words."""

    gives: str
    product_names: list[str]
    until: datetime
    state: str


class Promises(Struct):
    """What she was promised."""

    items: list[Promise]


class Member(Struct):
    """What she has in the club. `rewards` can be had now."""

    number: str
    number_spaced: str
    available: int
    pending: int
    owed: int
    tier_name: str
    next_tier_name: str
    missing: int
    expiring: int
    expires_at: datetime | None
    rewards: int


class Club(Struct):
    """The club; her card as a drawing and as a picture that she can keep."""

    is_open: bool
    reward_points: int
    reward_amount: int | None
    currency: str
    member: Member | None
    qr: str
    picture: str


class Rate(Struct):
    """VAT by its rate, in hundredths of a percent."""

    rate: int
    amount: int


class OrderLine(Struct):
    """A line of an order, and what has become of it, in a few words."""

    sku: str
    product: str
    name: str
    options: str
    quantity: int
    amount: int
    total: int
    state_text: str
    until: datetime | None = None
    fulfilment: str = ""
    set_aside_at: datetime | None = None
    discounts: list[Discount] = field(default_factory=list)


class Fee(Struct):
    """What it costs that the order's goods come by a method."""

    name: str
    total: int
    discounts: list[Discount] = field(default_factory=list)


class Payment(Struct):
    """How it is paid; `url` is where to pay, when that is still to do."""

    provider: str
    state: str
    state_text: str
    amount: int = 0
    url: str | None = None


class PayBy(Struct):
    """How the cart can be paid as it stands: card, invoice, store."""

    pay_by: list[str]


class Shipment(Struct):
    """What a carrier has, or what was fetched in a store."""

    at: datetime
    fulfilment: str
    state_text: str
    carrier: str = ""
    tracking: str = ""
    tracking_url: str = ""
    arrived_at: datetime | None = None


class Event(Struct):
    """Something that has happened to an order."""

    at: datetime
    kind: str
    text: str
    why_text: str = ""


class Contact(Struct):
    """Who has ordered, as far as that was said: over a counter nobody asks."""

    name: str = ""
    email: str = ""
    phone: str = ""


class Address(Struct):
    """Where it is sent; empty where it is not, and in the parts that the country has not."""

    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""


class Back(Struct):
    """What came back of an order, and what was given for it; the numbers of both orders."""

    at: datetime
    text: str
    order: str
    exchange: str


class PickUp(Struct):
    """A store where some of an order is fetched."""

    place_name: str
    address: str
    hours_text: str
    ready: bool
    ready_at: datetime | None = None
    until: datetime | None = None


class Order(Struct):
    """An order, from whichever channel."""

    number: str
    state: str
    state_text: str
    channel_text: str
    placed_at: datetime
    currency: str
    total: int
    vat: int
    lines: list[OrderLine]
    fees: list[Fee] = field(default_factory=list)
    gift_card_paid: int = 0
    vat_by_rate: list[Rate] = field(default_factory=list)
    contact: Contact = field(default_factory=Contact)
    address: Address = field(default_factory=Address)
    url: str = ""
    payment: Payment | None = None
    shipments: list[Shipment] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    backs: list[Back] = field(default_factory=list)
    exchange_of: Back | None = None
    expected_text: str = ""
    pick_ups: list[PickUp] = field(default_factory=list)
    cancellable: bool = False
    returnable_until: datetime | None = None


class Orders(Struct):
    """Orders, the newest first."""

    items: list[Order]
    next: str | None = None


class ToldLine(Struct):
    """So many of something that was bought."""

    name: str
    options: str
    quantity: int
    amount: int | None


class Told(Struct):
    """A purchase that another system has told of."""

    number: str
    at: datetime
    channel_text: str
    currency: str
    total: int | None
    lines: list[ToldLine]
    comes_back: bool = False


class Tolds(Struct):
    """Such purchases, the newest first."""

    items: list[Told]


class Hold(Struct):
    """Something that a store holds for her; `code` is what she shows there."""

    id: int
    code: str
    sku: str
    name: str
    options: dict[str, str]
    place: str
    place_name: str
    quantity: int
    until: datetime
    state: str
    set_aside: bool
    product: str


class Holds(Struct):
    """Her holds."""

    items: list[Hold]


class ContentPicture(Struct):
    """Where a picture lies, and its size in pixels."""

    url: str
    width: int
    height: int


class Content(Struct):
    """What she is shown in a placement."""

    key: str
    version: int
    title: str
    text: str
    link: str
    alt: str
    picture: ContentPicture | None


class Sees(Struct):
    """What she sees in a placement, the first first."""

    items: list[Content]


class PageSees(Struct):
    """The same of several."""

    placements: list[Sees]


class Nothing(Struct):
    """An answer without anything that the shop needs."""


class _Told(Struct):
    code: str = ""
    message: str = ""


def present_cart(problem: Problem) -> Cart | None:
    """The cart as it now is, of a `changed`."""
    try:
        return msgspec.json.decode(problem.body, type=_Changed).cart
    except msgspec.MsgspecError:
        return None


def what_is_there(problem: Problem) -> list[Availability]:
    """How much there is, of a `not_enough`."""
    try:
        return msgspec.json.decode(problem.body, type=_NotEnough).available
    except msgspec.MsgspecError:
        return []


class _Missing(Struct):
    field: str = ""


def what_is_missing(problem: Problem) -> str:
    """Which field of who orders, or where it is sent, is missing or wrong; empty for none."""
    if problem.code not in ("bad_contact", "bad_address"):
        return ""
    try:
        return msgspec.json.decode(problem.body, type=_Missing).field
    except msgspec.MsgspecError:
        return ""


# --- asking it ------------------------------------------------------------------------------------


class Spindel:
    """The API at an address, called with the shop's token or with a shopper's own key."""

    def __init__(
        self, url: str, token: str, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._token = token
        # Many shoppers wait for live news at once: those have a client of their own.
        self._client = httpx.AsyncClient(
            base_url=url, timeout=_SECONDS, trust_env=False, transport=transport
        )
        self._streams = httpx.AsyncClient(
            base_url=url,
            timeout=httpx.Timeout(_SECONDS, read=_STREAM_SECONDS),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
            trust_env=False,
        )

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()
        await self._streams.aclose()

    async def ask(
        self,
        answer: type[T],
        method: str,
        path: str,
        body: object = None,
        *,
        key: str = "",
        query: Query = (),
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> T:
        """What it answers. `key`: the shopper's, else the shop asks.

        Raises Problem and Away.
        """
        headers = {**headers, "Authorization": f"Bearer {key or self._token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            said = await self._client.request(
                method,
                path,
                params=httpx.QueryParams(tuple(query)) if query else None,
                content=None if body is None else msgspec.json.encode(body),
                headers=headers,
            )
        except httpx.HTTPError as error:
            raise Away(type(error).__name__) from error
        if said.is_error:
            raise _problem(said.status_code, said.content)
        try:
            return msgspec.json.decode(said.content or b"{}", type=answer)
        except msgspec.MsgspecError as error:
            raise Away(f"{method} {path.partition('?')[0]}: {error}") from error

    @asynccontextmanager
    async def cart_news(self, key: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """The server-sent events of her cart. Raises Problem and Away before the first."""
        headers = {"Authorization": f"Bearer {key}", "Accept": "text/event-stream"}
        request = self._streams.build_request("GET", "/live/cart", headers=headers)
        try:
            said = await self._streams.send(request, stream=True)
        except httpx.HTTPError as error:
            raise Away(type(error).__name__) from error
        try:
            if said.is_error:
                raise _problem(said.status_code, b"")
            yield _until_it_ends(said)
        finally:
            await said.aclose()


async def _until_it_ends(said: httpx.Response) -> AsyncIterator[bytes]:
    with suppress(httpx.HTTPError):  # the browser comes again
        async for chunk in said.aiter_raw():
            yield chunk


def _problem(status: int, body: bytes) -> Exception:
    try:
        told = msgspec.json.decode(body, type=_Told)
    except msgspec.MsgspecError:
        told = _Told()
    if status >= 500 or (status == 429 and told.code != "too_many"):
        return Away(f"it answered {status}")
    return Problem(status, told.code, told.message, body)


def part(text: str) -> str:
    """A text as one part of a path."""
    return quote(text, safe="")


def fields(**values: object) -> Mapping[str, object]:
    """A body of what is known: without what is None."""
    return {name: value for name, value in values.items() if value is not None}
