"""What forms are filled with: what is certain of whoever is served.

Anybody can say with a public key where somebody lives, and type her address in a shop. That is
offered beside the form, and said to be not confirmed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from babel.core import Locale
from django.conf import settings

from spindel.commerce.contacts import ADDRESS, CONTACT
from spindel.commerce.models import Order
from spindel.commerce.reading import hers
from spindel.identity import customers, ownership
from spindel.identity.models import Identifier
from spindel.identity.shown import Opened

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


def certainly(mine: Collection[int], market: str = "") -> dict[str, str]:
    """What is certain of whoever has proved to have these identifiers, by field.

    Identifiers of hers, what trusted sources and people here have said of them, and orders that
    she placed when she had proved who she is, or that somebody here wrote down.
    """
    traits = customers.trusted_traits(mine)
    orders = list(_orders(mine))
    held = Identifier.objects.filter(pk__in=mine, kind__in=("email", "phone")).order_by("pk")
    told = {one.kind: one.value for one in held.reverse()}
    contacts = [told, *(one.contact for one in orders)]
    lived = [*(one.address for one in orders), _address(traits)]
    there = (one for one in lived if _is_in(one.get("country", ""), market))
    address: Mapping[str, str] = next((one for one in there if one.get("street")), {})
    found = {"name": customers.name_of(traits)} | {name: "" for name in _FIELDS if name != "name"}
    for name in CONTACT:
        found[name] = found[name] or next((one[name] for one in contacts if one.get(name)), "")
    home = {name: address.get(name, "") for name in ADDRESS} | {"country": market}
    return _trimmed(found | home)


def _orders(mine: Collection[int]) -> Collection[Order]:
    hers = Order.objects.filter(identifier__in=mine, proved=True)
    return hers.order_by("-placed_at", "-pk")[:_MOST_ORDERS]


def _address(traits: Mapping[str, object]) -> dict[str, str]:
    """Where she lives, as traits tell it: in one of their own, or each part by itself."""
    told = next((value for name, value in traits.items() if name.lower() == "address"), None)
    parts = told if isinstance(told, dict) else traits
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
    told = [{"name": customers.name_of(traits)}, _address(traits)]
    told += [
        {row.kind: row.value}
        for row in profile.identifiers
        if row.kind in ("email", "phone") and row.id not in mine
    ]
    others = Order.objects.filter(pk__in=hers.orders(her.id, _MOST_ORDERS)).order_by("-placed_at")
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
