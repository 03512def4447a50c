"""What a shop does for its shoppers. Each is let into what is her own, by a key of her session.

The shop's server asks for a key with its token; from then on everything is asked with the key, so
the shop's own token opens nobody's cart and nobody's orders.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Header, Router, Schema, Status
from ninja.security import HttpBearer
from pydantic import Field

from spindel.catalogue.models import Place, Variant
from spindel.catalogue.reading import currency_of
from spindel.commerce import ledger, links, numbers, opening, payments, whose
from spindel.commerce.actions import carts as cart_actions
from spindel.commerce.actions import holds as holding
from spindel.commerce.actions import orders as order_actions
from spindel.commerce.actions import placing
from spindel.commerce.actions import shoppers as sessions
from spindel.commerce.actions import wishes as wish_actions
from spindel.commerce.actions.carts import Changed, Edit, NoSuchGoods
from spindel.commerce.actions.payments import NotOpen
from spindel.commerce.actions.placing import Checkout
from spindel.commerce.api.orders import (
    AddressIn,
    Before,
    CancelIn,
    ContactIn,
    Limit,
    OrderOut,
    OrdersOut,
    page,
    some,
)
from spindel.commerce.api.orders import problems as order_problems
from spindel.commerce.ending import ends
from spindel.commerce.models import Fulfilment, Hold, Order, Payment, Shopper
from spindel.commerce.payments import Away, NotDone, starting
from spindel.commerce.reading import carts, orders, shoppers, stock, wishes
from spindel.commerce.rules import Line, Refused
from spindel.identity.rules import normalise
from spindel.identity.searching import parse_identifier
from spindel.kit import environment
from spindel.staff.api import Problem, needs
from spindel.staff.models import ApiToken, Scope
from spindel.timeline.models import Channel
from spindel.timeline.recording import Gone

router = Router(tags=["Shop"])

_NO_SESSION = Problem(401, "no_session", "The session is over. Begin a new one.")
LANGUAGES = "^(sv|da|en)$"


@dataclass(frozen=True, slots=True)
class Key:
    """What a request has shown: the hash of a session's key. Whether it is good, the table says."""

    digest: bytes


class ShopperKey(HttpBearer):
    """Lets in whoever shows the key of a session, to what is hers."""

    scope = "shopper"

    def authenticate(self, request: HttpRequest, token: str) -> Key:
        """The key; whether there is such a session is asked with what is asked for."""
        return Key(shoppers.digest(token))


_hers = ShopperKey()


def session(request: HttpRequest) -> Shopper:
    """The session that the request is of. Raises Problem."""
    try:
        found = shoppers.find(digest(request))
    except opening.NoShopper:
        raise _NO_SESSION from None
    if found.used_at < timezone.now() - sessions.NOTE_EVERY:
        sessions.note_use(found)
    return found


def digest(request: HttpRequest) -> bytes:
    """The hash of the key that the request shows."""
    key = getattr(request, "auth", None)
    assert isinstance(key, Key)
    return key.digest


@contextmanager
def problems() -> Iterator[None]:
    """What an action refuses, as an answer."""
    try:
        yield
    except opening.NoShopper:
        raise _NO_SESSION from None
    except Changed as error:
        raise Problem(
            409, "changed", "The cart has changed meanwhile.", cart=_plain(error.cart)
        ) from None
    except NoSuchGoods:
        raise Problem(404, "no_such_goods", "This is not sold here.") from None
    except links.NoSuchLink:
        raise Problem(404, "no_such_link", "There is nothing behind this link.") from None
    except Gone:
        raise Problem(409, "forgotten", "Whoever it is for was just forgotten.") from None
    except Refused as error:
        raise Problem(409, "refused", str(error)) from None


# --- sessions -------------------------------------------------------------------------------------

_Market = Annotated[str, Field(pattern="^[A-Z]{2}$")]
_Language = Annotated[str, Field(pattern=LANGUAGES)]
_Text = Annotated[str, Field(max_length=1000, pattern=r"^[^\x00]*$")]


