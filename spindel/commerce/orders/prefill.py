"""What forms are filled with: what is certain of whoever is served.

What somebody has said once is theirs in every face: on a page of their own, at a checkout, to
somebody here. Anybody can say with a public key where somebody lives, and type their address in a
shop. That is offered beside the form, and said to be not confirmed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from babel.core import Locale
from django.conf import settings
from django.db.models import Q

from spindel.commerce.carts.session_cart import market_of
from spindel.commerce.common.contacts import ADDRESS, CONTACT
from spindel.commerce.orders import customer_orders, prefill
from spindel.commerce.orders.models import Order
from spindel.identity import customers, naming, ownership
from spindel.identity import identifiers as identity_identifiers
from spindel.identity.customers import Told
from spindel.identity.models import Identifier
from spindel.identity.shown import Opened
from spindel.shoppers.models import Shopper
from spindel.shoppers.reading import identifiers

_FIELDS = CONTACT | ADDRESS
_MOST_ORDERS = 10
_MOST_SAID = 3

_SPELT = {
    "street": ("street",),
    "postcode": ("postcode", "postal_code", "postalcode", "zip"),
    "city": ("city",),
    "country": ("country",),
}


@dataclass(frozen=True, slots=True)
class Filled:
    """What a form begins with, and what else was said that nobody has confirmed; by field."""

    certain: dict[str, str]
    said: dict[str, list[str]]


def of(her: Opened, market: str) -> Filled:
    """What is known of whoever is served; her address is one in the market."""
    who = her.known()
    mine = set[int]() if who is None else ownership.proven(who)
    certain = certainly(mine, market)
    return Filled(certain, _said(her, mine, certain))


def certainly(
    mine: Collection[int], market: str = "", session: Shopper | None = None
) -> dict[str, str]:
    """What is certain of whoever has proved to have these identifiers, by field.

    What they have said of themselves, orders that they placed when they had proved who they are, or
    in this session, what people here have written down, and what trusted sources say: of what was
    typed the newest. What they have taken away on their own page is not filled in again by what is
    older.
    """
    traits = customers.trusted_traits(mine)
    typed = _typed(mine, session)
    reached = Identifier.objects.filter(pk__in=mine, kind__in=("email", "phone")).order_by("-pk")
    told = {one.kind: one.value for one in reached}
    home = _home(traits, typed, market)
    found = {
        "name": _name(traits, typed),
        "email": told.get("email", "") or _newest(typed, "email"),
        "phone": _phone(traits, typed, told.get("phone", "")),
        **{name: home.get(name, "") for name in ADDRESS},
        "country": market,
    }
    return _trimmed(found)


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed for an order or a quote, and when."""

    at: datetime
    contact: Mapping[str, str]
    address: Mapping[str, str]


_SOURCES: list[Callable[[Collection[int]], list[Typed]]] = []


def register(typed: Callable[[Collection[int]], list[Typed]]) -> None:
    """Have it asked what else was typed for whoever has these identifiers."""
    _SOURCES.append(typed)


def _typed(mine: Collection[int], session: Shopper | None) -> list[Typed]:
    """What was typed for whoever has these identifiers, or in the session; the newest first."""
    theirs = Q(identifier__in=mine, proved=True)
    if session is not None:
        theirs |= Q(shopper=session)
    orders = Order.objects.filter(theirs).order_by("-placed_at", "-pk")[:_MOST_ORDERS]
    found = [Typed(one.placed_at, one.contact, one.address) for one in orders]
    found += [one for more in _SOURCES for one in more(mine)]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _newest(typed: Sequence[Typed], name: str) -> str:
    return next((one.contact[name] for one in typed if one.contact.get(name)), "")


def _name(traits: Mapping[str, Sequence[Told]], typed: Sequence[Typed]) -> str:
    told = {name: values[0].value for name, values in traits.items()}
    return naming.of_traits(told) or _newest(typed, "name")


def _phone(traits: Mapping[str, Sequence[Told]], typed: Sequence[Typed], known: str) -> str:
    said = next((one for one in traits.get("phone", ()) if one.by_hand), None)
    if said is None:
        return _newest(typed, "phone") or known
    newer = [one for one in typed if one.at > said.at]
    return _newest(newer, "phone") or str(said.value)


