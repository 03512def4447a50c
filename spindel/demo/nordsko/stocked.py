"""Nordsko's shoes and stores in the catalogue, and pairs on its shelves."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from spindel.catalogue import actions
from spindel.catalogue.models import Place, Variant
from spindel.catalogue.places import PlaceData
from spindel.catalogue.product_input import PriceData, ProductData, VariantData
from spindel.catalogue.rules import gtin14
from spindel.commerce.stock.actions import movements
from spindel.commerce.stock.actions.movements import Move
from spindel.commerce.stock.models import Movement
from spindel.demo.nordsko.catalogue import PRODUCTS, STORES, Hours, Product, Store
from spindel.demo.nordsko.descriptions import material, texts
from spindel.demo.nordsko.shelves import SHIPPING, WAREHOUSE, shelves
from spindel.kit.money import to_minor

_YEARS = 2  # for which the days that are not like others are told

_ERP = "nordsko-erp"
_WAREHOUSE = PlaceData(
    WAREHOUSE,
    "Nordsko Borås",
    kind=Place.Kind.WAREHOUSE,
    street="Lagergatan 8",
    postcode="504 94",
    city="Borås",
    latitude=57.7152,
    longitude=12.8401,
    hours={str(day): [["07:00", "16:00"]] for day in range(1, 6)},
    ships=True,
    hands_over=False,
)


def put_into_catalogue(today: date, url: str) -> None:
    """Put them there, for the two years from today on, with pictures at the shop's address, and
    deliver what lies on the shelves. Again, nothing changes, whatever was sold meanwhile.
    """
    actions.put_products([_product(product, url) for product in PRODUCTS])
    actions.put_places([_WAREHOUSE, *(_place(store, today) for store in STORES)])
    _deliver(datetime.combine(today - timedelta(days=1), time(5), UTC))


def move_pictures(url: str) -> None:
    """The shop has another address now: show the pictures there. All else stays as it is."""
    kept = set(Variant.objects.filter(removed_at=None).values_list("sku", flat=True))
    told = [
        ProductData(
            product.id,
            [
                VariantData(one.sku, pictures=[url + one.image_url])
                for one in product.variants
                if one.sku in kept
            ],
            pictures=_pictures(product, url),
        )
        for product in PRODUCTS
    ]
    actions.put_products([product for product in told if product.variants])


def _deliver(at: datetime) -> None:
    """Every pair in one delivery a shelf, by keys that stay: told again, it is known."""
    variants = dict(Variant.objects.values_list("sku", "pk"))
    places = dict(Place.objects.values_list("code", "pk"))
    moves = [
        Move(
            f"opening/{place}/{sku}",
            Movement.Kind.DELIVERY,
            variants[sku],
            places[place],
            pairs,
            at,
        )
        for (sku, place), pairs in shelves().items()
    ]
    for start in range(0, len(moves), movements.MOST_LINES):
        movements.move(moves[start : start + movements.MOST_LINES], "Nordsko ERP", _ERP)


def _pictures(product: Product, url: str) -> list[str]:
    return [url + address for address in dict.fromkeys(v.image_url for v in product.variants)]


def _product(product: Product, url: str) -> ProductData:
    prices = [
        PriceData("SE", "SEK", to_minor(product.price_sek, "SEK")),
        PriceData("DK", "DKK", to_minor(product.price_dkk, "DKK")),
    ]
    return ProductData(
        product.id,
        [
            VariantData(
                one.sku,
                gtin=gtin14(one.gtin),
                options={"size": str(one.size), "colour": one.colour},
                pictures=[url + one.image_url],
                position=place,
                prices=prices,
            )
            for place, one in enumerate(product.variants)
        ],
        names=dict.fromkeys(("sv", "da", "en"), product.name),
        texts=texts(product),
        brand=product.brand,
        categories=[product.category],
        attributes={"gender": product.audience, "material": material(product)},
        pictures=_pictures(product, url),
        vat=int(product.vat * 10_000),
    )


def _place(store: Store, today: date) -> PlaceData:
    special = {
        f"{year}-{day.month:02}-{day.day:02}": _spans(day.hours)
        for day in store.special_days
        for year in range(today.year, today.year + _YEARS + 1)
    }
    return PlaceData(
        store.slug,
        store.name,
        street=store.address,
        postcode=store.postal_code,
        city=store.city,
        country=store.country,
        latitude=store.latitude,
        longitude=store.longitude,
        time_zone=store.timezone,
        hours={str(day): _spans(hours) for day, hours in enumerate(store.opening_hours, start=1)},
        exceptions=special,
        ships=store.slug in SHIPPING,
    )


def _spans(hours: Hours | None) -> list[list[str]]:
    return [[f"{hours[0]:%H:%M}", f"{hours[1]:%H:%M}"]] if hours else []
