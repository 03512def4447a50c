"""Where goods are looked at, they cost what whoever looks there pays."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client

from spindel.catalogue.feeds import Feed
from spindel.catalogue.models import Product
from spindel.offers import actions as offers
from spindel.offers.models import Offer
from spindel.offers.terms import AmountOffEach, Goods, PercentOff
from spindel.staff.actions import create_token
from spindel.staff.models import Role, Scope
from tests.catalogue.goods import put, sek, shoe
from tests.commerce.conftest import Shop, anna, crm, shop
from tests.commerce.orders.cast import give_offer
from tests.commerce.stock.cast import deliver
from tests.console.conftest import as_role, text
from tests.demo.storefront import Street, street, words
from tests.statements import counted
from tests.store.cast import Tablet, bought, look_up_anna, priced, product_page, tablet

__all__ = ["anna", "as_role", "crm", "priced", "shop", "street", "tablet"]

As = Callable[[Role], Client]
NAMES = {"sv": "spring på svenska", "en": "spring"}


@pytest.fixture
def machine(database: str) -> Client:
    secret = create_token("feeds", [Scope.READ_CATALOGUE], None)[1]
    return Client(headers={"Authorization": f"Bearer {secret}"})


def spring(**terms: object) -> None:
    """20 % off Vinga."""
    give_offer("spring", PercentOff(2_000), goods=Goods(products=frozenset({"vinga"})), **terms)


def plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(page)).split())


# --- machines -------------------------------------------------------------------------------------


def test_the_catalogue_tells_what_anybody_pays(machine: Client) -> None:
    put(shoe("vinga"), shoe("haga"))
    spring()
    for path in ("products", "search?q=vinga", "search?q=haga"):
        for item in machine.get(f"/api/catalogue/{path}").json()["items"]:
            for variant in item["variants"]:
                (price,) = variant["prices"]
                costs = 103_920 if item["number"] == "vinga" else 129_900
                assert (price["amount"], price["total"]) == (129_900, costs)
    (one,) = machine.get("/api/catalogue/prices?sku=VINGA-38").json()["items"]
    assert one["discounts"] == [{"names": NAMES, "amount": 25_980}]
    offers.set_state("spring", Offer.State.PAUSED, "astrid")
    (one,) = machine.get("/api/catalogue/prices?sku=VINGA-38").json()["items"]
    assert one["total"] == 129_900


def test_nobody_is_told_of_what_takes_a_code_or_is_for_some(machine: Client) -> None:
    put(shoe("vinga"))
    spring(needs_code=True)
    give_offer("club", PercentOff(5_000), audience=frozenset({"members"}))
    give_offer("spent", AmountOffEach({"SEK": 100}), most_uses=1)
    assert machine.get("/api/catalogue/prices?sku=VINGA-38").json()["items"][0]["total"] == 129_800


def test_many_products_are_asked_for_as_one_is(
    machine: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    spring(most_each=3)
    put(*(shoe(f"n{one}", sizes=range(36, 44)) for one in range(2)))
    machine.get("/api/catalogue/products")  # reads the offers, this once
    with counted(monkeypatch) as few:
        machine.get("/api/catalogue/products")
    put(*(shoe(f"n{one}", sizes=range(36, 44)) for one in range(30)))
    with counted(monkeypatch) as many:
        machine.get("/api/catalogue/products")
    assert many == few


def test_the_feed_says_the_list_price_and_what_anybody_pays(
    machine: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINDEL_SHOP_URL", "https://shop.example")
    put(shoe("vinga", "Vinga\tröd"), shoe("haga", prices=[sek(999)]))
    spring()
    told = machine.get("/api/catalogue/feed?market=SE")
    text = b"".join(told.streaming_content).decode()
    rows = {one["id"]: one for one in csv.DictReader(text.splitlines(), delimiter="\t")}
    assert set(rows) == {"VINGA-38", "VINGA-39", "HAGA-38", "HAGA-39"}
    vinga, haga = rows["VINGA-38"], rows["HAGA-38"]
    assert (vinga["price"], vinga["sale_price"]) == ("1299.00 SEK", "1039.20 SEK")
    assert (haga["price"], haga["sale_price"]) == ("999.00 SEK", "")
    assert vinga["title"] == "Vinga röd"
    assert vinga["link"] == "https://shop.example/products/vinga?sku=VINGA-38"
    assert vinga["availability"] == "out_of_stock"
    other = machine.get("/api/catalogue/feed?market=DK")
    assert len(b"".join(other.streaming_content).splitlines()) == 1


def test_the_feed_is_one_that_is_read_here(machine: Client, tmp_path) -> None:
    put(shoe("vinga"))
    path = tmp_path / "feed.tsv"
    path.write_bytes(b"".join(machine.get("/api/catalogue/feed?market=SE").streaming_content))
    with path.open("rb") as file:
        rows = list(Feed().rows(file))
    assert [(one.sku, one.problem) for one in rows] == [("VINGA-38", ""), ("VINGA-39", "")]


@pytest.mark.parametrize("asked", ["", "?market=XX", "?market=SE&link=javascript:x"])
def test_a_feed_of_nowhere_is_refused(machine: Client, asked: str) -> None:
    assert machine.get(f"/api/catalogue/feed{asked}").status_code == 422


# --- people ---------------------------------------------------------------------------------------


def test_the_console_shows_what_anybody_pays_beside_the_list_price(as_role: As) -> None:
    put(shoe("vinga"))
    spring()
    client = as_role(Role.AGENT)
    product = Product.objects.get(number="vinga")
    for path in ("/products/", f"/products/{product.pk}/"):
        page = plain(text(client.get(path)))
        assert "SEK 1,039.20 instead of SEK 1,299" in page.replace("\xa0", " ")
        assert "spring" in page


def test_the_tablet_shows_what_whoever_is_served_pays(
    tablet: Tablet, priced: Shop, anna: int
) -> None:
    deliver(priced.small, priced.goteborg, 3)
    spring(most_each=1)
    bought(priced, priced.small, who=anna)  # so she has had it
    page = product_page(priced, priced.small)
    for path in (page, "/store/find/?q=vin"):
        said = plain(tablet.get(path)).replace("\xa0", " ")
        assert "SEK 1,039.20 instead of SEK 1,299 spring" in said, path
    tablet.get(f"/store/customers/{look_up_anna(tablet)}/")
    said = plain(tablet.get(page)).replace("\xa0", " ")
    assert "SEK 1,299" in said
    assert "1,039.20" not in said


def test_the_demo_shop_says_the_same_to_search_engines(street: Street) -> None:
    spring()
    page = street.shopper().get("/shop/products/vinga")
    (linked,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.text, re.S)
    told = json.loads(linked)
    assert told["name"] == "Vinga"
    assert {one["sku"]: one["price"] for one in told["offers"]} == {
        "vinga-black-38": "1039.20",
        "vinga-black-39": "1039.20",
    }
    assert told["offers"][0]["availability"] == "https://schema.org/OutOfStock"
    assert "1,039.20" in words(page)
