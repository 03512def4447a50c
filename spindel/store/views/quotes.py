"""A quote at the counter: goods at a price for her, sent by mail or shown as a code for her phone.

What is offered stands in the address, as it comes to something before anything is done; who it is
for is only sent with it, so that it stands in no log.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Concatenate, ParamSpec

import segno
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from spindel.commerce.common import pages
from spindel.commerce.common.contacts import ADDRESS, CONTACT
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.common.pages import Wrong, in_words
from spindel.commerce.orders import prefill
from spindel.commerce.payments import providers
from spindel.commerce.quotes import actions
from spindel.commerce.quotes import reading as quotes
from spindel.commerce.quotes.models import Quote
from spindel.commerce.quotes.views import builder
from spindel.commerce.quotes.views.builder import Form
from spindel.commerce.quotes.views.quotes import mine
from spindel.kit import ids, smtp, texts
from spindel.messages import delivery_status
from spindel.staff.models import Role
from spindel.staff.permissions import PRICE_LIMIT, may
from spindel.store.views.desk import Desk, at_desk
from spindel.store.views.search import found_rows

_DAYS = (3, 7, 14)  # that it is good for; the middle one, if nobody says
_SHIP = "ship"

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
    return _page(desk, form, {})


def _form(desk: Desk) -> Form:
    """What the address says, with what was scanned just now."""
    asked = desk.request.GET
    form = _in_store(desk, builder.typed(asked))
    if asked.get("cart") == "yes" and desk.serving:
        form = replace(form, lines=builder.cart_lines(desk.serving.opened))
    first = form.lines[0].how if form.lines else ""
    how = asked.get("all", "")[:50] or first or _usual_way(desk)
    lines = [one for one in form.lines if one.quantity != "0"]
    if added := ids.read(asked.get("add", "")):
        lines = builder.with_one(replace(form, lines=lines), added).lines
    # All of it comes one way: at a counter nobody waits for more to be asked.
    return replace(form, lines=[replace(one, how=how) for one in lines])


def _usual_way(desk: Desk) -> str:
    return desk.place.code if desk.place.hands_over else _SHIP


def _in_store(desk: Desk, form: Form) -> Form:
    """The form for the store's market, with what nobody has said yet as it mostly is."""
    until = form.until or (timezone.localdate() + timedelta(days=_DAYS[1])).isoformat()
    new = "variant" not in desk.request.GET and desk.request.method != "POST"
    return replace(
        form,
        market=desk.market,
        language=desk.customers_language,
        until=until,
        holds=form.holds or new,
        key=desk.sent.key or form.key,
    )


def _page(desk: Desk, form: Form, typed: dict[str, str], status: int = 200) -> HttpResponse:
    limit = PRICE_LIMIT[Role(desk.user.role)]
    lines = builder.shown_lines(desk.request, form, limit, None)
    how = form.lines[0].how if form.lines else _usual_way(desk)
    fulfilment = Fulfilment.SHIP if how == _SHIP else Fulfilment.PICK_UP
    ways = sorted(providers.choices({fulfilment}), key=lambda one: one != "store")
    filled = prefill.of(desk.serving.opened, desk.market).certain if desk.serving else {}
    today = timezone.localdate()
    pay_by = form.pay_by if form.pay_by in ways else ways[0]
    return desk.page(
        "quote.html",
        {
            "form": replace(form, pay_by=pay_by),
            "lines": lines,
            "wrong": any(one.wrong for one in lines),
            "total": sum(one.total for one in lines),
            "limit": limit,
            "how": how,
            "pays": [(one, providers.label(one)) for one in ways],
            "days": [((today + timedelta(days=n)).isoformat(), n) for n in _DAYS],
            "kept": {**{name: filled.get(name, "") for name in (*CONTACT, *ADDRESS)}, **typed},
            "sends": smtp.server() is not None,
            **_query(form, how),
        },
        status=status,
    )


def _query(form: Form, how: str) -> dict[str, object]:
    """What is offered, for the address of more."""
    kept = [
        ("until", form.until),
        ("pay_by", form.pay_by),
        ("holds", "yes" if form.holds else "no"),
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
    text = texts.plain(desk.request.GET.get("q", ""), 200)
    form = _form(desk)
    how = form.lines[0].how if form.lines else _usual_way(desk)
    context = {"q": text, "rows": found_rows(desk, text) if text else [], "name": "add"}
    return desk.page("models.html", context | _query(form, how))


def _do(desk: Desk) -> HttpResponse:
    told = desk.request.POST
    form = _in_store(desk, builder.typed(told))
    mailed = told.get("by") != "link"
    try:
        her = desk.serving.opened if desk.serving else None
        if mailed and not form.contact.get("email"):
            raise Wrong(_("Say to which e-mail address it is sent."))
        made = builder.save(desk.request, form, her, None)
        with in_words():
            actions.send(
                made.pk,
                made.revision,
                desk.sent,
                by=desk.by,
                mail=mailed,
            )
    except Wrong as wrong:
        desk.refuse(str(wrong))
        return _page(desk, form, {**form.contact, **form.address}, status=409)
    desk.say(_told(form, mailed=mailed), reverse("store-quote-withdraw", args=[made.pk]))
    return redirect("store-quote-made", made.pk)


def _told(form: Form, *, mailed: bool) -> str:
    if mailed:
        return delivery_status.asked(form.contact["email"])
    return _("Whoever has the code can accept it now.")


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
    revision = pages.number(desk.request.POST.get("revision", "")) or 0
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
