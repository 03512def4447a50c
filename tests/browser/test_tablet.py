"""The store tablet in a real Chromium: on a tablet and a phone, with a scanner, without network."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from django.db import connection

from spindel.catalogue.actions import put_products
from spindel.catalogue.markets import Market
from spindel.catalogue.models import Place, Price, Product, Variant
from spindel.catalogue.product_input import ProductData, VariantData
from spindel.commerce.carts.actions import Edit, change_for
from spindel.commerce.orders.models import Order, Return
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.draft import Draft, Item
from spindel.commerce.quotes.models import Quote
from spindel.commerce.stock.models import Hold
from spindel.identity import customers, ownership
from spindel.identity.models import Identifier
from spindel.kit.idempotency import Request
from spindel.staff.actors import Actor
from spindel.staff.models import User
from spindel.timeline.models import Source
from tests.commerce.conftest import Shop
from tests.commerce.conftest import crm as crm
from tests.commerce.conftest import shop as shop
from tests.commerce.stock.cast import deliver, reserve, there
from tests.conftest import PASSWORD
from tests.telling import follow, tell, wait_until

pytestmark = pytest.mark.slow

T = TypeVar("T")

SIZES = [
    pytest.param((1024, 768), id="tablet"),
    pytest.param((360, 740), id="phone"),
]
GTIN = "7350000000016"
SMALLEST = 48  # pixels, of whatever is tapped


@pytest.fixture
def priced(shop: Shop) -> Shop:
    """Vinga in more sizes, with prices, a pair or three here, and some in the other store."""
    product = Product.objects.get()
    Variant.objects.filter(pk=shop.small).update(gtin=f"0{GTIN}")
    for size in (36, 37, 40, 41, 42):
        Variant.objects.create(
            product=product, sku=f"vinga-{size}", options={"size": str(size)}, position=size
        )
    # Written by the action, too, which has it found by its words and sizes.
    put_products(
        [ProductData("vinga", [VariantData("vinga-38")], brand="Nordsko", categories=("Sneakers",))]
    )
    for variant in Variant.objects.all():
        Price.objects.create(variant=variant, market="SE", currency="SEK", amount=129_900)
        deliver(variant.pk, shop.goteborg, 3)
        deliver(variant.pk, shop.stockholm, 2)
    Place.objects.filter(pk=shop.warehouse).update(ships=True)
    return shop


def apart(do: Callable[..., T], *arguments: object) -> T:
    """Done in a thread of its own: an event loop of Playwright's runs in this one."""

    def run() -> T:
        try:
            return do(*arguments)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


@pytest.fixture
def anna(web: Source, crm: Source) -> int:
    """Anna's identifier."""
    traits = {"email": "anna@example.se", "name": "Anna Åkesson-Lind"}
    told = [{"type": "identify", "messageId": "i", "userId": "anna", "traits": traits}]
    apart(lambda: tell(told, key="crm-key"))
    return Identifier.objects.get(kind="user_id", value="anna").pk


class Hand:
    """Taps, and counts how often."""

    def __init__(self, page, server: str) -> None:
        self.page, self.server, self.taps = page, server, 0

    def tap(self, selector: str, **more: object) -> None:
        self.taps += 1
        self.page.locator(selector).first.click(**more)

    def scan(self, code: str) -> None:
        """As a scanner does: it types, fast, and ends with Enter."""
        self.page.evaluate(
            """code => {
                for (const key of [...code, "Enter"]) {
                    const here = document.activeElement ?? document.body;
                    here.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
                }
            }""",
            code,
        )

    def go(self, path: str) -> None:
        self.page.goto(f"{self.server}{path}")
        self.taps = 0

    def sees(self, text: str) -> None:
        self.page.locator(f"text={text}").first.wait_for()

    def shot(self, name: str) -> None:
        """A picture, where somebody wants to look at it."""
        if folder := os.environ.get("SPINDEL_TEST_SHOTS"):
            width = self.page.viewport_size["width"]
            self.page.screenshot(path=str(Path(folder) / f"{name}-{width}.png"), caret="initial")


