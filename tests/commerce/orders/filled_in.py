"""What a form for an order comes filled in with."""

from __future__ import annotations

import re

from spindel.identity import customers
from tests.commerce.for_whom import PART, Staff
from tests.commerce.for_whom import staff as staff  # a fixture
from tests.console.conftest import text
from tests.shopping import Come
from tests.telling import follow

ANNA, MALLORY = "anna@example.se", "mallory@example.se"


def fields(page: str) -> dict[str, str]:
    inputs = re.findall(r"<input[^>]*>", page)
    named = [
        (re.search(r' name="(\w+)"', one), re.search(r'value="([^"]*)"', one)) for one in inputs
    ]
    return {name[1]: value[1] if value else "" for name, value in named if name}


def forms(staff: Staff) -> dict[str, str]:
    """The pages of every face with a form for her, found by her address."""
    staff.maja.get("/customers/found/", {"q": ANNA})
    her = customers.by_identifier("email", ANNA)
    said = {"sku": "vinga-38", "quantity": 1}
    staff.maja.post(f"/carts/of/{her}/change/", said, headers=PART)
    staff.tablet.get(f"/store/customers/?q={ANNA}")
    return {
        "console": text(staff.maja.get(f"/carts/of/{her}/order/")),
        "quote": text(staff.maja.get(f"/quotes/new/?customer={her}")),
        "tablet": staff.tablet.get(f"/store/customers/{her}/cart/order/"),
    }


def order(shop: Come, contact: dict[str, str], whose: str | None = None) -> None:
    device = shop("d", whose)
    device.add("vinga-38")
    said = {
        "contact": {name: contact[name] for name in ("name", "email", "phone") if name in contact},
        "address": {x: contact[x] for x in ("street", "postcode", "city")} | {"country": "SE"},
        "pay_by": "invoice",
    }
    done = device.ask("POST", "orders", said, **{"Idempotency-Key": "k"})
    assert done.status_code == 201, done.content
    follow()
