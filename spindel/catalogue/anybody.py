"""What goods cost anybody: the list price, less what offers take off for whoever comes.

Which offers there are knows a domain above, which registers how it is asked. Lists, feeds and pages
that know no customer tell this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from spindel.catalogue.models import Product, Variant
from spindel.catalogue.pricing import PriceNow
from spindel.catalogue.reading import prices_now


@dataclass(frozen=True, slots=True)
class Listed:
    """A product's list price in a market."""

    product: Product
    market: str
    currency: str
    price: PriceNow


@dataclass(frozen=True, slots=True)
class AnybodysDiscount:
    """What an offer takes off a piece, above zero in minor units; its names by language."""

    names: Mapping[str, str]
    amount: int

    def name(self, language: str) -> str:
        """What customers read, in the language or what there is."""
        return self.names.get(language) or next(iter(self.names.values()), "")


@dataclass(frozen=True, slots=True)
class PriceForAnybody:
    """What one piece costs anybody, in minor units: `amount` by the list, `total` with what the
    discounts take off.
    """

    amount: int
    was: int | None
    discounts: Sequence[AnybodysDiscount]
    total: int

    @property
    def instead_of(self) -> int | None:
        """What it costs else: before a sale, or by the list where an offer counts."""
        return self.was or (self.amount if self.total != self.amount else None)


Ask = Callable[[Sequence[Listed]], list[Sequence[AnybodysDiscount]]]
MarketPrices = dict[tuple[str, str], PriceForAnybody]  # by market and currency

_ASK: list[Ask] = []


def register(ask: Ask) -> None:
    """Have it asked what offers take off one piece of each."""
    _ASK[:] = [ask]


def prices(variants: Iterable[Variant], market: str | None = None) -> dict[int, MarketPrices]:
    """What variants cost anybody now, by their ids, in one market or in all; one question for them
    all. A variant without a price is left out.
    """
    sold = {one.pk: one for one in variants}
    listed = prices_now(sold, market)
    if not listed:
        return {}
    # Sizes mostly cost the same.
    alike: dict[tuple[int, str, str, PriceNow], Listed] = {
        (sold[id].product_id, *where, price): Listed(sold[id].product, *where, price)
        for id, found in listed.items()
        for where, price in found.items()
    }
    asked = _ASK[0](list(alike.values())) if _ASK else [()] * len(alike)
    discounts = dict(zip(alike, asked, strict=True))
    return {
        id: {
            where: _less(price, discounts[sold[id].product_id, *where, price])
            for where, price in found.items()
        }
        for id, found in listed.items()
    }


def _less(price: PriceNow, discounts: Sequence[AnybodysDiscount]) -> PriceForAnybody:
    total = price.amount - sum(one.amount for one in discounts)
    return PriceForAnybody(price.amount, price.was, discounts, total)


def lowest(
    found: Mapping[int, MarketPrices],
) -> list[tuple[str, str, PriceForAnybody, bool]]:
    """Of some variants the lowest price by market and currency, and whether others cost more."""
    by_market: dict[tuple[str, str], list[PriceForAnybody]] = {}
    for each in found.values():
        for where, price in each.items():
            by_market.setdefault(where, []).append(price)
    return [
        (
            market,
            currency,
            min(some, key=lambda one: one.total),
            len({one.total for one in some}) > 1,
        )
        for (market, currency), some in sorted(by_market.items())
    ]
