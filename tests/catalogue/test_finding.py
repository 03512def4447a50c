"""What people type in three languages, and what of Nordsko's shoes they find by it."""

from __future__ import annotations

import pytest
from django.utils import timezone, translation
from hypothesis import given, settings
from hypothesis import strategies as st

from spindel.catalogue import actions
from spindel.catalogue.models import Place, Product, Variant
from spindel.catalogue.searching import ANYWHERE, Found, search
from spindel.catalogue.typos import distance
from spindel.catalogue.wording import words
from spindel.commerce.stock.actions.movements import Move, move
from spindel.commerce.stock.models import Movement
from spindel.demo.nordsko.catalogue import PRODUCTS
from spindel.demo.nordsko.stocked import _product
from tests.catalogue.goods import put, store

pytestmark = pytest.mark.django_db


@pytest.fixture
def nordsko() -> None:
    put(*(_product(one, "http://shop.example") for one in PRODUCTS))


def lines(found: Found) -> list[str]:
    """What was found, with what was named of it: `vinga black 38`."""
    by_id = dict(Product.objects.values_list("pk", "number"))
    named = {id: found.meant[id].options if id in found.meant else {} for id in found.ids}
    return [
        " ".join([by_id[id], *(value for _, value in sorted(named[id].items()))])
        for id in found.ids
    ]


# What is typed, the first that are found, and of how many.
QUERIES: list[tuple[str, list[str], int]] = [
    ("vinga", ["vinga"], 1),
    ("VINGA 38", ["vinga 38"], 1),
    ("vinga svart 38", ["vinga black 38"], 1),
    ("vinga sort 38", ["vinga black 38"], 1),
    ("black vinga size 38", ["vinga black 38"], 1),
    ("vinga storlek 38", ["vinga 38"], 1),
    ("Vinga hvid", ["vinga white"], 1),
    # Slips.
    ("vigna", ["vinga"], 1),
    ("vignga", ["vinga"], 1),
    ("vynga", ["vinga"], 1),
    ("inga", ["vinga"], 1),
    ("kebnekajse", ["kebnekaise"], 1),
    ("slottskogen", ["slottsskogen"], 1),
    ("snekaers svart", ["amager black", "linne black", "majorna black"], 5),
    # As one types.
    ("ving", ["vinga"], 1),
    ("vinga sv", ["vinga black"], 1),
    ("vinga sva", ["vinga black"], 1),
    # Colour and kind, inflected, in each language.
    ("svarta sneakers", ["amager black", "linne black", "majorna black"], 5),
    ("sorte sneakers", ["amager black", "linne black", "majorna black"], 5),
    ("black sneakers", ["amager black", "linne black", "majorna black"], 5),
    ("svarta stövlar", ["are black", "brahe black", "kiruna black"], 10),
    ("sorte støvler", ["are black", "brahe black", "kiruna black"], 11),
    ("black boots", ["are black", "brahe black", "esbjerg black"], 11),
    ("röda pumps", ["nyhavn red", "stroget red"], 2),
    ("røde pumps", ["nyhavn red", "stroget red"], 2),
    ("red pumps", ["nyhavn red", "stroget red"], 2),
    ("gula gummistövlar", ["bohuslan yellow", "fano yellow"], 2),
    ("gule gummistøvler", ["bohuslan yellow", "fano yellow"], 2),
    ("yellow rain boots", ["bohuslan yellow", "fano yellow"], 2),
    ("tofflor", ["kakelugn", "sovmorgon"], 2),
    ("hjemmesko", ["kakelugn", "sovmorgon"], 2),
    ("slippers", ["kakelugn", "sovmorgon"], 2),
    ("löparskor", ["anggarden", "dyrehaven"], 4),
    ("løbesko", ["anggarden", "dyrehaven"], 4),
    ("running shoes", ["anggarden", "dyrehaven"], 4),
    ("barnskor blå", ["blabar navy", "igelkott navy"], 2),
    ("oresund grå", ["oresund grey"], 1),
    ("øresund grå", ["oresund grey"], 1),
    # A kind and a size.
    ("boot 38", ["are 38", "bohuslan 38", "brahe 38", "dalarna 38"], 15),
    ("känga 38", ["are 38", "bohuslan 38"], 15),
    ("slippers 36", ["kakelugn 36", "sovmorgon 36"], 2),
    # What is printed on the box.
    ("vinga-blk-38", ["vinga 38"], 1),
    # Rubbish.
    ("!!!", [], 0),
    ("'); drop table catalogue_product --", [], 0),
    ("\\", [], 0),
    ("%", [], 0),
    ("½", [], 0),
    ("x" * 5_000, [], 0),
]


