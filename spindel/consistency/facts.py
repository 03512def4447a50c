"""The facts that the audit records of customers."""

from __future__ import annotations

from dataclasses import dataclass

from spindel.timeline.recording import Recorded


@dataclass(frozen=True)
class _OfDifference:
    """What every fact about a difference tells: which face, what of which goods, and both answers;
    prices in minor units.
    """

    face: str
    what: str
    sku: str
    market: str
    currency: str
    said: str
    should: str


@dataclass(frozen=True)
class DifferenceFound(_OfDifference, Recorded):
    """A channel has answered her other than the others do."""


@dataclass(frozen=True)
class DifferenceGone(_OfDifference, Recorded):
    """It answers as the others again."""
