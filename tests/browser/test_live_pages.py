"""Live pages in a real Chromium: whatever happens, they say what a fresh load would say, and what
somebody has open or has begun to type stays.
"""

from __future__ import annotations

import re
from typing import Any  # Any: Playwright's objects, which are loaded only where there is a browser

import pytest

from spindel.catalogue.models import Place, Price, Variant
from spindel.collect.followers import FOLLOWER as RECORDED
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.draft import Draft, Item
from spindel.commerce.returns.actions import Back
from spindel.identity import actions as identity
from spindel.identity import customers
from spindel.identity.models import Identifier
from spindel.kit.idempotency import Request
from spindel.staff.actors import Actor
from tests.browser.cast import Open, Story
from tests.browser.cast import open_page as open_page  # a fixture
from tests.browser.cast import story as story  # a fixture
from tests.commerce import acting
from tests.commerce.stock.cast import reserve
from tests.telling import follow, wait_until

pytestmark = pytest.mark.slow

PANELS = (
    *("title", ".signs", "#who-bar", "#who-reach", "#slot-does", "#who", "#known", "#chips"),
    *("#timeline", ".customer-now"),
    *("#slot-cart", "#slot-holds", "#slot-orders", "#slot-quotes"),
)
SAYS = "place => (document.querySelector(place)?.textContent ?? '').replace(/\\s+/g, ' ').trim()"


def says(page: Any, *places: str) -> dict[str, str]:
    """What stands in the places; what is fetched only when it is opened is left out."""
    return {place: page.evaluate(SAYS, place) for place in places}


def are_alike(page: Any, fresh: Any, *places: str) -> None:
    """Wait until both pages say the same in every place."""
    now = [says(fresh, *places), says(page, *places)]

    def same() -> bool:
        now[:] = [says(fresh, *places), says(page, *places)]
        return now[0] == now[1]

    try:
        wait_until(same, 5)
    except AssertionError:
        different = {place: (now[0][place], now[1][place]) for place in places}
        raise AssertionError({k: v for k, v in different.items() if v[0] != v[1]}) from None


def load(page: Any, address: str) -> None:
    """Load the page of a customer until each of its panels is there."""
    page.goto(address)
    for panel in ("cart", "holds", "orders", "quotes"):
        page.wait_for_selector(f"#slot-{panel} section")


def a_stranger(story: Story) -> int:
    """Somebody who looks around, and of whom only the browser is known."""
    for shoe in ("Vinga", "Haga"):
        story.send(looks_at(shoe))
    found = customers.by_identifier("anonymous_id", "a-browser")
    assert found
    return found


def looks_at(shoe: str, **more: object) -> dict[str, object]:
    said = {"name": shoe, "product_id": shoe.lower()}
    seen = {"type": "track", "event": "Product Viewed", "properties": said}
    return {"userId": None, "anonymousId": "a-browser", **seen, **more}


def says_who_she_is() -> dict[str, object]:
    traits = {"name": "Anna Åkesson-Lind", "email": "anna@example.se", "shoe_size": "38"}
    return {"type": "identify", "anonymousId": "a-browser", "traits": traits}


def buys_and_exchanges(identifier: int) -> None:
    """Vinga, 38, over the counter; a 39 for it in another store."""
    small, large = (Variant.objects.get(sku=f"VINGA-{size}") for size in (38, 39))
    there = Place.objects.get(code="goteborg")
    for one in (small, large):
        Price.objects.get_or_create(
            variant=one, market="SE", currency="SEK", defaults={"amount": 129_900}
        )
    sale = Draft(
        request=Request("till", "sale"),
        items=[Item(small.pk, 1, "hand_over", there.pk)],
        market="SE",
        currency="SEK",
        language="sv",
        actor=Actor("Oskar", channel="store", place=there.pk),
        pay_by="till",
        whose=identifier,
    )
    order = placing.sell(sale)
    follow()
    acting.take_back(
        order.pk, [Back(0, 1)], place=there.pk, by="Oskar", user=None, source="till", key="back"
    )
    follow()


