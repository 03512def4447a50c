"""Our script in a real Chromium, in a shop on another origin with a strict policy.

Each test ends with what the database holds: nothing lost, nothing twice.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from spindel.identity.models import Tenure
from spindel.kit import browser as built
from spindel.run import collect_app
from spindel.timeline.models import Source
from tests.browser.conftest import serving
from tests.browser.shop import DEVICE, NOTHING, Shop, Wire, opened
from tests.collect.support import Fact, Store
from tests.telling import follow

pytestmark = pytest.mark.slow

PATIENCE = 15  # seconds
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url)
    yield store
    store.close()


@pytest.fixture
def collector(database_url: str, web: Source, tmp_path: Path) -> Iterator[str]:
    """The address of a collector that runs by itself."""
    with serving("/healthz", tmp_path, collect_app.__name__) as address:
        yield address


@pytest.fixture
def shop(collector: str) -> Iterator[Shop]:
    with opened(collector) as shop:
        shop.head = shop.tag(page="manual")
        yield shop


class Visitor:
    """A browser with a memory of its own, and what it says on the wire."""

    def __init__(self, chromium, shop: Shop, store: Store) -> None:
        self.context = chromium.new_context()
        self.wire = Wire(self.context)
        self.shop = shop
        self.store = store

    def visit(self, path: str = "/", page=None):
        """Open a page of the shop, and wait for the script."""
        page = page or self.context.new_page()
        page.goto(self.shop.url + path)
        self.holds(page, "window.spindel?.replay")
        return page

    def holds(self, page, expression: str) -> None:
        """Wait for it to be true on the page. The shop's policy forbids Playwright's own way."""
        self.until(lambda: page.evaluate(f"!!({expression})"))

    def until(self, true: Callable[[], object]) -> None:
        """Wait while the browser goes on."""
        deadline = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < deadline, "it did not happen in time"
            self.breathe()

    def breathe(self) -> None:
        """Let the browser's events in."""
        if self.context.pages:
            self.context.pages[0].wait_for_timeout(20)
        else:
            time.sleep(0.02)

    def facts(self, count: int) -> list[Fact]:
        """The facts, once there are as many; each is there once, and nobody complained."""
        self.until(lambda: self.store.count() >= count)
        facts = self.store.facts()
        assert len(facts) == count
        assert self.wire.complaints == []
        return facts

    def settle(self, page) -> None:
        """Let pass the time in which whatever would be sent is sent."""
        page.wait_for_timeout(1_500)


@pytest.fixture
def visitor(chromium, shop: Shop, store: Store) -> Iterator[Visitor]:
    visitor = Visitor(chromium, shop, store)
    yield visitor
    visitor.context.close()


def track(page, *events: str) -> None:
    page.evaluate("names => names.forEach(name => spindel.track(name))", list(events))


def names(facts: list[Fact]) -> list[str]:
    return [fact.name for fact in facts]


def in_order(facts: list[Fact]) -> list[str]:
    return [fact.name for fact in sorted(facts, key=lambda fact: fact.occurred_at)]


# --- loading --------------------------------------------------------------------------------------


def test_the_snippet_alone_tells_of_the_page_view(shop: Shop, visitor: Visitor) -> None:
    shop.head = built.snippet(shop.spindel, "web-key")
    assert 'integrity="sha384-' in shop.head
    page = visitor.visit("/shoes?utm_source=news&utm_campaign=autumn&size=38")
    page.evaluate("spindel.consent('granted')")
    [fact] = visitor.facts(1)
    assert fact.name == "Page Viewed"
    assert fact.channel == "web"
    assert fact.properties["path"] == "/shoes"
    assert fact.properties["search"] == "?utm_source=news&utm_campaign=autumn&size=38"
    assert fact.properties["title"] == "Shop"
    context = fact.context or {}
    assert context["campaign"] == {"source": "news", "name": "autumn"}
    assert context["library"]["name"] == "@spindel/browser"
    assert context["page"]["url"].startswith(shop.url)
    assert {"locale", "userAgent", "screen", "timezone", "ip"} <= set(context)


