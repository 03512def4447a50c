"""Products changed by hand in the console, and feeds that say otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape

import pytest
from django.test import Client

from spindel.catalogue import actions
from spindel.catalogue.models import Edit, Price, Product, Variant
from spindel.catalogue.product_input import PriceData
from spindel.catalogue.searching import search
from spindel.staff.models import AuditEntry, Role
from tests.catalogue.goods import put, sek, shoe
from tests.console.conftest import as_role, text

__all__ = ["as_role"]

As = Callable[[Role], Client]


@pytest.fixture
def marketer(as_role: As) -> Client:
    put(shoe("vinga", texts={"sv": "Mjuk."}), shoe("haga"))
    return as_role(Role.MARKETER)


def page_of(number: str = "vinga") -> str:
    return f"/products/{Product.objects.get(number=number).pk}/"


def form(client: Client, address: str) -> dict[str, str]:
    """What the form holds as it comes."""
    page = text(client.get(address))
    found = {
        name: unescape(value)
        for name, value in re.findall(
            r'<input[^>]*?\sname="([^"]+)"\s+(?:lang="\w+"\s+)?value="([^"]*)"', page
        )
    }
    for name, value in re.findall(r'<textarea[^>]*?\sname="([^"]+)"[^>]*>([^<]*)</textarea>', page):
        found[name] = unescape(value)
    boxes = re.findall(r'type="checkbox"\s+name="([^"]+)"\s+value="yes"\s+checked', page)
    found |= dict.fromkeys(boxes, "yes")
    found = {name: value for name, value in found.items() if name != "csrfmiddlewaretoken"}
    unchecked = re.findall(r'type="checkbox"\s+name="([^"]+)"\s+value="yes"(?!\s+checked)', page)
    return {name: value for name, value in found.items() if name not in unchecked}


def change(client: Client, number: str = "vinga", **changes: str | None) -> str:
    """Change these fields (None: a box that is not ticked); the page that follows."""
    address = f"{page_of(number)}edit/"
    told = form(client, address) | {name.replace("__", "."): v for name, v in changes.items()}
    sent = {name: value for name, value in told.items() if value is not None}
    answer = client.post(address, sent, follow=True)
    return text(answer)


def undo(client: Client, page: str) -> str:
    found = re.search(r'action="(/products/\d+/undo/\d+/)"', page)
    assert found
    return text(client.post(found[1], follow=True))


def test_what_is_changed_by_hand_is_kept_against_a_feed_until_it_is_given_back(
    marketer: Client,
) -> None:
    page = change(marketer, name__sv="Vinga vinter", price__0__SE="1 099,50", brand="Myrmark")
    assert "Feeds leave what you changed alone" in page
    told = shoe("vinga", prices=[sek(1299)], texts={"sv": "Varm."})
    put(told)
    product = Product.objects.get(number="vinga")
    assert (product.names["sv"], product.brand) == ("Vinga vinter", "Myrmark")
    assert product.texts == {"sv": "Varm."}  # which nobody has changed
    assert cost("VINGA-38") == 109_950
    assert cost("VINGA-39") == 129_900
    assert search("vinter", {}).total == 1
    refused = actions.put_prices([("VINGA-38", sek(999)), ("VINGA-39", sek(999))]).refused
    assert [one.key for one in refused] == ["VINGA-38"]
    sale = PriceData("SE", "SEK", 50_000, sale=True)
    assert actions.put_prices([("VINGA-38", sale)]).changed == 1  # stands beside it
    page = text(marketer.get(f"{page_of()}edit/"))
    assert "Give back: Name" in page
    assert "Give back: Price in SE" in page
    for field in ("names", "price.SE"):
        marketer.post(f"{page_of()}give-back/", {"field": field})
    put(told)
    assert Product.objects.get(number="vinga").names["sv"] == "Vinga"
    assert cost("VINGA-38") == 129_900
    assert Product.objects.get(number="vinga").brand == "Myrmark"


def cost(sku: str) -> int:
    """The regular price now."""
    price = Price.objects.get(variant__sku=sku, market="SE", sale=False, until=None)
    return price.amount


def test_undo_takes_all_of_the_last_change_back(marketer: Client) -> None:
    before = form(marketer, f"{page_of()}edit/")
    page = change(
        marketer, name__sv="Annan", categories="Boots\nSkor", price__0__SE="999", active__1=None
    )
    assert not Variant.objects.filter(sku="VINGA-39", removed_at=None).exists()
    assert "It is as it was before." in undo(marketer, page)
    after = form(marketer, f"{page_of()}edit/")
    assert after == before
    assert Product.objects.get(number="vinga").by_hand == []
    assert not Variant.objects.exclude(by_hand=[]).exists()
    assert Price.objects.filter(variant__sku="VINGA-38").count() == 3  # the history stays
    assert "stays as it is" in undo(marketer, page)


def test_only_the_last_change_is_undone(marketer: Client) -> None:
    first = change(marketer, name__sv="Ett")
    second = change(marketer, name__sv="Två")
    assert "stays as it is" in undo(marketer, first)
    undo(marketer, second)
    assert Product.objects.get(number="vinga").names["sv"] == "Ett"
    undo(marketer, first)
    assert Product.objects.get(number="vinga").names["sv"] == "Vinga"


def test_what_is_taken_off_by_hand_does_not_come_back_with_the_next_feed(marketer: Client) -> None:
    change(marketer, active__0=None)
    put(shoe("vinga"))
    assert Variant.objects.filter(product__number="vinga", removed_at=None).count() == 1
    change(marketer, active=None)
    put(shoe("vinga", prices=[sek(899)]))
    assert search("vinga", {}).total == 0
    change(marketer, active="yes")
    assert search("vinga", {}).total == 1


def test_a_new_variant_and_a_new_product_are_found_and_outlive_a_full_feed(
    marketer: Client,
) -> None:
    change(
        marketer,
        sku__new="VINGA-RED",
        option__new__colour="red",
        option__new__size="40",
        price__new__SE="1399",
        active__new="yes",
    )
    assert search("röd vinga 40", {}).total == 1
    sent = {
        "number": "egen",
        "name.sv": "Egen",
        "active": "yes",
        "sku.new": "EGEN-1",
        "active.new": "yes",
        "price.new.SE": "100",
    }
    page = text(marketer.post("/products/new/", sent, follow=True))
    assert "Egen" in page
    actions.remove_all_but({"VINGA-38", "VINGA-39", "HAGA-38", "HAGA-39"})
    assert search("egen", {}).total == search("röd vinga", {}).total == 1
    assert text(marketer.post("/products/new/", sent)).count("with this number already") == 1
    undo(marketer, page)
    assert search("egen", {}).total == 0


def test_what_was_changed_meanwhile_is_not_written_over(marketer: Client) -> None:
    address = f"{page_of()}edit/"
    seen = form(marketer, address)
    put(replace(shoe("vinga"), brand="Kattegat"))
    page = text(marketer.post(address, seen | {"name.sv": "Min"}))
    assert "changed meanwhile" in page
    assert 'value="Min"' in page  # what was typed stays
    assert Product.objects.get(number="vinga").brand == "Kattegat"


@pytest.mark.parametrize(
    "wrong",
    [
        {"price__0__SE": "1,290"},
        {"price__0__SE": "<script>"},
        {"gtin__0": "123"},
        {"pictures": "javascript:alert(1)"},
        {"option__0__size": "x" * 1_001},
        {"sku__new": "x" * 65},
        {"name__sv": "x" * 301},
        {"option__new__size": "40"},
    ],
)
def test_what_can_not_be_is_said_and_changes_nothing(
    marketer: Client, wrong: dict[str, str]
) -> None:
    page = change(marketer, brand="Myrmark", **wrong)
    assert 'role="alert"' in page
    assert "<script>" not in page.partition("<main")[2].partition("</main>")[0]
    assert Product.objects.get(number="vinga").brand == "Nordsko"
    assert not Edit.objects.exists()


def test_what_can_not_be_is_said_at_its_box_and_all_that_was_typed_stays(
    marketer: Client,
) -> None:
    page = change(
        marketer, price__0__SE="1,290", gtin__1="123", option__new__size="40", brand="Myrmark"
    )
    told = r'name="([^"]+)"[^>]*>\s*<span class="field-error" role="alert"'
    assert re.findall(told, page) == ["price.0.SE", "gtin.1", "sku.new"]
    for typed in ("1,290", "123", "40", "Myrmark"):
        assert f'value="{typed}"' in page


def test_a_product_of_many_variants_and_markets_can_be_changed(marketer: Client) -> None:
    told = shoe("stor", sizes=list(range(100)))
    prices = [PriceData(market, "EUR", 10_000) for market in ("DE", "ES", "FI", "FR", "IT", "NL")]
    put(replace(told, variants=[replace(one, prices=prices) for one in told.variants]))
    page = change(marketer, "stor", brand="Myrmark", price__99__DE="90")
    assert "Feeds leave what you changed alone" in page


def test_the_same_again_is_no_change(marketer: Client) -> None:
    assert "Nothing has changed." in change(marketer)
    assert not Edit.objects.exists()


def test_who_may_and_the_log(marketer: Client, as_role: As) -> None:
    page = change(marketer, name__sv="Ny")
    undo(marketer, page)
    log = list(AuditEntry.objects.filter(did__startswith="product.").values_list("did", flat=True))
    assert sorted(log) == ["product.changed", "product.undone"]
    for role in (Role.AGENT, Role.CLERK, Role.ANALYST):
        client = as_role(role)
        for address in (f"{page_of()}edit/", "/products/new/"):
            assert client.get(address).status_code == 403
            assert client.post(address, {}).status_code == 403
        for address in (f"{page_of()}give-back/", f"{page_of()}undo/1/"):
            assert client.post(address, {}).status_code == 403
        assert "/edit/" not in text(client.get(page_of()))