class SessionIn(Schema):
    """Somebody who has come to the shop. `browser` is what its script calls the device.

    `whose` is `kind:value`: who your own login knows her to be; that needs the scope `shop:vouch`.
    """

    browser: Annotated[str, Field(max_length=200, pattern=r"^[^\x00]+$")] | None = None
    market: _Market = "SE"
    language: _Language = "sv"
    channel: Channel = Channel.WEB
    whose: _Text | None = None


class SessionOut(Schema):
    """A session. `known`: she has proved who she is; then her name and address are told."""

    known: bool
    name: str
    email: str
    market: str
    currency: str
    language: str


class NewSessionOut(SessionOut):
    """A new session, with the key that everything else is asked with. It is told once."""

    key: str


@router.post("/sessions", response={201: NewSessionOut}, auth=needs(Scope.SHOP))
def let_in(request: HttpRequest, body: SessionIn) -> Status[NewSessionOut]:
    """Begin a session for somebody who has come to the shop."""
    token = getattr(request, "auth", None)
    assert isinstance(token, ApiToken)
    proved = None
    if body.whose is not None:
        if Scope.SHOP_VOUCH not in token.scopes:
            raise Problem(403, "missing_scope", f"The token has not the scope {Scope.SHOP_VOUCH}.")
        parsed = parse_identifier(body.whose)
        if parsed is None:
            raise Problem(422, "bad_identifier", "Write kind:value, such as user_id:42.")
        proved = whose.identifier(*parsed)
    browser = None if body.browser is None else _browser(body.browser)
    with problems():
        key = sessions.let_in(
            browser=browser,
            market=body.market,
            currency=_currency(body.market),
            language=body.language,
            channel=body.channel,
            shop=token.name,
            proved=proved,
        )
    made = shoppers.find(shoppers.digest(key))
    return Status(201, NewSessionOut(key=key, **_session(made).dict()))


def _browser(name: str) -> int | None:
    normal = normalise("anonymous_id", name)
    if normal is None:
        raise Problem(422, "bad_browser", "This names no browser.")
    return whose.identifier("anonymous_id", normal)


def _currency(market: str) -> str:
    found = currency_of(market)
    if found is None:
        raise Problem(422, "bad_market", "A market is a country such as SE.")
    return found


def _session(found: Shopper) -> SessionOut:
    known = shoppers.known(found)
    return SessionOut(
        known=known is not None,
        name=known.name if known else "",
        email=known.email if known else "",
        market=found.market,
        currency=found.currency,
        language=found.language,
    )


@router.get("/session", response=SessionOut, auth=_hers)
def get_session(request: HttpRequest) -> SessionOut:
    """Who has the session, as far as she has proved it."""
    return _session(session(request))


class PreferIn(Schema):
    """How she wants the shop; and what its script calls the device, once she has consented."""

    browser: Annotated[str, Field(max_length=200, pattern=r"^[^\x00]+$")] | None = None
    market: _Market | None = None
    language: _Language | None = None


@router.put("/session", response=SessionOut, auth=_hers)
def prefer(request: HttpRequest, body: PreferIn) -> SessionOut:
    """Change the session's market or language; prices in the cart become those of the market."""
    found = session(request)
    market = body.market or found.market
    with problems():
        if body.browser is not None:
            sessions.name_browser(digest(request), _browser(body.browser))
        sessions.prefer(
            digest(request),
            market=market,
            currency=_currency(market),
            language=body.language or found.language,
        )
    return _session(session(request))


class LoginIn(Schema):
    """Whom to mail a link, and the path in the shop that it leads back to."""

    email: Annotated[str, Field(max_length=254, pattern=r"^[^\x00\s]+$")]
    back: Annotated[str, Field(max_length=500)] = "/"


class AcceptedOut(Schema):
    """It was taken."""

    accepted: bool = True


@router.post("/login", response={202: AcceptedOut}, auth=_hers)
def login(request: HttpRequest, body: LoginIn) -> Status[AcceptedOut]:
    """Mail a link to the address by which its owner logs in. The answer is always the same."""
    found = session(request)
    if not re.fullmatch(r"/[^/\\\x00-\x20][^\\\x00-\x20]*|/", body.back):
        raise Problem(422, "bad_back", "A path in the shop begins with one slash.")
    with problems():
        sessions.mail_link(body.email, back=body.back, language=found.language)
    return Status(202, AcceptedOut())