@pytest.fixture
def open_tablet(chromium, server: str, clerk: User):
    """Opens the tablet in Göteborg, as Oskar who has logged in."""
    contexts = []

    def open_(size: tuple[int, int]) -> Hand:
        width, height = size
        context = chromium.new_context(
            viewport={"width": width, "height": height}, has_touch=True, locale="en-GB"
        )
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on(
            "console",
            lambda said: page.complaints.append(said.text) if said.type == "error" else None,
        )
        page.goto(f"{server}/store/")
        page.fill("[name=login]", clerk.email)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.click("button[value=goteborg]")
        page.wait_for_url(f"{server}/store/")
        return Hand(page, server)

    yield open_
    for context in contexts:
        context.close()


def bought(shop: Shop, variant: int) -> Order:
    return apart(
        placing.sell,
        Draft(
            request=Request("test", "b"),
            items=[Item(variant, 1, "hand_over", shop.goteborg)],
            market="SE",
            currency="SEK",
            language="sv",
            actor=Actor("Oskar", channel="store", place=shop.goteborg),
            pay_by="till",
        ),
    )


def is_good_to_tap(hand: Hand) -> None:
    """Nothing is too small to tap, nothing sticks out, and nothing was complained of."""
    is_large_enough(hand)
    assert hand.page.complaints == []


def is_large_enough(hand: Hand) -> None:
    """Nothing is too small to tap, and nothing sticks out."""
    small = hand.page.evaluate(
        """least => [...document.querySelectorAll("a, button, summary, .pick, .size-chip")]
            .filter(one => one.checkVisibility() && !one.closest(".skip, .menu .sheet"))
            .map(one => [one.textContent.trim(), one.getBoundingClientRect()])
            .filter(([, box]) => box.width > 1 && (box.height < least || box.width < 40))
            .map(([text, box]) => `${text}: ${box.width} x ${box.height}`)""",
        SMALLEST,
    )
    assert small == []
    assert hand.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert hand.page.locator("header.top").count() == 1


# --- what is done every day, in at most four taps -------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_scan_and_sell(priced: Shop, open_tablet, size) -> None:
    hand = open_tablet(size)
    hand.shot("today-empty")
    is_good_to_tap(hand)
    hand.scan(GTIN)
    hand.sees("Until tomorrow")
    hand.shot("product")
    is_good_to_tap(hand)
    hand.tap("form[action='/store/sell/'] button")
    hand.sees("To pay")
    hand.scan("vinga-39")
    hand.scan("vinga-39")
    hand.page.locator(".many >> text=2").wait_for()
    hand.shot("sale")
    is_good_to_tap(hand)
    hand.tap("form[action='/store/sale/pay/'] button")
    hand.sees("Sold")
    hand.shot("sold")
    is_good_to_tap(hand)
    assert hand.taps <= 4
    assert Order.objects.get().total == 3 * 129_900
    assert there(priced.large, priced.goteborg) == (1, 0, 1)


@pytest.mark.parametrize("size", SIZES)
def test_count_what_the_books_have_not_and_sell_it(priced: Shop, open_tablet, size) -> None:
    reserve((priced.small, priced.goteborg, 3))
    hand = open_tablet(size)
    hand.scan(GTIN)
    hand.sees("Until tomorrow")
    hand.tap("form[action='/store/sell/'] button")
    hand.sees("The books say 0 here")
    hand.shot("sale-short")
    is_good_to_tap(hand)
    hand.tap(".line summary:has-text('Count')")
    hand.sees("How many are there?")
    hand.shot("count")
    is_good_to_tap(hand)
    hand.page.fill("[name=quantity]:visible", "4")
    hand.tap("button:has-text('So many are here')")
    hand.sees("Counted: there are 4 here. 3 are kept for somebody.")
    hand.shot("counted")
    is_good_to_tap(hand)
    hand.tap("form[action='/store/sale/pay/'] button")
    hand.sees("Sold")
    assert hand.taps <= 4
    assert there(priced.small, priced.goteborg) == (3, 3, 0)


