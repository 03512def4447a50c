"""Nordsko's shoes and stores in the catalogue."""

from __future__ import annotations

from datetime import date

from spindel.catalogue import actions
from spindel.catalogue.goods import PriceData, ProductData, VariantData
from spindel.catalogue.places import PlaceData
from spindel.catalogue.rules import gtin14, to_minor
from spindel.demo.nordsko.catalogue import PRODUCTS, STORES, Hours, Product, Store

_YEARS = 2  # for which the days that are not like others are told

_CATEGORIES = {
    "Sneakers": ("Sneakers", "Sneakers"),
    "Boots": ("Stövlar", "Støvler"),
    "Sandals": ("Sandaler", "Sandaler"),
    "Loafers": ("Loafers", "Loafers"),
    "Pumps": ("Pumps", "Pumps"),
    "Hiking": ("Vandring", "Vandring"),
    "Running": ("Löpning", "Løb"),
    "Rain boots": ("Gummistövlar", "Gummistøvler"),
    "Slippers": ("Tofflor", "Hjemmesko"),
    "Kids": ("Barn", "Børn"),
}


def put_into_catalogue(today: date) -> None:
    """Put them there, for the two years from today on; again, nothing changes."""
    actions.put_products([_product(product) for product in PRODUCTS])
    actions.put_places([_place(store, today) for store in STORES])


def _product(product: Product) -> ProductData:
    swedish, danish = _CATEGORIES[product.category]
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
                position=place,
                prices=prices,
            )
            for place, one in enumerate(product.variants)
        ],
        names=dict.fromkeys(("sv", "da", "en"), product.name),
        texts={
            "sv": f"{product.name} från {product.brand}. {swedish}.",
            "da": f"{product.name} fra {product.brand}. {danish}.",
            "en": f"{product.name} by {product.brand}. {product.category}.",
        },
        brand=product.brand,
        categories=[product.category],
        attributes={"gender": product.audience},
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
        ships=store.code in ("GBG1", "CPH1"),
    )


def _spans(hours: Hours | None) -> list[list[str]]:
    return [[f"{hours[0]:%H:%M}", f"{hours[1]:%H:%M}"]] if hours else []
