"""What is her own: orders, wishes, and proving who she is by a mailed link."""

from __future__ import annotations

import asyncio
import re
import secrets
from datetime import datetime
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from spindel.demo.storefront import pages
from spindel.demo.storefront.checkout import form_of
from spindel.demo.storefront.goods import picture
from spindel.demo.storefront.holds import lost
from spindel.demo.storefront.spindel import (
    Cart,
    Club,
    Details,
    Holds,
    Login,
    Nothing,
    Order,
    Orders,
    Problem,
    Promises,
    Session,
    Told,
    Tolds,
    Wishes,
    part,
    what_is_missing,
)
from spindel.demo.storefront.visiting import CONSENT, STORE, TO_PAY, Form, Visit, back_to
from spindel.demo.storefront.words import LANGUAGES, MARKETS

_MY = "/shop/my"
_NUMBER = re.compile(r"[A-Za-z0-9-]{4,64}\Z")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")
_HALF_A_YEAR = 182 * 24 * 3600
_CHOICES = ("all", "statistics", "none")


async def my(request: Request) -> Response:
    """Her page."""
    return await _my(Visit(request))


async def _my(
    visit: Visit, typed: Form | None = None, errors: dict[str, str] | None = None
) -> Response:
    _, (session, known), (orders, told, holds, wishes, promises), club = await asyncio.gather(
        visit.see_cart(), _who(visit), _hers(visit), visit.peek(Club, "/api/shop/club")
    )
    return visit.page(
        "my.html",
        422 if errors else 200,
        private=True,
        session=session,
        form=typed or form_of(known),
        errors=errors or {},
        at=_MY,
        bought=_bought(orders.items if orders else [], told.items if told else []),
        held=pages.held_of(holds),
        lost=lost(holds),
        states={},
        back=_MY,
        wishes=wishes.items if wishes else [],
        promises=promises.items if promises else [],
        club=club,
        once=secrets.token_hex(16),
        picture=picture,
    )


async def _who(visit: Visit) -> tuple[Session | None, Details | None]:
    return await asyncio.gather(
        visit.peek(Session, "/api/shop/session"), visit.peek(Details, "/api/shop/details")
    )


async def _hers(
    visit: Visit,
) -> tuple[Orders | None, Tolds | None, Holds | None, Wishes | None, Promises | None]:
    return await asyncio.gather(
        visit.peek(Orders, "/api/shop/orders"),
        visit.peek(Tolds, "/api/shop/purchases"),
        visit.peek(Holds, "/api/shop/holds"),
        visit.peek(Wishes, "/api/shop/wishes"),
        visit.peek(Promises, "/api/shop/promises"),
    )


async def change_details(request: Request) -> Response:
    """What she is called, how she is reached, and where she lives; or her address no more."""
    visit = Visit(request)
    form = await visit.form()
    gone = form.text("do") == "remove"
    body = {
        "name": form.text("name"),
        "phone": form.text("phone"),
        "address": {} if gone else {x: form.text(x) for x in ("street", "postcode", "city")},
    }
    try:
        await visit.ask(Details, "PUT", "/api/shop/details", body)
    except Problem as problem:
        if problem.status == 403:
            return visit.go(f"/shop/login?back={_MY}")
        return await _my(visit, form, {what_is_missing(problem) or "name": str(problem)})
    visit.tell("address_gone" if gone else "details")
    return visit.go(_MY)


def _bought(orders: list[Order], told: list[Told]) -> list[tuple[Order | None, Told | None]]:
    """Her orders, and what other systems have told of, together: the newest first."""
    found: list[tuple[datetime, Order | None, Told | None]] = [
        *((one.placed_at, one, None) for one in orders),
        *((one.at, None, one) for one in told),
    ]
    found.sort(key=lambda one: one[0], reverse=True)
    return [(order, one) for _, order, one in found]


# --- the club -------------------------------------------------------------------------------------


