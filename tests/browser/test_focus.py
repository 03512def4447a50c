"""Whoever goes by the keyboard sees where she is, in the console and on the tablet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any  # Any: Playwright's objects, which are loaded only where there is a browser

import pytest

from spindel.staff.models import Role, User
from spindel.timeline.models import Source
from tests.browser import focus
from tests.commerce.conftest import Shop
from tests.commerce.conftest import shop as shop  # a fixture
from tests.commerce.stock.cast import deliver
from tests.conftest import PASSWORD

pytestmark = pytest.mark.slow

CONSOLE = (
    *("/", "/attention/", "/customers/", "/orders/", "/quotes/new/", "/products/", "/stock/"),
    *("/live/", "/settings/", "/sources/", "/people/", "/account/", "/audit/", "/returns/policy/"),
)
TABLET = ("/store/", "/store/customers/", "/store/sale/", "/store/returns/", "/store/quote/")


@pytest.fixture
def page(chromium: Any, server: str, shop: Shop, web: Source) -> Iterator[Any]:
    """An administrator's browser, with something in the shop to look at."""
    deliver(shop.small, shop.goteborg, 1)
    User.objects.create_user("astrid@nordsko.example", PASSWORD, role=Role.ADMIN)
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    page = context.new_page()
    page.goto(f"{server}/login/")
    page.fill("input[name=login]", "astrid@nordsko.example")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{server}/")
    yield page
    context.close()


@pytest.mark.parametrize("paths", [CONSOLE, TABLET], ids=["console", "tablet"])
def test_what_is_tabbed_to_is_seen(page: Any, server: str, paths: tuple[str, ...]) -> None:
    if paths is TABLET:
        page.goto(f"{server}/store/choose/")
        page.get_by_role("button", name="Göteborg").click()
    for path in paths:
        assert page.goto(f"{server}{path}").status == 200, path
        assert focus.unseen(page) == set(), path
