"""A shopper at the demo's web shop, which calls the real API, all in this process."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape

import httpx
import pytest
from starlette.types import ASGIApp

from spindel.catalogue import actions
from spindel.catalogue.models import Place, Variant
from spindel.catalogue.product_input import PriceData, ProductData, VariantData
from spindel.commerce.stock.reading import levels
from spindel.console.wsgi import application as django
from spindel.demo.storefront.app import application
from spindel.demo.storefront.goods import Stock
from spindel.demo.storefront.spindel import Spindel
from spindel.demo.storefront.visiting import Shop
from spindel.messages.models import Mail
from spindel.run.pages import Pages
from spindel.staff.actions import create_token
from spindel.staff.models import Scope
from spindel.timeline.models import Source
from tests.commerce.stock.cast import deliver

HOST = "http://shop.example"


class Shopper:
    """A browser without scripts: it keeps cookies, follows redirects and sends forms."""

    def __init__(self, shop: ASGIApp, runner: asyncio.Runner, language: str = "en") -> None:
        self._runner = runner
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(shop, raise_app_exceptions=False),
            base_url=HOST,
            headers={"Accept-Language": language},
            follow_redirects=True,
        )

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self._runner.run(self.client.get(path, headers=headers))

    def post(
        self, path: str, data: dict[str, str] | None = None, *, origin: str = HOST, **headers: str
    ) -> httpx.Response:
        headers = {"Origin": origin, **headers} if origin else headers
        return self._runner.run(self.client.post(path, data=data or {}, headers=headers))

    def send(self, page: httpx.Response, form: str, **more: str) -> httpx.Response:
        """Send the page's first form whose tag or fields hold `form`, filled in with `more`."""
        for tag, inner in re.findall(r"<form([^>]*)>(.*?)</form>", page.text, re.S):
            if form in tag or form in inner:
                action = re.search(r'action="([^"]*)"', tag)
                assert action
                return self.post(unescape(action[1]), fields(inner) | more)
        raise AssertionError(f"The page has no form with {form}.")


def fields(form: str) -> dict[str, str]:
    """What a form holds as it comes: hidden fields, texts, what is chosen."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = (re.search(rf'\b{one}="([^"]*)"', tag) for one in ("name", "value"))
        if name is None or (re.search(r'type="(radio|checkbox)"', tag) and " checked" not in tag):
            continue
        found[name[1]] = unescape(value[1]) if value else ""
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option value="([^"]*)"[^>]* selected', options)
        if chosen:
            found[name] = unescape(chosen[1])
    return found


def words(page: httpx.Response) -> str:
    """What the page's main part says, without its markup."""
    main = page.text.partition("<main")[2].partition("</main>")[0] or page.text
    said = page.text.partition("</header>")[2].partition("<main")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", said + main)).split())


class Wire(httpx.AsyncBaseTransport):
    """The way to Spindel, which can be cut."""

    def __init__(self) -> None:
        self._pages = Pages(django, 2)
        self._inner = httpx.ASGITransport(self._pages)
        self.cut = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.cut:
            raise httpx.ConnectError("cut")
        return await self._inner.handle_async_request(request)

    def stop(self) -> None:
        self._pages.stop()


class Street:
    """The shop, and whoever comes to it."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self.wire = Wire()
        self._runner = runner
        scopes = [Scope.READ_CATALOGUE, Scope.READ_STOCK, Scope.SHOP]
        token = create_token("web shop", scopes, None)[1]
        spindel = Spindel("http://localhost", token, self.wire)
        stock = Stock(spindel)
        stock._SECONDS = 0  # what a test does to the stock shows at once
        self.shop = application(Shop(spindel, "web-key", stock, secure=False))

    def shopper(self, language: str = "en") -> Shopper:
        return Shopper(self.shop, self._runner, language)


@contextmanager
def opened() -> Iterator[Street]:
    """A shop that is open."""
    with asyncio.Runner() as runner:
        street = Street(runner)
        try:
            yield street
        finally:
            street.wire.stop()


ALWAYS = {str(day): [["10:00", "18:00"]] for day in range(1, 8)}


def furnish() -> None:
    """Vinga in two colours and two sizes, a boot, a store in Göteborg and one in København."""
    Place.objects.create(
        code="vallgatan",
        name="Vallgatan",
        city="Göteborg",
        country="SE",
        latitude=57.70,
        longitude=11.97,
        hours=ALWAYS,
    )
    Place.objects.create(
        code="kobmagergade",
        name="Købmagergade",
        city="København",
        country="DK",
        latitude=55.68,
        longitude=12.58,
        hours=ALWAYS,
    )
    Place.objects.create(
        code="lager", name="Lager", kind="warehouse", ships=True, hands_over=False, hours=ALWAYS
    )
    for number, category, colours in (
        ("vinga", "Sneakers", ("black", "white")),
        ("kiruna", "Boots", ("brown",)),
    ):
        put_product(number, category, colours)


def put_product(number: str, category: str, colours: tuple[str, ...], name: str = "") -> None:
    """Put a product into the catalogue, in the sizes 38 and 39."""
    prices = [PriceData("SE", "SEK", 129_900), PriceData("DK", "DKK", 84_900)]
    actions.put_products(
        [
            ProductData(
                number,
                [
                    VariantData(
                        f"{number}-{colour}-{size}",
                        options={"size": str(size), "colour": colour},
                        position=place,
                        prices=prices,
                    )
                    for place, (colour, size) in enumerate(
                        (c, s) for c in colours for s in (38, 39)
                    )
                ],
                names=dict.fromkeys(("sv", "da", "en"), name or number.capitalize()),
                texts=dict.fromkeys(("sv", "da", "en"), "Good."),
                brand="Nordsko",
                categories=[category],
                attributes={},
                vat=2500,
            )
        ]
    )


def bring(sku: str, place: str, quantity: int) -> None:
    """So many arrive."""
    deliver(Variant.objects.get(sku=sku).pk, Place.objects.get(code=place).pk, quantity)


@pytest.fixture
def street(web: Source, monkeypatch: pytest.MonkeyPatch) -> Iterator[Street]:
    """Vinga in two colours and two sizes, a boot, a store in Göteborg and one in København."""
    monkeypatch.setenv("SPINDEL_SHOP_URL", "http://shop.example/shop")
    furnish()
    with opened() as found:
        yield found
    assert levels.verify() == []


def login_link(anna, email: str, back: str = "/shop/my") -> str:
    page = anna.send(anna.get(f"/shop/login?back={back}"), "/shop/login", email=email)
    assert "A link is on its way" in words(page)
    return mailed_link()


def mailed_link() -> str:
    found = re.search(
        r"http://shop\.example(/shop/login\S+)",
        Mail.objects.filter(purpose="login").latest("pk").text,
    )
    assert found
    return found[1]
