"""The catalogue as the shop shows it: cards, colours, sizes, and what is where."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from spindel.demo.storefront.showing import money
from spindel.demo.storefront.spindel import Level, Levels, Place, Product, Spindel, Variant, part
from spindel.demo.storefront.words import CURRENCIES, translate
from spindel.kit.money import to_major

# How the shop's own words call what the catalogue has.
CATEGORIES = (
    *("Sneakers", "Boots", "Sandals", "Loafers", "Pumps", "Hiking", "Running", "Rain boots"),
    *("Slippers", "Kids"),
)
COLOURS = (
    *("black", "white", "navy", "cognac", "brown", "sand", "olive", "grey", "red", "cream"),
    *("yellow", "teal"),
)
LOOK = {colour: f"sw-{colour}" for colour in COLOURS}
FACETS = {
    "category": "Category",
    "size": "Size",
    "colour": "Colour",
    "price": "Price",
    "in_stock": "In stock",
    "brand": "Brand",
}
SORTS = {"": "Best match", "price": "Lowest price", "-price": "Highest price", "newest": "Newest"}
# Where one may say that one is, without saying where one is.
TOWNS = {
    "Göteborg": "57.71,11.97",
    "Malmö": "55.61,13.0",
    "Stockholm": "59.33,18.07",
    "Uppsala": "59.86,17.64",
    "København": "55.68,12.57",
    "Odense": "55.4,10.39",
    "Aarhus": "56.16,10.2",
}
_FEW = 3


def option(value: str, language: str) -> str:
    """A colour, a size or a category in words."""
    known = value in COLOURS or value in CATEGORIES
    return translate(value, language) if known else value


def options_of(options: dict[str, str] | str, language: str) -> str:
    """A variant's options in words."""
    if isinstance(options, str):
        parts = sorted(re.split(", | / ", options), key=lambda one: one not in COLOURS)
        return ", ".join(option(one, language) for one in parts)
    known = [options[name] for name in ("colour", "size") if name in options]
    others = [value for name, value in options.items() if name not in ("colour", "size")]
    return ", ".join(option(one, language) for one in known + others)


def between(low: str, high: str, market: str, language: str) -> str:
    """Prices from how much to how much, in minor units; empty where there is no end."""
    currency = CURRENCIES[market]
    ends = [money(int(one), currency, language) if one.isdecimal() else "" for one in (low, high)]
    return " – ".join(ends).strip()


def in_order(value: str) -> tuple[float, str]:
    """A key that puts sizes and amounts in the order of their numbers: 9, 10, 36, 36½."""
    number = re.match(r"[0-9]{1,15}(?:[.,][0-9]{1,4})?", value.replace("½", ".5"))
    return (float(number[0].replace(",", ".")) if number else 0, value)


def colour_of(options: str) -> str:
    """The colour in a line of an order, for its picture; black where it has none."""
    return next((one for one in re.split(", | / ", options) if one in COLOURS), "black")


def name_of(product: Product, language: str) -> str:
    """What it is called."""
    names = product.names
    return names.get(language) or names.get("en") or next(iter(names.values()), product.number)


def picture(number: str, colour: str) -> str:
    """Where its picture is."""
    return f"/shop/img/{part(number)}-{part(colour)}.svg"


@dataclass(frozen=True, slots=True)
class Shown:
    """A product on a list, in the colour that was looked for."""

    number: str
    sku: str
    name: str
    brand: str
    category: str
    colour: str
    colours: tuple[str, ...]
    amount: int | None
    was: int | None
    currency: str
    several: bool
    size: str = ""  # that was looked for

    @property
    def picture(self) -> str:
        return picture(self.number, self.colour)

    @property
    def url(self) -> str:
        """Its page, with the size that was looked for, or the colour, where it is not the first."""
        path = f"/shop/products/{part(self.number)}"
        if self.size:
            return f"{path}?sku={part(self.sku)}"
        return path if self.colour == self.colours[0] else f"{path}?colour={part(self.colour)}"


def shown(product: Product, market: str, language: str) -> Shown | None:
    """The product on a list; None where nothing of it is sold in the market."""
    all_colours = tuple(dict.fromkeys(one.options.get("colour", "") for one in product.variants))
    if not all_colours:
        return None
    meant = product.meant
    first = next(
        (one for one in product.variants if meant and one.sku == meant.sku), product.variants[0]
    )
    colour = first.options.get("colour", "")
    prices = [one for v in product.variants for one in v.prices if one.market == market]
    lowest = min(prices, key=lambda one: one.amount, default=None)
    return Shown(
        product.number,
        first.sku,
        name_of(product, language),
        product.brand,
        product.categories[0] if product.categories else "",
        colour,
        all_colours,
        lowest.amount if lowest else None,
        lowest.was if lowest else None,
        lowest.currency if lowest else "",
        len({one.amount for one in prices}) > 1,
        meant.options.get("size", "") if meant else "",
    )


