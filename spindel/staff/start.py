"""What a person begins with: each domain declares its own in its `figures.py`.

`LISTS` are what somebody has to see to today, `FIGURES` what a day came to beside another one, and
`PARTS` how the installation does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from spindel.kit import declared
from spindel.kit.templatetags.look import money_words, number
from spindel.staff.models import User
from spindel.staff.permissions import may


@dataclass(frozen=True, slots=True)
class Row:
    """Something on a list, and whose it is: what the list's template shows as `one`."""

    of: object
    customer: int | None


@dataclass(frozen=True, slots=True)
class Listing:
    """What a person has to see to, the most urgent first; so many at most are asked for.

    `template` shows a row, as `one.of`, and the customer as `one.who`. `address` is where all of
    them are. `rank` goes before the order of the domains, here and below.
    """

    name: str
    label: object  # lazily translated
    empty: object  # what is said when there is nothing
    template: str
    needs: str
    find: Callable[[User, int], Sequence[Row]]
    address: Callable[[], str] | None = None
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a day beside the same of another. `per_cent` is None where that was 0."""

    label: str
    text: str
    before: str
    per_cent: int | None
    good: bool | None  # whether it went the way that one wants; None: neither

    @property
    def change(self) -> str:
        """The change in words: "+12 %"."""
        if self.per_cent is None:
            return ""
        sign = "+" if self.per_cent > 0 else "−" if self.per_cent < 0 else "±"
        return f"{sign}{number(abs(self.per_cent))} %"


def figure(
    label: str,
    value: int | Decimal,
    before: int | Decimal,
    *,
    currency: str = "",
    more_is_good: bool = True,
) -> Figure:
    """A figure of these values; a Decimal is an amount in the currency."""

    def text(one: int | Decimal) -> str:
        return (
            money_words(one.quantize(Decimal(1)), currency)
            if isinstance(one, Decimal)
            else number(one)
        )

    per_cent = round((value - before) / before * 100) if before else None
    good = None if not per_cent else (per_cent > 0) is more_is_good
    return Figure(label, text(value), text(before), per_cent, good)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the installation, and its page.

    `find` answers how it does, in a word (good, warn or bad) and in a sentence.
    """

    label: object  # lazily translated
    icon: str
    route: str
    find: Callable[[], tuple[str, str]]
    rank: int = 0


def lists(user: User) -> list[Listing]:
    """What the person has to see to."""
    found = [one for one in declared.each("figures", "LISTS") if may(user, one.needs)]
    return sorted(found, key=lambda one: one.rank)


def figures(day: date, before: date) -> Iterator[Figure]:
    """What all domains say of a day."""
    for find in declared.each("figures", "FIGURES"):
        yield from find(day, before)


def parts() -> list[Part]:
    """Of what one is told how it does."""
    return sorted(declared.each("figures", "PARTS"), key=lambda one: one.rank)
