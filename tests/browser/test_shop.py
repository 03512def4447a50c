"""The demo's web shop in a real Chromium: on a phone and a laptop, by keyboard, without scripts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest

from spindel.catalogue.models import Place
from spindel.commerce.carts.models import Cart
from spindel.commerce.orders.models import Order
from spindel.commerce.stock import hold_codes
from spindel.commerce.stock.models import Hold
from spindel.commerce.stock.reading import levels
from spindel.kit import environment
from spindel.messages.models import Mail
from spindel.staff.actions import create_token
from spindel.staff.models import Scope
from spindel.timeline.models import Fact, Source
from tests.browser import focus
from tests.browser.shop import DEVICE, NOTHING
from tests.commerce.payments.conftest import bank
from tests.commerce.payments.standing import StandingBank
from tests.demo.storefront import bring, furnish
from tests.telling import wait_until

__all__ = ["bank"]

pytestmark = pytest.mark.slow

PHONE, LAPTOP = 360, 1440
CONTACT = {
    "name": "Anna Åkesson-Lind",
    "email": "anna@example.com",
    "street": "Storgatan 1",
    "postcode": "411 01",
    "city": "Göteborg",
}


@pytest.fixture
def shop(
    web: Source, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[str]:
    """The address of the open shop, which has some pairs."""
    monkeypatch.setenv("SPINDEL_SHOP_URL", "http://mailed.example/shop")
    server = request.getfixturevalue("server")
    furnish()
    bring("vinga-black-38", "lager", 9)
    bring("vinga-black-39", "vallgatan", 2)
    scopes = [Scope.READ_CATALOGUE, Scope.READ_STOCK, Scope.SHOP]
    _, token = create_token("web shop", scopes, None)
    told = environment.home() / "demo.json"
    told.write_text(json.dumps({"url": server, "shop": {"token": token, "write_key": "web-key"}}))
    yield f"{server}/shop"
    told.unlink()
    assert levels.verify() == []


@pytest.fixture
def come(chromium, shop: str) -> Iterator[Callable]:
    """Comes to the shop with a device; what the browser complains of fails the test."""
    contexts, complaints = [], []

    def come_(width: int, path: str = "/", *, answered: str = "none", **more: object):
        context = chromium.new_context(
            viewport={"width": width, "height": 800},
            is_mobile=width < 600,
            has_touch=width < 600,
            **{"locale": "en-GB", **more},
        )
        contexts.append(context)
        if answered:
            answer = {"name": "shop_consent", "value": answered, "path": "/shop/"}
            context.add_cookies([{**answer, "domain": "127.0.0.1"}])
        page = context.new_page()
        page.on(
            "console",
            lambda said: (
                complaints.append(said.text)
                if said.type == "error" and "status of 4" not in said.text
                else None
            ),
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(shop + path)
        return page

    yield come_
    for context in contexts:
        context.close()
    assert complaints == []


def wide(page) -> bool:
    """Whether the page is wider than the screen."""
    return page.evaluate("document.documentElement.scrollWidth > innerWidth")


def log_in(page, shop: str) -> None:
    """By the mailed link."""
    page.goto(f"{shop}/login")
    page.fill("main [name=email]", "anna@example.com")
    page.click("main button")
    page.wait_for_selector("text=Look into your mail")
    link = re.search(
        r"http://mailed\.example/shop(\S+)", Mail.objects.filter(purpose="login").latest("pk").text
    )
    assert link
    page.goto(shop + link[1])
    page.click("main button")
    page.wait_for_selector("text=You are logged in")


@pytest.mark.parametrize("width", [PHONE, LAPTOP])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_the_screen(come: Callable, shop: str, width: int, scheme: str) -> None:
    page = come(width, "/products/vinga", color_scheme=scheme)
    page.check("[value=vinga-black-38]")
    page.click(".put")
    page.wait_for_selector("text=It is in your cart")
    for path in ("/", "/products", "/products/vinga?sku=vinga-black-39", "/products?q=xyzzy"):
        page.goto(shop + path)
        assert not wide(page), path
    for path in ("/cart", "/checkout", "/my", "/login", "/privacy", "/nothing"):
        page.goto(shop + path)
        assert not wide(page), path


def test_find_a_size_that_is_sold_out_online_and_hold_it_in_a_store(come: Callable) -> None:
    Place.objects.filter(code="kobmagergade").update(country="SE")  # of another she sees none
    page = come(PHONE)
    page.fill("#q", "vin")
    page.click("#suggestions [data-href] >> nth=0")
    page.wait_for_url("**/shop/products/vinga")
    heights = "new Set([...document.querySelectorAll('.sizes label')].map(one => one.offsetHeight))"
    assert page.evaluate(f"({heights}).size") == 1, "sizes stand in rows, in stock or not"
    page.check("[value=vinga-black-39]")
    page.wait_for_selector("text=Sold out on the web, but a store has it")
    assert not page.is_visible(".put")
    page.select_option("[data-near] select", label="Near København")
    page.wait_for_selector(".stores li:first-child:has-text('Købmagergade')")
    page.click("[data-hold] button")
    page.wait_for_selector("text=/Held for you in Vallgatan until tomorrow 18:00/")
    assert Hold.objects.get().state == Hold.State.ACTIVE
    page.click(".held a")
    page.wait_for_selector("#holds:has-text('in Vallgatan until tomorrow 18:00')")


def test_what_is_put_in_on_the_phone_is_on_the_laptop_at_once(come: Callable, shop: str) -> None:
    phone, laptop = come(PHONE), come(LAPTOP)
    log_in(phone, shop)
    log_in(laptop, shop)
    laptop.goto(f"{shop}/cart")
    laptop.wait_for_selector("text=Nothing in it yet")
    phone.goto(f"{shop}/products/vinga")
    phone.check("[value=vinga-black-38]")
    phone.click(".put")
    laptop.wait_for_selector("[data-sku=vinga-black-38]", timeout=5000)
    phone.goto(f"{shop}/cart")
    laptop.click("[value=more]")
    laptop.click("[value=more]")
    phone.wait_for_selector("[name=quantity][value='3']", timeout=5000)
    assert laptop.inner_text("[data-count]") == "3"
    phone.click("text=Take out")
    laptop.wait_for_selector("text=Nothing in it yet", timeout=5000)


def test_what_is_held_is_bought_let_go_and_fetched_on_all_devices_at_once(
    come: Callable, shop: str
) -> None:
    bring("kiruna-brown-38", "vallgatan", 1)
    phone, laptop = come(PHONE), come(LAPTOP)
    for page in (phone, laptop):
        log_in(page, shop)
    laptop.goto(f"{shop}/my")
    phone.goto(f"{shop}/products/vinga")
    phone.check("[value=vinga-black-38]")
    phone.click(".put")
    phone.wait_for_selector("text=It is in your cart")
    phone.goto(f"{shop}/products/kiruna")
    phone.check("[value=kiruna-brown-38]")
    phone.click("[data-hold] button")
    phone.wait_for_selector(".mine >> text=in Vallgatan until tomorrow 18:00")
    phone.wait_for_selector("text=It is held for you, as it says above")
    phone.click(".mine summary")
    assert phone.is_visible(".mine svg.qr")
    code = hold_codes.spaced(hold_codes.code(Hold.objects.get().pk))
    laptop.wait_for_selector(f"#holds >> text={code}", timeout=5000)
    for page in (phone, laptop):
        assert not wide(page)
    laptop.click("text=Cancel the reservation")
    phone.wait_for_selector(".mine li", state="detached", timeout=5000)
    phone.wait_for_selector("text=Sold out on the web, but a store has it")
    phone.wait_for_selector("[data-hold] button")
    phone.click("[data-hold] button")
    phone.wait_for_selector(".mine >> text=Buy it now")
    laptop.wait_for_selector("#holds >> text=Buy it now", timeout=5000)
    phone.click(".mine >> text=Buy it now")
    phone.wait_for_selector("h1:has-text('Cart')")
    phone.click("text=To the checkout")
    for name, value in CONTACT.items():
        phone.fill(f"[name={name}]", value)
    phone.check("[value=invoice]")
    phone.click(".sum .button")
    phone.wait_for_selector("text=Thank you. We have your order.")
    laptop.wait_for_selector("#holds >> text=Buy it now", state="detached", timeout=5000)


def test_one_market_on_all_devices_at_once(come: Callable, shop: str) -> None:
    phone, laptop = come(PHONE), come(LAPTOP)
    for page in (phone, laptop):
        log_in(page, shop)
    laptop.goto(f"{shop}/products/vinga")
    laptop.check("[value=vinga-black-38]")
    laptop.click(".put")
    laptop.wait_for_selector("text=It is in your cart")
    assert "SEK" in laptop.inner_text("#price")
    phone.goto(f"{shop}/cart")
    phone.select_option("[name=market]", "DK")
    phone.click("text=/^Change$/ >> visible=true")
    phone.wait_for_selector("text=with the prices of Denmark?")
    assert not wide(phone)
    phone.click("text=Change to Denmark")
    phone.wait_for_selector("text=have the prices of Denmark now (DKK)")
    laptop.wait_for_selector("#price:has-text('DKK')", timeout=10_000)
    laptop.wait_for_selector("text=it has the prices of Denmark now (DKK)")
    laptop.goto(f"{shop}/checkout")
    assert laptop.input_value("[name=country]") == "DK"


def test_back_from_the_bank_is_the_order_as_it_stands(
    bank: StandingBank, come: Callable, shop: str
) -> None:
    page = come(PHONE, "/products/vinga")
    page.check("[value=vinga-black-38]")
    page.click(".put")
    page.wait_for_selector("text=It is in your cart")
    page.goto(f"{shop}/checkout")
    page.check("[value=card]")
    page.click(".sum .button")
    page.wait_for_selector("text=Please look at this again")
    for name, value in CONTACT.items():
        page.fill(f"[name={name}]", value)
    page.click(".sum .button")
    page.wait_for_url(f"{bank.url}**")
    page.go_back()
    page.wait_for_url("**/shop/orders/R*")
    page.wait_for_selector("text=It is not paid yet")
    page.goto(f"{shop}/cart")
    page.wait_for_selector("text=waits for your payment")
    page.click("text=To the order")
    page.click("text=Pay now")
    page.wait_for_url(f"{bank.url}**")
    assert Order.objects.count() == 1


def test_two_tabs_that_change_the_same_line_lose_nothing(come: Callable, shop: str) -> None:
    page = come(LAPTOP, "/products/vinga")
    page.check("[value=vinga-black-38]")
    page.click(".put")
    page.wait_for_selector("text=It is in your cart")
    # Without its live stream a tab does not hear of what the other one does.
    page.context.route("**/shop/live", lambda route: route.fulfill(status=204))
    page.goto(f"{shop}/cart")
    other = page.context.new_page()
    other.goto(f"{shop}/cart")
    other.click("[value=more]")
    other.wait_for_selector("[name=quantity][value='2']")
    page.click("[value=save]")
    page.wait_for_selector("text=changed elsewhere meanwhile")
    assert page.input_value("[name=quantity]") == "2"
    assert Cart.objects.get().lines.get().saved is False


def test_a_double_click_buys_once(come: Callable, shop: str) -> None:
    page = come(PHONE, "/products/vinga")
    page.check("[value=vinga-black-38]")
    page.click(".put")
    page.wait_for_selector("text=It is in your cart")
    page.goto(f"{shop}/checkout")
    for name, value in CONTACT.items():
        page.fill(f"[name={name}]", value)
    page.check("[value=invoice]")
    page.dblclick(".sum .button")
    page.wait_for_selector("text=Thank you. We have your order.")
    order = Order.objects.get()
    assert page.url == f"{shop}/orders/{order.number}"
    page.goto(f"{shop}/my")
    page.click(f"text={order.number}")
    page.wait_for_selector("h1:has-text('Order')")


def test_it_all_works_without_scripts(come: Callable, shop: str) -> None:
    page = come(LAPTOP, "/products?q=vinga", java_script_enabled=False)
    page.click(".card a")
    page.check("[value=vinga-black-39]")
    page.click("text=Find in store")
    page.click("text=/^\\s*Hold until tomorrow/")
    page.wait_for_selector("text=It is held for you")
    page.goto(f"{shop}/products/vinga")
    page.check("[value=vinga-black-38]")
    page.click("text=Put into the cart")
    page.click(".said >> text=To the cart")
    page.fill("[name=quantity]", "2")
    page.click("[value=set]")
    page.click("text=To the checkout")
    for name, value in CONTACT.items():
        page.fill(f"[name={name}]", value)
    page.check("[value=invoice]")
    page.click("text=/^\\s*Buy for/")
    page.wait_for_selector("text=Thank you. We have your order.")
    assert Order.objects.get().total == 2 * 129_900


def test_a_shoe_is_found_and_bought_by_keyboard(come: Callable) -> None:
    page = come(LAPTOP)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.focus("#q")
    page.keyboard.type("vin")
    page.wait_for_selector("#q[aria-expanded=true]")
    page.keyboard.press("ArrowDown")
    assert page.get_attribute("#q", "aria-activedescendant") == "s1"
    page.keyboard.press("Enter")
    page.wait_for_url("**/shop/products/vinga")
    page.focus(".sizes input")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_selector("#toasts :text('It is in your cart')")


def test_nothing_is_kept_or_told_before_she_agrees_and_then_what_she_looked_at(
    come: Callable, shop: str
) -> None:
    page = come(LAPTOP, "/products/vinga", answered="")
    page.wait_for_selector("#consent")
    assert page.evaluate(DEVICE) == NOTHING
    page.click("#consent >> text=Statistics only")
    wait_until(lambda: Fact.objects.filter(name="Product Viewed").exists())
    viewed = Fact.objects.get(name="Product Viewed").properties
    assert viewed["product_id"] == "vinga"
    assert viewed["price"] == 1299
    page.goto(f"{shop}/products?q=vin")
    wait_until(lambda: Fact.objects.filter(name="Products Searched").exists())
    assert not page.is_visible("#consent")


def test_a_no_keeps_nothing_and_is_not_asked_again(come: Callable, shop: str) -> None:
    page = come(PHONE, answered="")
    with page.expect_response("**/shop/consent"):
        page.click("#consent >> text=No, thanks")
    page.goto(f"{shop}/products/vinga")
    page.wait_for_selector("#consent", state="hidden")
    assert page.evaluate(DEVICE) == NOTHING
    assert not Fact.objects.exists()


def test_whoever_goes_by_the_keyboard_sees_where_she_is(come, shop: str) -> None:
    page = come(1280)
    for path in ("/", "/products", "/products/vinga", "/cart", "/login"):
        assert page.goto(shop + path).status == 200, path
        assert focus.unseen(page) == set(), path


def test_her_card_is_there_without_a_network_until_she_logs_out(come, shop: str) -> None:
    page = come(PHONE, answered="none")
    log_in(page, shop)
    page.goto(f"{shop}/my")
    page.click("text=Join the club")
    number = page.inner_text("#club .code b")
    page.goto(f"{shop}/card/")
    page.wait_for_selector("body[data-kept]")
    underground = page.context.new_page()
    page.context.set_offline(True)
    underground.goto(f"{shop}/card/")
    assert underground.is_visible("main svg.qr")
    assert underground.inner_text("main .code b") == number
    assert not wide(underground)
    page.context.set_offline(False)
    underground.close()
    page.goto(f"{shop}/my")
    page.click("text=Log out")
    page.wait_for_function("async () => !(await caches.has('card'))")
