"""Reading sessions at a shop: who is there, and what is hers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.utils import timezone
from django.utils.crypto import salted_hmac

from spindel.commerce.carts import ownership as opening
from spindel.commerce.carts import reading as carts
from spindel.commerce.carts.models import Cart
from spindel.commerce.orders import filling
from spindel.identity import receivers as whose
from spindel.kit import client, sql
from spindel.kit.refusal import Refusal
from spindel.shoppers.models import LoginLink, Shopper


def digest(secret: str) -> bytes:
    """What is kept of a secret; plain SHA-256 suffices, as the secret can't be guessed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def network(address: str) -> str:
    """What is kept of a network address: enough to count those of one together, and no more."""
    found = client.network(address)
    return _hash("network", found) if found else ""


def caller(address: str) -> str:
    """As `network`, of whoever has connected to Spindel: the shop's server, for many shoppers."""
    return _hash("caller", client.network(address))


def _hash(salt: str, text: str) -> str:
    return salted_hmac(salt, text, algorithm="sha256").hexdigest()[:32]


def find(digest: bytes) -> Shopper:
    """The session. Raises opening.NoShopper."""
    # In plain SQL, as it is asked at each request: the ORM takes longer than all the rest of many.
    found = sql.prepared(_FIND, {"digest": digest})
    shopper = None if found is None else Shopper.from_db("default", _COLUMNS, found)
    if shopper is None or (shopper.identifier_id or shopper.browser_id) is None:
        raise opening.NoShopper
    return shopper


_COLUMNS = [field.attname for field in Shopper._meta.concrete_fields]
_FIND = f"""
SELECT {", ".join(str(field.column) for field in Shopper._meta.concrete_fields)}
FROM shoppers_shopper WHERE digest = %(digest)s::bytea AND ended_at IS NULL
"""  # noqa: S608  # put together from the model


def cart(shopper: Shopper, market: str = "", currency: str = "") -> carts.CartView:
    """Her cart; an empty one, that nothing is kept of, where she has none yet. As it would be in
    another market, where one is named.
    """
    there = _open_cart(shopper)
    if there is None:
        here = (market, currency) if market else market_of(shopper)
        return carts.CartView(0, 0, *here, 0, 0, 0, [])
    return carts.view(there.pk, shopper.language, market or None, currency or None)


def _open_cart(shopper: Shopper) -> Cart | None:
    there = carts.still_open(shopper.cart_id)
    if there is None and shopper.identifier_id is not None:
        there = carts.certainly_of(shopper.identifier_id)
    return there


def market_of(shopper: Shopper) -> tuple[str, str]:
    """In which market she buys, and in what money: as her cart says, on all her devices, or the
    one that she had last; before that, as the session began.
    """
    there = _open_cart(shopper) or Cart.objects.filter(pk=shopper.cart_id or 0).first()
    return (shopper.market, shopper.currency) if there is None else (there.market, there.currency)


@dataclass(frozen=True, slots=True)
class Known:
    """What a shopper is told of herself: only where she has proved who she is."""

    name: str
    email: str


def known(shopper: Shopper) -> Known | None:
    """Who she has proved to be."""
    if shopper.identifier_id is None:
        return None
    if whose.living(shopper.identifier_id) is None:
        return None
    certain = filling.certainly(whose.proven(shopper.identifier_id))
    return Known(certain["name"], certain["email"])


def details(shopper: Shopper) -> dict[str, str]:
    """What they are called, how they are reached, and where they live in the market, by field: what
    a form of theirs begins with. Before they have proved who they are: what was typed here.
    """
    return filling.certainly(identifiers(shopper), market_of(shopper)[0], shopper)


class NoSuchLogin(Refusal):
    """There is no such link, or it is over: it was used, or has expired."""


@dataclass(frozen=True, slots=True)
class Login:
    """As whom a mailed link logs in; `asked_here`: this session has asked for it.

    To another one, to which the mail may have been handed on, the address is not said in full.
    """

    email: str
    asked_here: bool


def login(shopper: Shopper, code: str) -> Login:
    """What the link does that a session has come by. Raises NoSuchLogin."""
    link = good(LoginLink.objects.select_related("identifier").filter(digest=digest(code)).first())
    assert link.identifier is not None
    here = link.shopper_id == shopper.pk
    name, _, domain = link.identifier.value.rpartition("@")
    return Login(link.identifier.value if here else f"{name[:1]}•••@{domain}", here)


def good(link: LoginLink | None) -> LoginLink:
    """The link, if it still logs somebody in. Raises NoSuchLogin."""
    if link is None or link.identifier_id is None or link.ends_at <= timezone.now():
        raise NoSuchLogin("expired")
    if link.used_at is not None:
        raise NoSuchLogin("used")
    return link


def identifiers(shopper: Shopper) -> set[int]:
    """The identifiers that are certainly hers: none before she has proved who she is.

    What a device is called is no secret, so it opens nothing.
    """
    return set() if shopper.identifier_id is None else whose.proven(shopper.identifier_id)