@pytest.mark.parametrize("size", SIZES)
def test_search_and_reserve_for_her_in_another_store(
    priced: Shop, anna: int, open_tablet, size
) -> None:
    hand = open_tablet(size)
    hand.tap("a.tile:has-text('Customer')")
    hand.page.locator("h1 >> text=Customer").wait_for()
    hand.page.keyboard.type("anna@example", delay=80)
    hand.sees("anna@example.se")
    hand.shot("people")
    is_good_to_tap(hand)
    hand.tap("#found a.row-link")
    hand.sees("The customer’s cart")
    hand.shot("customer")
    is_good_to_tap(hand)
    # Nobody has to tap into the box: what is typed goes there.
    hand.page.keyboard.type("vinga 40", delay=80)
    hand.sees("3 here")
    hand.shot("found")
    is_good_to_tap(hand)
    hand.tap("#found .size-chip:has-text('40')")
    hand.sees("Stockholm")
    hand.shot("product-for-her")
    hand.tap("button[value=stockholm]")
    hand.sees("Kept in Stockholm for")
    hand.shot("reserved")
    is_good_to_tap(hand)
    assert hand.taps <= 4
    hold = Hold.objects.get()
    assert (hold.place_id, hold.variant.sku, hold.promised_by.name) == (
        priced.stockholm,
        "vinga-40",
        "Oskar",
    )
    # Taken back where it was done, without a question.
    hand.tap(".said button")
    hand.sees("not kept any more")
    hold.refresh_from_db()
    assert hold.state == Hold.State.RELEASED


@pytest.mark.parametrize("size", SIZES)
def test_a_hold_that_is_not_found_is_kept_in_the_next_store(
    priced: Shop, anna: int, open_tablet, size
) -> None:
    (hold,) = reserve((priced.small, priced.goteborg, 1), whose=anna)
    hand = open_tablet(size)
    hand.sees("Set aside")
    hand.shot("today")
    is_good_to_tap(hand)
    hand.tap("summary:has-text('Not found')")
    hand.shot("not-found")
    hand.tap("button:has-text('It is not here')")
    hand.page.locator("h2 >> text=The next nearest").wait_for()
    hand.shot("missing")
    is_good_to_tap(hand)
    hand.tap("button[value=stockholm]")
    hand.sees("Kept in Stockholm")
    assert hand.taps <= 4
    hold.refresh_from_db()
    assert hold.state == Hold.State.MISSING
    assert Hold.objects.exclude(pk=hold.pk).get().place_id == priced.stockholm
    assert there(priced.small, priced.goteborg) == (2, 0, 2)


@pytest.mark.parametrize("size", SIZES)
def test_return_by_the_receipt(priced: Shop, open_tablet, size) -> None:
    order = bought(priced, priced.small)
    hand = open_tablet(size)
    hand.scan(order.number)
    hand.sees("Bought in Göteborg")
    hand.shot("order")
    is_good_to_tap(hand)
    hand.tap("a:has-text('Return or exchange')")
    hand.sees("What comes back")
    assert hand.page.locator("#settle").count() == 0
    hand.tap(".pick:has-text('Money back')")
    hand.sees("Say why")
    hand.tap(".pick:has-text('Faulty')")
    hand.sees("Give")
    hand.shot("return")
    is_good_to_tap(hand)
    hand.tap("#settle button")
    hand.sees("Taken back")
    hand.shot("returned")
    is_good_to_tap(hand)
    assert hand.taps <= 4
    assert Return.objects.get().refund == 129_900
    assert there(priced.small, priced.goteborg) == (3, 0, 3)


@pytest.mark.parametrize("size", SIZES)
def test_exchange_for_another_size(priced: Shop, open_tablet, size) -> None:
    order = bought(priced, priced.small)
    hand = open_tablet(size)
    hand.tap("a.tile:has-text('Return')")
    hand.sees("Scan the receipt")
    hand.scan(order.number)
    hand.sees("What comes back")
    hand.shot("return-open")
    is_good_to_tap(hand)
    hand.tap(".size-chip:has-text('39')")
    hand.sees("Exchange: nothing to pay")
    hand.shot("exchange")
    is_good_to_tap(hand)
    hand.tap("#settle button")
    hand.sees("Vinga: 38 → 39")
    hand.shot("exchanged")
    is_good_to_tap(hand)
    assert hand.taps <= 4
    assert Return.objects.get().exchange is not None
    assert there(priced.large, priced.goteborg) == (2, 0, 2)