def test_calls_made_before_the_script_came_are_done_in_order(shop: Shop, visitor: Visitor) -> None:
    guide = (Path(__file__).parents[2] / "docs/browser.md").read_text()
    stub = re.search(r"<script>\n(.*?)</script>", guide, re.DOTALL)
    assert stub
    calls = """
        spindel.identify("u-1", {name: "Anna"});
        spindel.track("First"); spindel.track("Second");
        spindel.consent("granted");
        spindel.track("Third");
    """
    shop.head = shop.script("/stub.js", stub[1] + calls) + shop.tag()
    visitor.visit()
    facts = visitor.facts(5)
    told = [message.get("event") or message["type"] for message in visitor.wire.messages]
    assert told == ["page", "identify", "First", "Second", "Third"]
    assert all("user_id:u-1" in fact.identifiers for fact in facts if fact.name != "Page Viewed")


def test_a_page_without_questions_of_consent_says_so_in_its_tag(
    shop: Shop, visitor: Visitor
) -> None:
    shop.head = shop.tag(consent="granted")
    visitor.visit()
    assert names(visitor.facts(1)) == ["Page Viewed"]


def test_the_script_twice_on_a_page_tells_once(shop: Shop, visitor: Visitor) -> None:
    shop.head = shop.tag(consent="granted") * 2
    page = visitor.visit()
    page.wait_for_load_state("load")
    visitor.facts(1)
    visitor.settle(page)
    visitor.facts(1)


# --- consent --------------------------------------------------------------------------------------


def test_before_consent_nothing_is_stored_and_nothing_is_sent(visitor: Visitor) -> None:
    page = visitor.visit()
    page.evaluate("spindel.identify('u-1', {email: 'anna@example.com'})")
    track(page, "Product Viewed", "Product Added")
    visitor.settle(page)
    assert page.evaluate(DEVICE) == NOTHING
    assert visitor.wire.bodies == []

    page.evaluate("spindel.consent('granted')")
    facts = visitor.facts(3)
    assert Counter(names(facts)) == Counter(
        ["Customer Identified", "Product Viewed", "Product Added"]
    )
    follow()
    assert Tenure.objects.values("customer").distinct().count() == 1


def test_who_refuses_leaves_no_trace(visitor: Visitor) -> None:
    page = visitor.visit()
    track(page, "Product Viewed")
    page.evaluate("spindel.consent('denied')")
    track(page, "Product Added")
    page.evaluate("spindel.reset()")
    visitor.settle(page)
    assert page.evaluate(DEVICE) == NOTHING
    page.goto(visitor.shop.url + "/elsewhere")
    visitor.settle(page)
    assert visitor.wire.bodies == []
    assert visitor.store.count() == 0


def test_consent_is_remembered_and_its_withdrawal_forgets(visitor: Visitor) -> None:
    page = visitor.visit()
    page.evaluate("spindel.identify('u-1'); spindel.consent('granted')")
    visitor.facts(1)
    page = visitor.visit("/next", page)
    track(page, "Product Viewed")
    facts = visitor.facts(2)
    assert facts[0].identifiers == facts[1].identifiers
    assert "user_id:u-1" in facts[1].identifiers

    visitor.context.set_offline(True)
    track(page, "Never Sent")
    page.evaluate("spindel.consent({analytics: false})")
    assert page.evaluate(DEVICE) == NOTHING
    visitor.context.set_offline(False)
    track(page, "Never Sent")
    visitor.settle(page)
    page = visitor.visit("/again", page)
    track(page, "Never Sent")
    visitor.settle(page)
    assert page.evaluate(DEVICE) == NOTHING
    visitor.facts(2)


def test_who_agrees_again_is_somebody_new(visitor: Visitor) -> None:
    page = visitor.visit()
    page.evaluate("spindel.consent('granted')")
    track(page, "Before")
    visitor.facts(1)
    page.evaluate("spindel.consent('denied')")
    page.evaluate("spindel.consent('granted')")
    track(page, "After")
    before, after = visitor.facts(2)
    assert before.identifiers != after.identifiers


def test_a_withdrawal_holds_in_the_other_tabs_too(visitor: Visitor) -> None:
    one, other = visitor.visit(), visitor.visit()
    one.evaluate("spindel.consent('granted')")
    other.evaluate("spindel.consent('granted')")
    one.evaluate("spindel.consent('denied')")
    visitor.holds(other, "!localStorage.length && !document.cookie")
    track(other, "Never Sent")
    visitor.settle(other)
    assert other.evaluate(DEVICE) == NOTHING
    assert visitor.store.count() == 0