class CodeIn(Schema):
    """The code of a link that was mailed."""

    code: Annotated[str, Field(min_length=1, max_length=200)]


@router.post("/login/confirm", response=SessionOut, auth=_hers)
def confirm(request: HttpRequest, body: CodeIn) -> SessionOut:
    """Log in by the code of a link. Her carts become one. 410 `used` or `expired`."""
    session(request)
    try:
        with problems():
            sessions.log_in(digest(request), body.code)
    except sessions.NoSuchLogin as error:
        what = "used" if error.used else "expired"
        raise Problem(410, what, "The link is not good any more. Ask for another.") from None
    return _session(session(request))


@router.post("/logout", response={204: None}, auth=_hers)
def logout(request: HttpRequest) -> Status[None]:
    """End the session. The next one begins with an empty cart."""
    session(request)
    sessions.let_out(digest(request))
    return Status(204, None)


# --- the cart -------------------------------------------------------------------------------------


class NoteOut(Schema):
    """What she has to know of a line: gone, sold_out, short, dearer or cheaper; and in words."""

    code: str
    text: str


class CartLineOut(Schema):
    """A line as it stands now. Amounts in minor units; none where it is not sold any more."""

    sku: str
    product: str
    name: str
    options: dict[str, str]
    picture: str
    quantity: int
    amount: int | None
    was: int | None
    total: int
    fulfilment: str
    place: str
    place_name: str
    saved: bool
    available: int
    notes: list[NoteOut]


class CartOut(Schema):
    """The cart. `count`, `total` and `vat` are of the lines that are not saved for later."""

    version: int
    market: str
    currency: str
    count: int
    total: int
    vat: int
    lines: list[CartLineOut]


_LINE_FIELDS = tuple(name for name in CartLineOut.model_fields if name != "notes")
_CART_FIELDS = tuple(name for name in CartOut.model_fields if name != "lines")


def _plain(cart: carts.CartView) -> dict[str, object]:
    """The cart as it is answered; the schema above describes it."""
    said: dict[str, object] = {name: getattr(cart, name) for name in _CART_FIELDS}
    said["lines"] = [
        {name: getattr(line, name) for name in _LINE_FIELDS}
        | {"notes": [{"code": note.code, "text": note.text} for note in line.notes]}
        for line in cart.lines
    ]
    return said


def cart_answer(cart: carts.CartView) -> HttpResponse:
    """The cart, as an answer."""
    # Written once, without going through the schema: this is asked a thousand times a second.
    return HttpResponse(msgspec.json.encode(_plain(cart)), content_type="application/json")


_Sku = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]+$")]
_Version = Annotated[int, Field(ge=0, le=2**31 - 1)]
_Place = Annotated[str, Field(max_length=50, pattern=r"^[^\x00]*$")]


class AddIn(Schema):
    """So many more of a variant. `version`: of the cart that she saw, if that matters."""

    sku: _Sku
    quantity: Annotated[int, Field(ge=1, le=cart_actions.MOST_OF_ONE)] = 1
    fulfilment: Fulfilment | None = None
    place: _Place | None = None
    version: _Version | None = None


class SetIn(Schema):
    """What a line is to be; what is left out stays as it is. A quantity of 0 takes it out."""

    quantity: Annotated[int, Field(ge=0, le=cart_actions.MOST_OF_ONE)] | None = None
    fulfilment: Fulfilment | None = None
    place: _Place | None = None
    saved: bool | None = None
    version: _Version | None = None


@router.get("/cart", response=CartOut, auth=_hers)
def get_cart(request: HttpRequest) -> HttpResponse:
    """The cart as it stands now, whatever device it was filled on."""
    return cart_answer(shoppers.cart(session(request)))


_MaybeKey = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]


@router.post("/cart/lines", response=CartOut, auth=_hers)
def add(request: HttpRequest, body: AddIn, key: _MaybeKey = None) -> HttpResponse:
    """Put something into the cart, on top of what is there. The same key again adds nothing.

    409 `changed` carries the cart as it is, where `version` was told and is not that one's.
    """
    return _changed(
        request,
        Edit(
            body.sku,
            quantity=body.quantity,
            add=True,
            fulfilment=body.fulfilment,
            place=body.place,
            version=body.version,
            key=ledger.key("cart", key) if key else None,
        ),
    )


