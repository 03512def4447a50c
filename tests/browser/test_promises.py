"""A promise that can't be kept, from the bell to the next pair, on a phone and on a desk."""

from __future__ import annotations

import base64
import json
import os
import urllib.request
from pathlib import Path

import pytest

from spindel.commerce.common.rules import Line
from spindel.commerce.stock.actions import holds
from spindel.commerce.stock.models import Hold
from spindel.identity.models import Identifier
from spindel.kit.idempotency import Request
from spindel.staff.actors import Actor
from spindel.staff.models import User
from spindel.timeline.models import Source
from tests.commerce.conftest import Shop
from tests.commerce.conftest import shop as shop  # a fixture
from tests.commerce.stock.cast import deliver, soon
from tests.conftest import PASSWORD
from tests.telling import follow

pytestmark = pytest.mark.slow


@pytest.fixture
def anna(server: str, web: Source) -> int:
    """Anna's identifier, told of over HTTP: the browser's event loop is this thread's."""
    batch = [{"type": "identify", "userId": "anna", "traits": {"name": "Anna Åkesson"}}]
    request = urllib.request.Request(
        f"{server}/v1/batch",
        json.dumps({"batch": batch}).encode(),
        {"Authorization": "Basic " + base64.b64encode(b"web-key:").decode()},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200
    follow()
    return Identifier.objects.get(kind="user_id", value="anna").pk


@pytest.mark.parametrize("width", [360, 1440])
def test_the_bell_leads_to_the_next_pair(
    chromium, server: str, shop: Shop, anna: int, agent: User, width: int
) -> None:
    deliver(shop.small, shop.goteborg, 1)
    deliver(shop.small, shop.stockholm, 1)
    (held,) = holds.reserve(
        [Line(shop.small, shop.goteborg, 1)],
        soon(),
        request=Request("console", "k"),
        actor=Actor("Maja", agent.pk),
        whose=anna,
    )
    holds.not_found(held.pk, "Oskar")
    page = chromium.new_page(viewport={"width": width, "height": 800}, locale="en-GB")
    try:
        page.goto(f"{server}/login/")
        page.get_by_label("E-mail").fill(agent.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("header.top")
        page.get_by_role("link", name="1 thing needs a look").click()
        page.wait_for_url("**/attention/")
        _keep(page, f"promises-{width}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        unkept = page.get_by_role("heading", name="Promises that can’t be kept")
        assert unkept.count() == 1
        page.get_by_role("button", name="Keep it in Stockholm").click()
        page.wait_for_selector(".toast")
        assert Hold.objects.get(state="active").place_id == shop.stockholm
        # What is kept until the next closing time may end within a day, which is a worry too.
        assert unkept.count() == 0
        _keep(page, f"promises-kept-{width}")
    finally:
        page.close()


def _keep(page, name: str) -> None:
    """A picture, where somebody wants to look."""
    if folder := os.environ.get("SPINDEL_TEST_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png")
