"""One visit to a page: who has come, in which language and market, and with what key.

A key is a shopper's session with Spindel. It is fetched when it is first needed, kept in a cookie
that no script can read, and fetched anew when it is no longer good: she notices nothing.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qsl, unquote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from spindel.demo.storefront import showing
from spindel.demo.storefront.assets import asset
from spindel.demo.storefront.goods import (
    CATEGORIES,
    LOOK,
    TOWNS,
    Stock,
    colour_of,
    option,
    options_of,
    picture,
)
from spindel.demo.storefront.showing import qr, spaced
from spindel.demo.storefront.spindel import (
    Cart,
    Content,
    Nothing,
    PageSees,
    Prices,
    Problem,
    Product,
    Query,
    Sees,
    Session,
    Spindel,
    fields,
)
from spindel.demo.storefront.words import CURRENCIES, LANGUAGES, MARKETS, translate
from spindel.kit import environment

T = TypeVar("T")

ROOT = "/shop/"
SESSION, BROWSER, PREFERENCES, CONSENT, SAID, STORE = (
    *("shop_session", "shop_browser", "shop_prefs", "shop_consent", "shop_said", "shop_store"),
)
TO_PAY = "to_pay"  # said by whoever leads to the payment
_YEAR = 365 * 24 * 3600
_LARGEST_FORM = 64 * 1024
_MARK = re.compile(r"([\w-]{8,64})(?:\.am?)?\Z")  # of the browser's script: docs/browser.md
_KEY = re.compile(r"[\w-]{8,200}\Z")
_BACK = re.compile(r"/shop/[\w\-./?=&%+,:~]*\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Shop:
    """What is the same for all visits."""

    spindel: Spindel
    write_key: str
    stock: Stock
    secure: bool


class OtherMarket(Exception):
    """Her cart has the prices of another country than the page was begun with."""

    def __init__(self, visit: Visit) -> None:
        super().__init__()
        self.visit = visit


class Visit:
    """A request for a page, and what its answer will say beside the page."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.shop: Shop = request.app.state.shop
        self.market, self.language = _preferences(request)
        key = request.cookies.get(SESSION, "")
        self.key = key if _KEY.match(key) else ""
        self.cart: Cart | None = None
        self._cookies: dict[str, tuple[str, int]] = {}

    # --- what she has sent ------------------------------------------------------------------------

    @property
    def in_part(self) -> bool:
        """Whether the page's own script asks, and wants a part of the page."""
        return self.request.headers.get("x-part") == "1"

    @property
    def here(self) -> str:
        """The address of the page, as a path with its query."""
        url = self.request.url
        return url.path + (f"?{url.query}" if url.query else "")

    @property
    def said(self) -> str:
        """What the page before has left to be said: a code of `messages.html`."""
        return self.request.cookies.get(SAID, "")

    def asked(self, name: str, most: int = 200) -> str:
        """A value out of the address, as long as is sensible."""
        return self.request.query_params.get(name, "").replace("\0", "")[:most].strip()

    async def form(self) -> Form:
        """What was filled in. Raises HTTPException 413 for more than any form here holds."""
        body = bytearray()
        async for chunk in self.request.stream():
            body += chunk
            if len(body) > _LARGEST_FORM:
                raise HTTPException(413)
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        return Form({name: value.replace("\0", "") for name, value in pairs})

    # --- Spindel on her behalf --------------------------------------------------------------------

    async def look(self, answer: type[T], path: str, query: Query = ()) -> T:
        """What everybody may know: the catalogue and the stock."""
        return await self.shop.spindel.ask(answer, "GET", path, query=query)

    async def ask(
        self, answer: type[T], method: str, path: str, body: object = None, *, once: str = ""
    ) -> T:
        """Something of her own. Where she has no session, or one that is over, one begins."""
        headers = {"Accept-Language": self.language}
        if once:
            headers["Idempotency-Key"] = once
        ask = partial(self.shop.spindel.ask, answer, method, path, body, headers=headers)
        if not self.key:
            await self._begin()
        try:
            return await ask(key=self.key)
        except Problem as problem:
            if problem.status != 401:
                raise
        await self._begin()
        return await ask(key=self.key)

    async def peek(self, answer: type[T], path: str, query: Query = ()) -> T | None:
        """Something of her own, where there is such a thing; looking alone begins no session."""
        if not self.key:
            return None
        try:
            return await self.shop.spindel.ask(answer, "GET", path, query=query, key=self.key)
        except Problem as problem:
            if problem.status == 401:
                self.forget()
            elif problem.status != 404:
                raise
            return None

    async def price(self, products: Collection[Product]) -> None:
        """Have the products cost what they cost her, with what offers take off."""
        path, asked = "/api/shop/prices", [("product", one.number) for one in products]
        if not asked:
            return
        told = await self.peek(Prices, path, asked)
        if told is None or told.market != self.market:
            here = [("market", self.market), ("language", self.language)]
            told = await self.look(Prices, f"{path}/anybody", asked + here)
        costs = {one.sku: one for one in told.items}
        for variant in (variant for one in products for variant in one.variants):
            if (cost := costs.get(variant.sku)) is not None:
                variant.prices = [cost.price(told.market, told.currency)]

    async def see(self, placement: str, product: str = "") -> Content | None:
        """What comes first of what she sees there: of what anybody does, before she has a
        session.
        """
        mobile = self.request.headers.get("sec-ch-ua-mobile") == "?1"
        asked = {"screen": "phone" if mobile else "laptop", "product": product}
        told = await self.peek(
            Sees, "/api/shop/decide", [("placement", placement), ("limit", "1"), *asked.items()]
        )
        if told is None:
            here = {"market": self.market, "language": self.language, **asked}
            path = f"/api/decide/page?key={self.shop.write_key}"
            body = {"placements": [placement], **here}
            try:
                (told,) = (await self.shop.spindel.ask(PageSees, "POST", path, body)).placements
            except Problem:  # the page is whole without
                return None
        return told.items[0] if told.items else None

    async def see_cart(self) -> Cart | None:
        """Her cart, for the page; None where she has none.

        A cart has one market, whichever device or store it was changed in, and the whole shop has
        it with her. Raises OtherMarket, where a page is to be begun anew in it.
        """
        await self._introduce()
        self.cart = await self.peek(Cart, "/api/shop/cart")
        if self._follow() and self.request.method == "GET":
            self.tell("market")
            raise OtherMarket(self)
        return self.cart

    def _follow(self) -> bool:
        """Go where her cart is; whether that is elsewhere."""
        market = self.cart.market if self.cart else ""
        if market == self.market or market not in MARKETS:
            return False
        self.market = market
        self.keep(PREFERENCES, f"{market}.{self.language}", _YEAR)
        return True

    def _mark(self) -> str:
        """What the browser's script calls it, which it does only where she has agreed."""
        found = _MARK.match(self.request.cookies.get("spindel_id", ""))
        return found[1] if found else ""

    async def _introduce(self) -> None:
        """Say what the script calls the browser, where she agreed after the session had begun."""
        mark = self._mark()
        if not self.key or not mark or self.request.cookies.get(BROWSER) == mark:
            return
        try:
            await self.shop.spindel.ask(
                Nothing, "PUT", "/api/shop/session", {"browser": mark}, key=self.key
            )
        except Problem as problem:
            if problem.status != 401:
                raise
            self.forget()
        self.keep(BROWSER, mark, _YEAR)

    async def _begin(self) -> None:
        mark = self._mark()
        session = await self.shop.spindel.ask(
            Session,
            "POST",
            "/api/shop/sessions",
            fields(
                browser=mark or str(uuid.uuid4()),
                market=self.market,
                language=self.language,
                channel="web",
                address=self._address(),
            ),
        )
        self.go_on(session)
        if mark:
            self.keep(BROWSER, mark, _YEAR)

    def go_on(self, session: Session) -> None:
        """From now on it is this session, or the same by another key."""
        self.key = session.key
        self.keep(SESSION, session.key, _YEAR)

    def take_back(self) -> None:
        """Keep no session that was begun here, in the place of the one that her browser has."""
        self._cookies.pop(SESSION, None)

    def _address(self) -> str | None:
        """The network address of her device; None where it is not certain."""
        proxies = environment.number("SPINDEL_TRUSTED_PROXIES")
        client = self.request.client
        if not proxies:
            return client.host if client else None
        hops = self.request.headers.get("x-forwarded-for", "").split(",")
        return hops[-proxies].strip() if len(hops) >= proxies else None

    async def prefer(self, market: str, language: str) -> None:
        """Keep another market or language."""
        self.market, self.language = market, language
        self.keep(PREFERENCES, f"{market}.{language}", _YEAR)
        if self.key:
            try:
                await self.shop.spindel.ask(
                    Nothing,
                    "PUT",
                    "/api/shop/session",
                    {"market": market, "language": language},
                    key=self.key,
                )
            except Problem as problem:
                if problem.status != 401:
                    raise
                self.forget()

    # --- the answer -------------------------------------------------------------------------------

    def keep(self, name: str, value: str, seconds: int) -> None:
        """Keep something in a cookie; no seconds take it away."""
        self._cookies[name] = (value, seconds)

    def forget(self) -> None:
        """Her session is over."""
        self.key = ""
        self.keep(SESSION, "", 0)

    def tell(self, code: str) -> None:
        """Say something on the next page: a code of `messages.html`."""
        if code:
            self.keep(SAID, code, 60)

    def say(self, text: str, **values: object) -> str:
        """The text in her language."""
        return translate(text, self.language, **values)

    def page(
        self,
        template: str,
        status: int = 200,
        *,
        events: list[dict[str, object]] | None = None,
        private: bool = False,
        at: str = "",
        **context: object,
    ) -> Response:
        """The page. `events` are told by the browser's script, where she has agreed; `at` is the
        address that shows the same, of a page that answers a form.
        """
        self._follow()
        said = "" if self.in_part else self.said
        html = _TEMPLATES.get_template(template).render(
            **self._words(),
            v=self,
            said=said,
            cart=self.cart,
            events=events or [],
            at=at if self.request.method == "POST" else "",
            consent=self.request.cookies.get(CONSENT, ""),
            write_key=self.shop.write_key,
            **context,
        )
        if said and SAID not in self._cookies:
            self.keep(SAID, "", 0)
        response = HTMLResponse(html, status)
        response.headers["Cache-Control"] = "no-store" if private else "private, no-cache"
        response.headers["Content-Language"] = self.language
        response.headers["Vary"] = "Cookie, Accept-Language, X-Part"
        return self.dressed(response)

    def go(self, path: str) -> Response:
        """To another page, after something was done."""
        response = RedirectResponse(path, 303)
        response.headers["Cache-Control"] = "no-store"
        return self.dressed(response)

    def dressed(self, response: Response) -> Response:
        """The answer with the cookies that it keeps."""
        secure = self.shop.secure
        for name, (value, seconds) in self._cookies.items():
            response.set_cookie(
                name,
                value,
                max_age=seconds,
                path=ROOT,
                httponly=True,
                samesite="lax",
                secure=secure,
            )
        return response

    def _words(self) -> dict[str, object]:
        language, zone = self.language, showing.zone_of(self.market)

        def moment(at: datetime, where: str = zone) -> str:
            return showing.moment(at, where, language)

        def day(at: datetime, where: str = zone) -> str:
            return showing.day(at, where, language)

        def money(amount: int, currency: str) -> str:
            return showing.money(amount, currency, language)

        return {
            "_": self.say,
            "money": money,
            "moment": moment,
            "day": day,
            "clock": showing.clock,
            "distance": partial(showing.distance, language=language),
            "percent": partial(showing.percent, language=language),
            "option": partial(option, language=language),
            "options": partial(options_of, language=language),
            "colour_of": colour_of,
            "here": self.here,
            "fresh_key": lambda: str(uuid.uuid4()),
        }