@router.put("/cart/lines/{path:sku}", response=CartOut, auth=_hers)
def put(request: HttpRequest, sku: _Sku, body: SetIn) -> HttpResponse:
    """Change a line: how many, how they come, or save it for later. 409 `changed` as above."""
    return _changed(
        request,
        Edit(
            sku,
            quantity=body.quantity,
            fulfilment=body.fulfilment,
            place=body.place,
            saved=body.saved,
            version=body.version,
        ),
    )


@router.delete("/cart/lines/{path:sku}", response=CartOut, auth=_hers)
def remove(request: HttpRequest, sku: _Sku) -> HttpResponse:
    """Take a line out. Again: nothing."""
    return _changed(request, Edit(sku, quantity=0))


def _changed(request: HttpRequest, edit: Edit) -> HttpResponse:
    with problems():
        return cart_answer(cart_actions.change_of_shopper(digest(request), edit))


class ShareOut(Schema):
    """What stands in a link to the cart."""

    code: str


class SharedOut(Schema):
    """What somebody has shared."""

    lines: list[CartLineOut]


@router.post("/cart/share", response=ShareOut, auth=_hers)
def share(request: HttpRequest) -> ShareOut:
    """A code by which others see what is in the cart, and can put it into theirs."""
    with problems():
        return ShareOut(code=cart_actions.share(digest(request)))


@router.get("/shared/{code}", response=SharedOut, auth=_hers)
def get_shared(request: HttpRequest, code: str) -> dict[str, object]:
    """What somebody has shared."""
    language = session(request).language
    with problems():
        shown = carts.shared(links.read("cart", code), language)
    return {"lines": _plain(shown)["lines"]}


@router.post("/cart/from/{code}", response=CartOut, auth=_hers)
def add_shared(request: HttpRequest, code: str) -> HttpResponse:
    """Put what somebody has shared into the cart, where it is not in it already."""
    session(request)
    with problems():
        return cart_answer(cart_actions.add_shared(digest(request), code))


# --- orders ---------------------------------------------------------------------------------------


class CheckoutIn(Schema):
    """How the cart is ordered. `version` and `total` are what she saw; if they no longer hold,
    409 `changed` carries the cart as it is.
    """

    pay_by: Literal["store", "invoice", "card"]
    contact: ContactIn
    address: AddressIn = AddressIn()
    version: _Version | None = None
    total: Annotated[int, Field(ge=0)] | None = None


_Number = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]+$")]
_NeedsKey = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=200)]


@router.post("/orders", response={201: OrderOut}, auth=_hers)
def place(request: HttpRequest, body: CheckoutIn, key: _NeedsKey) -> Status[OrderOut]:
    """Order what is in the cart. The same key again answers the same order.

    Where it is paid at a provider's page, `payment.url` leads there. 409 `not_enough` says what is
    `available` of what lacks; then nothing was ordered.
    """
    her = session(request)
    checkout = Checkout(
        body.pay_by, body.contact.dict(), body.address.dict(), body.version, body.total
    )
    if body.pay_by == "card" and not payments.named("card").is_open():
        raise Problem(422, "bad_payment", "Cards are not taken here.")
    with problems(), order_problems():
        order = placing.place_cart_of_shopper(digest(request), checkout, key=key)
    return Status(201, _with_page(order, her))


def _with_page(order: Order, her: Shopper) -> OrderOut:
    """The order, with the page where it is paid. Where the provider is away the order stands, and
    `…/pay` asks again.
    """
    shown = _order_out(order, her)
    if shown.payment is None or shown.state != "awaiting" or shown.payment.url:
        return shown
    payment = Payment.objects.get(order=order)
    with suppress(Away, NotDone, NotOpen):
        starting.start(payment.pk, _back(order))
    return _order_out(order, her)


def _back(order: Order) -> str:
    """Where the provider's page leads back to: the shop, else the order's own page."""
    shop = environment.value("SPINDEL_SHOP_URL").rstrip("/")
    if shop:
        return f"{shop}/orders/{order.number}"
    return links.page("order-page", "order", order.pk)


