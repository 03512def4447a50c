"""Anna’s story, and her page as Maja of customer service has it open."""

from __future__ import annotations

import base64
import json
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from spindel.catalogue import actions as catalogue
from spindel.catalogue.markets import Market
from spindel.catalogue.models import Place, Variant
from spindel.commerce.carts.actions import Edit, change_for
from spindel.identity import customers, ownership
from spindel.staff.models import User
from spindel.timeline.models import Source
from tests.catalogue.goods import put, shoe, store
from tests.commerce.stock.cast import deliver
from tests.conftest import PASSWORD
from tests.telling import follow

Open = Callable[..., Any]


@dataclass
class Story:
    """Anna, who looks at a shoe that the web has no more of."""

    server: str
    customer: int = 0

    def send(self, *messages: dict[str, object]) -> None:
        batch = [
            {"messageId": f"{id(self)}-{number}-{message}", "userId": "anna", **message}
            for number, message in enumerate(messages)
        ]
        request = urllib.request.Request(
            f"{self.server}/v1/batch",
            json.dumps({"batch": batch}).encode(),
            {"Authorization": "Basic " + base64.b64encode(b"web-key:").decode()},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status == 200
        follow()

    def put(self, sku: str, quantity: int) -> None:
        """As Anna does on her phone."""
        change_for(
            ownership.under(self.customer),
            Edit(sku, quantity=quantity),
            market=Market("SE", "SEK", "sv"),
            channel="app",
        )
        follow()


@pytest.fixture
def story(server: str, web: Source) -> Story:
    put(shoe("vinga", sizes=[36, 37, 38, 39]), shoe("haga"))
    catalogue.put_places(
        [
            store("goteborg", name="Nordsko Vallgatan", city="Göteborg"),
            store("stockholm", name="Nordsko Götgatan", latitude=59.32, longitude=18.07),
        ]
    )
    wanted = Variant.objects.get(sku="VINGA-38").pk
    for place in Place.objects.all():
        deliver(wanted, place.pk, 2)
    told = Story(server)
    traits = {"name": "Anna Åkesson-Lind", "city": "Göteborg", "email": "anna@example.se"}
    viewed = {"product_id": "vinga", "name": "Vinga", "availability": "sold out"}
    told.send(
        {"type": "identify", "traits": traits},
        {"type": "track", "event": "Product Viewed", "properties": viewed},
    )
    told.customer = customers.by_identifier("user_id", "anna") or 0
    return told


@pytest.fixture
def open_page(chromium: Any, story: Story, agent: User) -> Iterator[Open]:
    """Opens Anna's page as Maja, who has logged in; what the browser complains of is collected."""
    contexts = []

    def open_(width: int) -> Any:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
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
        path = f"/customers/{story.customer}/"
        page.goto(f"{story.server}/login/?next={path}")
        page.fill("[name=login]", agent.email)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_selector("[data-live-state]:not([hidden])", state="attached")
        page.wait_for_selector("#cart-title")
        return page

    yield open_
    for context in contexts:
        context.close()
