"""The store tablet: what she is likely to want instead stands first, and what she got is said."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from spindel.catalogue.models import Price, Product, Variant
from spindel.commerce.common import links
from spindel.commerce.orders import reading as orders
from spindel.commerce.orders.models import Order, Return
from spindel.commerce.returns.views import selection
from spindel.commerce.returns.views.selection import Size
from spindel.timeline.models import Fact
from spindel.timeline.phrases import apart
from tests.commerce.conftest import Shop
from tests.commerce.stock.cast import deliver, there
from tests.console.conftest import text
from tests.store.cast import Tablet, bought, product_page
from tests.store.cast import priced as priced  # a fixture
from tests.store.cast import tablet as tablet  # a fixture


def priced_variant(product: Product, size: int, colour: str, amount: int = 129_900) -> Variant:
    made = Variant.objects.create(
        product=product,
        sku=f"{product.number}-{size}-{colour}",
        options={"size": str(size), "colour": colour},
        position=size,
    )
    Price.objects.create(variant=made, market="SE", currency="SEK", amount=amount)
    return made


@pytest.fixture
def boots(priced: Shop) -> dict[tuple[int, str], Variant]:
    """Boots in eleven sizes and three colours, one of each here."""
    product = Product.objects.create(number="boot", names={"sv": "Känga", "en": "Boot"})
    made = {}
    for colour in ("black", "brown", "red"):
        for size in range(36, 47):
            made[size, colour] = priced_variant(product, size, colour)
            deliver(made[size, colour].pk, priced.goteborg, 2)
    return made


def returned(tablet: Tablet, order: Order, query: str = "") -> str:
    return tablet.get(f"/store/orders/{order.number}/return/?chosen=1&line=0{query}")


def chips(page: str) -> list[int]:
    return [int(one) for one in re.findall(r'name="for"\s+value="(\d+)"', page)]


# --- what stands first ----------------------------------------------------------------------------


def test_sizes_next_to_hers_in_her_colour_stand_first(
    tablet: Tablet, priced: Shop, boots: dict[tuple[int, str], Variant]
) -> None:
    order = bought(priced, boots[40, "brown"].pk)
    page = returned(tablet, order)
    first = page.split("<details")
    at_once = next(part for part in first if 'name="for"' in part)
    near = [boots[size, "brown"].pk for size in (41, 39, 42, 38, 43, 37)]
    assert chips(at_once) == near
    assert len(chips(page)) == len(set(chips(page))) == 33, "each is one button, wherever it stands"
    heads = re.findall(r'<th scope="(?:row|col)">(\w+)</th>', page)
    assert heads == [*map(str, range(36, 47)), "Black", "Brown", "Red"]


def test_at_home_too_sizes_next_to_theirs_in_their_colour_stand_first(
    priced: Shop, boots: dict[tuple[int, str], Variant]
) -> None:
    order = bought(priced, boots[40, "brown"].pk)
    page = f"/o/{links.code('order', order.pk)}/back/?chosen=1&line=0&reason=too+small"
    at_once, rest = text(Client().get(page)).split("<details")
    near = [boots[size, "brown"].pk for size in (41, 39, 42, 38, 43, 37)]
    assert chips(at_once) == near
    assert len(chips(rest)) == 33 - len(near)


def test_what_was_too_large_asks_for_smaller_and_what_is_faulty_for_the_same(
    tablet: Tablet, priced: Shop, boots: dict[tuple[int, str], Variant]
) -> None:
    order = bought(priced, boots[40, "red"].pk)
    assert chips(returned(tablet, order, "&reason=too+large"))[0] == boots[39, "red"].pk
    assert chips(returned(tablet, order, "&reason=faulty"))[0] == boots[40, "red"].pk


_sizes = st.lists(
    st.tuples(st.sampled_from(["36", "37", "38", "S", "M"]), st.sampled_from(["red", "blue", ""])),
    min_size=1,
    unique=True,
)


@given(_sizes, st.data(), st.sampled_from(["", *selection.returns.REASONS]))
def test_every_size_stands_there_once(
    options: list[tuple[str, str]], data: st.DataObject, reason: str
) -> None:
    found = [
        Size(
            number,
            f"sku-{number}",
            size,
            data.draw(st.integers(0, 2)),
            0,
            False,
            {"size": size, "colour": colour},
        )
        for number, (size, colour) in enumerate(options)
    ]
    at = data.draw(st.integers(0, len(found) - 1))
    hers = Variant(pk=at, options=dict(found[at].options))
    fitting = selection.fitting(found, hers, reason)
    rows = fitting.all.rows if fitting.all else [("", list[Size | None](fitting.near))]
    shown = [one.variant for _, row in rows for one in row if one]
    assert sorted(shown) == list(range(len(found)))
    assert {one.options["colour"] for one in fitting.near} == {found[at].options["colour"]}


# --- nothing is chosen for her --------------------------------------------------------------------


def test_nobody_gets_money_back_whom_nobody_has_asked(tablet: Tablet, priced: Shop) -> None:
    deliver(priced.small, priced.goteborg, 1)
    order = bought(priced, priced.small)
    address = f"/store/orders/{order.number}/return/"
    page = returned(tablet, order)
    assert 'value="money" checked' not in page
    fields = tablet.form(page, "/store/scan/") | {"back": "0:1", "line": "0", "chosen": "1"}
    assert "Say for what it comes back." in tablet.send(address, dict(fields))
    fields |= {"for": "money"}
    assert "Say why it comes back." in tablet.send(address, dict(fields))
    assert not Return.objects.exists()
    tablet.send(address, fields | {"reason": "other"})
    assert Return.objects.get().lines.get().reason == "other"


def test_a_larger_size_says_itself_that_hers_was_too_small(tablet: Tablet, priced: Shop) -> None:
    deliver(priced.small, priced.goteborg, 1)
    deliver(priced.large, priced.goteborg, 1)
    order = bought(priced, priced.small)
    page = returned(tablet, order, f"&for={priced.large}")
    assert "As it seems: too small." in page
    page = tablet.tap(page, f"/store/orders/{order.number}/return/")
    assert Return.objects.get().lines.get().reason == "too small"
    assert "Vinga: 38 → 39" in page


# --- another model --------------------------------------------------------------------------------


def test_another_model_is_searched_for_or_scanned_and_its_price_is_said(
    tablet: Tablet, priced: Shop, boots: dict[tuple[int, str], Variant]
) -> None:
    deliver(priced.small, priced.goteborg, 1)
    dear = priced_variant(Product.objects.get(number="boot"), 47, "green", 159_900)
    deliver(dear.pk, priced.goteborg, 1)
    order = bought(priced, priced.small)
    page = returned(tablet, order, "&reason=other&q=boot")
    assert f"for={boots[36, 'red'].pk}" in page
    page = tablet.tap(page, "/store/scan/", code=dear.sku)
    assert "Exchange: " in page
    assert "Boot, 47, green" in page
    page = tablet.tap(page, f"/store/orders/{order.number}/return/")
    assert re.search(r"Vinga \(38\) → (Boot|Känga) \(47, ", page)
    exchange = Return.objects.get().exchange
    assert exchange is not None
    assert exchange.total == 159_900
    assert there(dear.pk, priced.goteborg) == (0, 0, 0)


# --- what she got is said -------------------------------------------------------------------------


def test_both_orders_and_the_timeline_say_what_was_given_for_what(
    tablet: Tablet, priced: Shop, anna: int
) -> None:
    deliver(priced.small, priced.goteborg, 1)
    deliver(priced.large, priced.goteborg, 1)
    order = bought(priced, priced.small, who=anna)
    page = returned(tablet, order, f"&for={priced.large}")
    tablet.tap(page, f"/store/orders/{order.number}/return/")
    back = Return.objects.get()
    assert back.exchange is not None
    (told,) = orders.view(order, "en").backs
    assert told.text == "Vinga: 38 → 39"
    for one in (order, back.exchange):
        assert f"/store/returns/{back.number}/" in tablet.get(f"/store/orders/{one.number}/")
    fact = Fact.objects.get(name="Item Exchanged")
    assert apart(fact.properties["returned_variant"], fact.properties["variant"]) == ("38", "39")


# --- what the pages cost --------------------------------------------------------------------------

MOST_STATEMENTS = 30


def statements(tablet: Tablet, address: str) -> int:
    tablet.get(address)
    with CaptureQueriesContext(connection) as asked:
        tablet.get(address)
    return len(asked)


def test_a_page_asks_as_much_of_many_sizes_as_of_few(
    tablet: Tablet, priced: Shop, boots: dict[tuple[int, str], Variant]
) -> None:
    deliver(priced.small, priced.goteborg, 2)
    deliver(priced.large, priced.goteborg, 2)
    few, many = bought(priced, priced.small), bought(priced, boots[40, "red"].pk, key="many")

    def back(order: Order, wanted: int) -> str:
        return f"/store/orders/{order.number}/return/?chosen=1&line=0&for={wanted}"

    for small, large in (
        (product_page(priced, priced.small), product_page(priced, boots[40, "red"].pk)),
        (back(few, priced.large), back(many, boots[41, "red"].pk)),
    ):
        asked = statements(tablet, small)
        assert statements(tablet, large) <= asked
        assert asked <= MOST_STATEMENTS
