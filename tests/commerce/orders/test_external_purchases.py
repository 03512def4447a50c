"""Purchases that other systems have told of come back here: once, and for no more than was paid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from spindel.commerce.orders import external_purchases, purchase_import
from spindel.commerce.orders.external_purchases import Line, Purchase
from spindel.commerce.orders.history import TooMany
from spindel.commerce.orders.models import Order, OrderLine
from spindel.commerce.payments.models import Payment
from spindel.commerce.returns.actions import Back
from spindel.identity import customers
from spindel.identity.shown import Opened
from spindel.kit.refusal import Refusal
from spindel.staff.actions import create_token
from spindel.staff.models import Role, Scope, User
from tests.commerce import acting
from tests.commerce.conftest import Shop
from tests.commerce.orders.cast import facts
from tests.commerce.orders.cast import priced as priced  # a fixture
from tests.commerce.returns.cast import at, here
from tests.commerce.stock.cast import deliver, there
from tests.console.conftest import as_role, maja, text
from tests.shopping import AtShop, log_in
from tests.store.cast import Tablet
from tests.telling import tell

__all__ = ["as_role", "maja"]
As = Callable[[Role], Client]


def said(name: str, *, key: str = "crm-key", **properties: object) -> None:
    message = {
        "type": "track",
        "event": name,
        "messageId": f"{name} {properties}",
        "userId": "anna",
        "properties": {"order_id": "Shop 3/7", "currency": "SEK"} | properties,
        "timestamp": timezone.now().isoformat(),
    }
    tell([message], key=key)


def bought(*, key: str = "crm-key", price: float = 1299.0, many: int = 1, **more: object) -> None:
    goods = {"sku": "vinga-38", "name": "Vinga", "quantity": many, "price": price}
    said("Order Completed", key=key, **({"total": price * many, "products": [goods]} | more))


@pytest.fixture
def her(priced: Shop, anna: int) -> int:
    found = customers.by_identifier("user_id", "anna")
    assert found
    return found


def purchase(her: int, agent: User) -> Purchase:
    (found,) = external_purchases.of(Opened(agent, her))
    return found


# --- into the book --------------------------------------------------------------------------------


def test_it_is_an_order_once_and_nothing_is_sold_or_told_again(her: int, agent: User) -> None:
    bought(many=2)
    before = facts()
    found = purchase(her, agent)
    order = purchase_import.take_over(found)
    assert purchase_import.take_over(found).pk == order.pk
    assert (order.number, order.total, order.state) == ("Shop 3/7", 2 * 129_900, "completed")
    line = OrderLine.objects.get()
    assert (line.sku, line.delivered) == ("vinga-38", 2)
    assert there(line.variant_id, order.place_id or 0) == (0, 0, 0)
    assert facts() == before
    assert external_purchases.of(Opened(agent, her)) == []


def test_what_nobody_vouches_for_is_given_nothing_for(her: int, agent: User) -> None:
    bought(key="web-key")
    found = purchase(her, agent)
    assert not found.comes_back
    with pytest.raises(Refusal):
        purchase_import.take_over(found)


def test_what_was_cancelled_there_does_not_come_back(her: int, agent: User) -> None:
    bought()
    said("Order Cancelled")
    with pytest.raises(Refusal):
        purchase_import.take_over(purchase(her, agent))


def test_what_came_back_there_does_not_come_back_here(her: int, agent: User) -> None:
    bought(many=3)
    said("Item Returned", sku="vinga-38", quantity=2)
    said("Order Refunded", total=2598.0)
    order = purchase_import.take_over(purchase(her, agent))
    line = OrderLine.objects.get()
    assert (line.quantity, order.total) == (1, 43_300)


_price = st.one_of(st.none(), st.floats(0, 1e6, allow_nan=False))


@given(
    st.lists(st.tuples(st.integers(1, 20), _price), min_size=1, max_size=5),
    _price,
    st.floats(0, 1e6, allow_nan=False),
)
def test_no_more_counts_as_paid_than_was_told(
    lines: list[tuple[int, float | None]], total: float | None, refunded: float
) -> None:
    found = Purchase(
        uuid4(),
        "N",
        datetime.now(UTC),
        "web",
        "Shop",
        "",
        total,
        refunded,
        "SEK",
        [Line("", "", str(n), many, price) for n, (many, price) in enumerate(lines)],
        [],
        {},
        cancelled=False,
        trusted=True,
    )
    variants = {str(n): n for n in range(len(lines))}
    parts = purchase_import._parts(found, "SEK", variants)
    worth = sum(one.quantity * one.amount for one in parts)
    if total is not None:
        assert worth <= max(0, round((total - refunded) * 100)) + 1


# --- back -----------------------------------------------------------------------------------------


def test_it_comes_back_once_into_stock_and_its_money_is_paid_back_there(
    her: int, agent: User, priced: Shop
) -> None:
    bought()
    order = purchase_import.take_over(purchase(her, agent))
    done = acting.take_back(order.pk, [Back(0, 1)], **at(priced.goteborg))  # type: ignore[arg-type]  # the words are right
    assert there(priced.small, priced.goteborg) == (1, 0, 1)
    assert done.refund == 129_900
    payment = Payment.objects.get()
    assert (payment.provider, payment.captured) == ("elsewhere", 129_900)
    assert "Order Refunded" not in facts()
    with pytest.raises(TooMany):
        acting.take_back(order.pk, [Back(0, 1)], **at(priced.stockholm, key="again"))  # type: ignore[arg-type]  # the words are right


def test_it_is_exchanged_as_any_other(her: int, agent: User, priced: Shop) -> None:
    bought()
    deliver(priced.large, priced.goteborg, 1)
    order = purchase_import.take_over(purchase(her, agent))
    done = acting.exchange(
        order.pk,
        [Back(0, 1)],
        [here(priced.large, priced.goteborg)],
        **at(priced.goteborg),  # type: ignore[arg-type]  # the words are right
    )
    assert done.exchange is not None
    assert there(priced.large, priced.goteborg) == (0, 0, 0)


# --- the pages ------------------------------------------------------------------------------------


def test_the_console_takes_it_in_and_says_who_pays(her: int, agent: User, maja: Client) -> None:
    bought()
    found = purchase(her, agent)
    page = text(maja.get(f"/orders/of/{her}/told/{found.fact}/"))
    assert "money is paid back by" in page
    answer = maja.post(f"/orders/of/{her}/told/{found.fact}/back/")
    order = Order.objects.get()
    assert answer["Location"] == f"/orders/{order.pk}/back/"
    again = maja.post(f"/orders/of/{her}/told/{found.fact}/back/")
    assert again["Location"] == answer["Location"]
    chosen = "?chosen=1&line=0&reason=too+small&for=money"
    page = text(maja.get(f"/orders/{order.pk}/back/{chosen}"))
    assert "Give SEK" in page


def test_the_console_offers_nothing_for_what_nobody_vouches_for(
    her: int, agent: User, maja: Client
) -> None:
    bought(key="web-key")
    found = purchase(her, agent)
    address = f"/orders/of/{her}/told/{found.fact}/"
    assert f"{address}back/" not in text(maja.get(address))
    maja.post(f"{address}back/")
    assert not Order.objects.exists()


def test_who_may_not_handle_orders_takes_nothing_over(her: int, agent: User, as_role: As) -> None:
    bought()
    address = f"/orders/of/{her}/told/{purchase(her, agent).fact}/back/"
    assert as_role(Role.ANALYST).post(address).status_code == 403
    assert not Order.objects.exists()


@pytest.mark.parametrize("by", ["Shop 3/7", "anna@example.se"])
def test_the_tablet_finds_it_and_takes_it_back(her: int, clerk: User, by: str) -> None:
    bought()
    tablet = Tablet(clerk).at("goteborg")
    page = tablet.get(f"/store/returns/?q={by}")
    fact = external_purchases.of(Opened(clerk, her))[0].fact
    page = tablet.tap(page, f"/store/purchases/{her}/{fact}/")
    assert "Vinga" in page
    assert Order.objects.get().number == "Shop 3/7"


# --- from home ------------------------------------------------------------------------------------


def test_whoever_has_proved_who_they_are_begins_a_return_of_it(
    her: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINDEL_SHOP_URL", "https://shop.example")
    cache.clear()
    bought()
    bought(key="web-key", order_id="web-1")
    device = AtShop(create_token("shop", [Scope.SHOP], None)[1], "phone")
    path = "purchases/Shop%203%2F7/back"
    assert device.ask("POST", path).status_code == 404
    log_in(device, "anna@example.se")
    listed = device.ask("GET", "purchases").json()["items"]
    assert {one["number"]: one["comes_back"] for one in listed}["Shop 3/7"]
    for _ in range(2):
        answer = device.ask("POST", path)
        assert answer.status_code == 200
    address = urlsplit(answer.json()["url"]).path
    page = text(Client().get(f"{address}back/?in=en"))
    assert "What comes back?" in page
    assert device.ask("POST", "purchases/web-1/back").status_code == 409
    assert Order.objects.count() == 1
