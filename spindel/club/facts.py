"""The facts that the club records."""

from __future__ import annotations

from dataclasses import dataclass

from spindel.timeline.recording import Recorded


@dataclass(frozen=True)
class ClubJoined(Recorded):
    """She has become a member, with a card of this number."""

    number: str


@dataclass(frozen=True)
class ClubLeft(Recorded):
    """She is a member no more; points that were left are gone."""

    number: str


@dataclass(frozen=True)
class _OfPoints:
    """What every fact about points tells: how many they were."""

    points: int


@dataclass(frozen=True)
class PointsEarned(_OfPoints, Recorded):
    """She has earned points by an order. They can be spent from `available_from` on."""

    order_id: str
    available_from: str


@dataclass(frozen=True)
class PointsSpent(_OfPoints, Recorded):
    """Points have become a reward: a promise of so much off a basket of hers, until a moment."""

    promise_id: int
    until: str


@dataclass(frozen=True)
class PointsExpired(_OfPoints, Recorded):
    """Nobody has spent them in their time."""


@dataclass(frozen=True)
class PointsTakenBack(_OfPoints, Recorded):
    """What they were earned by has come back, or comes to nothing."""

    order_id: str


@dataclass(frozen=True)
class TierReached(Recorded):
    """She has earned enough within a year for a tier."""

    tier: str
    title: str