async def join_club(request: Request) -> Response:
    """Become a member."""
    visit = Visit(request)
    await visit.form()
    try:
        await visit.ask(Club, "POST", "/api/shop/club", {})
    except Problem as problem:
        if problem.status == 403:
            return visit.go(f"/shop/login?back={_MY}")
        visit.tell("refused")
        return visit.go(_MY)
    visit.tell("member")
    return visit.go(f"{_MY}#club")


async def make_reward(request: Request) -> Response:
    """Make a reward of her points; the form sent twice makes one."""
    visit = Visit(request)
    form = await visit.form()
    once = form.text("once", 64)
    try:
        await visit.ask(
            Club, "POST", "/api/shop/club/rewards", {}, once=once or secrets.token_hex()
        )
    except Problem as problem:
        if problem.status == 403:
            return visit.go(f"/shop/login?back={_MY}")
        visit.tell("refused")
        return visit.go(_MY)
    visit.tell("reward")
    return visit.go(f"{_MY}#club")


# --- orders ---------------------------------------------------------------------------------------


async def order(request: Request) -> Response:
    """An order of hers: what has become of it, and what she can do."""
    visit = Visit(request)
    found, _ = await asyncio.gather(_order(visit), visit.see_cart())
    if found is None:
        return await _log_in_first(visit)
    return visit.page("order.html", private=True, order=found, picture=picture)


async def pay(request: Request) -> Response:
    """On the way to where it is paid, once: whoever comes back by the browser's button comes to the
    order.

    A page of its own: the policy lets forms lead to the shop alone, and the payment's page may be
    anybody's.
    """
    visit = Visit(request)
    found = await _order(visit)
    if found is None:
        return await _log_in_first(visit)
    url = found.payment.url if found.payment else None
    if (
        visit.said != TO_PAY
        or found.state != "awaiting"
        or not url
        or not re.match(r"https?://|/(?!/)", url)
    ):
        return visit.go(f"/shop/orders/{part(found.number)}")
    response = visit.page("pay.html", private=True, order=found, url=url)
    response.headers["Refresh"] = f"0; url={quote(url, safe=_IN_AN_ADDRESS)}"
    return response


_IN_AN_ADDRESS = "!#$%&'()*+,/:;=?@[]~"


async def pay_again(request: Request) -> Response:
    """Begin the payment anew."""
    return await _do(request, "pay", then="/pay", told=TO_PAY)


async def cancel(request: Request) -> Response:
    """Cancel what has not been sent."""
    return await _do(request, "cancel", told="cancelled")


async def _do(request: Request, what: str, *, then: str = "", told: str = "") -> Response:
    visit = Visit(request)
    await visit.form()
    number = _number(request)
    here = f"/shop/orders/{part(number)}"
    try:
        await visit.ask(Order, "POST", f"/api/shop/orders/{part(number)}/{what}", {})
    except Problem as problem:
        if problem.status == 404:  # she is not logged in any more; the page says what to do
            return visit.go(here)
        visit.tell("refused")
        return visit.go(here)
    if told:
        visit.tell(told)
    return visit.go(here + then)


async def take_over(request: Request) -> Response:
    """To where a return of what another system has told of is started."""
    visit = Visit(request)
    await visit.form()
    try:
        path = f"/api/shop/purchases/{part(_number(request))}/back"
        found = await visit.ask(Order, "POST", path, {})
    except Problem:
        visit.tell("refused")
        return visit.go(_MY)
    return visit.go(f"/shop/orders/{part(found.number)}")


async def claim(request: Request) -> Response:
    """Put a purchase on her page: she holds its receipt."""
    visit = Visit(request)
    form = await visit.form()
    number = form.text("number", 64).replace(" ", "").upper()
    if not _NUMBER.match(number):
        visit.tell("no_receipt")
        return visit.go(_MY)
    try:
        found = await visit.ask(Order, "POST", "/api/shop/claims", {"number": number})
    except Problem as problem:
        visit.tell("log_in_first" if problem.status == 403 else "no_receipt")
        return visit.go(_MY)
    visit.tell("claimed")
    return visit.go(f"/shop/orders/{part(found.number)}")