@router.post("/orders/{number}/pay", response=OrderOut, auth=_hers)
def pay(request: HttpRequest, number: _Number) -> OrderOut:
    """The order with the page where it is paid, made anew where there is none yet."""
    return _with_page(*_my_order(request, number))


class PayByOut(Schema):
    """How the cart can be paid as it stands."""

    pay_by: list[str]


@router.get("/payments", response=PayByOut, auth=_hers)
def get_payments(request: HttpRequest) -> PayByOut:
    """How the cart can be paid as it stands: card, invoice, store."""
    cart = shoppers.cart(session(request))
    return PayByOut(pay_by=payments.choices([one.fulfilment for one in cart.open_lines]))


def _order_out(order: Order, her: Shopper) -> OrderOut:
    return OrderOut.of(orders.view(order, her.language))


@router.get("/orders", response=OrdersOut, auth=_hers)
def get_orders(request: HttpRequest, before: Before = None, limit: Limit = 20) -> OrdersOut:
    """Her orders, the newest first: from this session and, once she has logged in, from all
    channels.
    """
    her = session(request)
    return page(orders.of_shopper(her), before, limit, her.language)


def _my_order(request: HttpRequest, number: str) -> tuple[Order, Shopper]:
    her = session(request)
    found = orders.of_shopper(her).filter(number=numbers.read(number)).first()
    if found is None:
        raise Problem(404, "no_such_order", "You have no order with this number.")
    return found, her


@router.get("/orders/{number}", response=OrderOut, auth=_hers)
def get_order(request: HttpRequest, number: _Number) -> OrderOut:
    """One of her orders."""
    return _order_out(*_my_order(request, number))


@router.post("/orders/{number}/cancel", response=OrderOut, auth=_hers)
def cancel(request: HttpRequest, number: _Number, body: CancelIn) -> OrderOut:
    """Cancel what has not left yet, or some of it."""
    order, her = _my_order(request, number)
    with order_problems():
        order_actions.cancel(order.pk, some(body.lines), by="", why=body.why)
    return _order_out(order, her)


class ClaimIn(Schema):
    """The number on a receipt that she holds."""

    number: _Number


@router.post("/claims", response=OrderOut, auth=_hers)
def claim(request: HttpRequest, body: ClaimIn) -> OrderOut:
    """Put a purchase on her page, by its receipt. She has logged in for that.

    Only by a number that Spindel has given out: those of tills can be guessed.
    """
    her = session(request)
    if her.identifier_id is None:
        raise Problem(403, "not_known", "Log in first.")
    if not numbers.is_ours(body.number):
        raise Problem(404, "no_such_order", "There is no such receipt.")
    with order_problems():
        order = order_actions.claim(
            body.number, her.identifier_id, channel=her.channel, certainly=True
        )
    return _order_out(order, her)


# --- held in stores -------------------------------------------------------------------------------


class HoldIn(Schema):
    """What to hold where, until `hour` or `tomorrow`: closing time of its next open day."""

    sku: _Sku
    place: Annotated[str, Field(min_length=1, max_length=50, pattern=r"^[^\x00]+$")]
    quantity: Annotated[int, Field(ge=1, le=sessions.MOST_HELD)] = 1
    until: Literal["hour", "tomorrow"] = "tomorrow"


class HoldOut(Schema):
    """Something that is held for her. `state`: active, released, expired, handed_over, missing."""

    id: int
    sku: str
    product: str
    name: str
    options: dict[str, str]
    picture: str
    place: str
    place_name: str
    quantity: int
    until: datetime
    state: str
    set_aside: bool


class HoldsOut(Schema):
    """What is held for her, and what was lately."""

    items: list[HoldOut]


@router.get("/holds", response=HoldsOut, auth=_hers)
def get_holds(request: HttpRequest) -> HoldsOut:
    """What is held for her in stores, and what was in the last weeks; the newest first."""
    her = session(request)
    found = stock.holds_of_shopper(her, shoppers.identifiers(her))
    return HoldsOut(items=[_hold_out(one, her.language) for one in found])


