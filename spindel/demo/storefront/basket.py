"""The cart's pages: what is in it, changing it, sharing it, and hearing live what others change."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from spindel.demo.storefront.goods import picture
from spindel.demo.storefront.spindel import (
    Away,
    Cart,
    CartLine,
    Code,
    Order,
    Orders,
    Place,
    Places,
    Problem,
    Shared,
    Spindel,
    part,
    present_cart,
)
from spindel.demo.storefront.visiting import Form, Visit, back_to

MOST = 99
_WAYS = ("ship", "pick_up")
_HERE = "/shop/cart"


async def cart(request: Request) -> Response:
    """The cart."""
    visit = Visit(request)
    await visit.see_cart()
    return await show(visit)


async def show(visit: Visit, status: int = 200, notice: str = "") -> Response:
    """The page with the cart that was seen, or its part."""
    places = (await visit.look(Places, "/api/catalogue/places")).items
    lines = visit.cart.lines if visit.cart else []
    open_lines = [one for one in lines if not one.saved]
    unpaid = None if open_lines else await waiting(visit)
    return visit.page(
        "cart_part.html" if visit.in_part else "cart.html",
        status,
        events=[] if visit.in_part or not open_lines else [_viewed(visit.cart, open_lines)],
        private=True,
        at=_HERE,
        notice=notice,
        unpaid=unpaid,
        lines=open_lines,
        saved=[one for one in lines if one.saved],
        stores=_stores(places, visit.cart.market if visit.cart else visit.market),
        picture=picture,
        most=MOST,
        orderable=bool(open_lines)
        and not any(note.code in BARS for one in open_lines for note in one.notes),
    )


async def waiting(visit: Visit) -> Order | None:
    """Her newest order, while it waits for its payment: she may have come back from the bank."""
    found = await visit.peek(Orders, "/api/shop/orders?limit=1")
    return next((one for one in found.items if one.state == "awaiting"), None) if found else None


BARS = {"gone", "short", "sold_out", "not_here"}  # notes with which nothing can be ordered


def _stores(places: list[Place], market: str) -> list[Place]:
    """Where she can fetch what has the prices of her country."""
    found = [one for one in places if one.hands_over and one.country == market]
    return sorted(found, key=lambda one: (one.city, one.name))


def _viewed(cart: Cart | None, lines: list[CartLine]) -> dict[str, object]:
    # Whatever changes the cart is told by Spindel itself; that she looks at it, by the browser.
    products = [
        {
            "product_id": one.product,
            "sku": one.sku,
            "name": one.name,
            "variant": ", ".join(one.options.values()),
            "price": None if one.amount is None else one.amount / 100,
            "quantity": one.quantity,
        }
        for one in lines
    ]
    currency = cart.currency if cart else ""
    return {"name": "Cart Viewed", "properties": {"products": products, "currency": currency}}


async def add(request: Request) -> Response:
    """Put a size into the cart."""
    visit = Visit(request)
    form = await visit.form()
    sku, back = form.text("sku", 64), back_to(form.text("back", 500))
    if not sku:
        return _no_size(visit, back)
    body: dict[str, object] = {"sku": sku, "quantity": form.number("quantity", 1, MOST) or 1}
    if form.text("fulfilment") in _WAYS:
        body |= {"fulfilment": form.text("fulfilment"), "place": form.text("place", 50)}
    try:
        visit.cart = await visit.ask(
            Cart, "POST", "/api/shop/cart/lines", body, once=form.text("key")
        )
    except Problem as problem:
        return _refused(visit, problem, back)
    line = next((one for one in visit.cart.lines if one.sku == sku), None)
    if visit.in_part:
        return visit.page("added.html", private=True, line=line, picture=picture)
    visit.tell("added")
    return visit.go(back)


def _no_size(visit: Visit, back: str) -> Response:
    if visit.in_part:
        return visit.page("problem_part.html", 422, text=visit.say("Choose a size first."))
    visit.tell("no_size")
    return visit.go(back)


def _refused(visit: Visit, problem: Problem, back: str) -> Response:
    text = visit.say("That did not work: {why}", why=str(problem))
    if problem.code == "no_such_goods":
        text = visit.say("This is not sold any more.")
    if visit.in_part:
        return visit.page("problem_part.html", 409, text=text)
    visit.tell("refused")
    return visit.go(back)


async def change(request: Request) -> Response:
    """Change a line: how many, how they come, saved for later or not, or out it goes."""
    visit = Visit(request)
    form = await visit.form()
    path = f"/api/shop/cart/lines/{part(request.path_params['sku'])}"
    try:
        visit.cart = await visit.ask(Cart, "PUT", path, _wanted(form))
    except Problem as problem:
        changed = present_cart(problem) if problem.code == "changed" else None
        if changed is not None:
            visit.cart = changed
            return await show(
                visit,
                409,
                visit.say("The cart was changed elsewhere meanwhile. This is how it is now."),
            )
        await visit.see_cart()
        why = visit.say("That did not work: {why}", why=str(problem))
        return await show(visit, 409, why)
    if visit.in_part:
        return await show(visit)
    visit.tell({"remove": "removed", "save": "saved"}.get(form.text("do"), ""))
    return visit.go(_HERE)


def _wanted(form: Form) -> dict[str, object]:
    wanted: dict[str, object] = {}
    what = form.text("do")
    if what == "remove":
        wanted["quantity"] = 0
    elif what in ("save", "unsave"):
        wanted["saved"] = what == "save"
    else:
        quantity = form.number("quantity", 0, MOST)
        step = {"more": 1, "less": -1}.get(what, 0)
        if quantity is not None:
            wanted["quantity"] = min(max(quantity + step, 0), MOST)
        way, _, place = form.text("way").partition(":")
        if way in _WAYS:
            wanted |= {"fulfilment": way, "place": place}
    version = form.number("version", 0, 2**31 - 1)
    return wanted if version is None else wanted | {"version": version}


async def enter_code(request: Request) -> Response:
    """Put a code into the cart."""
    visit = Visit(request)
    form = await visit.form()
    code = form.text("code", 80)
    if not code:
        return visit.go(_HERE)
    try:
        visit.cart = await visit.ask(Cart, "POST", "/api/shop/cart/codes", {"code": code})
    except Problem as problem:
        await visit.see_cart()
        return await show(visit, 409, str(problem))
    return await show(visit) if visit.in_part else visit.go(_HERE)


async def remove_code(request: Request) -> Response:
    """Take a code out of the cart."""
    visit = Visit(request)
    await visit.form()
    path = f"/api/shop/cart/codes/{part(request.path_params['code'])}"
    visit.cart = await visit.ask(Cart, "DELETE", path)
    return await show(visit) if visit.in_part else visit.go(_HERE)


# --- sharing --------------------------------------------------------------------------------------


async def share(request: Request) -> Response:
    """A link to what is in the cart, for others."""
    visit = Visit(request)
    await visit.form()
    shared = await visit.ask(Code, "POST", "/api/shop/cart/share")
    return visit.go(f"/shop/shared/{part(shared.code)}?mine=1")


async def shared(request: Request) -> Response:
    """What somebody has shared, and a button to have the same."""
    visit = Visit(request)
    code = request.path_params["code"]
    try:
        found = await visit.ask(Shared, "GET", f"/api/shop/shared/{part(code)}")
    except Problem:
        raise HTTPException(404) from None
    await visit.see_cart()
    return visit.page(
        "shared.html",
        private=True,
        lines=[one for one in found.lines if not one.saved],
        currency=found.currency,
        until=found.until,
        code=code,
        mine=visit.asked("mine") == "1",
        link=str(request.url.replace(query="")),
        picture=picture,
    )


async def take_shared(request: Request) -> Response:
    """Put what somebody has shared into the cart."""
    visit = Visit(request)
    await visit.form()
    try:
        await visit.ask(Cart, "POST", f"/api/shop/cart/from/{part(request.path_params['code'])}")
    except Problem:
        raise HTTPException(404) from None
    visit.tell("added_all")
    return visit.go(_HERE)


# --- live -----------------------------------------------------------------------------------------


async def count(request: Request) -> Response:
    """How much is in the cart, for the header."""
    visit = Visit(request)
    cart = await visit.see_cart()
    response = JSONResponse(
        {
            "count": cart.count if cart else 0,
            "version": cart.version if cart else 0,
            "market": cart.market if cart else visit.market,
        }
    )
    response.headers["Cache-Control"] = "no-store"
    return visit.dressed(response)


async def live(request: Request) -> Response:
    """Says when the cart has changed, on whichever device."""
    visit = Visit(request)
    return _Relayed(visit.shop.spindel, visit.key) if visit.key else Response(status_code=204)


class _Relayed(Response):
    """Spindel's stream, handed on as it comes.

    It is open before anything is answered: where the session is over, the answer is none, which
    ends it for good, and while Spindel is away the browser comes again.
    """

    def __init__(self, spindel: Spindel, key: str) -> None:
        super().__init__()
        self._spindel = spindel
        self._key = key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer: Response
        try:
            async with self._spindel.cart_news(self._key) as news:
                headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
                answer = StreamingResponse(news, media_type="text/event-stream", headers=headers)
                await answer(scope, receive, send)
            return
        except Problem:
            answer = Response(status_code=204)
        except Away:
            answer = Response(status_code=503, headers={"Retry-After": "5"})
        await answer(scope, receive, send)
