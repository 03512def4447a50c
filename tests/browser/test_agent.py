"""Customer service in a real Chromium, on a desk and on a phone: sees what a customer looked at,
finds her size in the store near her, and keeps it until tomorrow; her cart, changed live.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any  # Any: Playwright's objects, which are loaded only where there is a browser

import pytest

from spindel.catalogue.models import Variant
from spindel.commerce.carts.models import Cart
from spindel.commerce.stock.models import Hold
from spindel.staff.models import User
from tests.browser.cast import Open, Story
from tests.browser.cast import open_page as open_page  # a fixture
from tests.browser.cast import story as story  # a fixture
from tests.telling import follow, wait_until

pytestmark = pytest.mark.slow

SIZES = [pytest.param(1440, id="desk"), pytest.param(360, id="phone")]


def picture(page: Any, path: Path) -> None:
    """What the page looks like; without the style that hides the caret, which the page refuses."""
    page.screenshot(path=str(path), caret="initial")


def fits(page: Any, width: int) -> bool:
    return int(page.evaluate("document.documentElement.scrollWidth")) <= width


@pytest.mark.parametrize("width", SIZES)
def test_what_she_looked_at_is_kept_for_her_in_three_clicks(
    open_page: Open, story: Story, agent: User, width: int, tmp_path: Path
) -> None:
    page = open_page(width)
    page.click("#slot-holds .looked a >> text=Vinga")
    page.click("#find .size >> text=38")
    page.wait_for_selector("#find .stores li")
    assert "Nordsko Vallgatan" in page.locator("#find .stores li").first.inner_text()
    assert page.locator("#find .size-none").count() == 3
    picture(page, tmp_path / f"find-{width}.png")
    page.click("#find .stores button >> nth=0")
    page.wait_for_selector("#slot-holds .open-line >> text=Vinga")
    page.wait_for_selector("[data-toast] >> text=Vinga, 38, black is kept in Nordsko Vallgatan")
    hold = Hold.objects.get()
    assert (hold.place.code, hold.promised_by_id, hold.state) == ("goteborg", agent.pk, "active")
    follow()
    page.wait_for_selector("#timeline >> text=Reserved")
    assert page.locator("#find").inner_text() == ""
    picture(page, tmp_path / f"kept-{width}.png")
    assert fits(page, width)
    assert page.complaints == []


def test_the_message_on_her_timeline_leads_to_the_store(open_page: Open, story: Story) -> None:
    page = open_page(1440)
    page.click("#timeline .entry summary >> text=Vinga")
    page.click("#timeline .raw >> text=Find in a store")
    page.click("#find .size >> text=38")
    page.click("#find .stores button >> nth=0")
    page.wait_for_selector("#slot-holds .open-line")
    assert Hold.objects.count() == 1


def test_a_hold_goes_to_another_store_and_is_let_go_and_comes_back(
    open_page: Open, story: Story
) -> None:
    page = open_page(1440)
    page.click("#slot-holds .looked a >> text=Vinga")
    page.click("#find .size >> text=38")
    page.click("#find .stores button >> nth=0")
    page.click("#slot-holds >> text=Another store")
    page.click("#slot-holds .stores-in button")
    page.wait_for_selector("[data-toast] >> text=is kept in Nordsko Götgatan")
    page.click("#slot-holds >> text=Cancel the reservation")
    page.wait_for_selector("#slot-holds >> text=Nothing is kept for this customer")
    page.click("[data-toast]:last-of-type >> text=Undo")
    page.wait_for_selector("#slot-holds .open-line >> text=Nordsko Götgatan")
    assert Hold.objects.filter(state="active").count() == 1
    assert page.complaints == []


@pytest.mark.parametrize("width", SIZES)
def test_her_cart_is_live_and_changed_on_her_behalf(
    open_page: Open, story: Story, width: int, tmp_path: Path
) -> None:
    page = open_page(width)
    story.put("VINGA-38", 1)
    page.wait_for_selector("#slot-cart .open-line >> text=Vinga")
    variant = Variant.objects.get(sku="VINGA-38").pk
    page.click(f"#more-{variant}")
    page.wait_for_selector("#slot-cart .step-n >> text=2")
    # The button has the focus still, and what Anna does meanwhile is shown all the same.
    assert page.evaluate("document.activeElement.id") == f"more-{variant}"
    story.put("HAGA-38", 1)
    page.wait_for_selector("#slot-cart .open-line >> text=Haga")
    picture(page, tmp_path / f"cart-{width}.png")
    page.click("#slot-cart >> text=Add something")
    page.fill("#cart-q", "hag")
    page.wait_for_selector("#cart-found .size")
    # Whoever is typing is not interrupted.
    story.put("VINGA-39", 1)
    page.wait_for_selector("#timeline .entry >> text=39")
    assert page.locator("#cart-q").input_value() == "hag"
    page.click("#cart-found .size >> text=39")
    page.wait_for_selector("#slot-cart .open-count >> text=5")
    cart = Cart.objects.get(state="open")
    assert {one.quantity for one in cart.lines.all()} == {1, 2}
    assert fits(page, width)
    assert page.complaints == []


def test_all_of_it_is_reached_by_keyboard(open_page: Open, story: Story) -> None:
    page = open_page(1440)
    page.locator("#slot-holds .looked a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#find .size")
    page.locator("#find .size >> text=38").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#find .stores button")
    page.locator("#find .stores button").first.focus()
    page.keyboard.press("Enter")
    wait_until(lambda: Hold.objects.filter(state="active").count() == 1)
    page.wait_for_selector("#slot-holds .open-line")
    assert page.complaints == []


@pytest.mark.parametrize("status", [503, 0], ids=["answered later", "not answered"])
def test_what_was_not_done_is_said(open_page: Open, story: Story, status: int) -> None:
    page = open_page(1440)
    story.put("VINGA-38", 1)
    variant = Variant.objects.get(sku="VINGA-38").pk
    button = page.wait_for_selector(f"#more-{variant}")
    page.route("**/carts/**", lambda route: route.fulfill(status=503) if status else route.abort())
    for _ in range(2):
        button.click()
        page.wait_for_selector("[data-toast] >> text=probably not saved")
    assert page.locator("[data-not-now]").count() == 1
    page.unroute_all()
    page.click(f"#more-{variant}")
    page.wait_for_selector("#slot-cart .step-n >> text=2")
