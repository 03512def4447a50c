"""What an offer says: to whom, on what, when, and what it gives. One schema for the database, the
API and files.

Amounts are by currency, in minor units; rates are in hundredths of a percent.
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta, Struct

WHOLE = 10_000  # a rate of 100 %

Rate: TypeAlias = Annotated[int, Meta(ge=1, le=WHOLE)]
Minor: TypeAlias = Annotated[int, Meta(ge=0, le=10**15)]
Currency: TypeAlias = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
Amounts: TypeAlias = Annotated[dict[Currency, Minor], Meta(min_length=1, max_length=20)]
Weekday: TypeAlias = Annotated[int, Meta(ge=1, le=7)]
Moment: TypeAlias = Annotated[datetime, Meta(tz=True)]
Clock: TypeAlias = Annotated[str, Meta(pattern="^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
_Names: TypeAlias = Annotated[frozenset[Annotated[str, Meta(max_length=200)]], Meta(max_length=500)]


class PercentOff(Struct, frozen=True, tag="percent", forbid_unknown_fields=True):
    """So much off what a piece costs."""

    rate: Rate


class AmountOffEach(Struct, frozen=True, tag="amount_each", forbid_unknown_fields=True):
    """An amount off each piece."""

    amounts: Amounts


class FixedPrice(Struct, frozen=True, tag="fixed_price", forbid_unknown_fields=True):
    """What a piece costs; those that cost less stay as they are."""

    amounts: Amounts


class PiecesForLess(Struct, frozen=True, tag="n_for_m", forbid_unknown_fields=True):
    """Of every `take` pieces the `reduced` cheapest cost so much less: three for two, the second at
    half the price. What is left over of a basket costs what it costs.
    """

    take: Annotated[int, Meta(ge=2, le=100)]
    reduced: Annotated[int, Meta(ge=1, le=99)] = 1
    rate: Rate = WHOLE

    def __post_init__(self) -> None:
        if self.reduced >= self.take:
            raise ValueError("fewer pieces are reduced than taken")


class AmountOff(Struct, frozen=True, tag="amount", forbid_unknown_fields=True):
    """An amount off all the pieces together, shared by what they cost."""

    amounts: Amounts


class DeliveryOff(
    Struct, frozen=True, tag="delivery", forbid_unknown_fields=True, omit_defaults=True
):
    """So much off what delivery costs: by a rate, or an amount. Of all it leaves nothing to pay."""

    rate: Rate | None = None
    amounts: Amounts | None = None

    def __post_init__(self) -> None:
        if (self.rate is None) == (self.amounts is None):
            raise ValueError("delivery is less by a rate or by an amount")


Benefit: TypeAlias = (
    PercentOff | AmountOffEach | FixedPrice | PiecesForLess | AmountOff | DeliveryOff
)


class Goods(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The goods that an offer is on: of the products, the categories and the brands, where any are
    named; else all. Products are named by their numbers. `without_sale` leaves out what costs less
    than usual already.
    """

    products: _Names = frozenset()
    categories: _Names = frozenset()
    brands: _Names = frozenset()
    without_products: _Names = frozenset()
    without_categories: _Names = frozenset()
    without_brands: _Names = frozenset()
    without_sale: bool = False


class Hours(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """When in the week it holds, by the clock of the market. A night that passes midnight belongs
    to the day that it began on.
    """

    days: Annotated[frozenset[Weekday], Meta(min_length=1)] = frozenset(range(1, 8))
    opens: Clock = "00:00"
    closes: Clock = "24:00"

    def hold(self, at: datetime, zone: tzinfo) -> bool:
        """Whether it holds at the moment."""
        here = at.astimezone(zone)
        clock, day = here.strftime("%H:%M"), here.isoweekday()
        if self.opens < self.closes:
            return day in self.days and self.opens <= clock < self.closes
        began = day if clock >= self.opens else (day - 2) % 7 + 1
        return began in self.days and (clock >= self.opens or clock < self.closes)


class Stacking(StrEnum):
    """What else may count beside it."""

    ALONE = "alone"  # nothing else in the basket, but what was promised to her alone
    BEST = "best"  # of those on a piece, the one that gives most
    TOGETHER = "together"  # on top of what else there is


class Terms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """All that decides whether an offer counts, and for how much.

    `names` are what customers read, by language. `audience` are groups of customers (see
    `pricing.Buyer`); without one it is for everybody. What a basket has to reach (`minimum`,
    `least_pieces`) is counted on the goods that the offer is on, at list prices. `cap` is for what
    stacks: together with all else it takes a piece no further down than by that rate. Of whoever
    gives all of an order back it is a use no more where it says `back_on_return`.
    """

    names: Annotated[
        dict[str, Annotated[str, Meta(min_length=1, max_length=120)]], Meta(min_length=1)
    ]
    benefit: Benefit
    goods: Goods = Goods()
    markets: Annotated[
        frozenset[Annotated[str, Meta(pattern="^[A-Z]{2}$")]], Meta(max_length=60)
    ] = frozenset()
    audience: _Names = frozenset()
    since: Moment | None = None
    until: Moment | None = None
    hours: Hours | None = None
    minimum: dict[Currency, Minor] = msgspec.field(default_factory=dict)
    least_pieces: Annotated[int, Meta(ge=0, le=10_000)] = 0
    needs_code: bool = False
    stacking: Stacking = Stacking.BEST
    cap: Rate | None = None
    most_uses: Annotated[int, Meta(ge=1)] | None = None
    most_each: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    back_on_return: bool = False
    budget: dict[Currency, Minor] = msgspec.field(default_factory=dict)
    priority: Annotated[int, Meta(ge=0, le=1_000)] = 100

    def __post_init__(self) -> None:
        if self.since is not None and self.until is not None and self.until <= self.since:
            raise ValueError("it ends before it begins")

    @property
    def is_limited(self) -> bool:
        """Whether it depends on who has used it before."""
        return bool(self.most_uses or self.most_each or self.budget)

    def name(self, language: str) -> str:
        """What customers read, in the language or what there is."""
        return self.names.get(language) or next(iter(self.names.values()))


def of(told: object) -> Terms:
    """The terms of JSON that was read. Raises msgspec.ValidationError for what are none."""
    return msgspec.convert(told, Terms)


decode = msgspec.json.Decoder(Terms).decode
encode = msgspec.json.Encoder(order="deterministic").encode
