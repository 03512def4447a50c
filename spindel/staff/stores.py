"""In which store somebody works: what stores there are is known to another domain.

It says it here, so that a store can be given where people are managed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from spindel.staff.models import User


@dataclass(frozen=True, slots=True)
class Known:
    """What can be asked about stores: code and name of each; whose is which; and giving one.

    `give` takes a person, a store's code or "", and who does it, in the caller's transaction.
    Raises Refusal for a store that is not there.
    """

    choices: Callable[[], list[tuple[str, str]]]
    of: Callable[[Collection[int]], dict[int, tuple[str, str]]]
    give: Callable[[int, str, User], None]


_KNOWN: list[Known] = []


def register(known: Known) -> None:
    """Have it asked."""
    _KNOWN[:] = [known]


def choices() -> list[tuple[str, str]]:
    """The stores that somebody can be given, by code and name."""
    return [one for known in _KNOWN for one in known.choices()]


def of(people: Collection[int]) -> dict[int, tuple[str, str]]:
    """The stores, by code and name, of those of the people who have one."""
    return {person: one for known in _KNOWN for person, one in known.of(people).items()}


def give(person: int, code: str, by: User) -> None:
    """Give her the store; "": none. Raises Refusal."""
    for known in _KNOWN:
        known.give(person, code, by)
