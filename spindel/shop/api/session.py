"""Her session: begun, made hers by logging in, and ended."""

from __future__ import annotations

import re
from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from spindel.catalogue import markets
from spindel.catalogue.reading import currency_of
from spindel.commerce.carts import session_actions, session_cart
from spindel.commerce.common import contacts, lookups
from spindel.commerce.common.schema import Whose
from spindel.commerce.orders import prefill
from spindel.commerce.orders.schema import AddressIn
from spindel.identity import identifiers as whose
from spindel.identity.rules import NOWHERE, normalise
from spindel.kit import client
from spindel.kit.refusal import Refusal
from spindel.kit.schema import Language, Market, ViewSchema
from spindel.shop import actions as shop_actions
from spindel.shop.api.key import digest, hers, session
from spindel.shoppers import actions as sessions
from spindel.shoppers import reading as shoppers
from spindel.shoppers.models import Shopper
from spindel.staff.api import needs
from spindel.staff.models import ApiToken, Scope
from spindel.timeline.models import Channel

router = Router()


class SessionIn(Schema):
    """Somebody who has come to the shop. `browser` is what its script calls the device.

    `whose` is `kind:value`: who your own login knows her to be; that needs the scope `shop:vouch`.
    `address` is her device's network address, as your server sees it: of one address only so many
    login mails are sent; without it, of the address that asks Spindel. A keyed hash is kept as long
    as the session.
    """

    browser: Annotated[str, Field(max_length=200, pattern=r"^[^\x00]+$")] | None = None
    market: Market = "SE"
    language: Language = "sv"
    channel: Channel = Channel.WEB
    whose: Whose | None = None
    address: Annotated[str, Field(max_length=64, pattern=r"^[0-9A-Fa-f:.]*$")] = ""


class SessionOut(Schema):
    """A session. `known`: she has proved who she is; then her name and address are told. `market`
    is that of her cart, whichever device or store it was changed in.
    """

    known: bool
    name: str
    email: str
    market: str
    currency: str
    language: str


class NewSessionOut(SessionOut):
    """A session, with the key that everything else is asked with. It is told once."""

    key: str


@router.post(
    "/sessions", summary="Begin a session", response={201: NewSessionOut}, auth=needs(Scope.SHOP)
)
def let_in(request: HttpRequest, body: SessionIn) -> Status[NewSessionOut]:
    """Begin a session for somebody who has come to the shop."""
    token = getattr(request, "auth", None)
    assert isinstance(token, ApiToken)
    proved = None
    if body.whose is not None:
        if Scope.SHOP_VOUCH not in token.scopes:
            raise Refusal("missing_scope", scope=Scope.SHOP_VOUCH)
        proved = lookups.identifier(body.whose, lookups.country(body))
    browser = None if body.browser is None else _browser(body.browser)
    key = sessions.let_in(
        browser=browser,
        market=markets.Market(body.market, _currency(body.market), body.language),
        channel=body.channel,
        shop=token.name,
        proved=proved,
        address=body.address,
    )
    made = shoppers.find(shoppers.digest(key))
    return Status(201, NewSessionOut(key=key, **_session(made).dict()))


def _browser(name: str) -> int | None:
    normal = normalise("anonymous_id", name, NOWHERE)
    if normal is None:
        raise Refusal("bad_browser")
    return whose.identifier("anonymous_id", normal)


def _currency(market: str) -> str:
    found = currency_of(market)
    if found is None:
        raise Refusal("bad_market")
    return found


def _session(found: Shopper) -> SessionOut:
    known = prefill.known(found)
    market, currency = session_cart.market_of(found)
    return SessionOut(
        known=known is not None,
        name=known.name if known else "",
        email=known.email if known else "",
        market=market,
        currency=currency,
        language=found.language,
    )


@router.get("/session", summary="See the session", response=SessionOut, auth=hers)
def get_session(request: HttpRequest) -> SessionOut:
    """Who has the session, as far as she has proved it."""
    return _session(session(request))


class PreferIn(Schema):
    """How she wants the shop; and what its script calls the device, once she has consented."""

    browser: Annotated[str, Field(max_length=200, pattern=r"^[^\x00]+$")] | None = None
    market: Market | None = None
    language: Language | None = None


@router.put("/session", summary="Change market or language", response=SessionOut, auth=hers)
def prefer(request: HttpRequest, body: PreferIn) -> SessionOut:
    """Change the session's market or language.

    Her cart goes to that market on all her devices: `GET /cart?market=` shows it before.
    """
    found = session(request)
    market = body.market or session_cart.market_of(found)[0]
    if body.browser is not None:
        session_actions.name_browser(digest(request), _browser(body.browser))
    language = body.language or found.language
    wanted = markets.Market(market, _currency(market), language)
    session_actions.prefer(digest(request), wanted)
    return _session(session(request))


