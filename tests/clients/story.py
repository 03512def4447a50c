"""One of each call, through an official Python client: `story.py MODULE KEY ADDRESS`."""

import importlib
import sys
from datetime import UTC, datetime


def main() -> None:
    module, key, address = sys.argv[1:]
    failures: list[object] = []
    client = importlib.import_module(f"{module}.client").Client(
        key, host=address, on_error=lambda error, _: failures.append(error)
    )
    context = {"locale": "sv-SE"}
    client.identify("u-1", {"email": "anna@example.com", "name": "Anna Berg"})
    client.track(
        "u-1",
        "Product Viewed",
        {"sku": "vinga-38", "price": 1299.5, "name": "Åre"},
        context=context,
        timestamp=datetime(2026, 1, 15, 10, 0, 0, 123000, tzinfo=UTC),
        anonymous_id="a-1",
    )
    client.page("u-1", "Product", "Vinga", {"path": "/p/vinga"})
    client.screen("u-1", "Account", "Orders", {"tab": 2})
    client.group("u-1", "berg-ab", {"plan": "staff"})
    client.alias("a-0", "u-1")
    client.flush()
    client.join()
    print(importlib.import_module(f"{module}.version").VERSION)
    sys.exit(f"failed: {failures}" if failures else 0)


main()