@pytest.mark.usefixtures("nordsko")
def test_what_is_typed_finds_what_is_meant_whatever_the_language_of_the_page() -> None:
    for language in ("sv", "da", "en"):
        with translation.override(language):
            found = {typed: search(typed, {}) for typed, _, _ in QUERIES}
        told = [
            (typed, lines(found[typed])[: len(first)], found[typed].total)
            for typed, first, _ in QUERIES
        ]
        assert told == QUERIES


@pytest.mark.usefixtures("nordsko")
def test_a_slip_is_told_and_a_miss_names_what_finds_something() -> None:
    assert search("snekaers svart", {}).read_as == "sneakers svart"
    assert search("vinga", {}).read_as == ""
    misses = {
        "lila sneakers": "sneakers",  # no purple one
        "sneakers 58": "sneakers",
        "vinga brun": "vinga",
        "brun vinga 38": "vinga 38",
        "xyzzy": "",
        "": "",
    }
    assert {text: search(text, {}).instead for text in misses} == misses
    assert search("xyzzy plugh", {}).total == 0


@pytest.mark.usefixtures("nordsko")
def test_what_was_typed_and_what_was_chosen_are_of_one_variant() -> None:
    found = search("svarta", {"size": ["38"], "category": ["Sneakers"]})
    assert lines(found)[:2] == ["linne black 38", "majorna black 38"]
    assert {facet.name: dict(facet.values) for facet in found.facets}["size"]["38"] == found.total
    assert Variant.objects.get(sku=found.meant[found.ids[0]].sku).options == {
        "colour": "black",
        "size": "38",
    }


@pytest.mark.usefixtures("nordsko")
def test_a_size_may_be_written_with_a_half() -> None:
    variant = Variant.objects.filter(product__number="vinga").first()
    assert variant is not None
    for written in ("36½", "36 1/2", "36,5", "36.5"):
        assert words(f"Vinga {written} svart") == ["vinga", "36.5", "svart"]


@pytest.mark.usefixtures("nordsko")
def test_a_list_is_sorted_and_narrowed_by_price() -> None:
    def prices(sort: str, **chosen: list[str]) -> list[int]:
        found = search("", {"category": ["Sneakers"]} | chosen, sort=sort, market="SE")
        kronor = {one.id: int(one.price_sek) for one in PRODUCTS}
        return [kronor[line.split()[0]] for line in lines(found)]

    upward = prices("price")
    assert upward == sorted(upward) != prices("")
    assert prices("-price") == sorted(upward, reverse=True)
    assert prices("price", price=["75000-100000"]) == [799, 899, 899, 999, 999]
    assert prices("price", price=["-80000", "140000-"]) == [799, 1499]
    assert prices("price", price=["nothing", "9-1"]) == []
    newest = [line.split()[0] for line in lines(search("", {}, sort="newest"))]
    assert newest[0] == Product.objects.order_by("-pk")[0].number


@pytest.mark.usefixtures("nordsko")
def test_prices_and_stock_are_counted_as_they_narrow() -> None:
    actions.put_places([store("gbg"), store("cph", country="DK"), store("bor", ships=True)])
    places = dict(Place.objects.values_list("code", "pk"))
    variants = dict(Variant.objects.values_list("sku", "pk"))
    now = timezone.now()
    delivered = [("VINGA-BLK-38", "gbg"), ("HAGA-RED-39", "cph"), ("AMAGER-BLK-42", "bor")]
    move(
        [
            Move(sku, Movement.Kind.DELIVERY, variants[sku], places[place], 2, now)
            for sku, place in delivered
        ],
        "erp",
        "erp",
    )
    for chosen in ({}, {"size": ["38"]}, {"in_stock": ["gbg"]}, {"price": ["100000-150000"]}):
        whole: dict[str, list[str]] = {"category": ["Sneakers"], **chosen}
        found = search("", whole, market="SE")
        for facet in found.facets:
            for value, count in facet.values:
                asked = whole | {facet.name: [value]}
                assert search("", asked, market="SE").total == count, (chosen, facet.name, value)
    counts = {one.name: dict(one.values) for one in search("", {}, market="SE").facets}
    assert counts["in_stock"] == {ANYWHERE: 2, "bor": 1, "gbg": 1}  # not the one in Denmark
    assert search("svarta", {"in_stock": ["gbg"]}, market="SE").total == 1
    assert search("vita", {"in_stock": ["gbg"]}, market="SE").total == 0


@given(st.text(max_size=60))
@settings(max_examples=40)
def test_whatever_is_typed_is_answered(text: str) -> None:
    assert search(text, {"size": [text], text[:5]: [text]}, market="SE").total == 0


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_slips_are_counted_alike_from_both_sides(one: str, other: str) -> None:
    assert distance(one, other) == distance(other, one) <= max(len(one), len(other))
    assert (distance(one, other) == 0) == (one == other)