@pytest.mark.parametrize("size", SIZES)
def test_a_quote_without_leaving_the_tablet(priced: Shop, open_tablet, size) -> None:
    hand = open_tablet(size)
    hand.scan(GTIN)
    hand.sees("Until tomorrow")
    hand.tap("a:has-text('Quote')")
    hand.sees("Price for one")
    hand.shot("quote")
    is_good_to_tap(hand)
    hand.tap("#settle [name=name]")
    hand.page.keyboard.type("Anna", delay=80)
    hand.tap(".input-price")
    hand.page.keyboard.type("1200", delay=80)
    hand.page.keyboard.press("Tab")
    hand.page.locator("#settle >> text=1,200").first.wait_for()
    hand.tap("#settle [name=email]")
    hand.page.keyboard.type("anna@example.se", delay=80)
    hand.tap("button[value=mail]")
    hand.sees("It waits for anna@example.se")
    hand.shot("quote-sent")
    is_good_to_tap(hand)
    assert hand.taps <= 6
    quote = Quote.objects.get()
    assert quote.lines.get().amount == 120_000
    assert quote.contact["name"] == "Anna", "what was typed first is not lost with what comes after"
    assert hand.page.url.startswith(f"{hand.server}/store/")


def test_another_model_is_found_while_one_types(priced: Shop, open_tablet) -> None:
    other = Product.objects.create(number="tofs", names={"sv": "Tofs", "en": "Tofs"})
    tofs = Variant.objects.create(product=other, sku="tofs-38", options={"size": "38"})
    Price.objects.create(variant=tofs, market="SE", currency="SEK", amount=149_900)
    deliver(tofs.pk, priced.goteborg, 1)
    order = bought(priced, priced.small)
    hand = open_tablet((360, 740))
    hand.go(f"/store/orders/{order.number}/return/?chosen=1&line=0&reason=other")
    hand.tap("summary:has-text('Another model')")
    hand.page.fill("#model", "tofs")
    hand.tap("#models .size-chip")
    hand.sees("to pay")
    hand.shot("exchange-model")
    is_good_to_tap(hand)
    hand.tap("#settle button")
    hand.sees("Vinga (38) → Tofs (38)")
    assert hand.taps <= 4


# --- a hurry --------------------------------------------------------------------------------------


def test_a_sale_is_undone_and_the_customer_leaves_with_the_next_one(
    priced: Shop, anna: int, open_tablet
) -> None:
    hand = open_tablet((360, 740))
    hand.go("/store/customers/?q=anna@example.se")
    hand.tap("#found a.row-link")
    hand.sees("The customer’s cart")
    hand.scan(GTIN)
    hand.sees("Until tomorrow")
    hand.tap("form[action='/store/sell/'] button")
    hand.sees("To pay")
    hand.tap("form[action='/store/sale/pay/'] button")
    hand.page.locator("h1 >> text=Sold").wait_for()
    hand.shot("sold-undo")
    hand.tap(".said button:has-text('Undo')")
    hand.sees("The goods are in the sale again")
    assert there(priced.small, priced.goteborg) == (3, 0, 3)
    hand.tap("form[action='/store/sale/pay/'] button")
    hand.page.locator("h1 >> text=Sold").wait_for()
    hand.tap("button:has-text('Next sale')")
    hand.sees("Scan what is on the counter")
    assert hand.page.locator(".serving").count() == 0