def test_who_refuses_marketing_alone_is_not_followed_from_an_ad(visitor: Visitor) -> None:
    page = visitor.visit("/?gclid=g-1&utm_source=ads&size=38")
    page.evaluate("spindel.consent({analytics: true, marketing: false})")
    page.evaluate("spindel.page()")
    [fact] = visitor.facts(1)
    assert "g-1" not in str(fact)
    assert fact.properties["search"] == "?utm_source=ads&size=38"
    assert (fact.context or {})["campaign"] == {"source": "ads"}
    assert (fact.context or {})["consent"] == {
        "categoryPreferences": {"analytics": True, "marketing": False}
    }
    page.evaluate("spindel.consent({marketing: true})")
    page.evaluate("spindel.page()")
    *_, fact = visitor.facts(2)
    assert (fact.context or {})["clickIds"] == {"gclid": "g-1"}


GTAG = """
    window.dataLayer = window.dataLayer || [];
    function gtag() { dataLayer.push(arguments) }
    gtag("consent", "default", {analytics_storage: "denied", ad_storage: "denied"});
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_googles_consent_mode_is_heeded(shop: Shop, visitor: Visitor, when: str) -> None:
    tool = shop.script("/gtag.js", GTAG)
    shop.head = tool + shop.tag(page="manual", consent="granted")
    if when == "after":
        shop.head = shop.tag(page="manual") + '<script src="/gtag.js" defer></script>'
    page = visitor.visit()
    track(page, "Held")
    visitor.settle(page)
    assert page.evaluate(DEVICE) == NOTHING
    assert visitor.wire.bodies == []

    page.evaluate("gtag('event', 'something else', {analytics_storage: 'denied'})")
    page.evaluate("gtag('consent', 'update', {analytics_storage: 'granted', ad_storage: 'denied'})")
    [fact] = visitor.facts(1)
    assert (fact.context or {})["consent"]["categoryPreferences"]["marketing"] is False

    # The next page asks the same tool, which denies until it knows: nothing is forgotten by that.
    page = visitor.visit("/next", page)
    page.evaluate("gtag('consent', 'update', {analytics_storage: 'granted'})")
    track(page, "Product Viewed")
    first, second = visitor.facts(2)
    assert first.identifiers == second.identifiers

    page.evaluate("gtag('consent', 'update', {analytics_storage: 'denied'})")
    track(page, "Never Sent")
    visitor.settle(page)
    assert page.evaluate(DEVICE) == NOTHING
    visitor.facts(2)


TCF = """
    window.tell = null;
    window.__tcfapi = (command, version, then) => {
        if (command !== "addEventListener" || version !== 2) return;
        window.tell = (eventStatus, consents, gdprApplies = true) =>
            then({eventStatus, gdprApplies, purpose: {consents}}, true);
        tell("cmpuishown", {});
    };