@dataclass(frozen=True, slots=True)
class Form:
    """What was filled in."""

    values: Mapping[str, str]

    def text(self, name: str, most: int = 200) -> str:
        """A field's text, as long as is sensible; "" when it is not there."""
        return self.values.get(name, "").strip()[:most]

    def number(self, name: str, least: int, most: int) -> int | None:
        """A field's whole number within bounds; None for anything else."""
        text = self.text(name, 10)
        return min(max(int(text), least), most) if text.isascii() and text.isdigit() else None


def back_to(path: str, otherwise: str = ROOT) -> str:
    """The path, if it is one of the shop's own pages: a link may have been written by anybody."""
    if not _BACK.match(path):
        return otherwise
    plain = unquote(unquote(path.partition("?")[0]))
    if "//" in path or "\\" in plain or "//" in plain or ".." in plain:
        return otherwise
    return path


def _preferences(request: Request) -> tuple[str, str]:
    market, _, language = request.cookies.get(PREFERENCES, "").partition(".")
    if market in MARKETS and language in LANGUAGES:
        return market, language
    language = _accepted(request.headers.get("accept-language", ""))
    return ("DK" if language == "da" else "SE"), language


def _accepted(header: str) -> str:
    """The first of our languages that her browser names; browsers put the best first."""
    for one in header[:200].split(","):
        language = one.partition(";")[0].strip().lower().partition("-")[0]
        if language in LANGUAGES:
            return language
    return "en"


_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.globals.update(
    asset=asset,
    qr=qr,
    spaced=spaced,
    languages=LANGUAGES,
    markets=MARKETS,
    currencies=CURRENCIES,
    towns=TOWNS,
    look=LOOK,
    kinds=CATEGORIES,
    picture=picture,
)
