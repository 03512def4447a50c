"""The shop's addresses, and what holds for all of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from urllib.parse import urlsplit

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from spindel.demo.storefront import assets, basket, card, checkout, holds, mine, pages
from spindel.demo.storefront.spindel import Away, Problem
from spindel.demo.storefront.visiting import OtherMarket, Shop, Visit

log = structlog.get_logger("spindel.demo.shop")

# Nothing from elsewhere, and nothing written into the page itself. Where a card is paid is a page
# of its own, to which a link leads and no form.
_HEADERS = {
    "content-security-policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "permissions-policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


def application(shop: Shop) -> ASGIApp:
    """The shop as an ASGI application for the paths below /shop/."""
    app = Starlette(
        routes=_routes(),
        middleware=[
            Middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5),
            Middleware(_OwnForms),
        ],
        exception_handlers={
            HTTPException: _refused,
            OtherMarket: _anew,
            Away: _away,
            Problem: _away,
            Exception: _broken,
        },
    )
    app.state.shop = shop
    return _Headers(app)  # outside of all: whatever answers a fault of the shop has them, too


View = Callable[[Request], Awaitable[Response]]


def _routes() -> list[Route]:
    def get(path: str, view: View) -> Route:
        return Route(f"/shop/{path}", view, methods=["GET"])

    def post(path: str, view: View) -> Route:
        return Route(f"/shop/{path}", view, methods=["POST"])

    return [
        Route("/shop", _home),
        get("", pages.home),
        get("products", pages.products),
        get("suggest", pages.suggest),
        get("products/{number}", pages.product),
        get("products/{number}/stores", pages.stores),
        post("dismissed", pages.dismissed),
        get("img/{name}.svg", assets.image),
        get("static/{name}", assets.static),
        get("cart", basket.cart),
        post("cart", basket.add),
        get("cart/count", basket.count),
        post("cart/lines/{sku}", basket.change),
        post("cart/codes", basket.enter_code),
        post("cart/codes/{code}/remove", basket.remove_code),
        post("cart/share", basket.share),
        get("shared/{code}", basket.shared),
        post("shared/{code}", basket.take_shared),
        get("live", basket.live),
        get("checkout", checkout.checkout),
        post("checkout", checkout.place),
        get("my", mine.my),
        post("my/details", mine.change_details),
        post("club", mine.join_club),
        post("club/rewards", mine.make_reward),
        get("card/", card.card),
        get("card/worker.js", card.worker),
        get("card/keep.js", card.keeper),
        post("claims", mine.claim),
        get("orders/{number:path}/pay", mine.pay),
        post("orders/{number:path}/pay", mine.pay_again),
        post("orders/{number:path}/cancel", mine.cancel),
        post("purchases/{number:path}/back", mine.take_over),
        get("orders/{number:path}", mine.order),  # which has a slash where a till has given it
        post("holds", holds.hold),
        get("held", holds.held),
        post("holds/{id:int}/buy", holds.buy),
        post("holds/{id:int}/release", holds.release),
        post("wishes", mine.wish),
        get("login", mine.login),
        post("login", mine.send_link),
        post("login/confirm", mine.confirm),
        post("logout", mine.logout),
        post("prefer", mine.prefer),
        post("consent", mine.consent),
        post("near", mine.near),
        get("privacy", mine.privacy),
    ]


async def _home(_: Request) -> Response:
    return RedirectResponse("/shop/", 308)


# --- what goes wrong ------------------------------------------------------------------------------


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    visit = Visit(request)
    with suppress(Away, Problem):  # an error page, too, shows how much is in the cart
        await visit.see_cart()
    missing = error.status_code in (404, 405)
    response = _error(visit, error.status_code, "missing" if missing else "refused")
    response.headers.update(error.headers or {})
    return response


async def _anew(_: Request, error: Exception) -> Response:
    assert isinstance(error, OtherMarket)
    return error.visit.go(error.visit.here)


async def _away(request: Request, error: Exception) -> Response:
    # The address is left out: it may hold what somebody searched for, or a code.
    log.warning("spindel_away", error=type(error).__name__, why=str(error)[:200])
    response = _error(Visit(request), 503, "away")
    response.headers["Retry-After"] = "10"
    return response


async def _broken(request: Request, error: Exception) -> Response:
    return _error(Visit(request), 500, "broken")


def _error(visit: Visit, status: int, what: str) -> Response:
    """A page with a way on; where a script asks for a part of one, the words alone."""
    return visit.page("error_part.html" if visit.in_part else "error.html", status, what=what)


# --- what holds for every answer and every form ---------------------------------------------------


class _Headers:
    """Says with every answer what the browser may do with it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_more(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
                message["headers"] = [*message["headers"], *own]
            await send(message)

        await self._app(scope, receive, send_more)


class _OwnForms:
    """Takes a form only from a page of the shop itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in ("GET", "HEAD", "OPTIONS"):
            request = Request(scope)
            if not _is_own(request):
                refusal = _error(Visit(request), 403, "refused")
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _is_own(request: Request) -> bool:
    """Every browser of today says where a form comes from, in one way or both."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site == "same-origin"
    return origin is not None and urlsplit(origin).netloc == request.headers.get("host")
