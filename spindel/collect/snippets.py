"""How a system is connected: pieces of code to copy, with the source's key and our address."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from spindel.kit.browser import snippet as browser_snippet
from spindel.timeline.models import Source, SourceKind


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of code, and where it goes."""

    name: str  # in an address
    title: str
    where: str
    code: str


def snippets(source: Source, origin: str, key: str) -> list[Snippet]:
    """How to send as the source; what suits its kind first."""
    if source.kind == SourceKind.WEB:
        order = [*_BROWSER, "curl", *_SERVER, "import"]
    elif source.kind == SourceKind.APP:
        order = ["curl", *_SERVER, *_BROWSER, "import"]
    else:
        order = ["curl", *_SERVER, "import"]
    made = {one.name: one for one in _all(source, origin.rstrip("/"), key) if one.code}
    return [made[name] for name in order if name in made]


_BROWSER = ("browser", "segment-browser", "rudderstack-browser")
_SERVER = ("segment-node", "rudderstack-node", "segment-python", "rudderstack-python")


def _all(source: Source, origin: str, key: str) -> list[Snippet]:
    in_page = _("Into the head of every page of the shop.")
    names = {"origin": origin, "key": key, "slug": source.slug}
    return [
        Snippet("browser", _("Browser"), in_page, browser_snippet(origin, key)),
        Snippet(
            "segment-browser",
            _("Segment's browser client"),
            "npm install @segment/analytics-next",
            _SEGMENT_BROWSER % names,
        ),
        Snippet(
            "rudderstack-browser",
            _("RudderStack's browser client"),
            "npm install @rudderstack/analytics-js",
            _RUDDERSTACK_BROWSER % names,
        ),
        Snippet(
            "segment-node",
            _("Segment's Node client"),
            "npm install @segment/analytics-node",
            _SEGMENT_NODE % names,
        ),
        Snippet(
            "rudderstack-node",
            _("RudderStack's Node client"),
            "npm install @rudderstack/rudder-sdk-node",
            _RUDDERSTACK_NODE % names,
        ),
        Snippet(
            "segment-python",
            _("Segment's Python client"),
            "pip install segment-analytics-python",
            _SEGMENT_PYTHON % names,
        ),
        Snippet(
            "rudderstack-python",
            _("RudderStack's Python client"),
            "pip install rudder-sdk-python",
            _RUDDERSTACK_PYTHON % names,
        ),
        Snippet("curl", _("By hand"), _("From any terminal."), _CURL % names),
        Snippet("import", _("A file"), _("On the server; CSV, JSONL or Parquet."), _IMPORT % names),
    ]


_SEGMENT_BROWSER = """\
import { AnalyticsBrowser } from "@segment/analytics-next";

const analytics = AnalyticsBrowser.load({
  writeKey: "%(key)s",
  cdnURL: "%(origin)s",
});
analytics.page();
analytics.track("Product Viewed", { product_id: "vinga-38", name: "Vinga" });"""

_RUDDERSTACK_BROWSER = """\
import { RudderAnalytics } from "@rudderstack/analytics-js";

const analytics = new RudderAnalytics();
analytics.load("%(key)s", "%(origin)s", {
  configUrl: "%(origin)s",
});
analytics.page();
analytics.track("Product Viewed", { product_id: "vinga-38", name: "Vinga" });"""

_SEGMENT_NODE = """\
const { Analytics } = require("@segment/analytics-node");

const analytics = new Analytics({
  writeKey: "%(key)s",
  host: "%(origin)s",
});
analytics.track({
  userId: "anna-1",
  event: "Order Completed",
  properties: { order_id: "1001", total: 1299, currency: "SEK" },
});"""

_RUDDERSTACK_NODE = """\
const Analytics = require("@rudderstack/rudder-sdk-node");

const analytics = new Analytics("%(key)s", {
  dataPlaneUrl: "%(origin)s",
});
analytics.track({
  userId: "anna-1",
  event: "Order Completed",
  properties: { order_id: "1001", total: 1299, currency: "SEK" },
});"""

_SEGMENT_PYTHON = """\
from segment.analytics.client import Client

analytics = Client("%(key)s", host="%(origin)s")
analytics.track(
    "anna-1",
    "Order Completed",
    {"order_id": "1001", "total": 1299, "currency": "SEK"},
)
analytics.flush()"""

_RUDDERSTACK_PYTHON = """\
from rudderstack.analytics.client import Client

analytics = Client("%(key)s", host="%(origin)s")
analytics.track(
    "anna-1",
    "Order Completed",
    {"order_id": "1001", "total": 1299, "currency": "SEK"},
)
analytics.flush()"""

_CURL = """\
curl -u %(key)s: %(origin)s/v1/track -d '{
  "userId": "anna-1",
  "event": "Product Viewed",
  "properties": {"product_id": "vinga-38", "name": "Vinga"}
}'"""

_IMPORT = "spindel import orders.csv --source %(slug)s --mapping orders"
