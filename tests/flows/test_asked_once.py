"""Nobody is asked twice: what a shopper has filled in once is there in every face, from then on."""

from __future__ import annotations

import httpx
import pytest
from django.test import Client

from spindel.catalogue.models import Place, Variant
from spindel.commerce.orders import order_holds
from spindel.commerce.orders.models import Order
from spindel.commerce.stock.actions import holds
from spindel.commerce.stock.models import Hold
from spindel.identity import customers
from spindel.staff.models import User
from tests.console.conftest import maja, text
from tests.demo.storefront import Shopper, Street, bring, fields, login_link
from tests.demo.storefront import street as street  # a fixture
from tests.demo.storefront import words as said
from tests.store.cast import Tablet
from tests.telling import follow

__all__ = ["maja"]

ANNA = {
    "name": "Anna Berg",
    "email": "anna@example.com",
    "phone": "070-174 06 05",
    "street": "Storgatan 1",
    "postcode": "411 01",
    "city": "Göteborg",
}


@pytest.fixture
def tablet(clerk: User, street: Street) -> Tablet:
    """Oskar's, in Vallgatan."""
    for place in ("lager", "vallgatan"):
        bring("vinga-black-38", place, 20)
    return Tablet(clerk).at("vallgatan")


def fill_cart(device: Shopper) -> httpx.Response:
    """Put a pair into the cart; the checkout."""
    page = device.get("/shop/products/vinga?colour=black&size=38")
    device.send(page, "/shop/cart", sku="vinga-black-38")
    return device.get("/shop/checkout")


def buy(device: Shopper, page: httpx.Response, **typed: str) -> Order:
    """Order what is in the cart, with what is typed besides what stands in the form."""
    before = Order.objects.count()
    done = device.send(page, 'name="key"', pay_by="invoice", **typed)
    assert "Thank you" in done.text, done.text
    assert Order.objects.count() == before + 1
    follow()
    return Order.objects.latest("pk")


def form_of(page: str, holds: str = 'name="phone"') -> dict[str, str]:
    """The fields of the page's form with such a one."""
    form = next(one for one in page.split("<form")[1:] if holds in one.split("</form>")[0])
    return fields(form.split("</form>")[0])


class Faces:
    """Every form that asks who somebody is, how they are reached and where they live."""

    def __init__(self, maja: Client, tablet: Tablet) -> None:
        self._maja, self._tablet = maja, tablet

    def here(self) -> dict[str, str]:
        """Of the console and the tablet, for her, found by her address, with a cart of hers."""
        maja, tablet = self._maja, self._tablet
        pair = Variant.objects.get(sku="vinga-black-38").pk
        maja.get("/customers/found/", {"q": ANNA["email"]})
        her = customers.by_identifier("email", ANNA["email"])
        maja.post(f"/carts/of/{her}/change/", {"sku": "vinga-black-38", "quantity": 1})
        tablet.get(f"/store/customers/?q={ANNA['email']}")
        tablet.get(f"/store/customers/{her}/")
        return {
            "an agent's order": text(maja.get(f"/carts/of/{her}/order/")),
            "an agent's quote": text(maja.get(f"/quotes/new/?customer={her}")),
            "a clerk's order": tablet.get(f"/store/customers/{her}/cart/order/"),
            "a clerk's quote": tablet.get(
                f"/store/quote/?variant={pair}&quantity=1&price=&how=ship"
            ),
        }

    def check(self, shop: dict[str, str], expected: dict[str, str]) -> None:
        """No field that was filled in is empty, or another, in any of them."""
        for face, page in (shop | self.here()).items():
            assert expected.items() <= form_of(page).items(), face


@pytest.fixture
def faces(maja: Client, tablet: Tablet) -> Faces:
    """Those of the console and the tablet."""
    return Faces(maja, tablet)


def log_in(device: Shopper) -> httpx.Response:
    """Log in by a mailed link; her page."""
    return device.send(device.get(login_link(device, ANNA["email"])), "/shop/login/confirm")


