"""The pages that everybody sees: the front page, lists and searches, products, stores."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from spindel.demo.storefront import goods
from spindel.demo.storefront.goods import CATEGORIES, FACETS, SORTS, Shown, in_order
from spindel.demo.storefront.spindel import (
    Content,
    Found,
    Hold,
    Holds,
    Nothing,
    Place,
    Places,
    Problem,
    Product,
    Variant,
    Wishes,
    part,
)
from spindel.demo.storefront.visiting import STORE, Visit, back_to

_A_PAGE = 24
_SUGGESTIONS = 6
_MOST_CHOSEN = 20
_RELATED = 4
# What the editors have put on the front page.
_HERO = ("kiruna", "brown")
_ROWS = (("Boots", 4), ("Sneakers", 4))
_TILES = (
    *(("Sneakers", "vinga-white"), ("Boots", "are-cognac"), ("Hiking", "kebnekaise-grey")),
    *(("Running", "dyrehaven-navy"), ("Rain boots", "bohuslan-yellow"), ("Pumps", "nyhavn-red")),
    *(("Loafers", "lund-brown"), ("Sandals", "tylosand-sand"), ("Slippers", "kakelugn-grey")),
    ("Kids", "blabar-teal"),
)


async def home(request: Request) -> Response:
    """The front page."""
    visit = Visit(request)
    _, promoted, places, rows = await asyncio.gather(
        visit.see_cart(),
        visit.see("start"),
        visit.look(Places, "/api/catalogue/places"),
        asyncio.gather(
            *(visit.look(Found, *_search(visit, "", {"category": [one]}, n)) for one, n in _ROWS)
        ),
    )
    await visit.price([one for found in rows for one in found.items])
    return visit.page(
        "home.html",
        events=_promoted(promoted, "start"),
        hero=_HERO,
        promoted=promoted,
        tiles=_TILES,
        rows=[
            (category, _shown(visit, found.items))
            for (category, _), found in zip(_ROWS, rows, strict=True)
        ],
        stores=[one for one in places.items if one.hands_over],
    )


# --- lists ----------------------------------------------------------------------------------------


async def products(request: Request) -> Response:
    """Products: all, of a category, or what a search has found, narrowed by what was chosen."""
    visit = Visit(request)
    query, after = visit.asked("q"), visit.asked("after", 6)
    sort = visit.asked("sort", 10) if visit.asked("sort", 10) in SORTS else ""
    chosen = _chosen(request)
    path, asked = _search(visit, query, chosen, _A_PAGE, after, sort)
    try:
        found, places, _ = await asyncio.gather(
            visit.look(Found, path, asked), places_of(visit), visit.see_cart()
        )
    except Problem:
        raise HTTPException(404) from None
    await visit.price(found.items)
    cards = _shown(visit, found.items)
    category = chosen["category"][0] if len(chosen.get("category", [])) == 1 else ""
    return visit.page(
        "products_part.html" if visit.in_part else "products.html",
        events=_listed(cards, query, found.total, category, page=after),
        query=query,
        category=category,
        chosen=chosen,
        facets=_facets(found, chosen, [one.code for one in places]),
        facet_names=FACETS,
        sorts=SORTS,
        sort=sort,
        worded=partial(_worded, visit, {one.code: one.name for one in places}),
        read_as=found.read_as,
        instead=found.instead,
        cards=cards,
        total=found.total,
        next=_address(query, chosen, sort, found.next) if found.next else "",
        without=lambda name, value: _address(query, _less(chosen, name, value), sort),
    )


async def suggest(request: Request) -> Response:
    """What the letters may mean that she has typed so far."""
    visit = Visit(request)
    query = visit.asked("q")
    found = await visit.look(Found, *_search(visit, query, {}, _SUGGESTIONS))
    await visit.price(found.items)
    return visit.page(
        "suggest.html",
        query=query,
        cards=_shown(visit, found.items),
        total=found.total,
        instead=found.instead,
    )


def _search(
    visit: Visit,
    query: str,
    chosen: dict[str, list[str]],
    limit: int,
    after: str = "",
    sort: str = "",
) -> tuple[str, list[tuple[str, str]]]:
    asked = [("market", visit.market), ("limit", str(limit))]
    asked += [("q", query)] if query else []
    asked += [("sort", sort)] if sort else []
    asked += [("after", after)] if after else []
    asked += [("filter", f"{name}={one}") for name, values in chosen.items() for one in values]
    return "/api/catalogue/search", asked


def _chosen(request: Request) -> dict[str, list[str]]:
    asked = request.query_params
    found = {
        name: list(dict.fromkeys(one[:60].replace("\0", "") for one in asked.getlist(name) if one))
        for name in FACETS
    }
    return {name: values[:_MOST_CHOSEN] for name, values in found.items() if values}


def _less(chosen: dict[str, list[str]], name: str, value: str) -> dict[str, list[str]]:
    return {
        each: [one for one in values if (each, one) != (name, value)]
        for each, values in chosen.items()
    }


def _address(query: str, chosen: dict[str, list[str]], sort: str = "", after: str = "") -> str:
    pairs = [("q", query)] if query else []
    pairs += [("sort", sort)] if sort else []
    pairs += [(name, one) for name, values in chosen.items() for one in values]
    pairs += [("after", after)] if after else []
    return "/shop/products" + (f"?{urlencode(pairs)}" if pairs else "")


def _facets(
    found: Found, chosen: dict[str, list[str]], places: list[str]
) -> list[tuple[str, list[tuple[str, int, bool]]]]:
    """The facets that the shop shows, in its order; what is chosen stays, whatever it finds.

    Stores stand as the places do: the nearest first, where she has said where she is.
    """
    by_name = {one.name: {value.value: value.count for value in one.values} for one in found.facets}
    shown = []
    for name in FACETS:
        counts = by_name.get(name, {}) | {
            one: by_name.get(name, {}).get(one, 0) for one in chosen.get(name, [])
        }
        values = [(one, n, one in chosen.get(name, [])) for one, n in counts.items()]
        if name == "in_stock":
            by_place = {one: place for place, one in enumerate(["any", *places])}
            values.sort(key=lambda one: by_place.get(one[0], 999))
        elif name in ("size", "price"):
            values.sort(key=lambda one: in_order(one[0].lstrip("-")))
        elif name == "category":
            order = {one: place for place, one in enumerate(CATEGORIES)}
            values.sort(key=lambda one: order.get(one[0], 99))
        if values:
            shown.append((name, values[:40]))
    return shown


def _worded(visit: Visit, places: dict[str, str], name: str, value: str) -> str:
    """A facet's value in words."""
    if name == "price":
        low, _to, high = value.partition("-")
        return goods.between(low, high, visit.market, visit.language)
    if name == "in_stock":
        return visit.say("Anywhere") if value == "any" else places.get(value, value)
    return goods.option(value, visit.language)


