"""Money: amounts in minor units, as texts and back, added up with the VAT in them. Everything that
reads, writes or adds up prices does it here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from babel.core import Locale
from babel.numbers import format_currency, get_currency_precision, list_currencies

from spindel.kit.numbers import NotNumber, TooFine, Unclear, parse_decimal

_LARGEST = 10**15  # minor units; a larger amount is a mistake
_CURRENCIES = frozenset(list_currencies())

# Whose way of writing numbers and dates a language has. British: the 24-hour clock, the day before
# the month.
LOCALES = {"en": Locale("en", "GB"), "sv": Locale("sv", "SE"), "da": Locale("da", "DK")}


def places(currency: str) -> int:
    """How many decimals a currency has: 2 for SEK, 0 for ISK, 3 for KWD. Raises ValueError."""
    if currency not in _CURRENCIES:
        raise ValueError(f"There is no currency {currency[:10]}.")
    return int(get_currency_precision(currency))


def to_minor(amount: Decimal, currency: str) -> int:
    """An amount in minor units: 1299.00 SEK is 129900. Raises ValueError.

    A fraction of a minor unit is refused, not rounded: it hides that the currency is another.
    """
    decimals = places(currency)
    if not amount.is_finite() or not 0 <= amount < _LARGEST:
        raise ValueError(f"This is no price: {str(amount)[:40]}")
    minor = amount.scaleb(decimals)
    if minor != minor.to_integral_value() or minor >= _LARGEST:
        raise ValueError(f"{currency} has no such amount: {str(amount)[:40]}")
    return int(minor)


def to_major(minor: int, currency: str) -> Decimal:
    """Minor units as an amount: 129900 SEK is 1299.00."""
    return Decimal(minor).scaleb(-get_currency_precision(currency))


@lru_cache(10_000)
def written(amount: Decimal, currency: str, locale: Locale) -> str:
    """An amount as people of the locale write it, without decimals when they are zeros."""
    pattern = locale.currency_formats["standard"].pattern
    if amount == amount.to_integral_value():
        pattern = pattern.replace("0.00", "0")
    words = format_currency(amount, currency, pattern, locale=locale, currency_digits=False)
    # As CLDR spaces them: a code stands apart from its number, a sign does not.
    return re.sub(r"(?<=[^\W\d_])(?=\d)", "\N{NO-BREAK SPACE}", words)


def written_minor(minor: int, currency: str, locale: Locale) -> str:
    """As `written`, of minor units: 129900 öre are 1 299 kr."""
    return written(to_major(minor, currency), currency, locale)


def parse_price(text: str) -> tuple[int, str]:
    """`1299.00 SEK` in minor units, with its currency. Raises ValueError."""
    found = re.fullmatch(r"([^A-Za-z]*?)\s*([A-Za-z]{3})", text.strip()[:100])
    if found is None:
        raise ValueError(f"A price is written like 1299.00 SEK: {text[:40]}")
    return parse_amount(found[1], found[2].upper()), found[2].upper()


def parse_amount(text: str, currency: str) -> int:
    """`1299`, `1 299,00` or `1,299.00` in minor units. Raises ValueError.

    What can be read in two ways, such as `1,290`, is refused, and so are more decimals than the
    currency has.
    """
    decimals = places(currency)
    try:
        return to_minor(parse_decimal(text, places=decimals), currency)
    except Unclear as unclear:
        written = {f"{one:.{decimals}f}": one for one in reversed(unclear.readings)}
        ways = " or ".join(text for text, one in written.items() if Decimal(text) == one)
        raise ValueError(f"{text[:40]} can be read in two ways: write {ways}.") from None
    except TooFine:
        most = f"at most {decimals}" if decimals else "no"
        raise ValueError(f"{currency} has {most} decimals: {text[:40]}") from None
    except NotNumber:
        raise ValueError(f"A price is written like 1299 or 1299.00: {text[:40]}") from None


# --- what amounts come to -------------------------------------------------------------------------


class VatOfRate(NamedTuple):
    """The VAT of a rate, in hundredths of a percent."""

    rate: int
    amount: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What lines come to, VAT included, and the VAT in it by rate; minor units."""

    total: int
    vat_by_rate: dict[int, int]

    @property
    def vat(self) -> int:
        """All the VAT in it."""
        return sum(self.vat_by_rate.values())

    @property
    def rates(self) -> list[VatOfRate]:
        """The VAT of each rate, the lowest first."""
        return [VatOfRate(*one) for one in sorted(self.vat_by_rate.items())]


def totals(lines: Iterable[tuple[int, int]]) -> Totals:
    """What lines come to: each what it costs, VAT included, and its rate in hundredths of 1 %.

    VAT is taken of the sum of a rate's lines, not line by line, so that rounding is done once.
    """
    sums: Counter[int] = Counter()
    for amount, rate in lines:
        sums[rate] += amount
    return Totals(sums.total(), {rate: vat_in(sums[rate], rate) for rate in sorted(sums)})


def vat_in(amount: int, rate: int) -> int:
    """The VAT in an amount that includes it, rounded half up to whole minor units."""
    whole = 10_000 + rate
    return (2 * amount * rate + whole) // (2 * whole)


def pieces(amount: int, of: int, start: int, many: int) -> list[tuple[int, int]]:
    """What pieces of a line have of the amount that it comes to: how many of them, at what each.

    Of the line's `of` pieces these are `many`, from number `start` on; the first is 0. Each piece
    has its own for ever, whenever it is asked for: the last ones an öre more where it can't be
    split evenly. So all pieces come to exactly the amount, in whatever parts and order, and a part
    of a line has at most two prices.
    """
    each, rest = divmod(amount, of)
    cheaper = max(0, min(start + many, of - rest) - min(start, of - rest))
    found = [(cheaper, each), (many - cheaper, each + 1)]
    return [(number, price) for number, price in found if number]


def share(amount: int, of: int, start: int, many: int) -> int:
    """What such pieces have of the amount, together."""
    return sum(number * price for number, price in pieces(amount, of, start, many))