def test_a_sale_waits_at_the_start(priced: Shop, anna: int, open_tablet) -> None:
    hand = open_tablet((360, 740))
    hand.go("/store/customers/?q=anna@example.se")
    hand.tap("#found a.row-link")
    hand.sees("The customer’s cart")
    hand.scan(GTIN)
    hand.sees("Until tomorrow")
    hand.tap("form[action='/store/sell/'] button")
    hand.sees("To pay")
    hand.tap(".serving button")
    hand.sees("Sales that wait")
    hand.shot("waiting")
    is_good_to_tap(hand)
    hand.tap("button:has-text('Go on')")
    hand.sees("To pay")
    hand.page.locator(".serving").wait_for()


def test_a_wrong_scan_leaves_what_was_typed(priced: Shop, open_tablet) -> None:
    hand = open_tablet((1024, 768))
    hand.go(f"/store/quote/?add={priced.small}")
    hand.page.fill("#settle [name=email]", "anna@example.se")
    hand.page.locator("h1").click()
    hand.scan("7350000000023")
    hand.sees("which are not in the catalogue")
    assert hand.page.input_value("#settle [name=email]") == "anna@example.se"
    assert f"variant={priced.small}" in hand.page.url
    hand.scan("no such thing")
    hand.sees("Nothing here has the code")


def test_what_was_tapped_shows_that_it_waits_and_twice_is_once(priced: Shop, open_tablet) -> None:
    hand = open_tablet((360, 740))
    hand.scan(GTIN)
    hand.sees("Until tomorrow")
    held = []
    hand.page.route("**/store/sell/", lambda route: held.append(route))
    button = hand.page.locator("form[action='/store/sell/'] button")
    button.click()
    hand.page.locator("form[action='/store/sell/'] button.waits[aria-busy=true]").wait_for()
    hand.shot("waits")
    button.click()
    assert len(held) == 1
    held[0].continue_()
    hand.page.unroute("**/store/sell/")
    hand.sees("To pay")
    # The second of two quick taps does not hit what the answer has put there.
    hand.page.locator("form[action='/store/sale/pay/'] button").dblclick()
    hand.page.locator("h1 >> text=Sold").wait_for()
    assert Order.objects.count() == 1


# --- a network that comes and goes ----------------------------------------------------------------


def test_what_is_tapped_without_a_network_is_done_once_when_it_is_back(
    priced: Shop, open_tablet
) -> None:
    hand = open_tablet((1024, 768))
    hand.scan(GTIN)
    hand.sees("Until tomorrow")
    hand.page.context.set_offline(True)
    hand.page.locator("#network:visible").wait_for()
    hand.tap("button[value=goteborg]")
    hand.page.locator("#network:has-text('done as soon as')").wait_for()
    hand.tap("button[value=goteborg]")
    hand.shot("offline")
    assert not Hold.objects.exists()
    hand.page.context.set_offline(False)
    hand.sees("Kept in Göteborg")
    hand.page.locator("#network").wait_for(state="hidden")
    assert Hold.objects.count() == 1


def test_an_answer_that_is_lost_is_asked_for_again_and_done_once(priced: Shop, open_tablet) -> None:
    hand = open_tablet((360, 740))
    hand.scan(GTIN)
    hand.sees("Until tomorrow")
    hand.tap("form[action='/store/sell/'] button")
    hand.sees("To pay")
    lost = []

    def lose(route) -> None:
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch(max_redirects=0))
            route.abort("connectionreset")

    hand.page.route("**/store/sale/pay/", lose)
    hand.tap("form[action='/store/sale/pay/'] button")
    hand.sees("Sold")
    assert len(lost) == 1
    assert Order.objects.count() == 1
    assert there(priced.small, priced.goteborg) == (2, 0, 2)


KEPT = "Object.entries(localStorage).filter(([name]) => name.startsWith('spindel.tablet.'))"


