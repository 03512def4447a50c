"""Where a customer's page leads: each domain declares its own beside its panels, in `panels.py`.

What leads to other pages of hers is in `LINKS`, what is done for her at the head of her page in
`DOES`, and what can be done about a fact of her timeline in `ABOUT_FACTS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.urls import reverse

from spindel.kit import declared
from spindel.staff.models import User
from spindel.staff.permissions import may
from spindel.timeline.reading import FactRow

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PageLink:
    """A page about her, by its route with her id."""

    route: str
    label: object  # lazily translated
    icon: str
    needs: str


@dataclass(frozen=True, slots=True)
class Doing:
    """What one does for her, by its address for a customer."""

    address: Callable[[int], str]
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
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Shown(Generic[T]):
    """One of them for somebody, and its address."""

    of: T
    url: str


def links(user: User, customer: int) -> list[Shown[PageLink]]:
    """The pages about her that the person may open."""
    return [
        Shown(one, reverse(one.route, args=[customer]))
        for one in declared.each("panels", "LINKS")
        if may(user, one.needs)
    ]


def doings(user: User, customer: int) -> list[Shown[Doing]]:
    """What the person may do for her."""
    found = [one for one in declared.each("panels", "DOES") if may(user, one.needs)]
    return [Shown(one, one.address(customer)) for one in found]


def about_fact(user: User, customer: int, fact: FactRow) -> list[Shown[FactLink]]:
    """What the person can do about a fact of hers."""
    found = sorted(declared.each("panels", "ABOUT_FACTS"), key=lambda one: one.rank)
    shown = [Shown(one, one.address(customer, fact)) for one in found if may(user, one.needs)]
    return [one for one in shown if one.url]
