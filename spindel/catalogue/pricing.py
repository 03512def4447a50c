"""Which price holds, what a basket costs, and what a price that was told changes. Pure arithmetic.

`price` is the one place where what somebody pays comes from, whichever channel they stand in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from spindel.catalogue.product_input import PriceData
from spindel.kit.money import Totals, totals


@dataclass(frozen=True, slots=True)
class Kept:
    """A price of a variant in a market and currency, as it is kept. `id` 0: it is new."""

    id: int
    amount: int
    sale: bool
    since: datetime
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether it holds at the moment; not any more in the one that it ends in."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class PriceNow:
    """What a variant costs, in minor units. `was` is the regular price where a sale holds."""

    amount: int
    was: int | None = None


def price_at(prices: Iterable[Kept], at: datetime) -> PriceNow | None:
    """The price at the moment, out of those of one variant, market and currency."""
    sale, regular = _last(prices, True, at), _last(prices, False, at)
    return list_price(regular.amount if regular else None, sale.amount if sale else None)


def list_price(regular: int | None, sale: int | None) -> PriceNow | None:
    """What one pays where these hold, in minor units: the lower one. None: it is not sold."""
    if sale is not None and (regular is None or sale < regular):
        return PriceNow(sale, regular)
    return None if regular is None else PriceNow(regular)


def _last(prices: Iterable[Kept], sale: bool, at: datetime) -> Kept | None:
    holding = [one for one in prices if one.sale == sale and one.holds(at)]
    return max(holding, key=lambda one: one.since, default=None)


# --- a basket -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BasketLine:
    """So many of a variant at its list price; None: it is not sold. The VAT's rate is in hundredths
    of 1 %. `agreed` is what one costs where that was agreed with her, whatever the list says.
    """

    variant: int
    quantity: int
    vat_rate: int
    list_price: PriceNow | None
    agreed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    """All that one price depends on: who buys what, in which market, at which moment, with which
    codes. The channel is not among it. `identifier` is one of hers; None: nobody knows who it is.
    """

    market: str
    currency: str
    at: datetime
    lines: Sequence[BasketLine]
    identifier: int | None = None
    codes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What is taken off a line, all its pieces together: an amount below zero in minor units.

    `reason` says why, to machines, and `label` to people; `source` is what it comes from, such as
    an offer, by a name that is found again.
    """

    amount: int
    reason: str
    label: str
    source: str


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
    """A basket's lines, in its order."""

    lines: list[PricedLine]

    @property
    def totals(self) -> Totals:
        """What those come to that can be had, with the VAT in it."""
        had = (one for one in self.lines if one.amount is not None)
        return totals((one.total, one.line.vat_rate) for one in had)


def price(basket: Basket) -> Priced:
    """What the whole basket costs: each line at what was agreed, else at its list price.

    No line is adjusted yet: offers will be, here, so that no face knows of them.
    """
    return Priced([PricedLine(one, _each(one)) for one in basket.lines])


def _each(line: BasketLine) -> int | None:
    if line.agreed is not None or line.list_price is None:
        return line.agreed
    return line.list_price.amount


# --- what was told --------------------------------------------------------------------------------


def what_changes(kept: Sequence[Kept], told: Sequence[PriceData], now: datetime) -> list[Kept]:
    """What has to be written so that what was told holds; nothing where it does already.

    A price that ends before it begins is to be deleted: it has never held.
    """
    prices = {(one.sale, one.since): one for one in kept}
    before = dict(prices)
    if any(price.sale for price in told):
        said = {price.since for price in told if price.sale and price.amount is not None}
        current = _last(prices.values(), True, now)
        for one in kept:
            stays = one.since in said or (one == current and None in said)
            if one.sale and not stays and (one.until is None or one.until > now):
                prices[True, one.since] = _ended(one, now)
    for price in told:
        if price.amount is None or (price.until is not None and price.until <= now):
            continue  # a sale that is over was told when it began
        if price.since is None:
            _from_now_on(prices, price.amount, price.sale, price.until, now)
        else:
            _put(prices, Kept(0, price.amount, price.sale, price.since, price.until))
    return [one for key, one in prices.items() if before.get(key) != one]


def _from_now_on(
    prices: dict[tuple[bool, datetime], Kept],
    amount: int,
    sale: bool,
    until: datetime | None,
    now: datetime,
) -> None:
    current = _last(prices.values(), sale, now)
    if current is not None and current.amount == amount and current.until == until:
        return
    if current is not None:
        prices[sale, current.since] = _ended(current, now)
    _put(prices, Kept(0, amount, sale, now, until))


def _put(prices: dict[tuple[bool, datetime], Kept], one: Kept) -> None:
    former = prices.get((one.sale, one.since))
    id = former.id if former else 0
    prices[one.sale, one.since] = Kept(id, one.amount, one.sale, one.since, one.until)


def _ended(one: Kept, now: datetime) -> Kept:
    return Kept(one.id, one.amount, one.sale, one.since, now)
