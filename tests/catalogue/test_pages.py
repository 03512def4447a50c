"""The pages about products and places."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from spindel.catalogue import actions
from spindel.catalogue.models import Product, Variant
from spindel.staff.models import AuditEntry, Role
from tests.catalogue.goods import OWN, put, sek, shoe, store
from tests.console.conftest import as_role, text

__all__ = ["as_role"]

As = Callable[[Role], Client]


def test_an_empty_catalogue_says_what_to_do_next(as_role: As) -> None:
    assert "Import a file" in text(as_role(Role.MARKETER).get("/products/"))
    page = text(as_role(Role.CLERK).get("/products/"))
    assert "No products yet" in page
    assert "/products/import/" not in page


def test_products_are_found_while_one_types(as_role: As) -> None:
    put(shoe("vinga", prices=[sek(1299)]), shoe("haga", "<script>alert(1)</script>"))
    client = as_role(Role.AGENT)
    page = text(client.get("/products/"))
    assert "2 products" in page
    assert "SEK" in page
    assert "<script>alert" not in page
    part = text(client.get("/products/?q=vin", headers={"HX-Request": "true"}))
    assert "Vinga" in part
    assert "<html" not in part
    assert "haga" not in part


def test_what_is_not_found_says_what_to_try(as_role: As) -> None:
    put(shoe())
    assert "Nothing found for “xyz”" in text(as_role(Role.AGENT).get("/products/?q=xyz"))


def test_facets_narrow_the_list(as_role: As) -> None:
    put(shoe("vinga"), shoe("haga", brand="Kattegat"))
    page = text(as_role(Role.AGENT).get("/products/?filter=brand%3DKattegat"))
    assert "1 product" in page
    assert 'value="brand=Kattegat" checked' in page


def test_the_thirty_first_product_is_on_the_next_page(as_role: As) -> None:
    put(*(shoe(f"n{one:02}", f"Shoe {one:02}", sizes=[38]) for one in range(31)))
    client = as_role(Role.AGENT)
    assert "Shoe 30" not in text(client.get("/products/"))
    rest = text(client.get("/products/?q=&after=30", headers={"hx-request": "true"}))
    assert "Shoe 30" in rest
    assert "<html" not in rest


def test_a_products_page_has_its_variants_prices_and_history(as_role: As) -> None:
    put(shoe(prices=[sek(1299)], texts={"sv": "Mjuk."}, attributes={"sole": "rubber"}))
    put(shoe(prices=[sek(999)]))
    page = text(as_role(Role.CLERK).get(f"/products/{Product.objects.get().pk}/"))
    for word in ("VINGA-38", "SEK\xa0999", "SEK\xa01,299", "Mjuk.", "rubber", "VAT 25"):
        assert word in page, word


def test_a_product_that_is_removed_says_so(as_role: As) -> None:
    put(shoe())
    actions.remove_product("vinga")
    page = text(as_role(Role.CLERK).get(f"/products/{Product.objects.get().pk}/"))
    assert "No longer sold" in page


def test_pictures_come_from_the_shop_and_nothing_else_does(as_role: As) -> None:
    put(shoe(pictures=["http://shop.example/plain.jpg", "https://shop.example/a.jpg"]))
    answer = as_role(Role.CLERK).get("/products/")
    assert 'src="https://shop.example/a.jpg"' in text(answer)
    assert "plain.jpg" not in text(answer)
    policy = answer["Content-Security-Policy"]
    assert "img-src 'self' data: https:;" in policy
    assert "script-src 'self';" in policy


def test_a_marketer_imports_a_file_and_is_told_what_became_of_it(as_role: As) -> None:
    bad = OWN.replace("4006381333931", "4006381333932")
    file = SimpleUploadedFile("feed.csv", bad.encode())
    client = as_role(Role.MARKETER)
    said = {"file": file, "language": "sv", "market": "se"}
    page = text(client.post("/products/import/", said))
    assert "3 rows were read" in page
    assert "check digit" in page
    assert Product.objects.count() == 2
    assert AuditEntry.objects.get(did="catalogue.imported").detail == {"name": "feed.csv"}


def test_a_full_file_that_would_remove_much_is_said_to_be_so(as_role: As) -> None:
    put(shoe(sizes=range(36, 40)))
    client = as_role(Role.MARKETER)

    def page(**said: object) -> str:
        file = SimpleUploadedFile("feed.csv", "sku;name\nVINGA-36;Blå\n".encode("cp850"))
        said = {"file": file, "language": "sv", "market": "SE", "full": "on"} | said
        return text(client.post("/products/import/", said))

    assert "Nothing was removed:" in page()
    assert "3 of 4 variants would go" in page(encoding="cp850", remove_at_most="")
    assert "Nothing was removed:" not in page(encoding="cp850", remove_at_most="75")
    assert Variant.objects.get(removed_at=None).sku == "VINGA-36"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"market": "SE"}, "Choose"),
        ({"market": "9"}, "SE."),
        ({"market": "SE", "remove_at_most": "101"}, "100"),
    ],
)
def test_an_import_that_lacks_something_says_what(
    as_role: As, said: dict[str, str], why: str
) -> None:
    page = text(as_role(Role.ADMIN).post("/products/import/", said | {"language": "sv"}))
    assert why in page


def test_places_say_whether_they_are_open(as_role: As) -> None:
    always = {str(day): [["00:00", "24:00"]] for day in range(1, 8)}
    client = as_role(Role.CLERK)
    assert "No places yet" in text(client.get("/places/"))
    actions.put_places(
        [
            store("gbg", hours=always, city="Göteborg"),
            store("sto", hours={}, latitude=59.33, longitude=18.06, city="Stockholm"),
        ]
    )
    page = text(client.get("/places/"))
    assert "Open until" in page
    assert "No opening hours" in page
    assert "place-plot" in page
