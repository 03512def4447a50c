"""A cart that is open on two devices: what one changes, the other hears within a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from spindel.catalogue.markets import Market
from spindel.catalogue.models import Place, Variant
from spindel.commerce.carts import actions as carts
from spindel.commerce.carts.actions import Edit
from spindel.commerce.common.rules import Line
from spindel.commerce.stock.actions import holds
from spindel.commerce.stock.models import Hold
from spindel.identity import identifiers
from spindel.shop import actions as shop_actions
from spindel.shop.live_carts import LiveCarts
from spindel.shoppers import actions as sessions
from spindel.shoppers import reading as shoppers
from tests.commerce.stock.cast import deliver, let_time_pass
from tests.console.cast import Stream


@pytest.fixture
async def live(database_url: str) -> AsyncIterator[LiveCarts]:
    live = LiveCarts()
    await live.start()
    yield live
    await live.stop()


@pytest.fixture
def goods(database: str) -> str:
    """The SKU of something that is sold."""
    from spindel.catalogue.models import Price, Product, Variant

    product = Product.objects.create(number="vinga", names={"sv": "Vinga"})
    variant = Variant.objects.create(product=product, sku="vinga-38")
    Price.objects.create(variant=variant, market="SE", currency="SEK", amount=129_900)
    return variant.sku


def come(proved: int | None = None, browser: str = "phone-of-anna") -> str:
    device = identifiers.identifier("anonymous_id", browser)
    return sessions.let_in(browser=device, market=Market("SE", "SEK", "sv"), proved=proved)


class Page(Stream):
    """A page of the shop."""

    def __init__(self, live: LiveCarts, key: str) -> None:
        super().__init__(live, "/live/cart")  # type: ignore[arg-type]  # it is called alike
        self.task.cancel()
        self.scope["headers"] = [(b"authorization", f"Bearer {key}".encode())]
        self.task = asyncio.create_task(live(self.scope, self._receive, self._send))

    @property
    def rings(self) -> int:
        return self.heard.count(b"event: cart")


async def test_the_laptop_hears_within_a_second_what_the_phone_does(
    live: LiveCarts, goods: str
) -> None:
    anna = await sync_to_async(identifiers.identifier)("email", "anna@example.se")
    phone, laptop = [await sync_to_async(come)(anna, name) for name in ("phone-1", "laptop-1")]
    await sync_to_async(carts.change_of_shopper)(shoppers.digest(laptop), Edit(goods, quantity=1))
    page = Page(live, laptop)
    await page.until(lambda: page.status == 200)
    began = time.monotonic()
    await sync_to_async(carts.change_of_shopper)(shoppers.digest(phone), Edit(goods, quantity=2))
    await page.until(lambda: page.rings == 1)
    assert time.monotonic() - began < 5  # a second, and what a busy machine adds
    assert b"data: 2" in page.heard


async def test_what_is_held_is_told_live_and_so_is_its_end(live: LiveCarts, goods: str) -> None:
    anna = await sync_to_async(identifiers.identifier)("email", "anna@example.se")
    phone, laptop = [await sync_to_async(come)(anna, name) for name in ("phone-1", "laptop-1")]
    stranger = await sync_to_async(come)(None, "stranger-1")
    pages = [Page(live, key) for key in (laptop, stranger)]
    for page in pages:
        await page.until(lambda page=page: page.status == 200)
    held = await sync_to_async(hold)(phone)
    await pages[0].until(lambda: pages[0].heard.count(b"event: holds") == 1)
    await sync_to_async(holds.set_aside)(held)
    await pages[0].until(lambda: pages[0].heard.count(b"event: holds") == 2)
    await sync_to_async(let_time_pass)(Hold(pk=held))
    await pages[0].until(lambda: pages[0].heard.count(b"event: holds") == 3)
    assert pages[0].rings == 0
    assert b"event" not in pages[1].heard


def hold(key: str) -> int:
    """Hold a pair in a store."""
    variant = Variant.objects.get().pk
    store = Place.objects.create(code="goteborg", name="Göteborg").pk
    deliver(variant, store, 1)
    line, until = Line(variant, store, 1), timezone.now() + timedelta(hours=1)
    return shop_actions.hold(shoppers.digest(key), line, until, key="k", asked="hour").pk


async def test_a_stranger_hears_nothing(live: LiveCarts, goods: str) -> None:
    page = Page(live, "sh_made-up")
    await page.until(lambda: page.status is not None)
    assert page.status == 401


async def test_a_session_that_is_over_hears_no_more(live: LiveCarts, goods: str) -> None:
    key = await sync_to_async(come)()
    page = Page(live, key)
    await page.until(lambda: page.status == 200)
    await sync_to_async(sessions.let_out)(shoppers.digest(key))
    async with asyncio.timeout(10):
        await page.task
