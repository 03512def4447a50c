"""An order of the book, whichever channel it came by, and what is done with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from spindel.catalogue import posts
from spindel.catalogue.models import Place
from spindel.commerce.common import pages, visibility
from spindel.commerce.common.pages import Wrong
from spindel.commerce.orders import (
    actions,
    book,
    customer_orders,
    order_holds,
    reading,
    return_requests,
    returning,
    staff_actions,
)
from spindel.commerce.orders.actions import Tracking
from spindel.commerce.orders.forms import BackForm, CancelForm, HandOverForm, ShipForm
from spindel.commerce.orders.models import Order, Return, Shipment
from spindel.commerce.orders.placement.draft import Dearer
from spindel.commerce.orders.reading import LineView, OrderView
from spindel.commerce.orders.stages import Reader
from spindel.commerce.payments import failed, providers
from spindel.commerce.stock.models import Hold
from spindel.identity.shown import staff
from spindel.kit import masking, pictures, saying
from spindel.kit.clock import NEVER
from spindel.kit.templatetags.look import minor_words
from spindel.messages import delivery_status
from spindel.staff.permissions import may, requires


def _language() -> str:
    return (get_language() or "en")[:2]


# --- one of them ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its picture, and how many of it are neither gone nor cancelled."""

    line: LineView
    picture: str
    left: int

    @property
    def less(self) -> int:
        """How much less one cost than everybody paid."""
        return self.line.list_amount - self.line.amount


@dataclass(frozen=True, slots=True)
class Waiting:
    """What of the order waits in a place, to be sent from there or fetched there."""

    place: Place
    fulfilment: str
    lines: list[tuple[LineView, int]]
    until: datetime | None
    set_aside: bool
    key: str


@require_safe
@requires("orders.see")
def order(request: HttpRequest, id: int) -> HttpResponse:
    """An order, whole: what was agreed, how far it has come, and what can be done now."""
    view = _order(id)
    told, mailable = bool(view.contact or view.address), bool(view.contact.get("email"))
    owner = customer_orders.owners([view.id]).get(view.id, 0)
    user = staff(request)
    people = book.who(user, [owner] if owner else [], "order.seen")
    sees = visibility.sees_contact(user, owner)
    if not visibility.sees_links(user, owner):
        view = reading.without_links(view)
    if not sees:
        view = reading.masked(view)
    waiting = _waiting(view, posts.today(user))
    context = {
        "order": view,
        "lines": [
            Line(one, pictures.shown([one.picture], request), _left(one)) for one in view.lines
        ],
        "who": people.get(owner, book.NOBODY),
        "contact": view.contact,
        "address": view.address,
        "masked": told and not sees,
        "paid_by": providers.label(view.payment.provider) if view.payment else "",
        "disputes": failed.disputes_of(view.id),
        "stuck": failed.given_up(1, view.id),
        "told": failed.told(5, view.id),
        "may_see_to": may(user, "attention.see"),
        "waiting": waiting if view.state == Order.State.CONFIRMED else [],
        "kept": waiting,
        "names": {one.line: one for one in view.lines},
        "returns": _returns(view),
        "coming": return_requests.of_orders([view.id], _language()),
        "exchange_of": Return.objects.filter(exchange=view.id).select_related("order").first(),
        "may_handle": may(user, "orders.handle"),
        "may_take_in": may(user, "orders.handle")
        and any(x.delivered > x.returned for x in view.lines),
        "take_in": returning.registered().desk(view.id),
        "may_mail": may(user, "orders.handle") and mailable,
        "key": pages.fresh_key(),
        "hidden": masking.HIDDEN,
    }
    return pictures.allow(render(request, "orders/order.html", context))


def _order(id: int) -> OrderView:
    found = next(reading.views([id], _language(), Reader.COLLEAGUE), None)
    if found is None:
        raise Http404
    return found


def _left(line: LineView) -> int:
    return line.quantity - line.delivered - line.cancelled


