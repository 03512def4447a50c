"""In what a face's answer differs from what it should be. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol


class Said(Protocol):
    """An answer, as `catalogue.probing.Answer` has it."""

    @property
    def total(self) -> int | None: ...  # as there
    @property
    def offers(self) -> tuple[str, ...] | None: ...  # as there
    @property
    def sendable(self) -> bool | None: ...  # as there
    @property
    def name(self) -> str | None: ...  # as there


@dataclass(frozen=True, slots=True)
class Differs:
    """What differs, as `Difference.What`: what was said, and what should be."""

    what: str
    said: str
    should: str


def differences(said: Said, should: Said) -> Iterator[Differs]:
    """All in which they differ, of what the face says at all. A price it always says."""
    if said.total != should.total:
        yield Differs("price", _amount(said.total), _amount(should.total))
    if said.offers is not None and sorted(said.offers) != sorted(should.offers or ()):
        yield Differs("offers", _names(said.offers), _names(should.offers or ()))
    if said.sendable is not None and said.sendable != should.sendable:
        yield Differs("stock", _yes(said.sendable), _yes(should.sendable))
    if said.name is not None and said.name != should.name:
        yield Differs("name", said.name[:_LONGEST], (should.name or "")[:_LONGEST])


_LONGEST = 400


def _amount(total: int | None) -> str:
    return "" if total is None else str(total)


def _names(offers: Sequence[str]) -> str:
    return ", ".join(sorted(offers))[:_LONGEST]


def _yes(there: bool | None) -> str:
    return "yes" if there else "no"
