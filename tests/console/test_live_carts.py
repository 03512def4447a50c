"""A cart that is open on two devices: what one changes, the other hears within a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from asgiref.sync import sync_to_async

from spindel.commerce import whose
from spindel.commerce.actions import carts
from spindel.commerce.actions import shoppers as sessions
from spindel.commerce.actions.carts import Edit
from spindel.commerce.reading import shoppers
from spindel.console.live_carts import LiveCarts
from tests.console.test_live import Stream


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
    device = whose.identifier("anonymous_id", browser)
    return sessions.let_in(
        browser=device, market="SE", currency="SEK", language="sv", proved=proved
    )


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
    anna = await sync_to_async(whose.identifier)("email", "anna@example.se")
    phone, laptop = [await sync_to_async(come)(anna, name) for name in ("phone-1", "laptop-1")]
    await sync_to_async(carts.change_of_shopper)(shoppers.digest(laptop), Edit(goods, quantity=1))
    page = Page(live, laptop)
    await page.until(lambda: page.status == 200)
    began = time.monotonic()
    await sync_to_async(carts.change_of_shopper)(shoppers.digest(phone), Edit(goods, quantity=2))
    await page.until(lambda: page.rings == 1)
    assert time.monotonic() - began < 5  # a second, and what a busy machine adds
    assert b"data: 2" in page.heard


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
