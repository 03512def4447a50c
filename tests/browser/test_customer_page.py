"""The customer page in a real Chromium, on a phone and on a desk, while facts arrive."""

from __future__ import annotations

import base64
import json
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest

from spindel.identity import customers
from spindel.staff.models import User
from spindel.timeline.models import Source
from tests.conftest import PASSWORD
from tests.telling import follow

pytestmark = pytest.mark.slow

WIDTHS = [pytest.param(360, id="phone"), pytest.param(1440, id="desk")]


class Sender:
    """Sends Anna's facts as a shop would, and has identity take them in."""

    def __init__(self, server: str) -> None:
        self.server = server
        self.sent = 0

    def send(self, *messages: dict) -> None:
        batch = []
        for message in messages:
            self.sent += 1
            batch.append({"messageId": f"m-{self.sent}", "userId": "anna", **message})
        request = urllib.request.Request(
            f"{self.server}/v1/batch",
            json.dumps({"batch": batch}).encode(),
            {"Authorization": "Basic " + base64.b64encode(b"web-key:").decode()},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status == 200
        follow()

    def viewed(self, name: str, ago: timedelta = timedelta()) -> dict:
        at = datetime.now(UTC) - ago
        return {
            "type": "track",
            "event": "Product Added",
            "timestamp": at.isoformat(),
            "properties": {"name": name, "product_id": name},
        }


@pytest.fixture
def anna(server: str, web: Source) -> Sender:
    sender = Sender(server)
    traits = {"name": "Anna Åkesson-Lind", "email": "anna@example.com"}
    sender.send(
        {"type": "identify", "traits": traits},
        *(sender.viewed(f"Modell {n}", timedelta(days=n + 1)) for n in range(45)),
    )
    return sender


@pytest.fixture
def open_page(chromium, server, agent: User):
    """Opens a page as Maja, who has logged in; what the browser complained of is collected."""
    contexts = []

    def open_(width: int, path: str):
        context = chromium.new_context(
            viewport={"width": width, "height": 800},
            is_mobile=width < 600,
            has_touch=width < 600,
            locale="en-GB",
        )
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on(
            "console",
            lambda said: page.complaints.append(said.text) if said.type == "error" else None,
        )
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(f"{server}{path}")
        page.fill("[name=login]", agent.email)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(f"{server}{path}")
        return page

    yield open_
    for context in contexts:
        context.close()


def _anna_id() -> int:
    found = customers.by_identifier("user_id", "anna")
    assert found is not None
    return found


@pytest.mark.parametrize("width", WIDTHS)
def test_facts_appear_while_the_page_is_open(anna: Sender, open_page, width: int) -> None:
    page = open_page(width, f"/customers/{_anna_id()}/")
    page.wait_for_selector("[data-live-state]:not([hidden])", state="attached")
    before = page.locator("#timeline .entry[id]").count()

    anna.send(anna.viewed("Vinga"))

    page.wait_for_selector("#timeline .entry >> text=Vinga")
    first = page.locator("#timeline .entry[id]").first
    assert "Vinga" in first.inner_text()
    assert page.locator("#timeline .entry[id]").count() == before + 1
    assert page.complaints == []


@pytest.mark.parametrize("width", WIDTHS)
def test_what_is_being_read_stays_where_it_is(anna: Sender, open_page, width: int) -> None:
    page = open_page(width, f"/customers/{_anna_id()}/")
    page.wait_for_selector("[data-live-state]:not([hidden])", state="attached")
    line = page.locator("#timeline .entry[id] >> text=Modell 30")
    line.scroll_into_view_if_needed()
    before = line.bounding_box()

    anna.send(anna.viewed("Vinga"), anna.viewed("Haga"))

    page.wait_for_selector("[data-fresh]:not([hidden])")
    assert page.locator("[data-fresh]").inner_text() == "2 new"
    assert abs(line.bounding_box()["y"] - before["y"]) < 2
    page.locator("[data-fresh]").click()
    page.wait_for_selector("[data-fresh]", state="hidden")
    assert page.complaints == []


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_window(anna: Sender, open_page, width: int) -> None:
    long = "Å" * 300
    anna.send({"type": "track", "event": long[:150], "properties": {"name": long}})
    anna.send({"type": "identify", "traits": {"nickname": long}})
    page = open_page(width, f"/customers/{_anna_id()}/")
    for path in ("", "merge/", "split/"):
        page.goto(f"{anna.server}/customers/{_anna_id()}/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    for path in ("/", "/customers/", "/customers/?q=anna", "/account/password/"):
        page.goto(anna.server + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.complaints == []


def test_a_customer_is_found_and_opened_by_keyboard_alone(anna: Sender, open_page) -> None:
    page = open_page(1440, "/")
    page.keyboard.press("/")
    page.keyboard.type("anna")
    page.wait_for_selector("#quick-found [role=option] >> text=Anna Åkesson-Lind")
    box = page.locator("#quick")
    assert box.get_attribute("aria-expanded") == "true"
    page.keyboard.press("Escape")
    assert page.locator("#quick-found").is_hidden()
    assert box.get_attribute("aria-expanded") == "false"
    page.keyboard.press("ArrowDown")
    chosen = page.locator("#quick-found [aria-selected=true]")
    assert chosen.get_attribute("id") == box.get_attribute("aria-activedescendant")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/customers/{_anna_id()}/")
    page.goto(f"{anna.server}/customers/")
    page.locator("#q").focus()
    page.keyboard.type("anna åk")
    page.wait_for_selector("[data-results] >> text=Anna Åkesson-Lind")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/customers/{_anna_id()}/")
    assert page.locator("h1").inner_text() == "Anna Åkesson-Lind"
    assert page.complaints == []


def test_everything_that_can_be_pressed_can_be_reached_by_tab(anna: Sender, open_page) -> None:
    page = open_page(1440, f"/customers/{_anna_id()}/")
    page.evaluate("document.activeElement.blur()")
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                "(document.activeElement.textContent || document.activeElement.name).trim()"
            )
        )
    told = " ".join(reached)
    for expected in (
        "To the content",
        "Live",
        "Filter",
        "Write a note",
        "anna@example.com",
        "Modell 0",
    ):
        assert expected in told


def test_the_raw_message_is_one_press_away(anna: Sender, open_page) -> None:
    page = open_page(1440, f"/customers/{_anna_id()}/")
    page.locator("#timeline .entry[id] summary", has_text="Modell 3").first.click()
    page.wait_for_selector("#timeline .json >> text=product_id")
    assert page.complaints == []


def test_older_facts_come_below_and_filters_narrow(anna: Sender, open_page) -> None:
    anna.send(*(anna.viewed(f"Gammal {n}", timedelta(days=60 + n)) for n in range(30)))
    page = open_page(360, f"/customers/{_anna_id()}/")
    page.locator("[data-older]").click()
    page.wait_for_selector("#timeline .entry >> text=Gammal 29")
    page.locator(".filter summary").click()
    page.locator(".chip", has_text="Who it is").click()
    page.wait_for_selector("#timeline .entry >> text=Modell 3", state="detached")
    page.wait_for_selector("#timeline .entry >> text=Said who it is")
    assert page.complaints == []


def test_a_merge_is_seen_before_it_is_done_and_undone_after(anna: Sender, open_page) -> None:
    anna.send({"type": "identify", "userId": None, "traits": {"email": "a.lind@example.com"}})
    page = open_page(1440, f"/customers/{_anna_id()}/merge/")
    page.keyboard.type("a.lind")
    page.wait_for_selector("[data-results] a")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Are these the same person?")
    page.locator("button", has_text="Merge them").click()
    page.wait_for_selector("[data-toast] >> text=Merged")
    assert page.locator(".ids >> text=a.lind@example.com").count() == 1
    page.locator("[data-toast] button", has_text="Undo").click()
    page.wait_for_selector("[data-toast] >> text=Undone")
    assert page.locator(".ids >> text=a.lind@example.com").count() == 0
    assert page.complaints == []
