"""A quote at the counter: goods at a price for her, sent by mail or shown as a code for her phone.

What is offered stands in the address, as it comes to something before anything is done; who it is
for is only sent with it, so that it stands in no log.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Concatenate, ParamSpec

import segno
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.common.pages import Wrong, checked, in_words
from spindel.commerce.orders import prefill
from spindel.commerce.payments import providers
from spindel.commerce.quotes import actions
from spindel.commerce.quotes import reading as quotes
from spindel.commerce.quotes.forms import SHIP, SendForm
from spindel.commerce.quotes.models import Quote
from spindel.commerce.quotes.views import builder
from spindel.commerce.quotes.views.quotes import mine
from spindel.kit import smtp
from spindel.messages import delivery_status
from spindel.staff.models import Role
from spindel.staff.permissions import PRICE_LIMIT, may
from spindel.store.forms import QuoteQuery, StoreQuoteForm
from spindel.store.views.desk import Desk, at_desk
from spindel.store.views.search import found_rows

_DAYS = (3, 7, 14)  # that it is good for; the middle one, if nobody says

P = ParamSpec("P")


def _may_make(
    view: Callable[Concatenate[Desk, P], HttpResponse],
) -> Callable[Concatenate[Desk, P], HttpResponse]:
    """A page for those who may offer something, too, and not only work in a store."""

    @functools.wraps(view)
    def run(desk: Desk, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not may(desk.user, "quotes.make"):
            raise PermissionDenied
        return view(desk, *args, **kwargs)

    return run


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
@_may_make
def build(desk: Desk) -> HttpResponse:
    """Put it together; see what it comes to; then let her have it."""
    if desk.request.method == "POST":
        return _do(desk)
    if desk.request.headers.get("HX-Target") == "found":
        return _found(desk)
    form = _form(desk)
    if {"add", "cart"} & desk.request.GET.keys() and form.lines:
        # By an address that says all of it, so that what is scanned next is added to that.
        return redirect(f"{reverse('store-quote')}?{_query(form, form.lines[0].how)['kept_query']}")
    return _page(desk, form)


def _form(desk: Desk) -> StoreQuoteForm:
    """What the address says, with what was scanned just now; nothing is said of it yet."""
    asked = QuoteQuery(desk.request.GET).values
    told = _quote_form(desk, desk.request.GET).typed
    certain = prefill.of(desk.serving.opened, desk.market).certain if desk.serving else {}
    until = (timezone.localdate() + timedelta(days=_DAYS[1])).isoformat()
    usual = {**certain, "until": until, "holds": not told["items"]}
    form = _quote_form(desk, initial=usual | {name: x for name, x in told.items() if x})
    if asked["cart"] and desk.serving:
        form.lines = builder.cart_lines(desk.serving.opened)
    # All of it comes one way: at a counter nobody waits for more to be asked.
    how = asked["all"] or (form.lines[0].how if form.lines else _usual_way(desk))
    form.lines = [replace(one, how=how) for one in form.lines if one.quantity != "0"]
    if asked["add"]:
        form.put_in(asked["add"])
        form.lines = [replace(one, how=how) for one in form.lines]
    return form


def _quote_form(
    desk: Desk, sent: QueryDict | None = None, initial: dict[str, Any] | None = None
) -> StoreQuoteForm:
    return StoreQuoteForm(
        sent,
        initial=initial,
        market=desk.market,
        language=desk.customers_language,
        customer=desk.serving.customer if desk.serving else None,
    )


def _usual_way(desk: Desk) -> str:
    return desk.place.code if desk.place.hands_over else SHIP


def _page(desk: Desk, form: StoreQuoteForm, status: int = 200) -> HttpResponse:
    limit = PRICE_LIMIT[Role(desk.user.role)]
    who = desk.serving.opened.known() if desk.serving else None
    lines = builder.shown_lines(desk.request, form, limit, None, who)
    how = form.lines[0].how if form.lines else _usual_way(desk)
    fulfilment = Fulfilment.SHIP if how == SHIP else Fulfilment.PICK_UP
    ways = sorted(providers.choices({fulfilment}), key=lambda one: one != "store")
    today = timezone.localdate()
    pay_by = form["pay_by"].value()
    return desk.page(
        "quote.html",
        {
            "form": form,
            "lines": lines,
            "wrong": any(one.wrong for one in lines),
            "total": sum(one.total for one in lines),
            "limit": limit,
            "how": how,
            "pays": [(one, providers.label(one)) for one in ways],
            "pay_by": pay_by if pay_by in ways else ways[0],
            "days": [((today + timedelta(days=n)).isoformat(), n) for n in _DAYS],
            "sends": smtp.server() is not None,
            **_query(form, how),
        },
        status=status,
    )


def _query(form: StoreQuoteForm, how: str) -> dict[str, object]:
    """What is offered, for the address of more."""
    kept = [
        ("until", form["until"].value() or ""),
        ("pay_by", form["pay_by"].value() or ""),
        ("holds", "yes" if form["holds"].value() else "no"),
    ]
    for one in form.lines:
        kept += [
            ("variant", str(one.variant)),
            ("quantity", one.quantity),
            ("price", one.price),
            ("how", how),
        ]
    return {"kept_fields": kept, "kept_query": urlencode(kept)}


def _found(desk: Desk) -> HttpResponse:
    """Goods that the text may mean, to be put into it by a tap."""
    text = QuoteQuery(desk.request.GET).values["q"]
    form = _form(desk)
    how = form.lines[0].how if form.lines else _usual_way(desk)
    context = {"q": text, "rows": found_rows(desk, text) if text else [], "name": "add"}
    return desk.page("models.html", context | _query(form, how))


def _do(desk: Desk) -> HttpResponse:
    form = _quote_form(desk, desk.request.POST)
    try:
        checked(form)
        mailed = form.cleaned_data["by"] != "link"
        her = desk.serving.opened if desk.serving else None
        made = builder.save(desk.request, form, her, None)
        with in_words():
            actions.send(made.pk, made.revision, desk.sent, by=desk.by, mail=mailed)
    except Wrong as wrong:
        desk.refuse(str(wrong))
        return _page(desk, form, status=409)
    words = (
        delivery_status.asked(form.contact["email"])
        if mailed
        else _("Whoever has the code can accept it now.")
    )
    desk.say(words, reverse("store-quote-withdraw", args=[made.pk]))
    return redirect("store-quote-made", made.pk)


# --- one that is made -----------------------------------------------------------------------------


@require_safe
@at_desk
@_may_make
def made(desk: Desk, id: int) -> HttpResponse:
    """What was offered, what has become of it, and its code for her phone."""
    found = mine(desk.request, id)
    view = quotes.view(found, desk.language)
    code = None
    if view.state == Quote.State.SENT:
        drawn = segno.make(view.url, error="m", micro=False)
        svg = drawn.svg_inline(border=0, omitsize=True, svgclass=None, lineclass=None)
        code = mark_safe(svg)  # noqa: S308  # drawn by segno, of a link of ours
    shown = code if may(desk.user, "links.see") else None
    number = found.order.number if found.order else ""
    context = {"quote": view, "qr": shown, "order": number, "sends": smtp.server() is not None}
    return desk.page("quote_made.html", context)


@require_POST
@at_desk
@_may_make
def send(desk: Desk, id: int) -> HttpResponse:
    """Mail it to her, or mail it again."""
    found = mine(desk.request, id)
    revision = SendForm(desk.request.POST).values["revision"] or 0
    try:
        with in_words():
            sent = actions.send(found.pk, revision, desk.sent, by=desk.by)
    except Wrong as wrong:
        desk.refuse(str(wrong))
    else:
        desk.say(delivery_status.asked(sent.contact.get("email", "")))
    return redirect("store-quote-made", found.pk)


@require_POST
@at_desk
@_may_make
def withdraw(desk: Desk, id: int) -> HttpResponse:
    """Take it back: she can't accept it any more, and what is held for it is free."""
    found = mine(desk.request, id)
    try:
        with in_words():
            actions.withdraw(found.pk, by=desk.by)
    except Wrong as wrong:
        desk.refuse(str(wrong))
    else:
        desk.say(_("Withdrawn. What was held for it is free again."))
    return redirect("store-quote-made", found.pk)
