"""Who is likely the same person as a customer, and what speaks against it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from spindel.identity import serving
from spindel.identity.customers import Profile, Summary
from spindel.identity.shown import Opened
from spindel.kit.folding import fold

_MOST = 5


@dataclass(frozen=True, slots=True)
class Likely:
    """A customer who has the same name; `same_city`: and lives in the same city."""

    summary: Summary
    same_city: bool


def of(request: HttpRequest, her: Opened, profile: Profile) -> list[Likely]:
    """Those with the customer's whole name, the likeliest first, found as by a search for it."""
    name, city = fold(profile.name), fold(_value(profile, "city"))
    if " " not in name or "@" in name:
        return []  # a first name, or an address, is many people's, or nobody else's
    found = [
        Likely(one.summary, bool(city) and fold(one.summary.city) == city)
        for one in serving.search(request, profile.name, without=her.id)
        if fold(one.summary.name) == name
    ]
    return sorted(found, key=lambda one: not one.same_city)[:_MOST]


# What one person has one of. Cities and sizes change, and people have several addresses.
_ONE_OF = ("birthday", "gender", "language", "country")


@dataclass(frozen=True, slots=True)
class Conflict:
    """A trait of which the two have said different things; `certain`: a
    person has only one of it."""

    name: str
    ours: object
    theirs: object
    certain: bool


def conflicts(ours: Profile, theirs: Profile) -> list[Conflict]:
    """Where the two differ: that of which a person has only one first."""
    others = {one.name: one.value for one in theirs.traits}
    found = [
        Conflict(one.name, one.value, others[one.name], one.name in _ONE_OF)
        for one in ours.traits
        if one.name in others and _folded(one.value) != _folded(others[one.name])
    ]
    return sorted(found, key=lambda one: (not one.certain, one.name))


def _folded(value: object) -> object:
    return fold(value) if isinstance(value, str) else value


def _value(profile: Profile, name: str) -> str:
    told = {one.name: one.value for one in profile.traits}.get(name)
    return told if isinstance(told, str) else ""
