"""What is kept for somebody in the store, as tasks: set aside, handed over, or not found."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from spindel.catalogue.models import Place
from spindel.commerce.common import goods as common_goods
from spindel.commerce.common.pages import Wrong, in_words
from spindel.commerce.orders import actions as orders
from spindel.commerce.orders import order_holds
from spindel.commerce.quotes import reading as quotes
from spindel.commerce.stock import customer_holds, nearby
from spindel.commerce.stock.actions import holds
from spindel.commerce.stock.actions.holds import Kept
from spindel.commerce.stock.models import Hold
from spindel.commerce.stock.pages import kept_before
from spindel.identity import shown
from spindel.kit.templatetags.look import say_when
from spindel.store import tasks
from spindel.store.forms import HoldForm
from spindel.store.tasks import Task
from spindel.store.views.desk import Desk, at_desk, called


def _here(desk: Desk, id: int) -> Hold:
    """A hold in this store; what another store keeps is that store's to do. Raises Http404."""
    return get_object_or_404(Hold, pk=id, place=desk.place)


@require_POST
@at_desk
def set_aside(desk: Desk, id: int) -> HttpResponse:
    """It was taken from the shelf and lies ready."""
    hold = _here(desk, id)
    try:
        with in_words():
            holds.set_aside(hold.pk)
    except Wrong as wrong:
        desk.refuse(str(wrong))
    else:
        goods = common_goods.goods(hold.variant, desk.language)
        text = _("Set aside: %(what)s.") % {"what": f"{goods.name} {goods.options}".strip()}
        desk.say(text, reverse("store-hold-put-back", args=[hold.pk]))
    return desk.back()


@require_POST
@at_desk
def put_back(desk: Desk, id: int) -> HttpResponse:
    """It does not lie ready after all."""
    hold = _here(desk, id)
    try:
        with in_words():
            holds.put_back(hold.pk)
    except Wrong as wrong:
        desk.refuse(str(wrong))
    else:
        desk.say(_("It is to be set aside still."))
    return desk.back()


@require_POST
@at_desk
def release(desk: Desk, id: int) -> HttpResponse:
    """Let others have it: what somebody has just promised is taken back, also in another store."""
    hold = _of_hers(desk, id)
    try:
        with in_words():
            holds.release(hold.pk, desk.by)
    except Wrong as wrong:
        desk.refuse(str(wrong))
    else:
        hold.refresh_from_db()
        again = reverse("store-hold-again", args=[hold.pk])
        over = hold.state != Hold.State.RELEASED or hold.until <= timezone.now()
        desk.say(_("It is not kept any more."), "" if over else again)
    return desk.back()


@require_POST
@at_desk
def keep_again(desk: Desk, id: int) -> HttpResponse:
    """It was let go of by mistake."""
    hold = _of_hers(desk, id)
    try:
        with in_words():
            kept = holds.keep_again(hold.pk)
    except Wrong as wrong:
        desk.refuse(str(wrong))
    else:
        with timezone.override(kept.place.time_zone):
            words = {"store": kept.place.name, "until": say_when(kept.until)}
        desk.say(
            _("Kept in %(store)s until %(until)s.") % words,
            reverse("store-hold-release", args=[kept.pk]),
        )
    return desk.back()


def _of_hers(desk: Desk, id: int) -> Hold:
    """A hold here, one that she has promised, or one for whoever is served. Raises Http404."""
    hold = get_object_or_404(Hold, pk=id, order_line_id=None)
    mine = hold.place_id == desk.place.pk or hold.promised_by_id == desk.user.pk
    served = (
        desk.serving and customer_holds.holders([hold.pk]).get(hold.pk) == desk.serving.customer
    )
    if not (mine or served):
        raise Http404
    return hold


