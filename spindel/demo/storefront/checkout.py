"""From the cart to an order. Pressed twice, sent again or from two tabs: one order."""

from __future__ import annotations

import re
import uuid

from msgspec.structs import asdict
from starlette.requests import Request
from starlette.responses import Response

from spindel.demo.storefront import basket
from spindel.demo.storefront.goods import picture
from spindel.demo.storefront.spindel import (
    Cart,
    Details,
    Order,
    PayBy,
    Problem,
    part,
    present_cart,
    what_is_missing,
    what_is_there,
)
from spindel.demo.storefront.visiting import TO_PAY, Form, Visit

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")
_PHONE = re.compile(r"\+?[\d\s()/-]{6,25}\Z")
_PAYS = ("card", "invoice", "store")


async def checkout(request: Request) -> Response:
    """The form."""
    visit = Visit(request)
    await visit.see_cart()
    if visit.cart is None or not visit.cart.count:
        unpaid = await basket.waiting(visit)
        return visit.go(f"/shop/orders/{part(unpaid.number)}" if unpaid else "/shop/cart")
    known = await visit.peek(Details, "/api/shop/details")
    return await _form(visit, form_of(known), str(uuid.uuid4()))


def form_of(known: Details | None) -> Form:
    """A form as it begins: with what they have said before."""
    return Form({} if known is None else asdict(known))


async def place(request: Request) -> Response:
    """Place the order."""
    visit = Visit(request)
    form = await visit.form()
    key = form.text("key") or str(uuid.uuid4())
    cart = await visit.see_cart()
    ships = cart is None or _ships(cart)
    if errors := _errors(visit, form, ships):
        if cart is None or not cart.count:
            return visit.go("/shop/cart")
        return await _form(visit, form, key, errors=errors)
    body: dict[str, object] = {
        "version": form.number("version", 0, 2**31 - 1) or 0,
        "total": form.number("total", 0, 10**9) or 0,
        "pay_by": form.text("pay_by"),
        "contact": {name: form.text(name) for name in ("name", "email", "phone")},
        "gift_card": form.text("gift_card")[:80],
    }
    # What is sent has been sent, whatever has become of the cart: the answer may be this order's.
    if form.text("street"):
        body["address"] = {
            name: form.text(name) for name in ("street", "postcode", "city", "country")
        }
    try:
        order = await visit.ask(Order, "POST", "/api/shop/orders", body, once=key)
    except Problem as problem:
        return await _refused(visit, form, problem)
    if order.state == "awaiting":
        visit.tell(TO_PAY)
        return visit.go(f"/shop/orders/{part(order.number)}/pay")
    visit.tell("thanks")
    return visit.go(f"/shop/orders/{part(order.number)}")


# What Spindel may say is not right: an address needs in each country something else.
_FIELDS = ("name", "email", "phone", "street", "postcode", "city")


async def _refused(visit: Visit, form: Form, problem: Problem) -> Response:
    if (field := what_is_missing(problem)) in _FIELDS:
        return await _form(visit, form, str(uuid.uuid4()), errors={field: str(problem)})
    if problem.status == 422:
        text = visit.say("Something here is not as it should be. Please look at it again.")
        if problem.code == "bad_payment":
            text = visit.say("It can't be paid that way just now. Choose another way.")
        return await _form(visit, form, str(uuid.uuid4()), notice=text, status=422)
    if problem.code == "changed":
        visit.cart = present_cart(problem) or visit.cart
        text = visit.say("The cart has changed meanwhile. This is how it is now: still right?")
    elif problem.code == "not_enough":
        await visit.see_cart()
        there = what_is_there(problem)
        names = {one.sku: one for one in visit.cart.lines} if visit.cart else {}
        left = ", ".join(
            f"{names[one.sku].name} ({one.available})" for one in there if one.sku in names
        )
        text = visit.say("Somebody was quicker. There is only left: {left}.", left=left)
        return await basket.show(visit, 409, text)
    else:
        await visit.see_cart()
        text = visit.say("That did not work: {why}", why=str(problem))
    if visit.cart is None or not visit.cart.count:
        return await basket.show(visit, 409, text)
    return await _form(visit, form, str(uuid.uuid4()), notice=text, status=409)


async def _form(
    visit: Visit,
    form: Form,
    key: str,
    *,
    errors: dict[str, str] | None = None,
    notice: str = "",
    status: int = 200,
) -> Response:
    assert visit.cart is not None
    pays = (await visit.ask(PayBy, "GET", "/api/shop/payments")).pay_by
    lines = [one for one in visit.cart.lines if not one.saved]
    barred = any(note.code in basket.BARS for one in lines for note in one.notes)
    events: list[dict[str, object]] = [
        {
            "name": "Checkout Started",
            "properties": {
                "value": visit.cart.total / 100,
                "currency": visit.cart.currency,
                "products": [
                    {"product_id": one.product, "sku": one.sku, "quantity": one.quantity}
                    for one in lines
                ],
            },
        }
    ]
    return visit.page(
        "checkout.html",
        422 if errors else status,
        events=events if status == 200 and not errors else [],
        private=True,
        lines=lines,
        barred=barred,
        ships=_ships(visit.cart),
        pays=[one for one in _PAYS if one in pays],
        form=form,
        errors=errors or {},
        notice=notice,
        at="/shop/checkout",
        key=key,
        countries=[visit.cart.market or visit.market],  # whose prices they are
        picture=picture,
    )


def _ships(cart: Cart) -> bool:
    return any(one.fulfilment == "ship" for one in cart.lines if not one.saved)


def _errors(visit: Visit, form: Form, ships: bool) -> dict[str, str]:
    """What is missing or wrong, by field, as far as the shop can say it itself."""
    errors = {}
    if not form.text("name"):
        errors["name"] = visit.say("Write your name.")
    if not _EMAIL.match(form.text("email", 254)):
        errors["email"] = visit.say("Write an e-mail address, such as anna@example.com.")
    if form.text("phone") and not _PHONE.match(form.text("phone")):
        errors["phone"] = visit.say("Write a telephone number, or nothing.")
    if ships and form.text("country") != visit.market:
        errors["country"] = visit.say("Choose a country.")
    if form.text("pay_by") not in _PAYS:
        errors["pay_by"] = visit.say("Choose how to pay.")
    return errors
