"""The facts that a session at a shop records of what it was shown."""

from __future__ import annotations

from dataclasses import dataclass

from spindel.timeline.recording import Recorded


@dataclass(frozen=True)
class _OfPromotion:
    """Which content, what it was called, which version of it, and where. (Segment e-commerce spec
    v2.)
    """

    promotion_id: str
    name: str
    creative: str
    position: str


@dataclass(frozen=True)
class PromotionViewed(_OfPromotion, Recorded):
    """She has seen it."""


@dataclass(frozen=True)
class PromotionClicked(_OfPromotion, Recorded):
    """She has followed it."""


@dataclass(frozen=True)
class PromotionDismissed(_OfPromotion, Recorded):
    """She wants to see it no more; it stays away, wherever she is."""
