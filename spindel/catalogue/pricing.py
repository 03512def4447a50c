"""Which price holds, and what a price that was told changes. Pure arithmetic.

What somebody pays for a basket is `offers/pricing.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from spindel.catalogue.product_input import PriceData


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