def _number(request: Request) -> str:
    number: str = request.path_params["number"]
    if len(number) > 64 or not number.isprintable():
        raise HTTPException(404)
    return number


async def _order(visit: Visit) -> Order | None:
    return await visit.peek(Order, f"/api/shop/orders/{part(_number(visit.request))}")


async def _log_in_first(visit: Visit) -> Response:
    """To the login, and from there back here; whether there is such an order, nobody is told."""
    session = await visit.peek(Session, "/api/shop/session")
    if session is not None and session.known:
        raise HTTPException(404)
    return visit.go(f"/shop/login?back={quote(visit.request.url.path)}&why=order")


# --- wishes --------------------------------------------------------------------------------------


async def wish(request: Request) -> Response:
    """Put a size on the wish list, be told when it is back, or take it away."""
    visit = Visit(request)
    form = await visit.form()
    sku, what = form.text("sku", 64), form.text("do")
    back = back_to(form.text("back", 500), _MY)
    path = f"/api/shop/wishes/{part(sku)}"
    if not sku:
        visit.tell("no_size")
        return visit.go(back)
    try:
        if what == "remove":
            await visit.ask(Nothing, "DELETE", path)
        else:
            await visit.ask(Nothing, "PUT", path, {"waits": what == "tell"})
    except Problem as problem:
        if problem.status == 403:
            return visit.go(f"/shop/login?back={quote(back)}&why=tell")
        visit.tell("refused")
        return visit.go(back)
    visit.tell({"remove": "unwished", "tell": "will_tell"}.get(what, "wished"))
    return visit.go(back)


# --- proving who she is ---------------------------------------------------------------------------


async def login(request: Request) -> Response:
    """The form for an address; or, from the mailed link, the button that logs in.

    Opening the link does nothing yet: what reads mails for viruses opens links, too.
    """
    visit = Visit(request)
    _, known = await asyncio.gather(visit.see_cart(), visit.peek(Details, "/api/shop/details"))
    code, back = visit.asked("code"), back_to(visit.asked("back", 500), _MY)
    found = None
    if code:
        try:
            found = await visit.ask(Login, "POST", "/api/shop/login/look", {"code": code})
        except Problem as problem:
            return await _over(visit, problem, back)
    return visit.page(
        "login.html",
        private=True,
        code=code,
        login=found,
        back=back,
        why=visit.asked("why"),
        email=known.email if known else "",
        wrong="",
    )


async def _over(visit: Visit, problem: Problem, back: str) -> Response:
    """A link that does not log in any more; whoever it has logged in already goes on."""
    session = await visit.peek(Session, "/api/shop/session")
    if session is not None and session.known:
        visit.tell("in_already")
        return visit.go(back)
    return _not_sent(visit, "", back, _no_link(visit, problem), 410)


def _no_link(visit: Visit, problem: Problem) -> str:
    if problem.code == "used":
        return visit.say("The link was used already. Have a new one sent.")
    return visit.say("The link is no longer good. Have a new one sent.")


async def send_link(request: Request) -> Response:
    """Have a link mailed."""
    visit = Visit(request)
    form = await visit.form()
    email, back = form.text("email", 254), back_to(form.text("back", 500), _MY)
    wrong = visit.say("Write an e-mail address, such as anna@example.com.")
    if not _EMAIL.match(email):
        return _not_sent(visit, email, back, wrong, 422)
    try:
        await visit.ask(Nothing, "POST", "/api/shop/login", {"email": email, "back": back})
    except Problem as problem:
        if problem.code == "too_many":
            wrong = visit.say("Many links were asked for. Wait an hour, or use one that has come.")
            return _not_sent(visit, email, back, wrong, 429)
        return _not_sent(visit, email, back, str(problem) or wrong, 409)
    return visit.page("sent.html", private=True, at="/shop/login", email=email)