def _waiting(view: OrderView, mine: Place | None) -> list[Waiting]:
    """What waits where: what waits in her own store first."""
    lines = {one.line: one for one in view.lines}
    kept = order_holds.of_order(view.id).filter(state=Hold.State.ACTIVE)
    holds = list(kept.select_related("place").order_by("place__name", "order_line_id"))
    line_of = order_holds.lines(holds)
    found: dict[tuple[int, str], list[Hold]] = defaultdict(list)
    for one in holds:
        found[one.place_id, line_of[one.pk].fulfilment].append(one)
    waiting = []
    for (_place, fulfilment), some in found.items():
        many: dict[int, int] = defaultdict(int)
        for one in some:
            many[line_of[one.pk].line] += one.quantity
        untils = [one.until for one in some if one.until < NEVER]
        waiting.append(
            Waiting(
                some[0].place,
                fulfilment,
                [(lines[line], quantity) for line, quantity in sorted(many.items())],
                min(untils, default=None),
                all(one.set_aside_at for one in some),
                pages.fresh_key(),
            )
        )
    return sorted(waiting, key=lambda one: one.place != mine)


def _returns(view: OrderView) -> list[Return]:
    found = Return.objects.filter(order=view.id).select_related("exchange", "place")
    return list(found.prefetch_related("lines__order_line").order_by("at", "pk")[:100])


# --- what is done with it -------------------------------------------------------------------------


@require_POST
@requires("orders.handle")
def ship(request: HttpRequest, id: int) -> HttpResponse:
    """Send a parcel from a place."""

    def act() -> str:
        form = pages.checked(ShipForm(request.POST))
        typed = form.cleaned_data
        actions.ship(
            id,
            typed["place"],
            form.some,
            Tracking(typed["carrier"], typed["tracking"], typed["tracking_url"]),
            actor=pages.actor(request),
            request=pages.sent(request),
        )
        return _("It is on its way.")

    return _do(request, id, act)


@require_POST
@requires("orders.handle")
def hand_over(request: HttpRequest, id: int) -> HttpResponse:
    """Hand over what she came to fetch."""

    def act() -> str:
        form = pages.checked(HandOverForm(request.POST))
        actions.hand_over(
            id,
            form.cleaned_data["place"],
            form.some,
            actor=pages.actor(request),
            request=pages.sent(request),
        )
        return _("Handed over.")

    return _do(request, id, act)


@require_POST
@requires("orders.handle")
def arrive(request: HttpRequest, id: int, parcel: int) -> HttpResponse:
    """Say that a parcel has arrived."""

    def act() -> str:
        if not Shipment.objects.filter(pk=parcel, order=id).exists():
            raise Http404
        actions.arrive(parcel, pages.by(request))
        return _("It has arrived.")

    return _do(request, id, act)


@require_POST
@requires("orders.handle")
def cancel(request: HttpRequest, id: int) -> HttpResponse:
    """Cancel what has not left yet: all of it, or some."""

    def act() -> str:
        form = pages.checked(CancelForm(request.POST))
        how = {"by": pages.by(request), "why": form.cleaned_data["why"]}
        if form.cleaned_data["all"]:
            actions.cancel(id, None, **how)
        else:
            staff_actions.cancel_as_seen(id, form.some, form.seen(), **how)
        return _("Cancelled. What was kept for it is free again.")

    return _do(request, id, act)


@require_POST
@requires("orders.handle")
def send_link(request: HttpRequest, id: int) -> HttpResponse:
    """Mail her the link to her order once more."""

    def act() -> str:
        to = staff_actions.send_order_link(id, pages.sent(request))
        return delivery_status.asked(to)

    return _do(request, id, act)


def _do(request: HttpRequest, id: int, act: Callable[[], str]) -> HttpResponse:
    """Do it, say what became of it, and go back to where it was asked: the order, or her page."""
    if not Order.objects.filter(pk=id).exists():
        raise Http404
    try:
        with pages.in_words():
            said = act()
    except Wrong as wrong:
        messages.error(request, str(wrong))
    else:
        messages.success(request, said)
    customer = BackForm(request.POST).values["customer"]
    return redirect("customer", customer) if customer else redirect("order", id)


@saying.in_words.register
def _dearer(no: Dearer) -> str:
    price = minor_words(no.total, no.currency)
    return _("A price has changed: it comes to %(price)s now.") % {"price": price}
