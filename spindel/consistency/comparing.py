"""In what a face's answer differs from what it should be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from spindel.catalogue.probing import Answer


@dataclass(frozen=True, slots=True)
class Deviation:
    """What differs, as `Difference.What`: what was said, and what should be."""

    what: str
    said: str
    should: str


def differences(said: Answer, should: Answer) -> Iterator[Deviation]:
    """All in which they differ, of what the face says at all. A price it always says."""
    if said.total != should.total:
        yield Deviation("price", _amount(said.total), _amount(should.total))
    if said.offers is not None and sorted(said.offers) != sorted(should.offers or ()):
        yield Deviation("offers", _names(said.offers), _names(should.offers or ()))
    if said.sendable is not None and said.sendable != should.sendable:
        yield Deviation("stock", _yes(said.sendable), _yes(should.sendable))
    if said.name is not None and said.name != should.name:
        yield Deviation("name", said.name[:_LONGEST], (should.name or "")[:_LONGEST])


_LONGEST = 400


def _amount(total: int | None) -> str:
    return "" if total is None else str(total)


def _names(offers: Sequence[str]) -> str:
    return ", ".join(sorted(offers))[:_LONGEST]


def _yes(there: bool | None) -> str:
    return "yes" if there else "no"
