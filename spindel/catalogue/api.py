"""The catalogue for machines: products, prices, places, and feeds."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from ninja import File, Query, Router, Schema, Status, UploadedFile
from pydantic import Field

from spindel.catalogue import actions, anybody, feed_out, markets, reading, rules
from spindel.catalogue.feeds import Feed
from spindel.catalogue.importing import REMOVE_AT_MOST, RefusedRow, Report, import_feed
from spindel.catalogue.models import Place, Product, Variant
from spindel.catalogue.places import PlaceData
from spindel.catalogue.product_input import PriceData, ProductData, VariantData
from spindel.catalogue.searching import MOST, Meant, search
from spindel.kit import environment, pagination, texts
from spindel.kit.refusal import Refusal
from spindel.kit.schema import Currency, Language, Market, ViewSchema
from spindel.staff import audit
from spindel.staff.api import Routes, caller, needs
from spindel.staff.models import Scope

router = Router(tags=["Catalogue"])
_read, _write = needs(Scope.READ_CATALOGUE), needs(Scope.WRITE_CATALOGUE)

_Text = Annotated[str, Field(max_length=10_000)]
_Sku = Annotated[str, Field(max_length=64)]
_Limit = Annotated[int, Field(ge=1, le=100)]


# --- what is told ---------------------------------------------------------------------------------


class PriceIn(Schema):
    """A price in minor units, VAT included; `sale` beside the regular one.

    Without `since` it holds from now on. Whoever tells of a sale tells of all sales of the variant
    in the market: former ones end, and with `amount` null all do. An `amount` of 0 is refused as a
    mistake, unless `free` says that it costs nothing.
    """

    market: Market
    currency: Currency
    amount: int | None
    sale: bool = False
    since: datetime | None = None
    until: datetime | None = None
    free: bool = False

    def data(self) -> PriceData:
        """The same, for the action."""
        return PriceData(
            self.market,
            self.currency,
            self.amount,
            self.sale,
            self.since,
            self.until,
            self.free,
        )


class VariantIn(Schema):
    """A variant; what is null or left out stays as it is. An empty GTIN is none."""

    sku: _Sku
    gtin: str | None = None
    options: dict[str, _Text] | None = None
    pictures: list[str] | None = None
    position: int | None = None
    prices: list[PriceIn] = []

    def data(self) -> VariantData:
        """The same, for the action. Raises ValueError for a wrong GTIN."""
        return VariantData(
            self.sku,
            rules.gtin14(self.gtin) if self.gtin else self.gtin,
            self.options,
            self.pictures,
            self.position,
            [price.data() for price in self.prices],
        )


class ProductIn(Schema):
    """A product with some or all of its variants; what is null or left out stays as it is.

    Names and texts are by language (sv, da, en). `vat` is in hundredths of a percent.
    """

    number: _Sku
    variants: Annotated[list[VariantIn], Field(min_length=1, max_length=2_000)]
    names: dict[str, _Text | None] | None = None
    texts: dict[str, _Text | None] | None = None
    brand: str | None = None
    categories: list[str] | None = None
    attributes: dict[str, _Text] | None = None
    pictures: list[str] | None = None
    vat: int | None = None

    def data(self) -> ProductData:
        """The same, for the action. Raises ValueError for a wrong GTIN."""
        return ProductData(
            self.number,
            [variant.data() for variant in self.variants],
            self.names,
            self.texts,
            self.brand,
            self.categories,
            self.attributes,
            self.pictures,
            self.vat,
        )


class ProductsIn(Schema):
    """Products to keep."""

    products: Annotated[list[ProductIn], Field(max_length=actions.MOST_PRODUCTS)]


class PriceOfIn(PriceIn):
    """The price of a variant."""

    sku: _Sku


class PricesIn(Schema):
    """Prices to set."""

    prices: Annotated[list[PriceOfIn], Field(max_length=actions.MOST_PRICES)]


class PlaceIn(Schema):
    """A store or a warehouse, whole: what is left out is empty.

    `hours` has lists of `["10:00", "18:00"]` by weekday, "1" Monday to "7"; `exceptions` the same
    by date, and an empty list is closed.
    """

    code: str
    name: str
    kind: str = Place.Kind.STORE.value
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = "SE"
    latitude: float | None = None
    longitude: float | None = None
    time_zone: str = "Europe/Stockholm"
    hours: dict[str, list[list[str]]] = {}
    exceptions: dict[str, list[list[str]]] = {}
    ships: bool = False
    hands_over: bool = True
    closed: bool = False


class PlacesIn(Schema):
    """Places to keep."""

    places: Annotated[list[PlaceIn], Field(max_length=actions.MOST_PLACES)]


# --- what is answered -----------------------------------------------------------------------------


class RefusalOut(ViewSchema, view=actions.RefusedItem, without=("again",)):
    """What was not taken, by its number, SKU or code, and why."""


class OutcomeOut(ViewSchema, view=actions.Outcome):
    """What became of what was told."""

    refused: list[RefusalOut]


class RowOut(ViewSchema, view=RefusedRow):
    """A row that was not taken; the row 0 is not known any more."""


class ReportOut(ViewSchema, view=Report):
    """What became of a feed. `problem`: why it was not read to its end. `left`: why nothing was
    removed though the feed was said to be full.
    """

    refused: list[RowOut]


class DiscountForAnybodyOut(ViewSchema, view=anybody.AnybodysDiscount):
    """What an offer takes off for anybody, by the names that customers read, by language."""


class PriceOut(Schema):
    """What one piece costs anybody now, in minor units: `amount` by the list, `total` with what
    `discounts` take off; `was` is the regular price where a sale holds.
    """

    market: str
    currency: str
    amount: int
    was: int | None
    discounts: list[DiscountForAnybodyOut]
    total: int


class VariantOut(Schema):
    """A variant with its prices now."""

    sku: str
    gtin: str | None
    options: dict[str, str]
    pictures: list[str]
    prices: list[PriceOut]


class ProductOut(Schema):
    """A product with those of its variants that are sold."""

    number: str
    names: dict[str, str]
    texts: dict[str, str]
    brand: str
    categories: list[str]
    attributes: dict[str, str]
    pictures: list[str]
    vat: int
    removed: bool
    updated_at: datetime
    variants: list[VariantOut]


class ProductsOut(Schema):
    """Some products, and the cursor that gets the next ones; null at the end."""

    items: list[ProductOut]
    next: str | None


class ValueOut(Schema):
    """A value of a facet, and how many products have it."""

    value: str
    count: int


class FacetOut(Schema):
    """A way to narrow a search."""

    name: str
    values: list[ValueOut]


class MeantOut(ViewSchema, view=Meant, without=("variant",)):
    """The variant that is meant by what was typed and chosen, and those of its options that were
    named: so a tile shows the black one, in size 38.
    """


class FoundProductOut(ProductOut):
    """A product that was found; `meant` is null where no variant of it was named."""

    meant: MeantOut | None


class FoundOut(Schema):
    """What was found, in the order that was asked for, and how to narrow it; the cursor that gets
    the next ones, null at the end.

    `read_as` is the text without its slips, where it had some; `instead`, where nothing was found,
    is the most of it that finds something. Both are empty otherwise.
    """

    items: list[FoundProductOut]
    next: str | None
    total: int
    facets: list[FacetOut]
    read_as: str
    instead: str


class PriceOfOut(PriceOut):
    """What a variant costs."""

    sku: str


class PricesOut(Schema):
    """Prices now; a variant without one is left out."""

    items: list[PriceOfOut]


class PlaceOut(Schema):
    """A place. `until_tomorrow` is when its next open day after today ends."""

    code: str
    name: str
    kind: str
    street: str
    postcode: str
    city: str
    country: str
    latitude: float | None
    longitude: float | None
    time_zone: str
    hours: dict[str, list[list[str]]]
    exceptions: dict[str, list[list[str]]]
    ships: bool
    hands_over: bool
    km: float | None
    open_now: bool
    closes_at: datetime | None
    opens_at: datetime | None
    until_tomorrow: datetime | None


class PlacesOut(Schema):
    """Places that are not closed for good."""

    items: list[PlaceOut]


# --- products -------------------------------------------------------------------------------------


@router.get("/products", summary="List products", response=ProductsOut, auth=_read)
def list_products(
    request: HttpRequest,
    after: Annotated[str, Query(description="The `next` of the page before.")] = "",
    limit: _Limit = 50,
    market: Annotated[Market | None, Query()] = None,
) -> dict[str, object]:
    """All products that are sold, by number."""
    found = Product.objects.filter(removed_at=None, number__gt=after).order_by("number")
    products = reading.with_variants(found)[: limit + 1]
    some = pagination.page(products, limit, lambda product: product.number)
    return {"items": _products(some.items, market), "next": some.next}


@router.put("/products", summary="Create or update products", response=OutcomeOut, auth=_write)
def put_products(request: HttpRequest, body: ProductsIn) -> actions.Outcome:
    """Keep products with their variants and prices, at most 1,000. Told again, nothing changes."""
    products, wrong = [], []
    for told in body.products:
        try:
            products.append(told.data())
        except ValueError as error:
            wrong.append(actions.RefusedItem(told.number, str(error)))
    outcome = actions.put_products(products)
    return replace(outcome, refused=wrong + outcome.refused)


@router.get("/search", summary="Search for products", response=FoundOut, auth=_read)
def search_products(
    request: HttpRequest,
    q: Annotated[str, Query(max_length=200, description="As somebody types it.")] = "",
    market: Annotated[Market | None, Query()] = None,
    filter: Annotated[
        list[str],
        Query(
            max_length=50,
            description="Such as brand=Nordsko or size=38; in a market price=50000-75000, from and"
            " below minor units, and in_stock=any or the code of a place.",
        ),
    ] = [],  # noqa: B006  # ninja copies it
    sort: Annotated[
        Literal["", "price", "-price", "newest"],
        Query(description="By the lowest price of a market, or what came last; else best first."),
    ] = "",
    after: Annotated[str, Query(description="The `next` of the page before.")] = "",
    limit: _Limit = 30,
) -> dict[str, object]:
    """Products by name, number, SKU or GTIN, as one types, and facets to narrow them by.

    In three languages, with inflections and slips; what names a colour or a size narrows to
    variants that have it.
    """
    offset = int(after) if after.isascii() and after.isdigit() and len(after) < 5 else 0
    if after and not 0 < offset <= MOST:
        raise Refusal("bad_cursor")
    chosen: dict[str, list[str]] = {}
    for one in filter:
        name, _, value = one.partition("=")
        chosen.setdefault(name, []).append(value)
    found = search(q, chosen, limit, offset, sort=sort, market=market or "")
    shown = reading.in_given_order(found.ids)
    return {
        "items": [
            one | {"meant": found.meant.get(product.pk)}
            for one, product in zip(_products(shown, market), shown, strict=True)
        ],
        "read_as": found.read_as,
        "instead": found.instead,
        "next": str(offset + limit) if found.more else None,
        "total": found.total,
        "facets": [
            {
                "name": facet.name,
                "values": [{"value": value, "count": count} for value, count in facet.values],
            }
            for facet in found.facets
        ],
    }


@router.get("/products/{path:number}", summary="See a product", response=ProductOut, auth=_read)
def get_product(
    request: HttpRequest, number: str, market: Annotated[Market | None, Query()] = None
) -> dict[str, object]:
    """A product by its number, also one that is no longer sold."""
    found = reading.with_variants(Product.objects.filter(number=texts.plain(number, 64)))
    products = _products(list(found), market)
    if not products:
        raise Refusal("no_such_product")
    return products[0]


@router.delete(
    "/products/{path:number}", summary="Stop selling a product", response={204: None}, auth=_write
)
def remove_product(request: HttpRequest, number: str) -> Status[None]:
    """Stop selling a product. It is kept, and comes back when it is put again."""
    if not actions.remove_product(texts.plain(number, 64)):
        raise Refusal("product_not_sold")
    return Status(204, None)


def _products(products: list[Product], market: str | None) -> list[dict[str, object]]:
    variants: dict[int, list[Variant]] = {one.pk: getattr(one, "on_sale", []) for one in products}
    prices = anybody.prices([v for each in variants.values() for v in each], market)
    return [
        {
            "number": one.number,
            "names": one.names,
            "texts": one.texts,
            "brand": one.brand,
            "categories": one.categories,
            "attributes": one.attributes,
            "pictures": one.pictures,
            "vat": one.vat,
            "removed": one.removed_at is not None,
            "updated_at": one.updated_at,
            "variants": [
                {
                    "sku": variant.sku,
                    "gtin": variant.gtin,
                    "options": variant.options,
                    "pictures": variant.pictures,
                    "prices": _price_list(prices.get(variant.pk, {})),
                }
                for variant in variants[one.pk]
            ],
        }
        for one in products
    ]


def _price_list(prices: anybody.MarketPrices) -> list[dict[str, object]]:
    return [
        {
            "market": market,
            "currency": currency,
            "amount": price.amount,
            "was": price.was,
            "discounts": price.discounts,
            "total": price.total,
        }
        for (market, currency), price in prices.items()
    ]


# --- prices ---------------------------------------------------------------------------------------


@router.get("/prices", summary="List current prices", response=PricesOut, auth=_read)
def get_prices(
    request: HttpRequest,
    sku: Annotated[list[str], Query(min_length=1, max_length=500)],
    market: Annotated[Market | None, Query()] = None,
) -> dict[str, object]:
    """What variants cost anybody now, at most 500 at once."""
    variants = Variant.objects.filter(sku__in=sku, removed_at=None).select_related("product")
    skus = {one.pk: one.sku for one in variants}
    prices = anybody.prices(variants, market)
    return {
        "items": [
            one | {"sku": skus[id]} for id, found in prices.items() for one in _price_list(found)
        ]
    }


@router.put("/prices", summary="Set prices", response=OutcomeOut, auth=_write)
def put_prices(request: HttpRequest, body: PricesIn) -> actions.Outcome:
    """Set prices, at most 10,000. `changed` and `unchanged` count variants."""
    return actions.put_prices([(one.sku, one.data()) for one in body.prices])


@router.get("/feed", summary="Get the product feed of a market", auth=_read)
def get_feed(
    request: HttpRequest,
    market: Annotated[Market, Query()],
    language: Language = "sv",
    link: Annotated[
        str,
        Query(
            max_length=500,
            pattern="^https?://",
            description="A product’s address, with {number} and {sku} in it; without one it is"
            " below SPINDEL_SHOP_URL.",
        ),
    ] = "",
) -> StreamingHttpResponse:
    """All variants that are sold in the market, in Google’s columns, tab-separated: `price` by the
    list, `sale_price` what anybody pays where that is less.
    """
    currency = reading.currency_of(market)
    if currency is None:
        raise Refusal("bad_market")
    shop = environment.value("SPINDEL_SHOP_URL").rstrip("/")
    found = feed_out.lines(
        markets.Market(market, currency, language),
        link or f"{shop}/products/{{number}}?sku={{sku}}",
    )
    return StreamingHttpResponse(found, content_type="text/tab-separated-values; charset=utf-8")


# --- places ---------------------------------------------------------------------------------------


@router.get("/places", summary="List stores and warehouses", response=PlacesOut, auth=_read)
def list_places(
    request: HttpRequest,
    near: Annotated[str, Query(description="A position, such as 57.7046,11.9643.")] = "",
    limit: Annotated[int, Query(ge=1, le=1_000)] = 1_000,
) -> dict[str, object]:
    """Stores and warehouses; the nearest first where a position is given."""
    try:
        position = rules.parse_position(near) if near else None
    except ValueError as error:
        raise Refusal("bad_position", why=str(error)) from None
    now = timezone.now()
    return {"items": [_place(place, km, now) for place, km in reading.places(position)[:limit]]}


def _place(place: Place, km: float | None, now: datetime) -> dict[str, object]:
    hours = place.opening
    closes = rules.closes_at(hours, now)
    return {
        **{name: getattr(place, name) for name in _OF_PLACE},
        "km": None if km is None else round(km, 3),
        "open_now": closes is not None,
        "closes_at": closes,
        "opens_at": None if closes else rules.opens_next(hours, now),
        "until_tomorrow": rules.closing_on(hours, now),
    }


_OF_PLACE = (
    *("code", "name", "kind", "street", "postcode", "city", "country", "latitude", "longitude"),
    *("time_zone", "hours", "exceptions", "ships", "hands_over"),
)


@router.put(
    "/places", summary="Create or update stores and warehouses", response=OutcomeOut, auth=_write
)
def put_places(request: HttpRequest, body: PlacesIn) -> actions.Outcome:
    """Keep stores and warehouses, at most 1,000. Told again, nothing changes."""
    return actions.put_places([PlaceData(**one.dict()) for one in body.places])


# --- feeds ----------------------------------------------------------------------------------------


@router.post("/feeds", summary="Import a product feed", response=ReportOut, auth=_write)
def take_feed(
    request: HttpRequest,
    file: Annotated[UploadedFile, File()],
    language: Annotated[str, Query(pattern="^(sv|da|en)$")] = "sv",
    market: Annotated[str, Query(pattern="^[A-Z]{2}$")] = "SE",
    full: Annotated[bool, Query(description="Remove what the feed does not name.")] = False,
    remove_at_most: Annotated[
        int,
        Query(ge=0, le=100, description="Percent of the variants; if more would go, none does."),
    ] = REMOVE_AT_MOST,
    encoding: Annotated[
        str, Query(max_length=40, description="Such as windows-1252, where it is not UTF-8 or -16.")
    ] = "",
) -> Report:
    """Take in a feed: CSV, or Google's as XML or TSV; by HTTP at most 4 MB."""
    assert file.file is not None
    feed = Feed(language, market, encoding)
    report = import_feed(file.file, feed, full=full, remove_at_most=remove_at_most)
    audit.note(caller(request), "catalogue.imported", detail={"name": (file.name or "")[:100]})
    return report


ROUTES = (
    Routes(
        "/catalogue",
        router,
        "Catalogue",
        "Products, prices, and the places that goods are sold in.",
    ),
)
