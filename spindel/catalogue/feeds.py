"""Files of products: Spindel's own columns as CSV, and Google's product feed as XML or TSV.

Rows come one at a time, whatever the size of the file. A row is a variant with what it says of its
product; `docs/catalogue.md` tells of the columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import IO

from django.utils import timezone

from spindel.catalogue.feed_items import Cells, items
from spindel.catalogue.product_input import LANGUAGES, PriceData, ProductData, Unfit, VariantData
from spindel.catalogue.reading import currency_of
from spindel.catalogue.rules import gtin14
from spindel.kit.money import parse_amount, parse_price
from spindel.kit.numbers import NotNumber, parse_decimal
from spindel.kit.tables import Table, Unreadable, disagreement, encoding_of, peeked, repeated

_MOST_COLUMNS = 500


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a feed: its place (a line, or the item's number), its SKU, and what it says.

    `product` is None where it says nothing of use, and `problem` why.
    """

    place: int
    sku: str
    product: ProductData | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """How to read a file: texts in this language, and prices in this market, unless it says."""

    language: str = "sv"
    market: str = "SE"
    encoding: str = ""  # empty: as its first bytes tell, or UTF-8
    ignored: set[str] = field(default_factory=set)  # columns that meant nothing; found by reading

    def rows(self, file: IO[bytes]) -> Iterator[Row]:
        """Every row of the file, good or not. Raises Unreadable."""
        if self.language not in LANGUAGES or not re.fullmatch(r"[A-Z]{2}", self.market):
            raise Unreadable("A language is sv, da or en, and a market a country such as SE.")
        head, file = peeked(file)
        start = head[:1_000].decode(encoding_of(head), "ignore").lstrip("\ufeff \t\r\n")[:1]
        if start in ("{", "["):
            raise Unreadable("It is JSON: send it with PUT to /api/catalogue/products.")
        if start == "<":
            understand: Callable[[Cells], ProductData] = self._google
            rows: Iterator[tuple[int, Cells | str]] = enumerate(
                items(file, self.encoding or None), 1
            )
        else:
            advice = "say its encoding, such as windows-1252, or save it as UTF-8"
            table = Table(file, self.encoding or None, advice=advice)
            names = [_column(name) for name in table.names]
            understand = self._understands(names)
            rows = self._records(table, names)
        for place, cells in rows:
            if isinstance(cells, str):
                yield Row(place, "", None, cells)
                continue
            sku = _unguarded(next(iter(cells.get("sku") or cells.get("id") or [""])))
            try:
                yield Row(place, sku, understand(cells))
            except ValueError as error:
                yield Row(place, sku, None, str(error))

    def _understands(self, names: list[str]) -> Callable[[Cells], ProductData]:
        if len(names) > _MOST_COLUMNS:
            raise Unreadable(f"There are more than {_MOST_COLUMNS} columns.")
        if "sku" in names:
            self.ignored.update(name for name in names if name and not _OWN.fullmatch(name))
            return self._own
        if "id" in names:
            return self._google
        raise Unreadable("The first line has neither a column sku nor, as Google’s feed, id.")

    def _records(self, table: Table, names: list[str]) -> Iterator[tuple[int, Cells | str]]:
        """The rows of a table. Columns of one name must agree, unless they mean nothing here."""
        own = "sku" in names
        asked = [
            (name, places)
            for name, places in repeated(names).items()
            if (_OWN.fullmatch(name) if own else name != "additional_image_link")
        ]
        for record in table:
            problem = record.problem
            if not problem:
                if not any(cell.strip() for cell in record.cells):
                    continue
                problem = disagreement(record.cells, asked)
            cells: Cells = {}
            for name, cell in zip(names, record.cells, strict=not problem):
                cells.setdefault(name, []).append(cell)
            yield record.number, problem or cells

    def _own(self, cells: Cells) -> ProductData:
        """A row in Spindel's own columns. Raises ValueError."""
        one = {name: values[0].strip() for name, values in cells.items()}
        names, texts = (self._by_language(one, what) for what in ("name", "text"))
        sku = _unguarded(one["sku"])
        return ProductData(
            number=_unguarded(one.get("number", "")) or sku,
            names=names,
            texts=texts,
            brand=one.get("brand"),
            categories=_list(one.get("category")),
            attributes=_group(one, "attribute."),
            pictures=_list(one.get("product_picture")),
            vat=_vat(one["vat"]) if one.get("vat") else None,
            variants=[
                VariantData(
                    sku,
                    gtin=_gtin(one.get("gtin")),
                    options=_group(one, "option."),
                    pictures=_list(one.get("picture")),
                    prices=_own_prices(one),
                )
            ],
        )

    def _by_language(self, one: Mapping[str, str], what: str) -> dict[str, str | None] | None:
        found = {
            language: one[f"{what}.{language}"] or None
            for language in LANGUAGES
            if f"{what}.{language}" in one
        }
        if what in one:
            found.setdefault(self.language, one[what] or None)
        return found or None

    def _google(self, cells: Cells) -> ProductData:
        """A row of Google's product feed. Raises ValueError."""
        one = {name: values[0].strip() for name, values in cells.items() if values[0].strip()}
        sku = _unguarded(one.get("id", ""))
        pictures = [one["image_link"]] if "image_link" in one else []
        for value in cells.get("additional_image_link", []):
            pictures += [part.strip() for part in value.split(",") if part.strip()]
        category = one.get("product_type") or one.get("google_product_category")
        return ProductData(
            number=_unguarded(one.get("item_group_id", "")) or sku,
            names={self.language: one["title"]} if "title" in one else None,
            texts={self.language: one["description"]} if "description" in one else None,
            brand=one.get("brand"),
            categories=[category] if category else None,
            attributes={name: one[name] for name in ("gender", "age_group") if name in one} or None,
            variants=[
                VariantData(
                    sku,
                    gtin=_gtin(one.get("gtin", "")),
                    options={name: one[own] for own, name in _GOOGLE_OPTIONS.items() if own in one},
                    pictures=pictures[:20],
                    prices=self._google_prices(one),
                )
            ],
        )

    def _google_prices(self, one: Mapping[str, str]) -> list[PriceData]:
        if "price" not in one:
            return []
        price = _price(one["price"], self.market, bare=False)
        since, until = _dates(one.get("sale_price_effective_date", ""))
        sale = PriceData(self.market, price.currency, None, True, since, until)
        if "sale_price" in one:
            told = _price(one["sale_price"], self.market, bare=False)
            if told.currency != price.currency:
                raise Unfit("The sale price has another currency than the price.")
            sale = replace(sale, amount=told.amount, free=told.free)
        return [price, sale]


