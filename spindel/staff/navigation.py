"""The way around the console: each domain declares its own pages in its `nav.py`, as `ENTRIES`.

A person is shown what her role opens, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from spindel.kit import declared
from spindel.staff.models import User
from spindel.staff.permissions import may


class Group(Enum):
    """What belongs together, in the order in which it is shown."""

    FIRST = _("First")
    CUSTOMERS = _("Customers")
    ORDERS = _("Orders")
    STOCK = _("Stock")
    PRODUCTS = _("Products")
    INSIGHT = _("Insight")
    SETTINGS = _("Settings")


_GROUPS = list(Group)


@dataclass(frozen=True, slots=True)
class Count:
    """How much waits behind an entry, and the same in words."""

    number: int
    words: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A page that one goes to: the name of its route, what it is called, and who may open it.

    Whoever may do what is in `unless` has the page at another place. `about` says what is there,
    where Settings are listed; `rank` goes before the order of the domains.
    """

    group: Group
    route: str
    label: object  # lazily translated
    icon: str
    needs: str
    unless: str = ""
    about: object = ""
    rank: int = 0
    count: Callable[[User], Count | None] | None = None

    @property
    def url(self) -> str:
        """Where it leads."""
        return reverse(self.route)

    def opens_to(self, user: User) -> bool:
        """Whether it is there for this person."""
        return may(user, self.needs) and not (self.unless and may(user, self.unless))


@cache
def entries() -> tuple[Entry, ...]:
    """All that the domains declare, in the order in which it is shown."""
    found = declared.each("nav", "ENTRIES")
    return tuple(sorted(found, key=lambda one: (_GROUPS.index(one.group), one.rank)))


@dataclass(frozen=True, slots=True)
class Place:
    """An entry for somebody, whether she is there, and what waits behind it."""

    entry: Entry
    here: bool
    waiting: Count | None

    @property
    def counts(self) -> bool:
        """Whether anything can wait behind it."""
        return self.entry.count is not None


@dataclass(frozen=True, slots=True)
class Section:
    """The entries of a group for somebody."""

    group: Group
    places: Sequence[Place]

    @property
    def is_settings(self) -> bool:
        """Whether it is what an installation is set up by."""
        return self.group is Group.SETTINGS

    @property
    def here(self) -> bool:
        """Whether she is on one of its pages."""
        return any(one.here for one in self.places)

    @property
    def label(self) -> str:
        """What the group is called."""
        return str(self.group.value)


def sections(user: User, path: str) -> list[Section]:
    """What the person may go to, by group, and where the address is."""
    open_to = [one for one in entries() if one.opens_to(user)]
    here = _nearest(open_to, path)
    found = []
    for group in Group:
        places = [
            Place(one, one is here, one.count(user) if one.count else None)
            for one in open_to
            if one.group is group
        ]
        if places:
            found.append(Section(group, places))
    return found


def beside(user: User, route: str) -> list[Entry]:
    """The other pages of the page's group that the person may go to."""
    group = next(one.group for one in entries() if one.route == route)
    others = [one for one in entries() if one.group is group and one.route != route]
    return [one for one in others if one.opens_to(user)]


def _nearest(several: Sequence[Entry], path: str) -> Entry | None:
    """The entry below which the address lies: the one of the longest address."""
    above = [
        one for one in several if path == one.url or (one.url != "/" and path.startswith(one.url))
    ]
    return max(above, key=lambda one: len(one.url), default=None)


def settings(user: User) -> list[Entry]:
    """What the person may set up or look up there."""
    return [one for one in entries() if one.group is Group.SETTINGS and one.opens_to(user)]


def counts(user: User) -> list[tuple[Entry, Count | None]]:
    """What waits behind the entries that count something."""
    return [(one, one.count(user)) for one in entries() if one.count and one.opens_to(user)]
