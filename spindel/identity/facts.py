"""The facts that identity records."""

from __future__ import annotations

from dataclasses import dataclass

from spindel.timeline.recording import Recorded


@dataclass(frozen=True)
class CustomersMerged(Recorded):
    """Somebody has said that two customers are one."""

    kept: int
    merged: int
    by: str


@dataclass(frozen=True)
class CustomerSplit(Recorded):
    """Somebody has said that some of a customer's identifiers are another person's."""

    customer: int
    other: int
    by: str


@dataclass(frozen=True)
class NoteWritten(Recorded):
    """Somebody here has noted something about the customer, for the people here."""

    text: str
    by: str


@dataclass(frozen=True)
class DetailsChanged(Recorded):
    """A customer has said on a page of their own what they are called, or how they are reached."""

    names: list[str]


@dataclass(frozen=True)
class TraitCorrected(Recorded):
    """Somebody has put a customer's trait right."""

    name: str
    by: str
