"""Reading sessions at a shop: who is there, and what is hers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.utils import timezone
from django.utils.crypto import salted_hmac

from spindel.identity import identifiers as identity_identifiers
from spindel.kit import client, sql
from spindel.kit.idempotency import Request
from spindel.kit.refusal import Refusal
from spindel.kit.saying import NotThere
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
    """The session. Raises NoShopper."""
    # In plain SQL, as it is asked at each request: the ORM takes longer than all the rest of many.
    found = sql.prepared(_FIND, {"digest": digest})
    shopper = None if found is None else Shopper.from_db("default", _COLUMNS, found)
    if shopper is None or (shopper.identifier_id or shopper.browser_id) is None:
        raise NoShopper
    return shopper


_COLUMNS = [field.attname for field in Shopper._meta.concrete_fields]
_FIND = f"""
SELECT {", ".join(str(field.column) for field in Shopper._meta.concrete_fields)}
FROM shoppers_shopper WHERE digest = %(digest)s::bytea AND ended_at IS NULL
"""  # noqa: S608  # put together from the model


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
    return (
        set()
        if shopper.identifier_id is None
        else identity_identifiers.proven(shopper.identifier_id)
    )


class NoShopper(NotThere):
    """The session is over, or never was."""

    code = "no_session"


def request(shopper: int, key: str) -> Request:
    """Which request it is that a session makes, whose secret is another once she has logged in."""
    return Request(f"shopper {shopper}", key)