def test_what_was_filled_in_once_is_there_in_every_face(
    street: Street, faces: Faces, maja: Client, tablet: Tablet
) -> None:
    phone, laptop = street.shopper(), street.shopper()

    # At a checkout without a login, and at the next one in the same session.
    buy(phone, fill_cart(phone), **ANNA)
    assert ANNA.items() <= form_of(fill_cart(phone).text).items()
    assert form_of(fill_cart(laptop).text)["name"] == "", "another device is nobody's yet"

    # At the login: where to mail the link.
    assert form_of(phone.get("/shop/login").text, 'action="/shop/login"')["email"] == ANNA["email"]

    # Logged in: on her page, at the checkout on all devices, and to whoever serves her.
    here = {name: value for name, value in ANNA.items() if name != "email"}
    for device in (phone, laptop):
        page = log_in(device)
        assert here.items() <= form_of(page.text).items()
    faces.check({"checkout": fill_cart(laptop).text}, ANNA)

    # Changed on her page, it is so everywhere.
    moved = here | {"street": "Nygatan 2", "postcode": "411 02", "phone": "070-174 06 33"}
    page = laptop.send(laptop.get("/shop/my"), "/shop/my/details", **moved | {"postcode": "41102"})
    assert "It is kept" in page.text
    now = ANNA | moved
    faces.check({"checkout": fill_cart(phone).text, "page": phone.get("/shop/my").text}, moved)

    # Told to a clerk, for an order that is sent, it is so on the web.
    her = customers.by_identifier("email", ANNA["email"])
    told = now | {"street": "Ringvägen 3", "postcode": "411 03"}
    page = tablet.get(f"/store/customers/{her}/cart/order/")
    page = tablet.tap(
        page, f"/store/customers/{her}/cart/order/", **told, how="ship", pay_by="till"
    )
    follow()
    assert Order.objects.latest("pk").address["street"] == "Ringvägen 3"
    faces.check(
        {"checkout": fill_cart(phone).text, "page": phone.get("/shop/my").text},
        {name: told[name] for name in here},
    )

    # Sold over the counter, the receipt goes to her without a question.
    tablet.tap(tablet.get("/store/sale/"), "/store/scan/", code="vinga-black-38")
    assert "Sold" in tablet.tap(tablet.get("/store/sale/"), "/store/sale/pay/")
    sold = Order.objects.latest("pk")
    assert sold.contact == {name: told[name] for name in ("name", "email", "phone")}

    # Exchanged for what is sent, nobody is asked where to.
    bring("vinga-black-39", "lager", 2)
    other = Variant.objects.get(sku="vinga-black-39").pk
    wanted = f"chosen=1&line=0&reason=other&for={other}&how=ship"
    home = {name: told[name] for name in ("street", "postcode", "city")}
    for page in (
        tablet.get(f"/store/orders/{sold.number}/return/?{wanted}"),
        text(maja.get(f"/orders/{sold.pk}/back/?{wanted}")),
    ):
        assert home.items() <= form_of(page, 'name="street"').items()

    # Bought as it stands, nothing typed.
    order = buy(laptop, fill_cart(laptop))
    assert (order.contact["name"], order.address["street"]) == ("Anna Berg", "Ringvägen 3")

    # Taken away, it is gone everywhere; the rest stays.
    page = laptop.send(laptop.get("/shop/my"), "/shop/my/details", do="remove")
    assert "Your address is gone" in page.text
    gone = dict.fromkeys(("street", "postcode", "city"), "")
    faces.check({"checkout": fill_cart(phone).text}, ANNA | {"phone": told["phone"]} | gone)


def test_a_form_that_is_not_right_is_shown_as_it_was_typed_in_the_words_of_the_one_rule(
    street: Street, tablet: Tablet
) -> None:
    phone = street.shopper()
    page = phone.send(
        fill_cart(phone), 'name="key"', pay_by="invoice", **ANNA | {"postcode": "4110"}
    )
    assert "they look like 114 55" in page.text
    assert (ANNA | {"postcode": "4110"}).items() <= form_of(page.text).items()
    log_in(phone)
    typed = {"name": "", "phone": "070-174 06 05", "street": "Storgatan 1", "postcode": "1"}
    page = phone.send(phone.get("/shop/my"), "/shop/my/details", **typed)
    assert page.status_code == 422
    assert typed.items() <= form_of(page.text).items()


def test_nothing_is_asked_for_on_the_page_of_whoever_has_not_logged_in(street: Street) -> None:
    assert 'name="street"' not in street.shopper().get("/shop/my").text


# --- and told without having to ask ---------------------------------------------------------------


def test_the_shops_pages_say_when_it_comes_and_where_it_lies_ready(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINDEL_DELIVERY_DAYS", "SE=2-4")
    bring("vinga-black-38", "lager", 2)
    phone = street.shopper()
    number = buy(phone, fill_cart(phone), **ANNA).number
    for path in ("/shop/my", f"/shop/orders/{number}"):
        assert "Expected " in phone.get(path).text, path
    holds.set_aside(Hold.objects.get().pk)
    page = said(phone.get(f"/shop/orders/{number}"))
    assert "Packed, and about to leave · packed today" in page
    bring("vinga-black-38", "vallgatan", 2)
    Place.objects.filter(code="vallgatan").update(street="Vallgatan 1", postcode="411 16")
    phone.send(phone.get("/shop/products/vinga?sku=vinga-black-38"), "/shop/holds")
    phone.send(phone.get("/shop/my"), "/buy")
    page = phone.send(phone.get("/shop/checkout"), 'name="key"', pay_by="store")
    order = Order.objects.latest("pk")
    holds.set_aside(order_holds.of_order(order.pk).get().pk)
    for path in ("/shop/my", f"/shop/orders/{order.number}"):
        page = said(phone.get(path))
        for words in ("Vallgatan 1, 411 16 Göteborg", "Open today 10:00–18:00", "ept until"):
            assert words in page, (path, words)
    assert "Ready for you in Vallgatan since today" in page
