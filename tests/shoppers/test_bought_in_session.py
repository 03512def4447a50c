"""What was bought in a session is theirs who log in there: on all devices, and nobody else's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement import placing
from spindel.commerce.stock import hold_codes
from spindel.commerce.stock.models import Hold
from spindel.identity import identifiers
from spindel.shoppers import reading as shoppers
from spindel.shoppers.models import Shopper
from spindel.staff.models import User
from tests.commerce.carts.cast import closing, somebody_waits
from tests.commerce.conftest import Shop
from tests.commerce.orders.cast import counter
from tests.commerce.stock.by_code import at_shop as at_shop  # a fixture
from tests.commerce.stock.by_code import hold, scan
from tests.commerce.stock.cast import deliver
from tests.shopping import AtShop, Come, log_in
from tests.store.cast import Tablet
from tests.telling import follow, wait_until

ANNA, BO = "anna@example.se", "bo@example.se"


@pytest.fixture
def tablet(clerk: User, at_shop: Come) -> Tablet:
    """Oskar's, in Göteborg."""
    return Tablet(clerk).at("goteborg")


def bought(device: AtShop) -> list[str]:
    """The numbers of what is on the page of whoever has the device."""
    return [one["number"] for one in device.ask("GET", "orders").json()["items"]]


def fetch_by_code(tablet: Tablet, code: str) -> str:
    """The clerk hands it over to whoever shows the code, and it is paid at the till; its number."""
    page = tablet.tap(scan(tablet, code), f"/store/holds/{hold_codes.read(code)}/hand-over/")
    assert "Sold" in tablet.tap(page, "/store/sale/pay/")
    return Order.objects.latest("pk").number


def test_what_was_held_and_fetched_without_a_login_comes_with_the_login(
    tablet: Tablet, shop: Shop, at_shop: Come
) -> None:
    deliver(shop.small, shop.goteborg, 2)
    phone, laptop, other = at_shop("phone"), at_shop("laptop"), at_shop("other")
    number = fetch_by_code(tablet, hold(phone)["code"])
    assert bought(phone) == [number], "a session shows what was done in it"
    assert bought(other) == []
    for device in (phone, laptop):
        log_in(device, ANNA)
        assert bought(device) == [number]
    follow()
    order = Order.objects.get()
    assert order.identifier_id in identifiers.proven(identifiers.identifier("email", ANNA) or 0)
    log_in(other, BO)
    assert bought(other) == []


def test_whoever_logs_in_there_after_them_has_nothing_of_it(
    tablet: Tablet, shop: Shop, at_shop: Come
) -> None:
    deliver(shop.small, shop.goteborg, 2)
    shared, laptop = at_shop("tablet-at-home"), at_shop("laptop")
    number = fetch_by_code(tablet, hold(shared)["code"])
    log_in(shared, ANNA)
    log_in(shared, BO)
    assert bought(shared) == []
    log_in(laptop, ANNA)
    assert bought(laptop) == [number]


def test_what_was_ordered_with_anothers_address_stays_that_ones(shop: Shop, at_shop: Come) -> None:
    deliver(shop.small, shop.warehouse, 2)
    phone, laptop = at_shop("phone"), at_shop("laptop")
    phone.add("vinga-38")
    said = {
        "pay_by": "invoice",
        "contact": {"name": "Bo", "email": BO},
        "address": {"street": "Storgatan 1", "postcode": "411 01", "city": "Göteborg"},
    }
    assert phone.ask("POST", "orders", said, **{"Idempotency-Key": "o"}).status_code == 201
    log_in(phone, ANNA)
    log_in(laptop, ANNA)
    assert bought(laptop) == []
    log_in(laptop, BO)
    assert len(bought(laptop)) == 1


def test_a_session_that_is_over_shows_nobody_what_was_bought(
    tablet: Tablet, shop: Shop, at_shop: Come
) -> None:
    """What the browser is called is no secret: the receipt is."""
    deliver(shop.small, shop.goteborg, 1)
    phone = at_shop("phone")
    code = hold(phone)["code"]
    assert phone.ask("POST", "logout").status_code == 204
    number = fetch_by_code(tablet, code)
    again = at_shop("phone")
    assert bought(again) == []
    log_in(again, ANNA)
    follow()
    assert bought(again) == []
    assert again.ask("POST", "claims", {"number": number}).status_code == 200
    assert bought(again) == [number]


def test_what_is_sold_while_they_log_in_is_theirs(database: str, shop: Shop, at_shop: Come) -> None:
    deliver(shop.small, shop.goteborg, 1)
    phone = at_shop("phone")
    kept = Hold.objects.get(pk=hold(phone)["id"])
    session = Shopper.objects.get(digest=shoppers.digest(phone.key))
    email = identifiers.identifier("email", ANNA)
    draft = counter(shop, "sale", whose=session.browser_id, holds=[kept.pk])
    with ThreadPoolExecutor(1) as pool, psycopg.connect(database) as login:
        # As a login does, which has come as far as the session.
        login.execute(
            "UPDATE shoppers_shopper SET identifier_id = %s WHERE id = %s", [email, session.pk]
        )
        sale = pool.submit(closing, lambda: placing.sell(draft))
        wait_until(somebody_waits)
        login.commit()
        sold = sale.result()
    assert sold.identifier_id == email
    assert bought(phone) == [sold.number]


def test_who_logs_in_while_it_is_sold_has_it(database: str, shop: Shop, at_shop: Come) -> None:
    deliver(shop.small, shop.goteborg, 1)
    phone, laptop = at_shop("phone"), at_shop("laptop")
    session = Shopper.objects.get(digest=shoppers.digest(phone.key))
    sold = placing.sell(counter(shop, "sale", whose=session.browser_id))
    with ThreadPoolExecutor(1) as pool, psycopg.connect(database) as sale:
        # As a sale does, which has the session, and is not committed yet.
        sale.execute("SELECT FROM shoppers_shopper WHERE id = %s FOR UPDATE", [session.pk])
        sale.execute("UPDATE orders_order SET shopper_id = %s", [session.pk])
        login = pool.submit(closing, lambda: log_in(phone, ANNA))
        wait_until(somebody_waits)
        sale.commit()
        login.result()
    log_in(laptop, ANNA)
    assert bought(laptop) == [sold.number]
