"""How the club works: what a point costs and is worth, how long it waits and lasts, and the tiers.

Amounts are by currency, in minor units.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta, Struct

Currency: TypeAlias = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
Amount: TypeAlias = Annotated[int, Meta(ge=1, le=10**12)]
Key: TypeAlias = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,39}$")]
Names: TypeAlias = Annotated[
    dict[str, Annotated[str, Meta(min_length=1, max_length=60)]], Meta(min_length=1)
]


class Tier(Struct, frozen=True, forbid_unknown_fields=True):
    """A level, for whoever has earned so many points within a year."""

    key: Key
    names: Names
    points: Annotated[int, Meta(ge=1, le=10**9)]

    def name(self, language: str) -> str:
        """What customers read, in the language or what there is."""
        return self.names.get(language) or next(iter(self.names.values()))


class Reward(Struct, frozen=True, forbid_unknown_fields=True):
    """What points become: so many of them an amount off one basket, within so many days."""

    points: Annotated[int, Meta(ge=1, le=10**9)] = 200
    amounts: dict[Currency, Amount] = msgspec.field(
        default_factory=lambda: {"SEK": 10_000, "DKK": 7_000, "NOK": 10_000, "EUR": 1_000}
    )
    days: Annotated[int, Meta(ge=1, le=3_650)] = 90


class ClubTerms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that the club's people decide. `per_point`: what a point is earned by. `pending_days`:
    until goods can't come back. `lasts_months`: how long points can be spent; 0 for ever.
    """

    is_open: bool = True
    per_point: dict[Currency, Amount] = msgspec.field(
        default_factory=lambda: {"SEK": 1_000, "DKK": 700, "NOK": 1_000, "EUR": 100}
    )
    pending_days: Annotated[int, Meta(ge=0, le=365)] = 30
    lasts_months: Annotated[int, Meta(ge=0, le=120)] = 24
    reward: Reward = msgspec.field(default_factory=Reward)
    tiers: Annotated[tuple[Tier, ...], Meta(max_length=10)] = (
        Tier("silver", {"en": "Silver", "sv": "Silver", "da": "Sølv"}, 500),
        Tier("gold", {"en": "Gold", "sv": "Guld", "da": "Guld"}, 1_500),
    )

    def __post_init__(self) -> None:
        if len({one.key for one in self.tiers}) < len(self.tiers):
            raise ValueError("two tiers have the same key")

    def expires(self, at: datetime) -> datetime | None:
        """When points that came at the moment are over; None: never."""
        return at + timedelta(days=self.lasts_months * 365 // 12) if self.lasts_months else None

    def tier(self, points: int) -> Tier | None:
        """The tier of whoever has earned so many within a year."""
        reached = [one for one in self.tiers if one.points <= points]
        return max(reached, key=lambda one: one.points, default=None)

    def next_tier(self, points: int) -> Tier | None:
        """The one that comes next."""
        ahead = [one for one in self.tiers if one.points > points]
        return min(ahead, key=lambda one: one.points, default=None)


def of(told: object) -> ClubTerms:
    """The terms of JSON that was read. Raises msgspec.ValidationError for what are none."""
    return msgspec.convert(told, ClubTerms)


def told(terms: ClubTerms) -> object:
    """The terms as JSON that is kept."""
    return msgspec.to_builtins(terms)