def test_what_waits_for_the_network_survives_a_reload_sealed_and_is_told(
    priced: Shop, anna: int, open_tablet
) -> None:
    first, second = (
        reserve((variant, priced.goteborg, 1), whose=anna)[0]
        for variant in (priced.small, priced.large)
    )
    hand = open_tablet((360, 740))
    hand.sees("Set aside")
    hand.page.context.set_offline(True)
    for hold in (first, second, second):
        hand.tap(f"form[action='/store/holds/{hold.pk}/aside/'] button")
        hand.page.locator(f"form[action='/store/holds/{hold.pk}/aside/'] .waits").wait_for()
    hand.page.locator("#network:has-text('(2)')").wait_for()
    hand.shot("offline-two")
    is_large_enough(hand)
    wait_until(lambda: len(hand.page.evaluate(KEPT)) == 2)
    assert "aside" not in str(hand.page.evaluate(KEPT))  # nobody reads what waits there
    with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
        hand.page.reload()
    hand.page.context.set_offline(False)
    hand.page.goto(f"{hand.server}/store/?list=hand")
    hand.sees("Set aside: Vinga 38.")
    hand.sees("Set aside: Vinga 39.")
    hand.shot("told")
    assert hand.page.evaluate(KEPT) == []
    hand.page.locator(".task").nth(1).wait_for()  # the list is fetched anew
    for hold in (first, second):
        hold.refresh_from_db()
        assert hold.set_aside_at is not None
    # Each can be undone from there.
    hand.tap(".said:has-text('Vinga 39') button")
    hand.sees("It is to be set aside still.")


def test_what_another_login_has_left_waiting_is_not_done_and_that_is_said(
    priced: Shop, open_tablet
) -> None:
    hand = open_tablet((1024, 768))
    hand.scan(GTIN)
    hand.sees("Until tomorrow")
    hand.page.context.set_offline(True)
    hand.tap("button[value=goteborg]")
    wait_until(lambda: len(hand.page.evaluate(KEPT)) == 1)
    hand.page.context.clear_cookies()
    hand.page.context.set_offline(False)
    hand.page.wait_for_url("**/login/**")
    hand.page.fill("[name=login]", User.objects.get(name="Oskar").email)
    hand.page.fill("[name=password]", PASSWORD)
    hand.page.press("[name=password]", "Enter")
    hand.page.wait_for_url("**/store/**")
    if hand.page.locator("button[value=goteborg]:has-text('Göteborg')").count():
        hand.page.locator("button[value=goteborg]").first.click()
    hand.sees("was tapped in another login, and was not done")
    assert hand.page.evaluate(KEPT) == []
    assert not Hold.objects.exists()


def test_what_waited_for_too_long_is_not_done_and_that_is_said(priced: Shop, open_tablet) -> None:
    hand = open_tablet((1024, 768))
    hand.page.clock.install()
    hand.scan(GTIN)
    hand.sees("Until tomorrow")
    hand.page.context.set_offline(True)
    hand.tap("button[value=goteborg]")
    hand.page.locator("#network:has-text('(1)')").wait_for()
    hand.page.clock.set_fixed_time(datetime.now(UTC) + timedelta(hours=5))
    hand.page.context.set_offline(False)
    hand.sees("Not done, as it waited for too long: Reserve")
    assert not Hold.objects.exists()


# --- live -----------------------------------------------------------------------------------------


def test_her_cart_is_the_same_while_she_fills_it(priced: Shop, anna: int, open_tablet) -> None:
    hand = open_tablet((1024, 768))
    her = customers.by_identifier("user_id", "anna")
    assert her is not None
    hand.go("/store/customers/?q=anna@example.se")
    hand.tap("#found a.row-link")
    hand.sees("Nothing is in it")
    market = {"market": Market("SE", "SEK", "sv"), "channel": "web"}
    change_for(ownership.under(her), Edit("vinga-39", quantity=1), **market)
    follow()
    hand.page.locator("#open .many >> text=1").wait_for()
    hand.shot("cart")
    is_good_to_tap(hand)


def test_all_is_reached_by_keyboard_too(priced: Shop, open_tablet) -> None:
    hand = open_tablet((1024, 768))
    hand.page.keyboard.type("ving", delay=90)
    hand.sees("3 here")
    for _ in range(12):
        hand.page.keyboard.press("Tab")
        if hand.page.evaluate("document.activeElement.matches('.size-chip')"):
            break
    hand.page.keyboard.press("Enter")
    hand.sees("Until tomorrow")
    wait_until(lambda: hand.page.url.count("variant=") == 1)
