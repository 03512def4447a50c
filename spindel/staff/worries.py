"""What wants somebody's eye: each domain declares its own kinds in its `attention.py`, as `KINDS`.

One list shows them all, and one bell counts them: to each person those that her role may see to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any  # rows of any table

from django.db.models import QuerySet, Value

from spindel.kit import declared
from spindel.staff.models import User
from spindel.staff.permissions import may

MOST = 50  # of each kind that are shown, or counted


@dataclass(frozen=True, slots=True)
class Link:
    """Where something is: its words and its address."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Worry:
    """Something that wants an eye: what it is, what to do about it, and the small print.

    Its one action is `again`, the words of the button that does what its kind does, or else
    `see`, the page where one sees to it. `state` says how it stands, `waits` that there is nothing
    to do as yet.
    """

    id: int
    what: str
    to_do: str = ""
    about: str = ""
    code: str = ""  # as a machine has it
    at: datetime | None = None
    links: Sequence[Link] = ()
    state: str = ""
    waits: bool = False
    again: str = ""
    see: Link | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """Worries of a kind, in the name's word of its addresses, for whoever may do what it needs.

    `find` answers so many at most, the most urgent first; `count` as many as matter, or the rows
    that are to be counted, which all kinds count in one statement. `again` does the action for one
    of them and answers what was done, in words, or raises a
    Refusal; `settle` says that somebody has seen to it. Both raise NotThere for what is not there.
    """

    name: str
    label: object  # lazily translated
    icon: str
    needs: str
    find: Callable[[User, int], Sequence[Worry]]
    count: Callable[[User, int], int | QuerySet[Any]]
    again: Callable[[User, int], str] | None = None
    settle: Callable[[User, int], None] | None = None
    acts: str = ""  # what `again` and `settle` need, where that is more
    rank: int = 0

    def may_act(self, user: User) -> bool:
        """Whether the person may do something about it."""
        return may(user, self.acts or self.needs)


@cache
def kinds() -> tuple[Kind, ...]:
    """All that the domains declare; what costs money and customers first."""
    return tuple(sorted(declared.each("attention", "KINDS"), key=lambda one: one.rank))


def kinds_for(user: User) -> list[Kind]:
    """Those that the person sees."""
    return [one for one in kinds() if may(user, one.needs)]


def count(user: User) -> int:
    """How much wants her eye, as far as it matters."""
    return _sum(one.count(user, MOST) for one in kinds_for(user))


def count_of(kind: Kind, user: User) -> int:
    """The same of one kind."""
    return _sum([kind.count(user, MOST)])


def _sum(several: Iterable[int | QuerySet[Any]]) -> int:
    """All of them together; the rows of all kinds are counted in one statement."""
    total, counted = 0, []
    for one in several:
        if isinstance(one, int):
            total += one
        else:
            counted.append(one.order_by().annotate(one=Value(1)).values_list("one")[:MOST])
    if counted:
        total += counted[0].union(*counted[1:], all=True).count()
    return total
