"""Finding products as one types, in three languages, and narrowing them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from spindel.catalogue import actions
from spindel.catalogue.models import Product
from spindel.catalogue.product_input import VariantData
from spindel.catalogue.searching import Found, search
from spindel.catalogue.wording import in_order
from tests.catalogue.goods import put, shoe

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _shelf() -> None:
    vinga = shoe("vinga", sizes=(38, 39, 40), texts={"sv": "En mjuk sko för långa promenader."})
    vinga = replace(
        vinga,
        variants=[replace(vinga.variants[0], gtin="04006381333931"), *vinga.variants[1:]],
    )
    kiruna = replace(
        shoe("K-100", "Kiruna stövel", sizes=(40, 41), colour="brun", category="Stövlar"),
        names={"sv": "Kiruna stövel", "da": "Kiruna støvle", "en": "Kiruna boot"},
        texts={"en": "For walking in the snow.", "da": "Til vintrene."},
    )
    oresund = shoe("oresund", "Øresund", colour="brun", brand="Kattegat")
    put(vinga, kiruna, oresund)


def numbers(found: Found) -> list[str]:
    by_id = dict(Product.objects.values_list("pk", "number"))
    return [by_id[id] for id in found.ids]


def find(text: str, **chosen: list[str]) -> list[str]:
    return numbers(search(text, chosen))


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("vin", ["vinga", "K-100"]),
        ("VINGA", ["vinga"]),
        ("promenad", ["vinga"]),
        ("sko för promenader", ["vinga"]),
        ("på en promenad", ["vinga"]),
        ("boots", ["K-100"]),
        ("walked", ["K-100"]),
        ("vintre", ["K-100"]),
        ("støvler", ["K-100"]),
        ("stövlarna", ["K-100"]),
        ("oresund", ["oresund"]),
        ("øre", ["oresund"]),
        ("katteg", ["oresund"]),
        ("brun kiru", ["K-100"]),
        ("vinga brun", []),
        ("k-10", ["K-100"]),
        ("vinga-39", ["vinga"]),
        ("4006381333931", ["vinga"]),
        ("400638", ["vinga"]),
        ("04006381333931", ["vinga"]),
        ("nothing", []),
        ("!!!", []),
        ("'); drop table --", []),
        ("a:* & !xyz <-> |", []),
        ("%", []),
        ("\0", ["K-100", "oresund", "vinga"]),
        ("", ["K-100", "oresund", "vinga"]),
    ],
)
def test_as_one_types(typed: str, found: list[str]) -> None:
    assert find(typed) == found


def test_what_it_is_called_comes_before_what_is_told_of_it() -> None:
    put(shoe("other", "Sandal", texts={"sv": "Passar till Kiruna och kiruna och Kiruna."}))
    assert find("kiruna") == ["K-100", "other"]


def test_what_is_removed_is_not_found() -> None:
    actions.remove_product("vinga")
    assert find("vinga") == find("vinga-38") == find("4006381333931") == []


def test_a_new_name_replaces_the_former_one() -> None:
    put(replace(shoe("vinga"), names={"sv": "Marstrand"}))
    assert find("marstr") == ["vinga"]


def test_facets_count_products_and_ignore_their_own_choice() -> None:
    found = search("", {"colour": ["brun"]})
    facets = {facet.name: dict(facet.values) for facet in found.facets}
    assert found.total == 2
    assert facets["brand"] == {"Kattegat": 1, "Nordsko": 1}
    assert facets["colour"] == {"black": 1, "brun": 2}
    assert facets["size"] == {"38": 1, "39": 1, "40": 1, "41": 1}
    assert [facet.name for facet in found.facets[:2]] == ["category", "brand"]


def test_choices_of_one_facet_are_or_and_of_several_are_and() -> None:
    assert find("", size=["38", "41"]) == ["K-100", "oresund", "vinga"]
    assert find("", size=["38"], brand=["Nordsko"]) == ["vinga"]
    assert find("kiruna", size=["38"]) == []


def test_size_and_colour_are_those_of_one_variant() -> None:
    two = [
        VariantData("T-38", options={"size": "38", "colour": "red"}),
        VariantData("T-39", options={"size": "39", "colour": "blue"}),
    ]
    put(replace(shoe("two"), variants=two))
    assert find("", size=["38"], colour=["red"]) == ["two"]
    assert find("", size=["38"], colour=["blue"]) == []


def test_pages_follow_each_other() -> None:
    first = search("", {}, limit=2)
    second = search("", {}, limit=2, offset=2)
    assert (first.more, second.more) == (True, False)
    assert numbers(first) + numbers(second) == ["K-100", "oresund", "vinga"]
    assert first.total == second.total == 3


def test_sizes_stand_in_the_order_of_sizes() -> None:
    assert sorted(["10", "9", "9.5", "XL", "S", "one"], key=in_order) == [
        *("9", "9.5", "10"),
        *("S", "XL"),
        "one",
    ]
