"""The official browser clients, unmodified, in a Chromium, against a running collector."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from spindel.identity.models import Tenure
from tests.browser.conftest import chromium  # noqa: F401 - a fixture
from tests.browser.shop import Shop, opened
from tests.collect.support import Store
from tests.telling import follow, wait_until

pytestmark = pytest.mark.slow

PATIENCE = 30  # seconds
STORY = """async (client) => {
    client.page("Product", "Vinga");
    client.track("Product Viewed", {sku: "vinga-38", price: 1299.5, name: "Åre"});
    client.identify("u-1", {email: "anna@example.com", name: "Anna Berg"});
    client.group("berg-ab", {plan: "staff"});
    client.track("Product Added", {sku: "vinga-38"});
    client.alias("u-1", "a-0");
}"""
NAMES = {
    "Page Viewed",
    "Product Viewed",
    "Customer Identified",
    "Group Joined",
    "Product Added",
    "Customer Aliased",
}


@pytest.fixture
def shop(server: str, browser_clients: Path) -> Iterator[Shop]:
    """A shop that has the clients among its files. Their chunks want a laxer policy."""
    with opened(server) as shop:
        shop.policy = ""
        for name, folder in (
            ("segment", "@segment/analytics-next/dist/umd"),
            ("rudderstack", "@rudderstack/analytics-js/dist/npm/modern/bundled/umd"),
        ):
            for file in (browser_clients / "node_modules" / folder).glob("*.js"):
                shop.scripts[f"/{name}/{file.name}"] = file.read_text()
        yield shop


def _load(client: str, server: str, more: str = "") -> str:
    if client == "segment":
        return f"""window.client = AnalyticsNext.AnalyticsBrowser.load(
            {{writeKey: "web-key", cdnURL: "{server}"}}, {{{more}}})"""
    return f"""(() => {{
        window.client = new rudderanalytics.RudderAnalytics();
        client.load("web-key", "{server}", {{
            configUrl: "{server}", logLevel: "ERROR", {more}
        }});
    }})()"""


WAYS = {
    "segment": ("segment", ""),
    "segment, in batches": (
        "segment",
        """integrations: {"Segment.io": {deliveryStrategy: {
            strategy: "batching", config: {size: 4, timeout: 500}}}}""",
    ),
    "rudderstack": ("rudderstack", ""),
    "rudderstack, in batches": (
        "rudderstack",
        "queueOptions: {batch: {enabled: true, maxItems: 4, flushInterval: 500}}",
    ),
    "rudderstack, by beacons": (
        "rudderstack",
        "useBeacon: true, beaconQueueOptions: {maxItems: 4, flushQueueInterval: 500}",
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_browser_client(
    chromium,  # noqa: F811 - the fixture imported above
    shop: Shop,
    store: Store,
    way: str,
) -> None:
    client, more = WAYS[way]
    shop.head = f'<script src="/{client}/index.js"></script>'
    context = chromium.new_context()
    try:
        page = context.new_page()
        paths: set[str] = set()
        page.on("request", lambda request: paths.add(urlsplit(request.url).path))
        page.goto(f"{shop.url}/p/vinga?utm_source=news&utm_campaign=autumn")
        page.evaluate(_load(client, shop.spindel, more))
        page.evaluate(f"({STORY})(client)")

        def arrived() -> bool:
            page.wait_for_timeout(50)
            return store.count() >= 6

        wait_until(arrived, PATIENCE)
        # Long enough for a client to send again what it thinks was not heard.
        page.wait_for_timeout(3_000)
        page.reload()
        page.evaluate(_load(client, shop.spindel, more))
        page.wait_for_timeout(2_000)
    finally:
        context.close()

    assert (not paths.isdisjoint({"/v1/b", "/v1/batch"})) == ("in batches" in way)
    assert ("/beacon/v1/batch" in paths) == ("by beacons" in way)
    facts = {fact.name: fact for fact in store.facts()}
    assert set(facts) == NAMES
    assert store.tally() == {"kept": 6}
    viewed = facts["Product Viewed"]
    assert viewed.properties == {"sku": "vinga-38", "price": 1299.5, "name": "Åre"}
    assert viewed.channel == "web"
    anonymous = next(one for one in viewed.identifiers if one.startswith("anonymous_id:"))
    assert {"user_id:u-1", anonymous} <= set(facts["Product Added"].identifiers)
    identified = facts["Customer Identified"]
    assert {"user_id:u-1", anonymous, "email:anna@example.com"} <= set(identified.identifiers)
    assert identified.properties == {"email": "anna@example.com", "name": "Anna Berg"}
    assert facts["Page Viewed"].properties["path"] == "/p/vinga"
    assert facts["Page Viewed"].properties["name"] == "Vinga"
    assert facts["Group Joined"].properties["group_id"] == "berg-ab"
    assert "anonymous_id:a-0" in facts["Customer Aliased"].identifiers
    assert (viewed.context or {})["campaign"]["name"] == "autumn"
    assert (viewed.context or {})["userAgent"]
    assert (viewed.context or {})["ip"] == "127.0.0.1"

    follow()
    assert Tenure.objects.values("customer").distinct().count() == 1
