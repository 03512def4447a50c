"""What stands on a customer's page: each domain declares its own in its `panels.py`.

A panel shows what a domain has open for her: in `PANELS`. What leads from the page to others of
hers is in `LINKS`, and what can be done about a fact of her timeline in `ABOUT_FACTS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from django.urls import reverse

from spindel.kit import declared
from spindel.staff.models import User
from spindel.staff.permissions import may
from spindel.timeline.reading import FactRow

T = TypeVar("T")


class Place(Enum):
    """Where a panel stands."""

    HEAD = "head"  # beside her name: what is done most
    OPEN = "open"  # what is open now
    KNOWN = "known"  # below what is known


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the page, fetched from the route with her id, and again whenever facts come.

    It is known by its name: the element of the id `slot-<name>`. What it opens beside itself goes
    into the empty element of the id `opens`. `rank` goes before the order of the domains.
    """

    name: str
    route: str
    needs: str
    place: Place = Place.OPEN
    opens: str = ""
    rank: int = 0


@dataclass(frozen=True, slots=True)
class PageLink:
    """A page about her, by its route with her id."""

    route: str
    label: object  # lazily translated
    icon: str
    needs: str


@dataclass(frozen=True, slots=True)
class FactLink:
    """What one can do about a fact: its address for a customer and a fact, "" where there is none.

    With a `target`, the part that it answers is put into that element of the page.
    """

    address: Callable[[int, FactRow], str]
    label: object  # lazily translated
    icon: str
    needs: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Shown(Generic[T]):
    """One of them for somebody, and its address."""

    of: T
    url: str


def panels(user: User, customer: int) -> dict[str, list[Shown[Panel]]]:
    """The panels that the person sees, by the place where they stand."""
    found = sorted(declared.each("panels", "PANELS"), key=lambda one: one.rank)
    seen = [
        Shown(one, reverse(one.route, args=[customer])) for one in found if may(user, one.needs)
    ]
    return {place.value: [one for one in seen if one.of.place is place] for place in Place}


def links(user: User, customer: int) -> list[Shown[PageLink]]:
    """The pages about her that the person may open."""
    return [
        Shown(one, reverse(one.route, args=[customer]))
        for one in declared.each("panels", "LINKS")
        if may(user, one.needs)
    ]


def about_fact(user: User, customer: int, fact: FactRow) -> list[Shown[FactLink]]:
    """What the person can do about a fact of hers."""
    found = declared.each("panels", "ABOUT_FACTS")
    shown = [Shown(one, one.address(customer, fact)) for one in found if may(user, one.needs)]
    return [one for one in shown if one.url]
