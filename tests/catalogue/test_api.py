"""The catalogue through the API."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from spindel.catalogue.models import Product
from spindel.staff import actions as staff
from spindel.staff.models import AuditEntry, Scope
from tests.catalogue.goods import OWN, put, shoe

pytestmark = pytest.mark.django_db

VINGA = {
    "number": "vinga",
    "names": {"sv": "Vinga"},
    "brand": "Nordsko",
    "variants": [
        {
            "sku": "V-38",
            "gtin": "4006381333931",
            "options": {"size": "38"},
            "prices": [{"market": "SE", "currency": "SEK", "amount": 129900}],
        }
    ],
}


@pytest.fixture
def machine() -> Client:
    scopes = [Scope.READ_CATALOGUE, Scope.WRITE_CATALOGUE]
    secret = staff.create_token("shop", scopes, None)[1]
    return Client(headers={"Authorization": f"Bearer {secret}"})


def send(machine: Client, path: str, body: object, status: int = 200) -> dict[str, object]:
    answer = machine.put(f"/api/catalogue/{path}", body, content_type="application/json")
    assert answer.status_code == status, answer.content
    return answer.json()


def fetch(machine: Client, path: str, status: int = 200) -> dict[str, object]:
    answer = machine.get(f"/api/catalogue/{path}")
    assert answer.status_code == status, answer.content
    return answer.json()


def test_products_are_put_and_got(machine: Client) -> None:
    assert send(machine, "products", {"products": [VINGA]})["created"] == 1
    assert send(machine, "products", {"products": [VINGA]})["unchanged"] == 1
    product = fetch(machine, "products/vinga")
    assert product["names"] == {"sv": "Vinga"}
    assert product["variants"] == [
        {
            "sku": "V-38",
            "gtin": "04006381333931",
            "options": {"size": "38"},
            "pictures": [],
            "prices": [
                {
                    "market": "SE",
                    "currency": "SEK",
                    "amount": 129900,
                    "was": None,
                    "discounts": [],
                    "total": 129900,
                }
            ],
        }
    ]


def test_what_is_wrong_is_told_and_the_rest_kept(machine: Client) -> None:
    bad = json.loads(json.dumps(VINGA).replace("4006381333931", "4006381333932"))
    answer = send(machine, "products", {"products": [bad, VINGA | {"number": "haga"}]})
    assert answer["created"] == 1
    assert [one["key"] for one in answer["refused"]] == ["vinga"]


def test_all_products_page_by_number(machine: Client) -> None:
    put(*(shoe(f"n{one}", sizes=[38]) for one in range(5)))
    first = fetch(machine, "products?limit=3")
    second = fetch(machine, f"products?limit=3&after={first['next']}")
    numbers = [one["number"] for page in (first, second) for one in page["items"]]
    assert numbers == ["n0", "n1", "n2", "n3", "n4"]
    assert second["next"] is None


def test_search_with_facets_and_pages(machine: Client) -> None:
    put(shoe("vinga"), shoe("vingen", colour="brun"), shoe("haga"))
    found = fetch(machine, "search?q=ving&filter=colour=brun&market=SE")
    assert [one["number"] for one in found["items"]] == ["vingen"]
    assert {"value": "black", "count": 1} in found["facets"][2]["values"]
    first = fetch(machine, "search?limit=2")
    second = fetch(machine, f"search?limit=2&after={first['next']}")
    assert (first["total"], len(first["items"]), len(second["items"])) == (3, 2, 1)
    assert fetch(machine, "search?after=x", 400)["code"] == "bad_cursor"


def test_a_product_can_be_removed_and_is_known_still(machine: Client) -> None:
    put(shoe("with/slash"))
    assert machine.delete("/api/catalogue/products/with/slash").status_code == 204
    assert fetch(machine, "products/with/slash")["removed"] is True
    assert machine.delete("/api/catalogue/products/with/slash").status_code == 404
    assert fetch(machine, "products/unknown", 404)["code"] == "no_such_product"


def test_prices_of_many_variants(machine: Client) -> None:
    put(shoe("vinga"))
    price = {"sku": "VINGA-38", "market": "DK", "currency": "DKK", "amount": 89900}
    assert send(machine, "prices", {"prices": [price]})["changed"] == 1
    found = fetch(machine, "prices?sku=VINGA-38&sku=VINGA-39&market=DK")
    assert found["items"] == [
        {
            "sku": "VINGA-38",
            "market": "DK",
            "currency": "DKK",
            "amount": 89900,
            "was": None,
            "discounts": [],
            "total": 89900,
        }
    ]


def test_a_price_of_nothing_is_taken_where_it_is_said_to_be_free(machine: Client) -> None:
    put(shoe())
    price = {"sku": "VINGA-38", "market": "SE", "currency": "SEK", "amount": 0}
    refused = send(machine, "prices", {"prices": [price]})["refused"]
    assert "says that it is free" in refused[0]["reason"]  # type: ignore[index]  # of JSON
    assert send(machine, "prices", {"prices": [price | {"free": True}]})["refused"] == []
    (item,) = fetch(machine, "prices?sku=VINGA-38")["items"]  # type: ignore[misc]  # of JSON
    assert item["amount"] == 0


def test_places_from_near_to_far(machine: Client) -> None:
    hours = {str(day): [["00:00", "24:00"]] for day in range(1, 8)}
    places = [
        {"code": "sto", "name": "S", "latitude": 59.33, "longitude": 18.06, "hours": hours},
        {"code": "gbg", "name": "G", "latitude": 57.70, "longitude": 11.96},
        {"code": "bad", "name": "B", "time_zone": "Europe/Atlantis"},
    ]
    answer = send(machine, "places", {"places": places})
    assert (answer["created"], len(answer["refused"])) == (2, 1)
    found = fetch(machine, "places?near=57.7,11.9")["items"]
    assert [one["code"] for one in found] == ["gbg", "sto"]
    assert found[0]["km"] == pytest.approx(3.6, abs=0.5)
    assert (found[0]["open_now"], found[1]["open_now"]) == (False, True)
    assert found[0]["until_tomorrow"] is None
    assert found[1]["until_tomorrow"]
    assert fetch(machine, "places?near=north", 400)["code"] == "bad_position"


def test_a_feed_is_taken_in(machine: Client) -> None:
    file = SimpleUploadedFile("feed.csv", OWN.encode())
    answer = machine.post("/api/catalogue/feeds?full=true", {"file": file})
    assert answer.status_code == 200, answer.content
    assert (answer.json()["created"], answer.json()["refused"]) == (2, [])
    assert Product.objects.count() == 2
    assert AuditEntry.objects.get(did="catalogue.imported").detail == {"name": "feed.csv"}


def test_a_full_feed_says_how_much_it_may_remove_and_in_which_encoding_it_is(
    machine: Client,
) -> None:
    put(shoe(sizes=range(36, 40)))
    feed = "sku;name\nVINGA-36;Blå\n".encode("cp1252")

    def take(how: str) -> dict[str, object]:
        file = SimpleUploadedFile("feed.csv", feed)
        answer = machine.post(f"/api/catalogue/feeds?full=true{how}", {"file": file})
        assert answer.status_code == 200, answer.content
        return answer.json()

    assert take("")["left"] == "Some rows don’t say which variant they are."
    assert "3 of 4 variants" in str(take("&encoding=windows-1252")["left"])
    assert take("&encoding=windows-1252&remove_at_most=75")["removed"] == 3


def test_a_feed_that_is_no_form_is_refused_in_the_apis_own_words(machine: Client) -> None:
    answer = machine.generic(
        "POST", "/api/catalogue/feeds", b"--x", content_type="multipart/form-data"
    )
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_request"