_GOOGLE_OPTIONS = {"size": "size", "color": "colour", "material": "material", "pattern": "pattern"}
_OWN = re.compile(
    r"sku|number|gtin|brand|category|vat|picture|product_picture|(name|text)(\.(sv|da|en))?"
    r"|option\..+|attribute\..+|(price|sale_price|sale_from|sale_until)\.[a-z]{2}"
)


def _column(name: str) -> str:
    # Google's sheets write "image link", and some shops "g:image_link".
    return name.strip().lower().removeprefix("g:").replace(" ", "_")


def _unguarded(text: str) -> str:
    """A number as it is, without what makes spreadsheets keep its zeros: `="0017"` and `'0017`."""
    text = text.strip()
    guarded = re.fullmatch(r"""="([^"]*)"|'([^']+)""", text)
    return (guarded[1] or guarded[2] or "").strip() if guarded else text


def _gtin(text: str | None) -> str | None:
    return gtin14(_unguarded(text)) if text else text


def _list(text: str | None) -> list[str] | None:
    return None if text is None else [one.strip() for one in text.split("|") if one.strip()]


def _group(one: Mapping[str, str], prefix: str) -> dict[str, str] | None:
    names = [name for name in one if name.startswith(prefix)]
    return {name.removeprefix(prefix): one[name] for name in names if one[name]} if names else None


def _vat(text: str) -> int:
    try:
        return int(parse_decimal(text.removesuffix("%"), places=2) * 100)
    except NotNumber:
        raise Unfit(f"VAT is written like 25 or 12.5: {text[:20]}") from None


def _price(text: str, market: str, *, bare: bool = True) -> PriceData:
    """`1299.00 SEK` or `free`, and where it may be `bare`, `1299` too. Raises ValueError."""
    if text.lower() == "free":
        return PriceData(market, _currency(market), 0, free=True)
    if re.search("[A-Za-z]", text) or not bare:
        amount, currency = parse_price(text)
    else:
        currency = _currency(market)
        amount = parse_amount(text, currency)
    if amount == 0:
        raise Unfit("A price of 0 is refused: leave it empty, or write free if it costs nothing.")
    return PriceData(market, currency, amount)


def _currency(market: str) -> str:
    currency = currency_of(market)
    if currency is None:
        raise Unfit(f"There is no country {market}.")
    return currency


def _own_prices(one: Mapping[str, str]) -> list[PriceData]:
    prices = []
    for name in one:
        what, _, market = name.partition(".")
        market = market.upper()
        if what not in ("price", "sale_price"):
            continue
        is_sale = what == "sale_price"
        if one[name]:
            price = _price(one[name], market)
        elif is_sale and (currency := _currency_beside(one, market)):
            price = PriceData(market, currency, None)
        else:
            continue
        since, until = (_moment(one.get(f"{end}.{market.lower()}", "")) for end in _SALE_DATES)
        if is_sale:
            price = replace(price, sale=True, since=since, until=until)
        prices.append(price)
    return prices


def _currency_beside(one: Mapping[str, str], market: str) -> str | None:
    """The currency of a sale that says none: that of the price beside it."""
    beside = one.get(f"price.{market.lower()}", "")
    return _price(beside, market).currency if beside else currency_of(market)


_SALE_DATES = ("sale_from", "sale_until")


def _dates(text: str) -> tuple[datetime | None, datetime | None]:
    if not text:
        return None, None
    since, slash, until = text.partition("/")
    if not slash:
        raise Unfit(f"The dates of a sale are two, with a / between: {text[:60]}")
    return _moment(since), _moment(until)


def _moment(text: str) -> datetime | None:
    if not text.strip():
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Unfit(f"A moment is written like 2026-11-20T00:00+0100: {text[:40]}") from None
    return moment if moment.tzinfo else timezone.make_aware(moment)
