"""The frame around every page in a real Chromium: its drawer on a phone, and nothing is cut off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any  # Any: Playwright's objects, which are loaded only where there is a browser

import pytest

from spindel.collect import actions as collect
from spindel.staff import navigation
from spindel.staff.models import Role, User
from spindel.timeline.models import Source
from tests.commerce.conftest import Shop
from tests.commerce.conftest import shop as shop  # a fixture
from tests.commerce.stock.cast import deliver
from tests.conftest import PASSWORD

pytestmark = pytest.mark.slow

Open = Callable[..., Any]

# What is cut off at its own edge, or lies beyond that of the page.
CUT_OFF = """() => [...document.querySelectorAll("button, .btn, summary, select, h1, h2")]
  .filter((one) => one.checkVisibility() && !one.closest(".visually-hidden"))
  .filter((one) => {
    const cut = one.scrollWidth > one.clientWidth + 1
      && getComputedStyle(one).overflowX !== "visible";
    const beyond = one.getBoundingClientRect().right > document.documentElement.clientWidth + 1;
    return cut || (beyond && !one.closest(".chips, pre"));
  }).map((one) => one.textContent.trim().slice(0, 40))"""


@pytest.fixture
def open_page(chromium: Any, server: str, shop: Shop, web: Source) -> Iterator[Open]:
    """A browser in which an administrator has logged in."""
    deliver(shop.small, shop.goteborg, 1)
    collect.keep_plan(web, {"Product Viewed": {}}, "test")
    User.objects.create_user("astrid@nordsko.example", PASSWORD, role=Role.ADMIN)
    contexts = []

    def open_(width: int, **more: Any) -> Any:
        context = chromium.new_context(
            viewport={"width": width, "height": 740},
            is_mobile=width < 600,
            has_touch=width < 600,
            locale="en-GB",
            **more,
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{server}/login/")
        page.fill("[name=login]", "astrid@nordsko.example")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_selector("header.top .bell")
        return page

    yield open_
    for context in contexts:
        context.close()


def test_no_page_of_the_navigation_is_wider_than_a_phone(
    open_page: Open, server: str, web: Source
) -> None:
    page = open_page(360)
    more = ("/sources/new/", f"/sources/{web.pk}/plan/", f"/sources/{web.pk}/connect/", "/nowhere/")
    paths = [entry.url for entry in navigation.entries() if entry.route != "store"]
    wrong: dict[str, object] = {}
    for path in [*dict.fromkeys(paths), "/settings/", "/people/new/", "/quotes/new/", *more]:
        page.goto(f"{server}{path}")
        width, cut_off = (
            page.evaluate("document.documentElement.scrollWidth"),
            page.evaluate(CUT_OFF),
        )
        if width > 360 or cut_off:
            wrong[path] = width, cut_off
        bell, account = (
            page.locator(".bell").bounding_box(),
            page.locator(".top .avatar").bounding_box(),
        )
        assert bell["x"] + bell["width"] <= account["x"] + 8, path
        assert account["x"] + account["width"] <= 360, path
    assert wrong == {}


@pytest.mark.parametrize("script", [True, False], ids=["script", "without script"])
def test_the_drawer_opens_leads_on_and_closes(open_page: Open, server: str, script: bool) -> None:
    page = open_page(360, java_script_enabled=script)
    rail = page.get_by_role("navigation", name="Main")
    assert not rail.is_visible()
    page.get_by_role("button", name="Menu").press("Enter")
    rail.get_by_role("link", name="Customers").wait_for()
    page.keyboard.press("Escape")
    rail.wait_for(state="hidden")
    page.get_by_role("button", name="Menu").click()
    rail.get_by_role("button", name="Close").click()
    rail.wait_for(state="hidden")
    page.get_by_role("button", name="Menu").click()
    rail.get_by_role("link", name="Orders").click()
    page.wait_for_url(f"{server}/orders/")
    assert not rail.is_visible()


def test_on_a_desk_the_rail_is_there_and_by_it_the_page(open_page: Open, server: str) -> None:
    page = open_page(1440)
    rail = page.get_by_role("navigation", name="Main")
    here = rail.get_by_role("link", name="Start")
    assert here.get_attribute("aria-current") == "page"
    assert not page.get_by_role("button", name="Menu").is_visible()
    assert page.locator("main").bounding_box()["x"] >= rail.bounding_box()["width"]
    rail.get_by_role("link", name="Settings").click()
    rail.get_by_role("link", name="Audit log").click()
    page.wait_for_url(f"{server}/audit/")


def test_the_newest_toast_is_the_one_that_is_seen(open_page: Open, server: str) -> None:
    page = open_page(1440)
    page.goto(f"{server}/returns/policy/")
    for days in ("30", "x"):
        page.locator("[name=days]").first.fill(days)
        page.get_by_role("button", name="Save").first.click()
        page.wait_for_selector(".toast")
        assert page.locator(".toast").count() == 1