@router.post("/holds", response={201: HoldOut}, auth=_hers)
def hold(request: HttpRequest, body: HoldIn, key: _NeedsKey) -> Status[HoldOut]:
    """Hold something in a store for her. The same key again answers the same hold.

    409 `not_enough` where there is too little, `too_many` where much is held for her already.
    """
    her = session(request)
    variant = Variant.objects.filter(sku=body.sku, removed_at=None).first()
    where = Place.objects.filter(code=body.place, closed_at=None, hands_over=True).first()
    if variant is None or where is None:
        raise Problem(404, "no_such_goods", "This is not held there.")
    try:
        until = ends(body.until, where, timezone.now())
    except ValueError:
        raise Problem(409, "closed", "The store does not open again.") from None
    line = Line(variant.pk, where.pk, body.quantity)
    try:
        with problems(), order_problems():
            made = sessions.hold(digest(request), line, until, key=key, asked=body.until)
    except sessions.TooManyHeld:
        raise Problem(
            409, "too_many", f"At most {sessions.MOST_HELD} are held for one at a time."
        ) from None
    return Status(201, _hold_out(_with_goods(made.pk), her.language))


@router.post("/holds/{hold_id}/release", response=HoldOut, auth=_hers)
def release(request: HttpRequest, hold_id: int) -> HoldOut:
    """Let others have it. Again, nothing changes."""
    her = session(request)
    mine = stock.holds_of_shopper(her, shoppers.identifiers(her))
    if not (0 < hold_id < 2**63 and mine.filter(pk=hold_id).exists()):
        raise Problem(404, "no_such_hold", "Nothing like that is held for you.")
    try:
        holding.release(hold_id, "")
    except holding.Ended:
        raise Problem(409, "ended", "It is not held any more.") from None
    return _hold_out(_with_goods(hold_id), her.language)


def _with_goods(id: int) -> Hold:
    return Hold.objects.select_related("variant__product", "place").get(pk=id)


def _hold_out(hold: Hold, language: str) -> HoldOut:
    product = hold.variant.product
    late = hold.state == Hold.State.ACTIVE and hold.until <= timezone.now()
    return HoldOut(
        id=hold.pk,
        sku=hold.variant.sku,
        product=product.number,
        picture=(hold.variant.pictures or product.pictures or [""])[0],
        name=carts.in_language(product.names, language, product.number),
        options=hold.variant.options,
        place=hold.place.code,
        place_name=hold.place.name,
        quantity=hold.quantity,
        until=hold.until,
        state=str(Hold.State.EXPIRED if late else hold.state),
        set_aside=hold.set_aside_at is not None,
    )


# --- wishes ---------------------------------------------------------------------------------------


class WishIn(Schema):
    """`waits`: she is told by mail, once, when it can be sent again."""

    waits: bool = False


class WishOut(Schema):
    """Something on her wish list. `available` can be sent; no amount: it is not sold now."""

    sku: str
    product: str
    name: str
    options: dict[str, str]
    picture: str
    waits: bool
    amount: int | None
    currency: str
    available: int


class WishesOut(Schema):
    """Her wish list."""

    items: list[WishOut]


@router.get("/wishes", response=WishesOut, auth=_hers)
def get_wishes(request: HttpRequest) -> WishesOut:
    """Her wish list, the newest first; before she has logged in, that of this session."""
    return WishesOut(items=[WishOut.from_orm(one) for one in wishes.view(session(request))])


@router.put("/wishes/{path:sku}", response={204: None}, auth=_hers)
def wish(request: HttpRequest, sku: _Sku, body: WishIn) -> Status[None]:
    """Put it on her list. To be told when it is back, she has logged in: else 403 `not_known`."""
    try:
        with problems():
            wish_actions.wish(digest(request), sku, waits=body.waits)
    except wish_actions.NotKnown:
        raise Problem(403, "not_known", "Log in first.") from None
    return Status(204, None)


@router.delete("/wishes/{path:sku}", response={204: None}, auth=_hers)
def unwish(request: HttpRequest, sku: _Sku) -> Status[None]:
    """Take it off her list. Again, nothing changes."""
    with problems():
        wish_actions.unwish(digest(request), sku)
    return Status(204, None)