@dataclass(frozen=True, slots=True)
class Size:
    """A size of the colour that is looked at. `state`: there, few, held (for her, and nowhere else
    on the web), stores (there only) or gone.
    """

    sku: str
    label: str
    state: str
    amount: int | None
    was: int | None
    currency: str
    offers: Sequence[str]


def sizes(
    variants: Iterable[Variant],
    levels: dict[str, list[Level]],
    places: list[Place],
    market: str,
    held: Collection[str] = (),
) -> list[Size]:
    """The sizes, with what is there of them on the web and in the stores of her country.

    `held`: the SKUs of what is held for her.
    """
    ships = {one.code for one in places if one.ships}
    stores = {one.code for one in places if one.hands_over and one.country == market}
    found = []
    for variant in variants:
        there = levels.get(variant.sku, [])
        web = sum(max(0, one.available) for one in there if one.place in ships)
        local = sum(max(0, one.available) for one in there if one.place in stores)
        state = "few" if 0 < web <= _FEW else "there" if web else "stores" if local else "gone"
        if variant.sku in held and not web:
            state = "held"
        price = next((one for one in variant.prices if one.market == market), None)
        found.append(
            Size(
                variant.sku,
                variant.options.get("size", ""),
                state,
                price.amount if price else None,
                price.was if price else None,
                price.currency if price else "",
                price.offers if price else (),
            )
        )
    return found


_AVAILABILITY = {
    "there": "InStock",
    "few": "LimitedAvailability",
    "stores": "InStoreOnly",
    "held": "OutOfStock",
    "gone": "OutOfStock",
}


def linked(product: Product, sizes: Sequence[Size], name: str) -> dict[str, object]:
    """The product for search engines: https://schema.org/Product."""
    return {
        "@context": "https://schema.org",
        "@type": "Product",
        "productID": product.number,
        "name": name,
        "brand": {"@type": "Brand", "name": product.brand},
        "offers": [
            {
                "@type": "Offer",
                "sku": one.sku,
                "price": f"{to_major(one.amount, one.currency):.2f}",
                "priceCurrency": one.currency,
                "availability": f"https://schema.org/{_AVAILABILITY[one.state]}",
            }
            for one in sizes
            if one.amount is not None
        ],
    }


@dataclass(frozen=True, slots=True)
class InStore:
    """A store, and how much of a variant it has."""

    place: Place
    available: int
    few: bool


def in_stores(levels: Sequence[Level], places: Iterable[Place], market: str) -> list[InStore]:
    """The stores of her country: nearest first where that is known, else those with stock."""
    there = {one.place: max(0, one.available) for one in levels}
    found = [
        InStore(place, there.get(place.code, 0), there.get(place.code, 0) <= _FEW)
        for place in places
        if place.hands_over and place.country == market
    ]

    def order(one: InStore) -> tuple[float, bool]:
        known = one.place.km
        far = known if known is not None else 0.0
        return far, not one.available

    return sorted(found, key=order)


class Stock:
    """Levels by SKU, asked for together and remembered for a moment.

    Only what a page shows comes from here: whatever is bought or held, Spindel checks itself.
    """

    _SECONDS = 4.0
    _MOST = 5_000
    _A_CALL = 100

    def __init__(self, spindel: Spindel) -> None:
        self._spindel = spindel
        self._known: dict[str, tuple[float, list[Level]]] = {}

    async def levels(self, skus: Iterable[str], *, fresh: bool = False) -> dict[str, list[Level]]:
        """The levels of the variants; none of one that Spindel does not know."""
        wanted, now = list(dict.fromkeys(skus)), time.monotonic()
        old = [
            one
            for one in wanted
            if fresh or one not in self._known or now - self._known[one][0] > self._SECONDS
        ]
        if len(self._known) > self._MOST:
            self._known.clear()
            old = wanted
        parts = [old[place : place + self._A_CALL] for place in range(0, len(old), self._A_CALL)]
        for told in await asyncio.gather(*(self._ask(one) for one in parts)):
            self._known |= {sku: (now, levels) for sku, levels in told.items()}
        return {one: self._known[one][1] for one in wanted}

    async def _ask(self, skus: list[str]) -> dict[str, list[Level]]:
        told = await self._spindel.ask(
            Levels, "GET", "/api/stock/levels", query=[("sku", one) for one in skus]
        )
        found: dict[str, list[Level]] = {one: [] for one in skus}
        for level in told.items:
            found[level.sku].append(level)
        return found
