"""What it costs that goods come: fees by market and method, in bands by what the goods cost.

A fee is a line of the basket, after the goods. Which band holds is asked at list prices, as the
minimum of an offer is: so a discount never makes delivery dearer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from spindel.catalogue.pricing import PriceNow
from spindel.kit import sql
from spindel.offers.basket import Basket, BasketLine


@dataclass(frozen=True, slots=True)
class Band:
    """Of goods that cost so much or more it costs so much that they come. Minor units; the VAT's
    rate is in hundredths of 1 %.
    """

    worth: int
    amount: int
    vat_rate: int


# By the methods of a market and currency; the bands by what goods cost, the least first.
Fees: TypeAlias = Mapping[str, Sequence[Band]]

METHODS = ("ship", "pick_up")
NO_FEES: Fees = {}


def with_fees(basket: Basket, fees: Fees, methods: Collection[str]) -> Basket:
    """The basket with what it costs that its goods come by these methods, and with what it would,
    did all of them come by another one.
    """
    if not fees:
        return basket
    worth = worth_of(basket.lines)
    lines = {one: _line(one, band_of(fees.get(one, ()), worth)) for one in METHODS}
    chosen = [lines[one] for one in METHODS if one in methods]
    others = {one: line for one, line in lines.items() if [line] != chosen}
    return replace(basket, fees=chosen, other_fees=others)


def worth_of(lines: Iterable[BasketLine]) -> int:
    """What the goods cost by the list, or as agreed where they are not on it."""
    return sum(
        line.quantity * (line.list_price.amount if line.list_price else line.each or 0)
        for line in lines
    )


def band_of(bands: Sequence[Band], worth: int) -> Band:
    """The band that goods of so much are in; below the first one it costs nothing."""
    return next((one for one in reversed(bands) if one.worth <= worth), Band(0, 0, 0))


def cheaper_band(bands: Sequence[Band], worth: int) -> Band | None:
    """The next band above so much in which it costs less."""
    now = band_of(bands, worth).amount
    return next((one for one in bands if one.worth > worth and one.amount < now), None)


def _line(method: str, band: Band) -> BasketLine:
    return BasketLine(0, 1, band.vat_rate, PriceNow(band.amount, None), delivery=method)


# --- what is charged now --------------------------------------------------------------------------

_ALL = """
SELECT market, currency, method, worth, amount, vat_rate FROM offers_deliveryfee
ORDER BY market, currency, method, worth
"""

# What this process has read last, and in which edition of offers that was.
_read: tuple[int, Mapping[tuple[str, str], Fees]] = (0, {})


def fees(edition: int, market: str, currency: str) -> Fees:
    """The fees of the market, as they are in this edition of offers or a later one."""
    global _read
    if _read[0] != edition:
        read: dict[tuple[str, str], dict[str, list[Band]]] = defaultdict(dict)
        for where, money, method, *band in sql.rows(_ALL):
            read[where, money].setdefault(method, []).append(Band(*band))
        _read = edition, read
    return _read[1].get((market, currency), NO_FEES)
