"""The places of a shop's pages in a real Chromium: filled by our script, on another origin with a
strict policy, and nothing moves.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest

from spindel.decide.contents import OnScreen, Picture, Screen, Words
from spindel.kit import browser as built
from spindel.timeline.models import Fact, Source
from tests.browser.shop import Shop, Wire, opened
from tests.decide.cast import give
from tests.telling import wait_until

pytestmark = pytest.mark.slow

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
PLACE = (
    "<body><h1>Shoes</h1><div data-spindel-place=start><p id=own>Our own words</p><p>of three</p>"
    "<p>lines.</p></div><h2 id=below>Below</h2>"
)
SHIFTED = """() => new Promise(done => {
    let sum = 0;
    new PerformanceObserver(list => list.getEntries().forEach(one => sum += one.value))
        .observe({type: "layout-shift", buffered: true});
    requestAnimationFrame(() => setTimeout(() => done(sum), 100));
})"""
SEEN = "document.querySelector('.spindel-title')?.textContent"


@pytest.fixture
def shop(server: str, web: Source) -> Iterator[Shop]:
    with opened(server) as shop:
        shop.policy += "; img-src 'self'"
        shop.head = built.snippet(server, "web-key").replace(
            "data-write-key", 'data-page="manual" data-consent="granted" data-write-key'
        )
        shop.head += PLACE
        yield shop


class Visitor:
    """A browser on the page of the shop."""

    def __init__(self, chromium, shop: Shop) -> None:
        self.context = chromium.new_context(viewport={"width": 1200, "height": 800})
        self.context.route("**/rain.png", lambda route: route.fulfill(body=PIXEL))
        self.wire = Wire(self.context)
        self.page = self.context.new_page()
        self.address = shop.url

    def come(self) -> None:
        """Open the page, and wait until its place is filled or left as it is."""
        self.page.goto(self.address)
        self.until("['own', 'shown'].includes(document.querySelector('div').dataset.spindel)")

    def until(self, expression: str) -> None:
        """Wait for it on the page, whose policy forbids Playwright's own way."""
        wait_until(
            lambda: self.page.wait_for_timeout(20) or self.page.evaluate(f"!!({expression})")
        )

    def told(self, name: str) -> Fact:
        """What Spindel has been told of, once it has."""
        wait_until(
            lambda: self.page.wait_for_timeout(20) or Fact.objects.filter(name=name).exists()
        )
        return Fact.objects.get(name=name)


@pytest.fixture
def visitor(chromium, shop: Shop) -> Iterator[Visitor]:
    visitor = Visitor(chromium, shop)
    yield visitor
    visitor.context.close()


def test_a_place_is_filled_and_nothing_moves(visitor: Visitor, shop: Shop) -> None:
    give(
        "rain",
        words={"en": Words("Rainy <b>days</b>", "15% off", "/rain", "Boots")},
        screens={Screen.LAPTOP: OnScreen(Picture(f"{shop.url}/rain.png", 800, 300))},
    )
    visitor.come()
    page = visitor.page
    assert page.evaluate(SEEN) == "Rainy <b>days</b>"
    assert page.evaluate("document.querySelector('.spindel-link').href") == f"{shop.url}/rain"
    picture = page.evaluate(
        "(p => [p.alt, p.width, p.height, p.naturalWidth])(document.querySelector('img'))"
    )
    assert picture == ["Boots", 800, 300, 1]
    assert page.evaluate("getComputedStyle(document.querySelector('#own')).visibility") == "hidden"
    filled = page.evaluate("document.querySelector('#below').getBoundingClientRect().top")
    assert page.evaluate(SHIFTED) == 0
    page.evaluate("document.querySelector('.spindel-content').remove()")
    assert page.evaluate("document.querySelector('#below').getBoundingClientRect().top") == filled
    assert visitor.wire.complaints == []


def test_nothing_leaves_what_the_page_has_itself(visitor: Visitor) -> None:
    visitor.come()
    assert visitor.page.evaluate(SEEN) is None
    assert visitor.page.locator("#own").is_visible()
    assert visitor.page.evaluate(SHIFTED) == 0


def test_what_she_closes_is_told_and_comes_no_more_on_the_next_page(visitor: Visitor) -> None:
    give("rain", words={"en": Words("Rainy days")})
    visitor.come()
    seen = visitor.told("Promotion Viewed")
    assert seen.properties == {
        "promotion_id": "rain",
        "name": "Rainy days",
        "creative": "1",
        "position": "start",
    }
    visitor.page.get_by_role("button", name="Don’t show this again").click()
    assert visitor.page.locator("#own").is_visible()
    visitor.told("Promotion Dismissed")
    visitor.come()
    assert visitor.page.evaluate(SEEN) is None
    assert visitor.wire.complaints == []


def test_a_page_asks_by_itself_and_hears_nothing_where_nobody_answers(visitor: Visitor) -> None:
    give("rain", words={"en": Words("Rainy days", link="/rain")})
    visitor.come()
    found = visitor.page.evaluate("spindel.decide('start')")
    assert [(one["key"], one["link"]) for one in found] == [("rain", "/rain")]
    assert visitor.page.evaluate("spindel.decide('till')") == []
    visitor.context.route("**/api/decide/page*", lambda route: route.abort())
    assert visitor.page.evaluate("spindel.decide('start')") == []
    visitor.come()
    assert visitor.page.locator("#own").is_visible()
