"""What stores hold for her: asking for it, seeing it, buying it, and letting it go."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from spindel.demo.storefront import basket, goods, pages
from spindel.demo.storefront.spindel import Cart, Hold, Holds, Nothing, Problem, part
from spindel.demo.storefront.visiting import Visit, back_to

_MY = "/shop/my"


async def hold(request: Request) -> Response:
    """Hold a size in a store until tomorrow."""
    visit = Visit(request)
    form = await visit.form()
    body = {"sku": form.text("sku", 64), "place": form.text("place", 50), "until": "tomorrow"}
    key = form.text("key") or str(uuid.uuid4())
    back = back_to(form.text("back", 500), _MY)
    try:
        made = await visit.ask(Hold, "POST", "/api/shop/holds", body, once=key)
    except Problem as problem:
        await visit.shop.stock.levels([body["sku"]], fresh=True)
        quicker = visit.say("Somebody was quicker: the store has none left.")
        many = visit.say("You have as many holds as one may have. Let one go first.")
        text = {"not_enough": quicker, "too_many": many}.get(
            problem.code, visit.say("That did not work: {why}", why=str(problem))
        )
        if visit.in_part:
            return visit.page("problem_part.html", 409, text=text)
        visit.tell("too_late" if problem.code == "not_enough" else "refused")
        return visit.go(back)
    await visit.shop.stock.levels([made.sku], fresh=True)
    if visit.in_part:
        return visit.page("held.html", private=True, hold=made)
    visit.tell("held")
    return visit.go(_MY)


def lost(holds: Holds | None) -> list[Hold]:
    """What she has waited for and does not get: its time was up, or the store could not find it."""
    lately = datetime.now(UTC) - timedelta(days=2)
    items = holds.items if holds else []
    return [one for one in items if one.state in ("expired", "missing") and one.until > lately]


async def held(request: Request) -> Response:
    """What is held for her: all of it, or of a product, for its page."""
    visit = Visit(request)
    holds = await visit.peek(Holds, "/api/shop/holds")
    number = visit.asked("product", 64)
    active = pages.held_of(holds, number)
    return visit.page(
        "held_part.html",
        private=True,
        held=active,
        lost=[] if number else lost(holds),
        states=await _states(visit, number, active) if number else {},
        back=f"/shop/products/{part(number)}" if number else _MY,
    )


async def _states(visit: Visit, number: str, held: list[Hold]) -> dict[str, str]:
    """Where the sizes of the product are now."""
    item, places = await asyncio.gather(pages.product_of(visit, number), pages.places_of(visit))
    levels = await visit.shop.stock.levels((one.sku for one in item.variants), fresh=True)
    mine = {one.sku for one in held}
    found = goods.sizes(item.variants, levels, places, visit.market, mine)
    return {one.sku: one.state for one in found}


async def buy(request: Request) -> Response:
    """Put what is held into the cart, to be fetched where it is held. Again: nothing more."""
    visit = Visit(request)
    form = await visit.form()
    found = await _mine(visit)
    if found is None:
        visit.tell("over")
        return visit.go(back_to(form.text("back", 500), _MY))
    cart = await visit.see_cart()
    there = next((one for one in cart.lines if one.sku == found.sku), None) if cart else None
    many = max(found.quantity, there.quantity) if there and not there.saved else found.quantity
    wanted = {"quantity": many, "saved": False, "fulfilment": "pick_up", "place": found.place}
    try:
        path = f"/api/shop/cart/lines/{part(found.sku)}"
        visit.cart = await visit.ask(Cart, "PUT", path, wanted)
    except Problem as problem:
        text = visit.say("That did not work: {why}", why=str(problem))
        return await basket.show(visit, 409, text)
    visit.tell("buying")
    return visit.go("/shop/cart")


async def _mine(visit: Visit) -> Hold | None:
    """The hold that the address names, while it is held for her."""
    holds = await visit.peek(Holds, "/api/shop/holds")
    wanted = visit.request.path_params["id"]
    return next((one for one in pages.held_of(holds) if one.id == wanted), None)


async def release(request: Request) -> Response:
    """Let a hold go."""
    visit = Visit(request)
    form = await visit.form()
    found = await _mine(visit)
    try:
        await visit.ask(Nothing, "POST", f"/api/shop/holds/{request.path_params['id']}/release")
        visit.tell("released")
    except Problem:
        visit.tell("over")
    if found is not None:
        await visit.shop.stock.levels([found.sku], fresh=True)
    return visit.go(back_to(form.text("back", 500), _MY))
