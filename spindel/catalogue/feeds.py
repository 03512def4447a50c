"""Files of products: Spindel's own columns as CSV, and Google's product feed as XML or TSV.

Rows come one at a time, whatever the size of the file. A row is a variant with what it says of its
product; `docs/catalogue.md` tells of the columns.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import IO
from xml.parsers import expat

from django.utils import timezone

from spindel.catalogue.goods import LANGUAGES, PriceData, ProductData, Unfit, VariantData
from spindel.catalogue.reading import currency_of
from spindel.catalogue.rules import gtin14, parse_amount, parse_price

_LONGEST_LINE = 1024 * 1024  # characters
_MOST_COLUMNS = 500
_LONGEST_ITEM = 200_000  # characters of an item in XML
_DEEPEST = 50
_CHUNK = 64 * 1024
_GOOGLE = "http://base.google.com/ns/1.0 "


class Unusable(Exception):
    """There is no going on with the file; the text says why."""


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
    ignored: set[str] = field(default_factory=set)  # columns that meant nothing; found by reading

    def rows(self, file: IO[bytes]) -> Iterator[Row]:
        """Every row of the file, good or not. Raises Unusable."""
        if self.language not in LANGUAGES or not re.fullmatch(r"[A-Z]{2}", self.market):
            raise Unusable("A language is sv, da or en, and a market a country such as SE.")
        head = file.read(_CHUNK)
        if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<":
            rows = _items(head, file)
            understand: Callable[[_Cells], ProductData] = self._google
        else:
            names, rows = _table(head, file)
            understand = self._understands(names)
        for place, cells in rows:
            if isinstance(cells, str):
                yield Row(place, "", None, cells)
                continue
            sku = next(iter(cells.get("sku") or cells.get("id") or [""])).strip()
            try:
                yield Row(place, sku, understand(cells))
            except ValueError as error:
                yield Row(place, sku, None, str(error))

    def _understands(self, names: list[str]) -> Callable[[_Cells], ProductData]:
        if "sku" in names:
            self.ignored.update(name for name in names if not _OWN.fullmatch(name))
            return self._own
        if "id" in names:
            return self._google
        raise Unusable("The first line has neither a column sku nor, as Google's feed, id.")

    def _own(self, cells: _Cells) -> ProductData:
        """A row in Spindel's own columns. Raises ValueError."""
        one = {name: values[0].strip() for name, values in cells.items()}
        names, texts = (self._by_language(one, what) for what in ("name", "text"))
        return ProductData(
            number=one.get("number") or one["sku"],
            names=names,
            texts=texts,
            brand=one.get("brand"),
            categories=_list(one.get("category")),
            attributes=_group(one, "attribute."),
            pictures=_list(one.get("product_picture")),
            vat=_vat(one["vat"]) if one.get("vat") else None,
            variants=[
                VariantData(
                    one["sku"],
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

    def _google(self, cells: _Cells) -> ProductData:
        """A row of Google's product feed. Raises ValueError."""
        one = {name: values[0].strip() for name, values in cells.items() if values[0].strip()}
        sku = one.get("id", "")
        pictures = [one["image_link"]] if "image_link" in one else []
        for value in cells.get("additional_image_link", []):
            pictures += [part.strip() for part in value.split(",") if part.strip()]
        category = one.get("product_type") or one.get("google_product_category")
        return ProductData(
            number=one.get("item_group_id") or sku,
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
        amount, currency = parse_price(one["price"])
        prices = [PriceData(self.market, currency, amount)]
        since, until = _dates(one.get("sale_price_effective_date", ""))
        sale: int | None = None
        if "sale_price" in one:
            sale, sale_currency = parse_price(one["sale_price"])
            if sale_currency != currency:
                raise Unfit("The sale price has another currency than the price.")
        return [*prices, PriceData(self.market, currency, sale, True, since, until)]


_Cells = dict[str, list[str]]
_Rows = Iterator[tuple[int, "_Cells | str"]]  # a place, and the row or what is wrong with it

_GOOGLE_OPTIONS = {"size": "size", "color": "colour", "material": "material", "pattern": "pattern"}
_OWN = re.compile(
    r"sku|number|gtin|brand|category|vat|picture|product_picture|(name|text)(\.(sv|da|en))?"
    r"|option\..+|attribute\..+|(price|sale_price|sale_from|sale_until)\.[a-z]{2}"
)


def _gtin(text: str | None) -> str | None:
    return gtin14(text) if text else text


def _list(text: str | None) -> list[str] | None:
    return None if text is None else [one.strip() for one in text.split("|") if one.strip()]


def _group(one: Mapping[str, str], prefix: str) -> dict[str, str] | None:
    names = [name for name in one if name.startswith(prefix)]
    return {name.removeprefix(prefix): one[name] for name in names if one[name]} if names else None


def _vat(text: str) -> int:
    try:
        hundredths = Decimal(text.removesuffix("%").strip().replace(",", ".")) * 100
        if hundredths == int(hundredths):
            return int(hundredths)
    except (InvalidOperation, ValueError, OverflowError):
        pass
    raise Unfit(f"VAT is written like 25 or 12.5: {text[:20]}")


def _own_prices(one: Mapping[str, str]) -> list[PriceData]:
    prices = []
    for name in one:
        what, _, market = name.partition(".")
        market = market.upper()
        if what not in ("price", "sale_price"):
            continue
        currency = currency_of(market)
        if not one[name]:
            # Without a sale the currency is that of the price beside it.
            beside = one.get(f"price.{market.lower()}", "")
            currency = parse_price(beside)[1] if re.search("[A-Za-z]", beside) else currency
            if what == "sale_price" and currency:
                prices.append(PriceData(market, currency, None, sale=True))
            continue
        if re.search("[A-Za-z]", one[name]):
            amount, currency = parse_price(one[name])
        elif currency is None:
            raise Unfit(f"There is no country {market}.")
        else:
            amount = parse_amount(one[name], currency)
        dates = (_moment(one.get(f"{end}.{market.lower()}", "")) for end in _SALE_DATES)
        since, until = dates if what == "sale_price" else (None, None)
        prices.append(PriceData(market, currency, amount, what == "sale_price", since, until))
    return prices


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


# --- CSV and TSV ----------------------------------------------------------------------------------


def _table(head: bytes, file: IO[bytes]) -> tuple[list[str], _Rows]:
    """The columns' names and the rows of a file with a tab, semicolon or comma between cells."""
    whole = io.BufferedReader(_Joined(head, file))  # type: ignore[type-var]  # typeshed asks for a name
    stream = io.TextIOWrapper(whole, "utf-8-sig", newline="")
    lines = _lines(stream)
    first = next(lines, "")
    delimiter = max("\t;,", key=first.count)
    # The dialect of spreadsheets: a quote within quotes is doubled.
    reader = csv.reader(_chain(first, lines), delimiter=delimiter)
    try:
        header = next(reader, [])
    except csv.Error as error:
        raise Unusable(f"The first line is not CSV: {error}") from None
    names = [_column(name) for name in header]
    if len(names) > _MOST_COLUMNS or len(set(names)) < len(names):
        raise Unusable(f"There are more than {_MOST_COLUMNS} columns, or two of one name.")

    def rows() -> _Rows:
        while True:
            place = reader.line_num + 1
            try:
                cells = next(reader, None)
            except csv.Error as error:
                yield place, f"It is not CSV: {error}"
                continue
            if cells is None:
                return
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(names):
                yield place, f"It has {len(cells)} cells, and the first line {len(names)}."
                continue
            yield place, {name: [cell] for name, cell in zip(names, cells, strict=True)}

    return names, rows()


def _column(name: str) -> str:
    # Google's sheets write "image link", and some shops "g:image_link".
    return name.strip().lower().removeprefix("g:").replace(" ", "_")


def _chain(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _lines(stream: io.TextIOWrapper) -> Iterator[str]:
    try:
        while line := stream.readline(_LONGEST_LINE + 1):
            if len(line) > _LONGEST_LINE:
                raise Unusable("A line is longer than a megabyte.")
            if "\0" in line:
                raise Unusable("The file is not text.")
            yield line
    except UnicodeDecodeError:
        raise Unusable("The file is not UTF-8.") from None


class _Joined(io.RawIOBase):
    """What has been read of a file, and the rest of it."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # what BufferedReader gives
        part = self._head[: len(buffer)] or self._rest.read(len(buffer))
        self._head = self._head[len(part) :]
        buffer[: len(part)] = part
        return len(part)


# --- XML ------------------------------------------------------------------------------------------


def _items(head: bytes, file: IO[bytes]) -> _Rows:
    """The items of an RSS 2.0 or Atom feed. Raises Unusable for any document type: no entities."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    items = _Items()
    parser.StartElementHandler = items.start
    parser.EndElementHandler = items.end
    parser.CharacterDataHandler = items.text
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    chunk, place = head, 0
    while True:
        try:
            parser.Parse(chunk, not chunk)
        except expat.ExpatError as error:
            raise Unusable(f"It is not XML: {error}") from None
        for item in items.finished:
            place += 1
            yield place, item
        items.finished.clear()
        if not chunk:
            return
        chunk = file.read(_CHUNK)


def _refuse(*_: object) -> None:
    raise Unusable("A feed has no document type and no entities of its own.")


class _Items:
    """Gathers the elements within each item."""

    def __init__(self) -> None:
        self.finished: list[_Cells | str] = []
        self._depth = 0
        self._item: _Cells | None = None
        self._plain: set[str] = set()  # names of elements that are not Google's own
        self._item_depth = 0
        self._text: list[str] | None = None
        self._size = self._elements = 0

    def start(self, name: str, _attributes: Mapping[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Unusable("The elements are nested too deep.")
        if self._item is None:
            if _local(name) in ("item", "entry"):
                self._item, self._item_depth, self._size = {}, self._depth, 0
                self._plain, self._elements = set(), 0
        elif self._depth == self._item_depth + 1:
            self._text = []

    def text(self, data: str) -> None:
        if self._text is not None and self._depth == self._item_depth + 1:
            self._size += len(data)
            if self._size <= _LONGEST_ITEM:
                self._text.append(data)

    def end(self, name: str) -> None:
        if self._item is not None:
            if self._depth == self._item_depth:
                too_long = self._size > _LONGEST_ITEM
                self.finished.append("The item is too long." if too_long else self._item)
                self._item = None
            elif self._depth == self._item_depth + 1 and self._text is not None:
                self._elements += 1
                if self._elements <= _MOST_COLUMNS:
                    self._put(name, "".join(self._text))
                self._text = None
        self._depth -= 1

    def _put(self, name: str, text: str) -> None:
        """Keep a value: of elements of one name, Google's own go before those of RSS."""
        assert self._item is not None
        local = _local(name)
        if name.startswith(_GOOGLE):
            if local in self._plain:
                self._plain.discard(local)
                del self._item[local]
            self._item.setdefault(local, []).append(text)
        elif local not in self._item:
            self._plain.add(local)
            self._item[local] = [text]


def _local(name: str) -> str:
    return name.rpartition(" ")[2]
