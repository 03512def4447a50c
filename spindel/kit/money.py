"""Money: amounts in minor units, as texts and back. Everything that reads or writes a price does it
here.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

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