def _shown(visit: Visit, items: list[Product]) -> list[Shown]:
    cards = (goods.shown(one, visit.market, visit.language) for one in items)
    return [one for one in cards if one is not None]


# --- a product ------------------------------------------------------------------------------------


async def product(request: Request) -> Response:
    """A product in a colour: its sizes, what they cost, and where they are."""
    visit = Visit(request)
    item, promoted, places, _, wishes, holds = await asyncio.gather(
        product_of(visit, request.path_params["number"]),
        visit.see("product", request.path_params["number"][:64]),
        places_of(visit),
        visit.see_cart(),
        visit.peek(Wishes, "/api/shop/wishes"),
        visit.peek(Holds, "/api/shop/holds"),
    )
    held = held_of(holds, item.number)
    colours = list(dict.fromkeys(one.options.get("colour", "") for one in item.variants))
    wanted = next((one for one in item.variants if one.sku == visit.asked("sku")), None)
    asked = wanted.options.get("colour", "") if wanted else visit.asked("colour")
    colour = asked if asked in colours else (colours[0] if colours else "")
    variants = [one for one in item.variants if one.options.get("colour", "") == colour]
    category = item.categories[0] if item.categories else ""
    levels, related = await asyncio.gather(
        visit.shop.stock.levels(one.sku for one in variants),
        visit.look(Found, *_search(visit, "", {"category": [category]}, _RELATED + 1)),
    )
    await visit.price([item, *related.items])
    name = goods.name_of(item, visit.language)
    sizes = goods.sizes(variants, levels, places, visit.market, {one.sku for one in held})
    return visit.page(
        "product.html",
        410 if item.removed else 200,
        linked=goods.linked(item, sizes, name),
        events=[
            *([] if item.removed else [_viewed(visit, item, name, wanted, variants)]),
            *_promoted(promoted, "product"),
        ],
        promoted=promoted,
        item=item,
        name=name,
        text=item.texts.get(visit.language, ""),
        category=category,
        colour=colour,
        colours=colours,
        sizes=sizes,
        held=held,
        lost=[],
        states={},
        back=visit.here,
        wanted=wanted,
        picture=goods.picture,
        stores=goods.in_stores(levels[wanted.sku], places, visit.market) if wanted else None,
        near=_near(visit),
        mine=_by_place(held, wanted),
        sku=wanted.sku if wanted else "",
        wishes={one.sku: one for one in wishes.items} if wishes else {},
        related=[one for one in _shown(visit, related.items) if one.number != item.number][
            :_RELATED
        ],
    )


