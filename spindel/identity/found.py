"""What the box in the header finds: each domain declares its own in its `finding.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from spindel.identity.shown import Found

FEW = 5  # of each


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found: where it is, its icon, what it is called, and more about it."""

    url: str
    icon: str
    name: str
    about: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """What a text may mean, for whoever may do what it needs; listed in the group of the name.

    `find` is given the text, and the customers whom it means. `number` is the kind of identifier
    that these things have as their number: where one was typed, they go before all others.
    """

    group: str
    label: object  # lazily translated
    needs: str
    find: Callable[[HttpRequest, str, Sequence[Found]], Iterable[Hit]]
    number: str = ""
    rank: int = 0