def _not_sent(visit: Visit, email: str, back: str, wrong: str, status: int) -> Response:
    return visit.page(
        "login.html",
        status,
        private=True,
        at=f"/shop/login?back={quote(back)}",
        code="",
        back=back,
        why="",
        email=email,
        wrong=wrong,
    )


async def confirm(request: Request) -> Response:
    """Log in by the code of the mailed link; from then on by another key."""
    visit = Visit(request)
    before = visit.key
    form = await visit.form()
    back = back_to(form.text("back", 500), _MY)
    try:
        session = await visit.ask(
            Session,
            "POST",
            "/api/shop/login/confirm",
            {"code": form.text("code", 500), "confirmed": form.text("confirmed") == "yes"},
        )
    except Problem as problem:
        if problem.code == "used" and before not in ("", visit.key):
            visit.take_back()  # pressed twice: what came first has logged her in, by another key
            return visit.go(back)
        return _not_sent(visit, "", back, _no_link(visit, problem), 410)
    visit.go_on(session)
    visit.tell("welcome")
    return visit.go(back)


async def logout(request: Request) -> Response:
    """Log out; the next one at this screen sees nothing of hers."""
    visit = Visit(request)
    await visit.form()
    if visit.key:
        try:
            await visit.shop.spindel.ask(Nothing, "POST", "/api/shop/logout", key=visit.key)
        except Problem as problem:
            if problem.status != 401:
                raise
    visit.forget()
    visit.tell("goodbye")
    return visit.go("/shop/")


# --- how she wants the shop -----------------------------------------------------------------------


async def prefer(request: Request) -> Response:
    """Another language, or another country's prices: where something is in the cart, what that does
    to it is shown first.
    """
    visit = Visit(request)
    form = await visit.form()
    back = back_to(form.text("back", 500))
    language = form.text("language")
    language = language if language in LANGUAGES else visit.language
    # The page may have been shown before the cart went elsewhere: only what she has changed counts.
    wanted, shown = form.text("market"), form.text("shown")
    moves = wanted in MARKETS and wanted != shown
    if moves and form.text("sure") != "yes":
        cart = await visit.peek(Cart, "/api/shop/cart")
        if cart is not None and cart.lines and cart.market != wanted:
            return await _country(visit, cart, wanted, language, back)
    cart = await visit.see_cart()
    await visit.prefer(wanted if moves else visit.market, language)
    if moves:
        visit.tell("moved")
    return visit.go(back)


async def _country(visit: Visit, cart: Cart, market: str, language: str, back: str) -> Response:
    """What another country does to the cart, before it goes there."""
    there = await visit.ask(Cart, "GET", f"/api/shop/cart?market={market}")
    new = {one.sku: one for one in there.lines}
    visit.cart = cart
    return visit.page(
        "country.html",
        private=True,
        at=back,
        there=there,
        lines=[(one, new[one.sku]) for one in cart.lines if one.sku in new],
        wanted=market,
        speaks=language,
        back=back,
    )


async def consent(request: Request) -> Response:
    """What she agrees to; a no is remembered, too, so that nobody asks again."""
    visit = Visit(request)
    form = await visit.form()
    choice = form.text("choice")
    visit.keep(CONSENT, choice if choice in _CHOICES else "none", _HALF_A_YEAR)
    if visit.in_part:
        return visit.dressed(Response(status_code=204))
    return visit.go(back_to(form.text("back", 500)))


async def near(request: Request) -> Response:
    """Remember about where she is, so that stores come nearest first."""
    visit = Visit(request)
    form = await visit.form()
    visit.keep(STORE, form.text("near", 30), _HALF_A_YEAR)
    return visit.go(back_to(form.text("back", 500)))


async def privacy(request: Request) -> Response:
    """What the shop keeps on her device, and to choose again."""
    visit = Visit(request)
    await visit.see_cart()
    return visit.page("privacy.html")