"""


def test_the_iabs_framework_is_heeded(shop: Shop, visitor: Visitor) -> None:
    shop.head = shop.script("/cmp.js", TCF) + shop.tag(page="manual")
    page = visitor.visit()
    track(page, "Held")
    visitor.settle(page)
    assert page.evaluate(DEVICE) == NOTHING
    assert visitor.wire.bodies == []
    page.evaluate("tell('useractioncomplete', {1: true, 7: true, 8: true})")
    visitor.facts(1)
    page.evaluate("tell('cmpuishown', {1: true, 7: true, 8: true})")
    track(page, "Product Viewed")
    visitor.facts(2)
    page.evaluate("tell('useractioncomplete', {1: true, 8: false})")
    track(page, "Never Sent")
    visitor.settle(page)
    assert page.evaluate(DEVICE) == NOTHING
    visitor.facts(2)


def test_where_the_gdpr_does_not_apply_the_framework_lets_it_go(
    shop: Shop, visitor: Visitor
) -> None:
    shop.head = shop.script("/cmp.js", TCF) + shop.tag(page="manual")
    page = visitor.visit()
    page.evaluate("tell('tcloaded', {}, false)")
    track(page, "Product Viewed")
    visitor.facts(1)


def test_what_the_page_says_itself_comes_before_the_tools(shop: Shop, visitor: Visitor) -> None:
    shop.head = shop.script("/cmp.js", TCF) + shop.tag(page="manual")
    page = visitor.visit()
    page.evaluate("spindel.consent('denied')")
    page.evaluate("tell('tcloaded', {1: true, 7: true, 8: true})")
    track(page, "Never Sent")
    visitor.settle(page)
    assert page.evaluate(DEVICE) == NOTHING
    page.evaluate("spindel.consent('granted')")
    page.evaluate("tell('useractioncomplete', {1: false})")
    track(page, "Product Viewed")
    assert names(visitor.facts(1)) == ["Product Viewed"]


# --- who it is ------------------------------------------------------------------------------------


def test_a_reset_is_somebody_else(visitor: Visitor) -> None:
    page = visitor.visit()
    page.evaluate("spindel.consent('granted')")
    page.evaluate("spindel.identify('u-1', {email: 'anna@example.com'}); spindel.track('Hers')")
    page.evaluate("spindel.group('berg-ab', {plan: 'staff'})")
    page.evaluate("spindel.reset(); spindel.track('Somebody’s')")
    facts = {fact.name: fact for fact in visitor.facts(4)}
    assert "user_id:u-1" in facts["Hers"].identifiers
    assert facts["Group Joined"].properties == {"group_id": "berg-ab", "plan": "staff"}
    assert not set(facts["Hers"].identifiers) & set(facts["Somebody’s"].identifiers)
    assert UUID.search(facts["Somebody’s"].identifiers[0])
    page = visitor.visit("/next", page)
    track(page, "Next")
    *_, fact = visitor.facts(5)
    assert fact.identifiers == facts["Somebody’s"].identifiers


# --- nothing lost, nothing twice ------------------------------------------------------------------


def test_what_happens_offline_arrives_when_the_net_is_back(visitor: Visitor) -> None:
    page = visitor.visit()
    page.evaluate("spindel.consent('granted')")
    visitor.context.set_offline(True)
    events = [f"Event {n:03}" for n in range(250)]
    track(page, *events)
    visitor.settle(page)
    assert visitor.store.count() == 0
    visitor.context.set_offline(False)
    facts = visitor.facts(250)
    assert sorted(names(facts)) == events


def test_what_waits_survives_a_closed_page(visitor: Visitor) -> None:
    page = visitor.visit()
    page.evaluate("spindel.consent('granted')")
    visitor.context.set_offline(True)
    track(page, "One", "Two", "Three")
    page.close()
    visitor.context.set_offline(False)
    visitor.visit()
    assert Counter(names(visitor.facts(3))) == Counter(["One", "Two", "Three"])


@pytest.mark.parametrize("locks", ["with Web Locks", "without"])
def test_two_tabs_do_not_send_the_same_twice(shop: Shop, visitor: Visitor, locks: str) -> None:
    if locks == "without":
        hide = "Object.defineProperty(Navigator.prototype, 'locks', {value: undefined});"
        shop.head = shop.script("/hide.js", hide) + shop.head
    visitor.context.set_offline(False)
    tabs = [visitor.visit(), visitor.visit(), visitor.visit()]
    tabs[0].evaluate("spindel.consent('granted')")
    tabs = [visitor.visit("/next", tab) for tab in tabs]
    slow = re.compile("/v1/batch")
    visitor.context.route(slow, lambda route: (time.sleep(0.2), route.continue_()))
    for turn in range(5):
        for number, tab in enumerate(tabs):
            track(tab, *(f"{number}-{turn}-{n}" for n in range(7)))
        tabs[0].wait_for_timeout(400)
    visitor.facts(105)
    visitor.settle(tabs[0])
    assert visitor.wire.repeated() == set()
    assert visitor.store.tally() == {"kept": 105}
    assert len({fact.identifiers for fact in visitor.store.facts()}) == 1


def test_a_reload_while_it_is_being_sent_loses_and_doubles_nothing(visitor: Visitor) -> None:
    page = visitor.visit()
    page.evaluate("spindel.consent('granted')")
    answers = iter([False] * 2)

    def arrives_unanswered(route) -> None:
        if next(answers, True):
            route.continue_()
        else:
            route.fetch()
            route.abort("connectionreset")

    visitor.context.route("**/v1/batch", arrives_unanswered)
    for turn in range(4):
        track(page, *(f"{turn}-{n}" for n in range(25)))
        page.wait_for_timeout(30)
        page.reload()
        visitor.holds(page, "window.spindel?.replay")
    visitor.facts(100)
    visitor.until(lambda: visitor.wire.repeated())
    visitor.settle(page)
    visitor.facts(100)
    assert page.evaluate("Object.keys(localStorage)") == ["spindel.on"]


def test_an_ad_blocker_costs_no_more_than_its_bounds(visitor: Visitor) -> None:
    visitor.context.route("**/v1/batch", lambda route: route.abort("blockedbyclient"))
    page = visitor.visit()
    page.evaluate("spindel.consent('granted')")
    page.evaluate("for (let n = 0; n < 1_200; n++) spindel.track(`Event ${n}`, {n})")
    visitor.settle(page)
    kept = page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('spindel.q'))")
    assert len(kept) <= 1_000
    assert len(visitor.wire.bodies) < 5
    visitor.context.unroute("**/v1/batch")
    page.evaluate("dispatchEvent(new Event('online'))")
    facts = visitor.facts(1_000)
    assert {fact.properties["n"] for fact in facts} == set(range(200, 1_200))
    assert sum((fact.context or {}).get("dropped", 0) for fact in facts) <= 200
    assert (facts[-1].context or {})["dropped"] == 1


@pytest.mark.parametrize("status", [503, 429, 408])
def test_a_server_that_is_busy_is_asked_again_with_the_same_messages(
    visitor: Visitor, status: int
) -> None:
    page = visitor.visit()
    page.evaluate("spindel.consent('granted')")
    times: list[float] = []

    def busy(route) -> None:
        times.append(time.monotonic())
        if len(times) > 2:
            route.continue_()
        else:
            cors = {
                "access-control-allow-origin": "*",
                "access-control-expose-headers": "Retry-After",
            }
            route.fulfill(status=status, headers={**cors, "retry-after": "2"})

    visitor.context.route("**/v1/batch", busy)
    track(page, "One", "Two")
    visitor.facts(2)
    assert len(visitor.wire.bodies) == 3
    ids = [[message["messageId"] for message in body["batch"]] for body in visitor.wire.bodies]
    assert ids[0] == ids[1] == ids[2]
    assert all(later - sooner >= 2 for sooner, later in pairwise(times))


def test_what_the_server_will_never_take_is_let_go(visitor: Visitor, web: Source) -> None:
    web.write_keys.all().delete()
    page = visitor.visit()
    page.evaluate("spindel.consent('granted')")
    track(page, "Product Viewed")
    visitor.until(lambda: visitor.wire.bodies)
    visitor.holds(page, "Object.keys(localStorage).join() === 'spindel.on'")
    visitor.settle(page)
    assert len(visitor.wire.bodies) == 1


def test_a_message_that_is_too_large_spoils_no_other(visitor: Visitor) -> None:
    page = visitor.visit()
    page.evaluate("spindel.consent('granted')")
    page.evaluate("spindel.track('Too Large', {text: 'å'.repeat(17_000)})")
    page.evaluate("for (let n = 0; n < 30; n++) spindel.track('Large', {text: 'x'.repeat(28_000)})")
    assert set(names(visitor.facts(30))) == {"Large"}
    assert visitor.store.tally() == {"kept": 30}


def test_whoever_leaves_is_heard_out(visitor: Visitor) -> None:
    page = visitor.visit()
    page.evaluate("spindel.consent('granted')")
    page.evaluate("spindel.track('Last Words'); location.href = 'about:blank'")
    assert names(visitor.facts(1)) == ["Last Words"]
    page = visitor.visit("/again", page)
    track(page, "Product Viewed")
    assert names(visitor.facts(2)) == ["Last Words", "Product Viewed"]


def test_whoever_closes_the_tab_is_heard_out(visitor: Visitor) -> None:
    visitor.context.new_page()
    page = visitor.visit()
    page.evaluate("spindel.consent('granted')")
    track(page, "Last Words")
    page.close(run_before_unload=True)
    visitor.facts(1)


def test_a_click_to_the_next_page_is_sent_once(visitor: Visitor) -> None:
    page = visitor.visit()
    page.evaluate("spindel.consent('granted')")
    for turn in range(3):
        page.evaluate(f"spindel.track('Product Clicked'); location.href = '/product/{turn}'")
        page.wait_for_url(f"**/product/{turn}")
        visitor.holds(page, "window.spindel?.replay")
    visitor.facts(3)
    visitor.settle(page)
    assert visitor.store.tally() == {"kept": 3}


def test_a_tab_in_the_background_has_said_what_it_had_to(visitor: Visitor) -> None:
    page = visitor.visit()
    page.evaluate("spindel.consent('granted')")
    kept = page.evaluate(  # in one turn of the page: no answer can clear the queue in between
        """() => {
            spindel.track("Put Away");
            Object.defineProperty(document, "visibilityState", {value: "hidden"});
            document.dispatchEvent(new Event("visibilitychange"));
            return Object.keys(localStorage).length;
        }"""
    )
    assert kept == 2
    visitor.facts(1)
    visitor.settle(page)
    assert visitor.store.tally() == {"kept": 1}


# --- pages that are not kind ----------------------------------------------------------------------


def test_values_that_json_cannot_say_break_nothing(visitor: Visitor) -> None:
    page = visitor.visit()
    page.evaluate("spindel.consent('granted')")
    page.evaluate(
        r"""() => {
            const round = {name: "round"};
            round.self = round;
            const wide = {};
            let at = wide;
            for (let n = 0; n < 500; n++) at = at.deeper = {};
            spindel.track("Odd", {
                round, big: 10n, not: NaN, none: undefined, call: () => 1, element: document.body,
                window, date: new Date(NaN), day: new Date(0), nul: "a\0b", half: "\ud800", wide,
                proxy: new Proxy({}, {ownKeys() { throw new Error("no") }}),
                get trap() { throw new Error("no") },
                toString() { throw new Error("no") },
            });
            spindel.track();
            spindel.track({});
            spindel.track(Symbol("x"));
            spindel.identify(null, null);
            spindel.group();
            spindel.consent(null);
            spindel.consent({get analytics() { throw new Error("no") }});
            spindel.page(round);
        }"""
    )
    facts = {fact.name: fact for fact in visitor.facts(3)}
    odd = facts["Odd"].properties
    assert odd["round"] == {"name": "round"}
    assert odd["big"] == "10"
    assert odd["not"] is None
    assert odd["nul"] == "ab"
    assert odd["day"] == "1970-01-01T00:00:00.000Z"
    assert {"none", "call", "element", "window", "trap"}.isdisjoint(odd)
    assert visitor.store.tally() == {"kept": 3}


HOSTILE = {
    "storage throws": """
        for (const name of ["getItem", "setItem", "removeItem", "key"])
            Storage.prototype[name] = () => { throw new Error("no") };""",
    "no storage at all": """
        Object.defineProperty(window, "localStorage", {get() { throw new Error("denied") }});
        Object.defineProperty(document, "cookie", {
            get() { throw new Error("denied") }, set() { throw new Error("denied") }});""",
    "storage is full": """
        const set = Storage.prototype.setItem;
        Storage.prototype.setItem = function (name, value) {
            if (value.length > 100) throw new DOMException("full", "QuotaExceededError");
            set.call(this, name, value);
        };""",
    "JSON is replaced, later": "addEventListener('load', () => { JSON.stringify = () => '?' });",
    "the clock is broken": """
        Date.now = () => NaN;
        Date.prototype.toISOString = () => { throw new RangeError("no") };""",
    "arrays have a toJSON": "Array.prototype.toJSON = function () { return 'array' };",
    "an element has the name": """
        addEventListener("DOMContentLoaded", () => {
            const element = document.createElement("div");
            element.id = "spindel";
            document.documentElement.append(element);
        });""",
    "no navigation, no locks": """
        delete window.navigation;
        Object.defineProperty(Navigator.prototype, "locks", {value: undefined});""",
    "it throws all the time": "setInterval(() => { throw new Error('theirs') }, 5);",
}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_page_is_told_of_all_the_same(shop: Shop, visitor: Visitor, hostile: str) -> None:
    # Run before the script, on every page.
    shop.head = shop.script("/hostile.js", HOSTILE[hostile]) + shop.head
    page = visitor.visit()
    page.evaluate("spindel.consent('granted')")
    page.evaluate("spindel.track('Product Viewed', {products: [{sku: 'vinga-38'}]})")
    page.evaluate("spindel.identify('u-1')")
    visitor.until(lambda: visitor.store.count() >= 2)
    page.evaluate("spindel.track('Last Words'); location.href = 'about:blank'")
    visitor.until(lambda: visitor.store.count() >= 3)
    visitor.settle(page)
    facts = visitor.store.facts()
    assert len(facts) == 3
    assert {"Product Viewed", "Customer Identified", "Last Words"} == set(names(facts))
    assert [error for error in visitor.wire.complaints if "theirs" not in error] == []


def test_a_page_whose_json_is_gone_goes_on(shop: Shop, visitor: Visitor) -> None:
    shop.head = shop.script("/hostile.js", "JSON = null; fetch = null;") + shop.head
    page = visitor.visit()
    page.evaluate("spindel.consent('granted'); spindel.track('x'); spindel.reset()")
    page.evaluate("spindel.consent('denied')")
    assert visitor.wire.complaints == []