def _home(
    traits: Mapping[str, Sequence[Told]], typed: Sequence[Typed], market: str
) -> Mapping[str, str]:
    """Where they live in the market, as was said last; nothing where that was taken away."""
    told = [one for name, values in traits.items() if name.lower() == "address" for one in values]
    lived: list[tuple[datetime, Mapping[str, str]]] = [
        *((one.at, _parts(one.value)) for one in told if one.by_hand),
        *((one.at, one.address) for one in typed if one.address),
    ]
    gone = max((one.at for one in told if one.by_hand and not one.value), default=None)
    for at, address in sorted(lived, key=lambda one: one[0], reverse=True):
        if gone is not None and at <= gone:
            return {}
        if _is_home(address, market):
            return address
    parts = {name: values[0].value for name, values in traits.items()}
    sources = [*(_parts(one.value) for one in told if not one.by_hand), _parts(parts)]
    return next((one for one in sources if _is_home(one, market)), {})


def _is_home(address: Mapping[str, str], market: str) -> bool:
    return bool(address.get("street")) and _is_in(address.get("country", ""), market)


def _address(traits: Mapping[str, object]) -> dict[str, str]:
    """Where she lives, as traits tell it: in one of their own, or each part by itself."""
    told = next((value for name, value in traits.items() if name.lower() == "address"), None)
    return _parts(told if isinstance(told, dict) else traits)


def _parts(told: object) -> dict[str, str]:
    parts = told if isinstance(told, Mapping) else {}
    words = {str(name).lower(): value for name, value in parts.items() if isinstance(value, str)}
    return {
        name: next((words[one] for one in spelt if words.get(one)), "")
        for name, spelt in _SPELT.items()
    }


def _is_in(told: str, market: str) -> bool:
    """Whether the country, by its code or its name in one of our languages, is the market; where
    none is told it is.
    """
    codes = [code for code, _ in settings.LANGUAGES]
    names = {Locale(code).territories.get(market, market).casefold() for code in codes}
    return told.strip().casefold() in {"", market.casefold(), *names}


def _said(her: Opened, mine: Collection[int], certain: Mapping[str, str]) -> dict[str, list[str]]:
    profile = her.profile()
    traits = {row.name: row.value for row in profile.traits}
    told: list[Mapping[str, str]] = [{"name": naming.of_traits(traits)}, _address(traits)]
    told += [
        {row.kind: row.value}
        for row in profile.identifiers
        if row.kind in ("email", "phone") and row.id not in mine
    ]
    others = Order.objects.filter(pk__in=customer_orders.orders(her.id, _MOST_ORDERS)).order_by(
        "-placed_at"
    )
    for one in others:
        told += [one.contact, one.address]
    found: dict[str, list[str]] = {name: [] for name in _FIELDS}
    for some in told:
        for name, value in _trimmed(some).items():
            if value and value != certain[name] and value not in found[name]:
                found[name].append(value)
    return {name: values[:_MOST_SAID] for name, values in found.items() if name != "country"}


def _trimmed(told: Mapping[str, object]) -> dict[str, str]:
    return {name: str(told[name])[:most] for name, most in _FIELDS.items() if told.get(name)} | {
        name: "" for name in _FIELDS if not told.get(name)
    }


@dataclass(frozen=True, slots=True)
class Known:
    """What a shopper is told of herself: only where she has proved who she is."""

    name: str
    email: str


def known(shopper: Shopper) -> Known | None:
    """Who she has proved to be."""
    if shopper.identifier_id is None:
        return None
    if identity_identifiers.living(shopper.identifier_id) is None:
        return None
    certain = prefill.certainly(identity_identifiers.proven(shopper.identifier_id))
    return Known(certain["name"], certain["email"])


def details(shopper: Shopper) -> dict[str, str]:
    """What they are called, how they are reached, and where they live in the market, by field: what
    a form of theirs begins with. Before they have proved who they are: what was typed here.
    """
    return prefill.certainly(identifiers(shopper), market_of(shopper)[0], shopper)