def test_the_card_follows_whoever_it_shows(story: Story, open_page: Open) -> None:
    anna = story.customer
    story.customer = stranger = a_stranger(story)
    page = open_page(1440)
    fresh = page.context.new_page()
    load(page, f"{story.server}/customers/{stranger}/")
    assert page.locator("h1").inner_text() == "Somebody not yet known"
    assert page.locator("#devices").get_attribute("open") is not None
    here = f"{story.server}/customers/"

    def told() -> None:
        load(fresh, f"{here}{stranger}/")
        are_alike(page, fresh, *PANELS)

    story.send(looks_at("Vinga", channel="app"))
    told()
    assert page.locator("#chip-app").count() == 1

    # Her name, her orders and her two years: the page is Anna's from now on, and stays so.
    story.send(says_who_she_is())
    told()
    assert page.locator("h1").inner_text() == "Anna Åkesson-Lind"
    assert page.url == fresh.url == f"{here}{anna}/"
    assert page.locator("#devices").get_attribute("open") is not None

    story.customer = anna
    story.put("VINGA-38", 1)
    told()
    assert "Vinga" in says(page, "#slot-cart")["#slot-cart"]

    # What she is doing stays under her hands, whatever comes.
    page.click("#known .trait summary >> text=38")
    page.fill("#known .trait details[open] [name=value]", "38,5")
    page.click("#slot-cart .how summary")
    page.click("#slot-cart >> text=Add something")
    page.fill("#cart-q", "hag")
    page.wait_for_selector("#cart-found .size")
    page.locator("#timeline .entry summary").first.click()
    page.wait_for_selector("#timeline .json")
    whose = Identifier.objects.get(kind="user_id", value="anna").pk
    shelf = (Variant.objects.get(sku="VINGA-38").pk, Place.objects.get(code="stockholm").pk, 1)
    reserve(shelf, whose=whose)
    follow()
    story.put("HAGA-38", 2)
    story.send({"type": "identify", "traits": {"city": "Malmö", "birthday": "3 May"}})
    buys_and_exchanges(whose)
    load(fresh, f"{here}{stranger}/")
    are_alike(page, fresh, "title", ".signs", "#who", "#known", "#chips")
    are_alike(page, fresh, "#slot-holds", "#slot-orders", "#slot-quotes")
    page.wait_for_selector("#slot-cart >> text=Haga")
    page.wait_for_selector("#timeline >> text=Reserved")
    assert page.input_value("#known .trait details[open] [name=value]") == "38,5"
    assert page.locator("#slot-cart .how[open]").count() == 1
    assert page.input_value("#cart-q") == "hag"
    assert page.locator("#cart-found .size").count() > 0
    assert page.locator("#timeline .json").count() == 1
    assert page.evaluate("document.activeElement.closest('#timeline') !== null")
    assert page.complaints == []


def test_what_is_put_right_elsewhere_is_right_here(story: Story, open_page: Open) -> None:
    page = open_page(1440)
    fresh = page.context.new_page()
    address = f"{story.server}/customers/{story.customer}/"
    page.wait_for_selector("#slot-quotes section")
    story.send({"type": "identify", "userId": "old", "traits": {"email": "old@example.se"}})
    other = customers.by_identifier("user_id", "old")
    assert other
    identity.merge_customers(story.customer, other, "maja@nordsko.example")
    follow()
    load(fresh, address)
    are_alike(page, fresh, *PANELS)
    assert "old@example.se" in says(page, "#who")["#who"]
    old = Identifier.objects.filter(value__in=("old", "old@example.se"))
    identity.split_customer(story.customer, [one.pk for one in old], "maja@nordsko.example")
    follow()
    load(fresh, address)
    are_alike(page, fresh, *PANELS)
    assert "old@example.se" not in says(page, "#who")["#who"]
    assert page.complaints == []


def test_the_first_page_counts_what_is_done_here_too(story: Story, open_page: Open) -> None:
    page = open_page(1440)
    fresh = page.context.new_page()
    page.goto(f"{story.server}/live/")
    for step in (
        lambda: story.send(looks_at("Vinga")),
        lambda: story.put("VINGA-38", 1),
        lambda: story.put("HAGA-38", 3),
    ):
        # What Spindel records is counted by another follower, so maybe later than it is shown.
        for follows in (step, lambda: follow(follower=RECORDED)):
            follows()
            fresh.goto(f"{story.server}/live/")
            are_alike(page, fresh, "#now")
    assert re.search(r"2 recorded", says(page, "#now")["#now"])
    page.focus("#now .entry-who")
    whose = page.evaluate("document.activeElement.closest('li').id")
    story.send({"type": "track", "event": "Product Viewed", "properties": {"name": "Torö"}})
    page.wait_for_selector("#now >> text=Torö")
    assert page.evaluate("document.activeElement.closest('li').id") == whose
    assert page.complaints == []
