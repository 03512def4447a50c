"""The catalogue as a product feed in Google's columns, tab-separated: what anybody pays.

`price` is by the list; `sale_price` what anybody pays where that is less, whether a sale takes it
off or an offer. https://support.google.com/merchants/answer/7052112
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from spindel.catalogue import anybody, availability
from spindel.catalogue.anybody import PriceForAnybody
from spindel.catalogue.markets import Market
from spindel.catalogue.models import Product, Variant
from spindel.catalogue.reading import with_variants
from spindel.catalogue.wording import in_language
from spindel.kit.money import places, to_major

COLUMNS = (
    "id",
    "item_group_id",
    "title",
    "description",
    "link",
    "image_link",
    "availability",
    "price",
    "sale_price",
    "brand",
    "gtin",
    "color",
    "size",
    "product_type",
)
_AT_ONCE = 200  # products


def lines(market: Market, link: str) -> Iterator[str]:
    """The file, line by line. `link` is a product's address, with {number} and {sku} in it."""
    yield _line(COLUMNS)
    after = ""
    while True:
        found = Product.objects.filter(removed_at=None, number__gt=after).order_by("number")
        some = list(with_variants(found)[:_AT_ONCE])
        yield from _rows(some, market, link)
        if len(some) < _AT_ONCE:
            return
        after = some[-1].number


def _rows(products: list[Product], market: Market, link: str) -> Iterator[str]:
    variants: list[Variant] = [v for one in products for v in getattr(one, "on_sale", [])]
    prices = anybody.prices(variants, market.market)
    there = availability.can_be_sent([one.pk for one in variants])
    for one in variants:
        price = prices.get(one.pk, {}).get((market.market, market.currency))
        if price is not None:
            yield _line(_cells(one, price, market, link, one.pk in there))


def _cells(
    one: Variant, price: PriceForAnybody, market: Market, link: str, there: bool
) -> tuple[str, ...]:
    product, language = one.product, market.language
    address = link.replace("{number}", quote(product.number, safe=""))
    before = price.instead_of
    return (
        one.sku,
        product.number,
        in_language(product.names, language, product.number),
        in_language(product.texts, language, ""),
        address.replace("{sku}", quote(one.sku, safe="")),
        next(iter([*one.pictures, *product.pictures]), ""),
        "in_stock" if there else "out_of_stock",
        _money(before if before is not None else price.total, market.currency),
        _money(price.total, market.currency) if before is not None else "",
        product.brand,
        one.gtin or "",
        one.options.get("colour", ""),
        one.options.get("size", ""),
        next(iter(product.categories), ""),
    )


def _money(amount: int, currency: str) -> str:
    return f"{to_major(amount, currency):.{places(currency)}f} {currency}"


def _line(cells: tuple[str, ...]) -> str:
    return "\t".join(" ".join(cell.split()) for cell in cells) + "\n"