async def stores(request: Request) -> Response:
    """Where a size is, for the product's page."""
    visit = Visit(request)
    item, places, holds = await asyncio.gather(
        product_of(visit, request.path_params["number"]),
        places_of(visit),
        visit.peek(Holds, "/api/shop/holds"),
    )
    wanted = next((one for one in item.variants if one.sku == visit.asked("sku")), None)
    if wanted is None:
        raise HTTPException(404)
    levels = await visit.shop.stock.levels([wanted.sku])
    return visit.page(
        "stores.html",
        stores=goods.in_stores(levels[wanted.sku], places, visit.market),
        sku=wanted.sku,
        wanted=wanted,
        near=_near(visit),
        mine=_by_place(held_of(holds, item.number), wanted),
    )


def held_of(holds: Holds | None, product: str = "") -> list[Hold]:
    """What is held for her: of a product, or all of it."""
    items = holds.items if holds else []
    return [one for one in items if one.state == "active" and product in ("", one.product)]


def _by_place(held: list[Hold], wanted: Variant | None) -> dict[str, Hold]:
    """What is held of the size, by the store that holds it."""
    return {one.place: one for one in held if wanted is not None and one.sku == wanted.sku}


async def product_of(visit: Visit, number: str) -> Product:
    """The product. Raises HTTPException 404."""
    try:
        return await visit.look(
            Product, f"/api/catalogue/products/{part(number)}", [("market", visit.market)]
        )
    except Problem:
        raise HTTPException(404) from None


async def places_of(visit: Visit) -> list[Place]:
    """The places; the nearest first where she has said where she is."""
    near = _near(visit)
    query = [("near", near)] if near else []
    try:
        return (await visit.look(Places, "/api/catalogue/places", query)).items
    except Problem:
        return (await visit.look(Places, "/api/catalogue/places")).items


def _near(visit: Visit) -> str:
    """Where she is, to a kilometre: it stands in addresses, and those in logs."""
    asked = visit.asked("near", 30) or visit.request.cookies.get(STORE, "")[:30]
    try:
        latitude, longitude = (round(float(one), 2) for one in asked.split(","))
    except ValueError:
        return ""
    return f"{latitude},{longitude}"


async def dismissed(request: Request) -> Response:
    """She wants to see something no more, here and in every other channel."""
    visit = Visit(request)
    form = await visit.form()
    told = {"content": form.text("content", 80), "placement": form.text("placement", 20)}
    with suppress(Problem):  # it is gone already
        await visit.ask(Nothing, "POST", "/api/shop/decide", {**told, "did": "dismissed"})
    return visit.go(back_to(form.text("back", 500)))


# --- what the script for browsers is to tell ------------------------------------------------------


def _promoted(content: Content | None, placement: str) -> list[dict[str, object]]:
    if content is None:
        return []
    told = {
        "promotion_id": content.key,
        "name": content.title,
        "creative": str(content.version),
        "position": placement,
    }
    return [{"name": "Promotion Viewed", "properties": told}]


def _listed(
    cards: list[Shown], query: str, total: int, category: str, page: str
) -> list[dict[str, object]]:
    """The names and properties of Segment's e-commerce spec."""
    told: list[dict[str, object]] = []
    if query and not page:
        told.append({"name": "Products Searched", "properties": {"query": query, "found": total}})
    if cards:
        told.append(
            {
                "name": "Product List Viewed",
                "properties": {
                    "list_id": f"search: {query}" if query else category or "all",
                    "category": category,
                    "products": [
                        {
                            "product_id": one.number,
                            "sku": one.sku,
                            "name": one.name,
                            "brand": one.brand,
                            "category": one.category,
                            "variant": one.colour,
                            "price": _major(one.amount),
                            "currency": one.currency,
                            "position": position,
                            "url": one.url,
                            "image_url": one.picture,
                        }
                        for position, one in enumerate(cards, start=1)
                    ],
                },
            }
        )
    return told


def _viewed(
    visit: Visit, item: Product, name: str, wanted: Variant | None, variants: list[Variant]
) -> dict[str, object]:
    one = wanted or (variants[0] if variants else None)
    price = next((p for p in one.prices if p.market == visit.market), None) if one else None
    colour = one.options.get("colour", "") if one else ""
    return {
        "name": "Product Viewed",
        "properties": {
            "product_id": item.number,
            "sku": one.sku if one else "",
            "name": name,
            "brand": item.brand,
            "category": item.categories[0] if item.categories else "",
            "variant": ", ".join(wanted.options.values()) if wanted else colour,
            "price": _major(price.amount) if price else None,
            "currency": price.currency if price else "",
            "url": f"/shop/products/{part(item.number)}",
            "image_url": goods.picture(item.number, colour),
        },
    }


def _major(amount: int | None) -> float | None:
    """Crowns: the currencies of both markets have a hundred parts."""
    return None if amount is None else amount / 100
