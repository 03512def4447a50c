"""Facts in words: the timeline as a diary rather than a log.

Each domain says its own facts in its `sentences.py`, as `SENTENCES`. A fact with a name that no
domain says is told by its name and what it carries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from itertools import groupby

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from spindel.kit import declared
from spindel.timeline import phrases
from spindel.timeline.phrases import Properties
from spindel.timeline.reading import FactRow


class Kind(TextChoices):
    """What the timeline can be narrowed to, and what facts are kept equally long."""

    BROWSING = "browsing", gettext_lazy("Browsing")
    BUYING = "buying", gettext_lazy("Cart and orders")
    TALKING = "talking", gettext_lazy("Conversations")
    MAIL = "mail", gettext_lazy("E-mails")
    NOTES = "notes", gettext_lazy("Notes")
    IDENTITY = "identity", gettext_lazy("Who it is")


@dataclass(frozen=True, slots=True)
class Together:
    """How facts that belong together become one line that opens.

    `like` is what they have in common, `tell` what they are together, of the newest first.
    """

    name: str
    like: Callable[[FactRow], str]
    tell: Callable[[list[FactRow]], SafeString]


@dataclass(frozen=True, slots=True)
class Sentence:
    """How a fact is said, by its name: safe HTML in the page's language.

    `together`: what it folds with, if not with others of its name about the same thing.
    `of_things`: what it names are goods, pages and offers, so who sees no contacts sees the names.
    """

    fact: str
    tell: Callable[[Properties], SafeString]
    kind: Kind | None = None
    together: Together | None = None
    of_things: bool = False


@cache
def sentences() -> dict[str, Sentence]:
    """What the domains say, by the name of the fact."""
    return {one.fact: one for one in declared.each("sentences", "SENTENCES")}


def facts_of(kind: Kind) -> frozenset[str]:
    """The names of the facts of a kind."""
    return frozenset(name for name, one in sentences().items() if one.kind is kind)


def is_of_things(fact: str) -> bool:
    """Whether what a fact names are things; of one that nobody says it may be a person."""
    known = sentences().get(fact)
    return known is not None and known.of_things


_TELLING = ("name", "title", "product_id", "order_id", "value", "total", "category", "status")


def sentence(name: str, properties: Properties) -> SafeString:
    """What happened, as safe HTML in the page's language."""
    known = sentences().get(name)
    if known is not None:
        return known.tell(properties)
    told = [
        f"{key} {text}"
        for key in (*_TELLING, *list(properties)[:20])
        if (text := phrases.text(properties.get(key), 60))
    ]
    return phrases.detailed(phrases.quoted(phrases.text(name)), *list(dict.fromkeys(told))[:3])


# --- like things in a row -------------------------------------------------------------------------


@dataclass(slots=True)
class Line:
    """A line of the diary: one fact, or several that belong together, newest first."""

    facts: list[FactRow]
    text: SafeString
    lines: list[Line] = field(default_factory=list)

    @property
    def newest(self) -> FactRow:
        """The fact that gives the line its time, channel and source."""
        return self.facts[0]

    @property
    def key(self) -> str:
        """The same for a line that has grown at its newest end."""
        return f"f-{self.facts[-1].id}"


@dataclass(frozen=True, slots=True)
class Day:
    """The lines of one day in the shop's time zone."""

    date: date
    lines: list[Line]


_VISIT = timedelta(minutes=30)
_ABOUT = (
    "product_id",
    "sku",
    "order_id",
    "quote_id",
    "email_id",
    "campaign_id",
    "store",
    "coupon_id",
)


def _together(fact: FactRow) -> Together | None:
    known = sentences().get(fact.name)
    return known.together if known else None


def _likeness(fact: FactRow) -> tuple[str, ...]:
    """What facts have in common that fold into one line."""
    together = _together(fact)
    if together is not None:
        return together.name, together.like(fact)
    about = (phrases.text(fact.properties.get(key)) for key in _ABOUT)
    return fact.name, fact.channel, *about


def _belongs(fact: FactRow, line: list[FactRow]) -> bool:
    earlier_in_line = line[-1]
    return (
        _likeness(fact) == _likeness(earlier_in_line)
        and earlier_in_line.occurred_at - fact.occurred_at <= _VISIT
        and _day(fact) == _day(earlier_in_line)
    )


def _day(fact: FactRow) -> date:
    return timezone.localtime(fact.occurred_at).date()


def fold(facts: Iterable[FactRow]) -> list[Line]:
    """The facts, newest first, as lines; like things in a row become one that opens."""
    groups: list[list[FactRow]] = []
    for fact in facts:
        if groups and _belongs(fact, groups[-1]):
            groups[-1].append(fact)
        else:
            groups.append([fact])
    return [_line(group) for group in groups]


def _line(facts: list[FactRow]) -> Line:
    single = [Line([fact], sentence(fact.name, fact.properties)) for fact in facts]
    if len(facts) == 1:
        return single[0]
    together = _together(facts[0])
    if together is not None:
        return Line(facts, together.tell(facts), single)
    return Line(facts, phrases.detailed(single[0].text, phrases.times(len(facts))), single)


def by_day(facts: Iterable[FactRow]) -> list[Day]:
    """The lines of the facts, grouped by day, newest first."""
    lines = fold(facts)
    return [Day(day, list(of_day)) for day, of_day in groupby(lines, lambda x: _day(x.newest))]
