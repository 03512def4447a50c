"""What somebody tells the catalogue: products with variants and prices, checked.

None means that nothing was said, so that it stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from spindel.kit.money import to_major, to_minor

LANGUAGES = ("sv", "da", "en")
_NO_OPTIONS = ("brand", "category", "price", "in_stock")  # what else goods are narrowed by
_MOST_VARIANTS = 2_000
_LONGEST_TEXT = 10_000


class Unfit(ValueError):
    """Something that can't stand in the catalogue; the text says why."""


@dataclass(frozen=True, slots=True)
class PriceData:
    """A price in minor units, VAT included, from `since` (None: from now on) until `until`.

    A sale stands beside the regular price. Whoever tells of a sale tells of all sales of the
    variant in that market and currency: former ones end, and with an `amount` of None all do. An
    amount of 0 is a mistake (no price, no sale), unless `free` says that it costs nothing.
    """

    market: str
    currency: str
    amount: int | None
    sale: bool = False
    since: datetime | None = None
    until: datetime | None = None
    free: bool = False


@dataclass(frozen=True, slots=True)
class VariantData:
    """A variant by its SKU. `gtin` has 14 digits, or is empty where there is none."""

    sku: str
    gtin: str | None = None
    options: Mapping[str, str] | None = None
    pictures: Sequence[str] | None = None
    position: int | None = None
    prices: Sequence[PriceData] = ()


@dataclass(frozen=True, slots=True)
class ProductData:
    """A product by its number, with some or all of its variants; others stay as they are.

    Names and texts are by language; a language whose text is None is taken away. `vat` is in
    hundredths of a percent.
    """

    number: str
    variants: Sequence[VariantData]
    names: Mapping[str, str | None] | None = None
    texts: Mapping[str, str | None] | None = None
    brand: str | None = None
    categories: Sequence[str] | None = None
    attributes: Mapping[str, str] | None = None
    pictures: Sequence[str] | None = None
    vat: int | None = None


def check(product: ProductData) -> None:
    """Raises Unfit for what can't stand in the catalogue."""
    _key(product.number, "The product's number")
    for texts, longest in ((product.names, 300), (product.texts, _LONGEST_TEXT)):
        for language, text in (texts or {}).items():
            if language not in LANGUAGES:
                raise Unfit(f"The languages are {', '.join(LANGUAGES)}: {language[:20]}")
            _text(text or "", longest)
    _text(product.brand or "", 120)
    _few(product.categories or (), 20, "categories")
    for category in product.categories or ():
        _text(category, 200)
    _named(product.attributes or {}, 100, 1_000)
    _check_pictures(product.pictures or ())
    if product.vat is not None and not 0 <= product.vat <= 10_000:
        raise Unfit("VAT is 0 to 100 %.")
    if not product.variants:
        raise Unfit("A product has at least one variant.")
    _few(product.variants, _MOST_VARIANTS, "variants")
    for variant in product.variants:
        _check_variant(variant)


def _check_variant(variant: VariantData) -> None:
    _key(variant.sku, "The SKU")
    _named(variant.options or {}, 10, 60)
    for name in variant.options or {}:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,29}", name) or name in _NO_OPTIONS:
            raise Unfit(f"An option is called like size or heel_height: {name[:40]}")
    _check_pictures(variant.pictures or ())
    if variant.position is not None and not 0 <= variant.position < 32_768:
        raise Unfit("A position is 0 to 32767.")
    _few(variant.prices, 100, "prices")
    for price in variant.prices:
        check_price(price)


def check_price(price: PriceData) -> None:
    """Raises Unfit for what is no price."""
    if not re.fullmatch(r"[A-Z]{2}", price.market):
        raise Unfit(f"A market is a country such as SE: {price.market[:10]}")
    if price.amount is None and not price.sale:
        raise Unfit("A price has an amount; without one only a sale ends.")
    if price.free != (price.amount == 0):
        raise Unfit("A price of 0 is taken where it says that it is free, and there alone.")
    try:
        to_minor(to_major(price.amount or 0, price.currency), price.currency)
    except (ValueError, ArithmeticError) as error:
        raise Unfit(str(error)) from None
    for moment in (price.since, price.until):
        if moment is not None and (moment.tzinfo is None or not 1990 <= moment.year <= 2200):
            raise Unfit("A price begins and ends at a moment with its time zone.")
    if price.until is not None and price.since is not None and price.until <= price.since:
        raise Unfit("A price ends after it begins.")


def _key(text: str, what: str) -> None:
    if not text or text != text.strip() or len(text) > 64 or not text.isprintable():
        raise Unfit(f"{what} has 1 to 64 letters, digits or signs: {text[:40]}")


def _text(text: str, longest: int) -> None:
    if len(text) > longest:
        raise Unfit(f"A text has more than {longest} letters: {text[:40]}…")
    if "\0" in text:
        raise Unfit("A text holds a character that is none.")


def _named(values: Mapping[str, str], most: int, longest: int) -> None:
    _few(values, most, "options or attributes")
    for name, value in values.items():
        _text(name, 60)
        _text(value, longest)


def _few(values: Sequence[object] | Mapping[str, str], most: int, what: str) -> None:
    if len(values) > most:
        raise Unfit(f"There are more than {most} {what}.")


def _check_pictures(addresses: Sequence[str]) -> None:
    _few(addresses, 20, "pictures")
    for address in addresses:
        try:
            parts = urlsplit(address)
        except ValueError:
            raise Unfit(f"This is no address of a picture: {address[:80]}") from None
        if parts.scheme not in ("http", "https") or not parts.netloc or len(address) > 500:
            raise Unfit(f"A picture has an address of at most 500 letters: {address[:80]}")
        if not address.isprintable() or " " in address:
            raise Unfit(f"This is no address of a picture: {address[:80]}")
