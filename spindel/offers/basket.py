"""A basket, whoever buys it, and what it comes to: what pricing asks and answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from spindel.catalogue.pricing import PriceNow
from spindel.kit.money import Totals, totals
from spindel.offers.terms import Terms

# --- what is asked --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BasketLine:
    """So many of a variant at its list price; None: it is not sold. The VAT's rate is in hundredths
    of 1 %. `agreed` is what one costs where that was agreed with her, whatever the list says.
    `delivery` is said of a fee instead of a variant: by which method the goods come.
    """

    variant: int
    quantity: int
    vat_rate: int
    list_price: PriceNow | None
    agreed: int | None = None
    product: str = ""
    brand: str = ""
    categories: Sequence[str] = ()
    delivery: str = ""

    @property
    def each(self) -> int | None:
        """What one costs before offers. None: it can't be had."""
        if self.agreed is not None or self.list_price is None:
            return self.agreed
        return self.list_price.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    """What is bought, in which market, at which moment, with which codes. The channel is not among
    it. `fees` are what it costs that the goods come, and `other_fees` what it would by another
    method.
    """

    market: str
    currency: str
    at: datetime
    lines: Sequence[BasketLine]
    codes: Sequence[str] = ()
    fees: Sequence[BasketLine] = ()
    other_fees: Mapping[str, BasketLine] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """An offer as it holds. `id` is the offer's, `version` that of its terms. One that is `stopped`
    is no longer given, whatever its terms say.

    `promise` is the id of the promise by which she has it. One that is of no offer, but hers alone,
    has that below zero as its `id`: so the two never meet.
    """

    id: int
    version: int
    terms: Terms
    stopped: bool = False
    promise: int | None = None

    @property
    def is_hers(self) -> bool:
        """Whether it is of no offer, but was promised to her alone."""
        return self.id < 0

    @property
    def source(self) -> str:
        """The name by which it is found again."""
        return f"promise:{self.promise}" if self.is_hers else f"offer:{self.id}"

    @property
    def rank(self) -> tuple[int, int]:
        """Where it stands among those that are reckoned one after the other."""
        return self.terms.priority, self.id


@dataclass(frozen=True, slots=True)
class Code:
    """A code that was typed: which offer it is of (None: there is no such), and whether it has been
    used already, or was revoked.
    """

    offer: Offer | None
    spent: bool = False
    revoked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """What is known of whoever buys, as far as it decides: the groups that they are in, how often
    they have used each offer, and what the codes that they typed are.

    Of offers that are limited it is said how often they can still be used (`uses_left`), and how
    much they may still give (`money_left`, in minor units of the basket's currency).

    `promises` are the offers that they were promised or shown: each holds whether or not it is
    still given, and whatever is left of it.
    """

    groups: frozenset[str] = frozenset()
    used: Mapping[int, int] = field(default_factory=dict)
    codes: Mapping[str, Code] = field(default_factory=dict)
    uses_left: Mapping[int, int] = field(default_factory=dict)
    money_left: Mapping[int, int] = field(default_factory=dict)
    promises: Sequence[Offer] = ()


# --- what is answered -----------------------------------------------------------------------------


class Reason(StrEnum):
    """Why an offer does not count."""

    UNKNOWN_CODE = "unknown_code"
    CODE_SPENT = "code_spent"
    WRONG_MARKET = "wrong_market"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    STOPPED = "stopped"
    NOT_NOW = "not_now"  # not on this day of the week, or at this hour
    NOT_FOR_HER = "not_for_her"
    WRONG_GOODS = "wrong_goods"
    TOO_LITTLE = "too_little"  # the goods cost too little together
    TOO_FEW = "too_few"
    USED_UP = "used_up"
    USED_BY_HER = "used_by_her"
    AGREED = "agreed"  # what the goods cost was agreed
    NO_FEE = "no_fee"  # delivery costs nothing anyway
    OTHER_IS_BETTER = "other_is_better"


@dataclass(frozen=True, slots=True)
class NotApplied:
    """An offer that does not count: why, and what would change it.

    `missing` is how much more it takes: minor units for `too_little`, pieces for `too_few`.
    `instead` are the offers that count in its place.
    """

    reason: Reason
    offer: Offer | None
    code: str = ""
    missing: int = 0
    instead: tuple[Offer, ...] = ()


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What an offer takes off a line, all its pieces together: minor units, below zero. `code` is
    the one that was typed for it.
    """

    amount: int
    offer: Offer
    code: str = ""


@dataclass(frozen=True, slots=True)
class PricedLine:
    """What a line of a basket costs: `amount` each, in minor units, less its adjustments. None: it
    can't be had.
    """

    line: BasketLine
    amount: int | None
    adjustments: Sequence[Adjustment] = ()

    @property
    def usual(self) -> int:
        """What one costs everybody else, where no sale is on."""
        listed = self.line.list_price
        most = 0 if listed is None else listed.amount if listed.was is None else listed.was
        return max(most, self.amount or 0)

    @property
    def total(self) -> int:
        """What all of them cost."""
        off = sum(one.amount for one in self.adjustments) if self.adjustments else 0
        return self.line.quantity * (self.amount or 0) + off


@dataclass(frozen=True, slots=True)
class Priced:
    """A basket's lines and fees, in its order, and the offers that touch it but do not count.
    `instead` is the same, did all of it come by the other methods.
    """

    lines: list[PricedLine]
    not_applied: Sequence[NotApplied] = ()
    fees: Sequence[PricedLine] = ()
    instead: Mapping[str, Priced] = field(default_factory=dict)

    @property
    def totals(self) -> Totals:
        """What those come to that can be had, with the VAT in it."""
        had = (one for one in (*self.lines, *self.fees) if one.amount is not None)
        return totals((one.total, one.line.vat_rate) for one in had)

    @property
    def applied(self) -> dict[int, int]:
        """What each offer takes off in all, by its id; minor units."""
        found: dict[int, int] = defaultdict(int)
        for line in (*self.lines, *self.fees):
            for one in line.adjustments:
                found[one.offer.id] -= one.amount
        return dict(found)


NOTHING = Priced([])