@require_POST
@at_desk
def hand_over(desk: Desk, id: int) -> HttpResponse:
    """She has come for it: into the sale, at today's price, for whom it was kept."""
    hold = _here(desk, id)
    if bought := order_holds.lines([hold]).get(hold.pk):
        return redirect("store-order", bought.order.number)
    if hold.state != Hold.State.ACTIVE or hold.until <= timezone.now():
        desk.refuse(_("It is not kept any more."))
        return desk.back()
    if offered := quotes.behind([hold]).get(hold.pk):  # at the price that was offered, not today's
        return redirect("store-quote-made", offered.pk)
    customer = customer_holds.holders([hold.pk]).get(hold.pk)
    if customer is not None and shown.may_open(desk.user, customer):
        desk.serve(customer)
    elif customer is not None:
        desk.refuse(_("Look the customer up first: it is kept for somebody."))
        return redirect("store-people")
    if hold.pk not in desk.sale.holds:
        before = desk.sale.lines.get(hold.variant_id, 0)
        desk.sale.holds.append(hold.pk)
        # By its own key: one that was taken out of the sale, and is handed over again, counts.
        desk.sale.add(hold.variant_id, hold.quantity, f"hold {hold.pk} {desk.sent.key}")
        query = urlencode({"variant": hold.variant_id, "quantity": before})
        desk.say(_("It is in the sale."), f"{reverse('store-sale-change')}?{query}")
    desk.remember()
    return redirect("store-sale")


@require_POST
@at_desk
def not_found(desk: Desk, id: int) -> HttpResponse:
    """It is not where it should be: the books are put right, and the next nearest is named."""
    hold = _here(desk, id)
    try:
        with in_words():
            lose = holds.not_found if hold.order_line_id is None else orders.not_found
            lose(hold.pk, desk.by)
    except Wrong as wrong:
        desk.refuse(str(wrong))
        return redirect("store")
    return redirect("store-hold-missing", hold.pk)


@require_safe
@at_desk
def missing(desk: Desk, id: int) -> HttpResponse:
    """Where the next one is that can be kept instead; in one tap."""
    hold = _here(desk, id)
    task = tasks.of_hold(hold.pk, desk.language)
    if task is None or hold.state != Hold.State.MISSING:
        raise Http404
    near = [
        one
        for one in nearby.stores_with(hold.variant_id, desk.place)
        if one.place.pk != desk.place.pk and one.available >= hold.quantity
    ]
    return desk.page(
        "missing.html",
        {"task": task, "name": _name(desk, task), "near": near[:3], "promised": hold.promised_by},
    )


def _name(desk: Desk, task: Task) -> str:
    if task.customer is None:
        return ""
    return called(desk.user, task.customer)


@require_POST
@at_desk
def instead(desk: Desk, id: int) -> HttpResponse:
    """Keep one in another store for whoever does not get hers here."""
    hold = _here(desk, id)
    stores = Place.objects.filter(hands_over=True, closed_at=None)
    place = get_object_or_404(stores, code=HoldForm(desk.request.POST).values["place"])
    if hold.state != Hold.State.MISSING:
        raise Http404
    try:
        with in_words():
            if hold.order_line_id is not None:
                orders.keep_elsewhere(hold.pk, place.pk, desk.by)
                desk.say(_("It waits in %(store)s instead.") % {"store": place.name})
                return redirect("store")
            kept = holds.keep_instead(hold.pk, desk.from_here, place)
    except Wrong as wrong:
        desk.refuse(str(wrong))
        return redirect("store-hold-missing", hold.pk)
    say_kept(desk, kept)
    return redirect("store")


def say_kept(desk: Desk, kept: Kept) -> None:
    """Tell on the next page where the other one is kept; one's own can be let go of again."""
    if before := kept_before(kept, desk.user):
        desk.say(before)
        return
    place = kept.hold.place
    with timezone.override(place.time_zone):
        until = say_when(kept.hold.until)
    text = _("Kept in %(store)s until %(until)s instead.")
    desk.say(
        text % {"store": place.name, "until": until},
        reverse("store-hold-release", args=[kept.hold.pk]),
    )