class DetailsIn(Schema):
    """What they are called, how they are reached and where they live; no street takes that away."""

    name: Annotated[str, Field(max_length=contacts.CONTACT["name"])]
    phone: Annotated[str, Field(max_length=contacts.CONTACT["phone"])] = ""
    address: AddressIn = AddressIn()


class DetailsOut(Schema):
    """What forms begin with. `country` is the session's market; the rest is empty where nothing is
    known.
    """

    name: str
    email: str
    phone: str
    street: str
    postcode: str
    city: str
    country: str


@router.get("/details", summary="See the shopper’s details", response=DetailsOut, auth=hers)
def get_details(request: HttpRequest) -> DetailsOut:
    """What whoever has the session has said of themselves before, in whichever channel, and what is
    certain of them: their name, how they are reached, and where they live in the market.

    Before they have logged in: what was typed in this session.
    """
    return DetailsOut(**prefill.details(session(request)))


@router.put("/details", summary="Change the shopper’s details", response=DetailsOut, auth=hers)
def put_details(request: HttpRequest, body: DetailsIn) -> DetailsOut:
    """Change them, for every channel; who has not logged in can't: 403 `not_known`.

    422 `bad_contact` and `bad_address` say which `field` is not right.
    """
    her = session(request)
    contact = contacts.contact({"name": body.name, "phone": body.phone})
    address = body.address.plain(session_cart.market_of(her)[0])
    shop_actions.change_details(digest(request), contact, address)
    return DetailsOut(**prefill.details(session(request)))


class LoginIn(Schema):
    """Whom to mail a link, and the path in the shop that it leads back to."""

    email: Annotated[str, Field(max_length=contacts.CONTACT["email"], pattern=r"^[^\x00\s]+$")]
    back: Annotated[str, Field(max_length=500)] = "/"


class AcceptedOut(Schema):
    """It was taken."""

    accepted: bool = True


@router.post("/login", summary="Mail a login link", response={202: AcceptedOut}, auth=hers)
def login(request: HttpRequest, body: LoginIn) -> Status[AcceptedOut]:
    """Mail a link to the address by which its owner logs in. The answer says nothing of whose.

    429 `too_many` where the session, or its network address, has asked for many.
    """
    found = session(request)
    if not re.fullmatch(r"/[^/\\\x00-\x20][^\\\x00-\x20]*|/", body.back):
        raise Refusal("bad_back")
    sessions.mail_link(
        body.email,
        back=body.back,
        language=found.language,
        shopper=found,
        caller=client.address(request),
    )
    return Status(202, AcceptedOut())


_Code = Annotated[str, Field(min_length=1, max_length=200)]


class LookIn(Schema):
    """The code of a link that was mailed."""

    code: _Code


class LoginOut(ViewSchema, view=shoppers.Login):
    """As whom the link logs in: to a session that has not asked for it, masked."""


@router.post("/login/look", summary="See whom a login link is for", response=LoginOut, auth=hers)
def look(request: HttpRequest, body: LookIn) -> LoginOut:
    """As whom the code logs in, to be shown before it is confirmed. 410 `used` or `expired`."""
    found = shoppers.login(session(request), body.code)
    return LoginOut.from_orm(found)


class CodeIn(Schema):
    """The code of a link that was mailed. `confirmed`: she was shown as whom she logs in."""

    code: _Code
    confirmed: bool = False


@router.post("/login/confirm", summary="Log in by a link", response=NewSessionOut, auth=hers)
def confirm(request: HttpRequest, body: CodeIn) -> NewSessionOut:
    """Log in by the code of a link. Her carts become one. 410 `used` or `expired`.

    409 `asked_elsewhere` where another session has asked for the link: show her as whom she logs in
    (`/login/look`), and send `confirmed` where she goes on. The session goes on by another `key`:
    the one that was asked with is over.
    """
    session(request)
    key = sessions.log_in_anew(digest(request), body.code, confirmed=body.confirmed)
    return NewSessionOut(key=key, **_session(shoppers.find(shoppers.digest(key))).dict())


@router.post("/logout", summary="Log out", response={204: None}, auth=hers)
def logout(request: HttpRequest) -> Status[None]:
    """End the session. The next one begins with an empty cart."""
    session(request)
    sessions.let_out(digest(request))
    return Status(204, None)
