"""Nordsko's catalogue and shelves: what the story needs, and what a second start leaves alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.utils import timezone

from spindel.catalogue.models import Place, Product, Variant
from spindel.commerce.common.rules import Line
from spindel.commerce.stock.actions.movements import sell
from spindel.commerce.stock.models import Level, Movement
from spindel.commerce.stock.reading import levels as reading_levels
from spindel.demo.nordsko import PRODUCTS
from spindel.demo.nordsko.descriptions import texts
from spindel.demo.nordsko.shelves import shelves
from spindel.demo.nordsko.stocked import move_pictures, put_into_catalogue
from spindel.kit.idempotency import Request

TODAY = date(2025, 11, 20)
SHOP = "http://127.0.0.1:8000"


@pytest.fixture
def nordsko(db: None) -> Iterator[None]:
    """All that Nordsko sells, on its shelves."""
    put_into_catalogue(TODAY, SHOP)
    yield
    assert reading_levels.verify() == []


def pairs(sku: str) -> dict[str, int]:
    """What can be sold of it, by place."""
    codes = dict(Place.objects.values_list("pk", "code"))
    levels = reading_levels.levels([Variant.objects.get(sku=sku).pk])
    return {codes[one.place]: one.available for one in levels if one.available}


def everything() -> dict[str, list[object]]:
    """All that is kept of the catalogue and the stock."""
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in (Product, Variant, Place, Level, Movement)
    }


def test_vinga_38_is_sold_out_online_and_lies_round_the_corner(nordsko: None) -> None:
    ships = set(Place.objects.filter(ships=True).values_list("code", flat=True))
    assert ships == {"boras", "stockholm-drottninggatan", "kobenhavn-kobmagergade"}
    assert pairs("VINGA-WHT-38") == {"goteborg-vallgatan": 2, "goteborg-linne": 1}
    assert pairs("VINGA-WHT-39")["kobenhavn-kobmagergade"] >= 1
    assert pairs("VINGA-WHT-39")["boras"] >= 1


def test_what_anna_wants_is_there(nordsko: None) -> None:
    assert pairs("VINGA-BLK-38") == {"goteborg-vallgatan": 2}
    for sku in ("HAGA-CRM-38", "SOVMORGON-GRY-38", "VINGA-BLK-39"):
        assert pairs(sku)["goteborg-vallgatan"] >= 1
        assert pairs(sku)["boras"] >= 1


def test_every_store_hands_over_and_the_warehouse_only_ships(nordsko: None) -> None:
    assert Place.objects.filter(kind="store", hands_over=True).count() == 5
    boras = Place.objects.get(code="boras")
    assert (boras.kind, boras.ships, boras.hands_over) == ("warehouse", True, False)
    for place in Place.objects.all():
        assert Level.objects.filter(place=place, on_hand__gt=0).count() > 500


def test_middle_sizes_are_many_and_some_are_sold_out_or_few() -> None:
    on_shelf = shelves()
    assert on_shelf == shelves()
    sums = dict.fromkeys(range(36, 43), 0)
    for product in PRODUCTS:
        if product.audience == "women":
            for one in product.variants:
                sums[one.size] += on_shelf.get((one.sku, "boras"), 0)
    assert min(sums[38], sums[39]) > 1.5 * max(sums[36], sums[42])
    in_boras = [
        on_shelf.get((one.sku, "boras"), 0) for product in PRODUCTS for one in product.variants
    ]
    assert 0.03 < in_boras.count(0) / len(in_boras) < 0.15
    assert 0.02 < sum(1 <= count <= 2 for count in in_boras) / len(in_boras) < 0.4
    assert max(on_shelf.values()) < 30


def test_a_second_start_changes_nothing_also_when_pairs_were_sold_in_between(
    nordsko: None,
) -> None:
    sold = Line(
        Variant.objects.get(sku="VINGA-WHT-38").pk, Place.objects.get(code="goteborg-linne").pk, 1
    )
    assert not sell([sold], timezone.now(), "till", Request("pos", "receipt-1")).again
    before = everything()
    put_into_catalogue(TODAY, SHOP)
    assert everything() == before
    assert pairs("VINGA-WHT-38") == {"goteborg-vallgatan": 2}


def test_every_product_and_variant_has_its_picture_at_the_shops_address(nordsko: None) -> None:
    assert all(product.pictures for product in Product.objects.all())
    vinga = Product.objects.get(number="vinga")
    assert vinga.pictures == [
        f"{SHOP}/shop/img/vinga-{colour}.svg" for colour in ("black", "white", "navy")
    ]
    white = Variant.objects.get(sku="VINGA-WHT-38")
    assert white.pictures == [f"{SHOP}/shop/img/vinga-white.svg"]


def test_a_new_address_moves_the_pictures_and_nothing_else(nordsko: None) -> None:
    Variant.objects.filter(product__number="haga").update(removed_at=timezone.now())
    Product.objects.filter(number="vinga").update(brand="Somebody's own words")
    move_pictures("http://127.0.0.1:9999")
    vinga = Product.objects.get(number="vinga")
    assert vinga.brand == "Somebody's own words"
    assert vinga.pictures[0] == "http://127.0.0.1:9999/shop/img/vinga-black.svg"
    assert not Variant.objects.filter(removed_at=None, pictures__0__startswith=SHOP + "/").exists()
    assert not Variant.objects.filter(product__number="haga", removed_at=None).exists()


def test_every_model_is_described_in_three_languages(nordsko: None) -> None:
    for product in PRODUCTS:
        told = texts(product)
        assert set(told) == {"sv", "da", "en"}
        assert len(set(told.values())) == 3
        assert all(product.brand in text and len(text) < 200 for text in told.values())
    kept = Product.objects.get(number="grodan")
    assert kept.attributes == {"gender": "kids", "material": "rubber"}
    assert kept.texts["sv"].endswith("De är gjorda av naturgummi och håller vattnet ute.")
