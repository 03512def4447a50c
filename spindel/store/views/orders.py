"""An order at the counter: its receipt, what waits here, and what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass

import segno
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from spindel.commerce.common import links, visibility
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.common.pages import Wrong, checked, in_words
from spindel.commerce.orders import actions as book
from spindel.commerce.orders import customer_orders, order_holds, receipt_actions, rules
from spindel.commerce.orders import reading as orders
from spindel.commerce.orders.actions import Tracking
from spindel.commerce.orders.models import Order, Return, Shipment
from spindel.commerce.orders.reading import LineView, OrderView
from spindel.commerce.orders.stages import Reader
from spindel.commerce.orders.views import order_page
from spindel.commerce.returns import reading as returns
from spindel.commerce.stock.models import Hold
from spindel.identity import customers, shown
from spindel.identity.models import Identifier
from spindel.kit.templatetags.look import minor_words
from spindel.messages import delivery_status
from spindel.staff import audit
from spindel.store.forms import ClaimForm, ReceiptForm, SendForm
from spindel.store.views.desk import Desk, Sale, at_desk, called


def order_of(number: str) -> Order:
    """The order with this number, which nobody guesses. Raises Http404."""
    return get_object_or_404(Order, number=number[:64])


@dataclass(frozen=True, slots=True)
class Waiting:
    """Goods of the order that wait here: to be handed over, or to be sent."""

    lines: list[tuple[LineView, int]]
    due: int


@require_safe
@at_desk
def order(desk: Desk, number: str) -> HttpResponse:
    """What was bought, how far it has come, and its receipt."""
    found = order_of(number)
    view = orders.view(found, desk.language, Reader.COLLEAGUE)
    owner = whose(found)
    return desk.page(
        "order.html",
        {
            "order": view,
            "sold": "sold" in desk.request.GET,
            "waiting": _waiting(desk, found, view, Fulfilment.PICK_UP),
            "to_send": _waiting(desk, found, view, Fulfilment.SHIP),
            "purchase": returns.purchase(found.pk),
            "unknown": owner.unknown,
            "buyer": buyer(desk, owner),
            "qr": _qr(desk, found, owner),
            "receipt_to": _receipt_to(desk, found, owner),
            "voidable": orders.is_voidable(found, desk.place.pk),
            "backs": list(found.returns.order_by("pk")),
            "exchange_of": Return.objects.filter(exchange=found).first(),
        },
    )


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose an order is, by the id of today; `unknown` where it is known by its receipt alone."""

    customer: int | None
    unknown: bool


def whose(found: Order) -> Whose:
    """Whose it is, as far as anybody knows."""
    owner = customer_orders.owners([found.pk]).get(found.pk)
    kinds = Identifier.objects.filter(pk=found.identifier_id or 0).values_list("kind", flat=True)
    if owner is None or kinds.first() != "receipt":
        return Whose(owner, unknown=False)
    held = Identifier.objects.filter(tenure__customer=owner).values_list("kind", flat=True)
    return Whose(owner, unknown=set(held) <= {"receipt"})


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who bought it, and what she is called; `customer` is 0 for whoever may not open her."""

    customer: int
    name: str


def buyer(desk: Desk, owner: Whose) -> Buyer | None:
    """Whose it is, for those who may see her; that they were shown her is put on record."""
    customer = owner.customer
    if owner.unknown or customer is None:
        return None
    audit.note_look(desk.user, "customer.seen", customer)
    name = called(desk.user, customer)
    return Buyer(customer if shown.may_open(desk.user, customer) else 0, name)


def _waiting(desk: Desk, found: Order, view: OrderView, way: str) -> Waiting | None:
    """What of it waits in this store; None where nothing does."""
    if found.state != Order.State.CONFIRMED:
        return None
    kept: dict[int, int] = {}
    holds = order_holds.of_order(found.pk).filter(place=desk.place, state=Hold.State.ACTIVE)
    line_of = order_holds.lines(holds)
    for one in holds:
        line = line_of[one.pk]
        if line.fulfilment == way:
            kept[line.line] = kept.get(line.line, 0) + one.quantity
    if not kept:
        return None
    lines = [(one, kept[one.line]) for one in view.lines if one.line in kept]
    paid = view.payment
    pays = paid is not None and paid.provider == "store" and not paid.captured
    due = sum(rules.leaving(one, many) for one, many in lines) if pays else 0
    return Waiting(lines, due)


def _qr(desk: Desk, found: Order, owner: Whose) -> SafeString | None:
    """The order's own page as a code for her phone: of those whom the clerk may open, and of those
    whom nobody knows.
    """
    if not _gives_link(desk, owner):
        return None
    page = links.page("order-page", "order", found.pk)
    code = segno.make(page, error="m", micro=False)
    svg = code.svg_inline(border=0, omitsize=True, svgclass=None, lineclass=None)
    return mark_safe(svg)  # noqa: S308  # drawn by segno, of a link of ours


def _gives_link(desk: Desk, owner: Whose) -> bool:
    """Whether the link to the order's own page is the clerk's to hand on."""
    return owner.unknown or visibility.sees_links(desk.user, owner.customer or 0)


def _receipt_to(desk: Desk, found: Order, owner: Whose) -> str:
    """The address that the order is for, for those who may see it: the clerk confirms it."""
    sees = visibility.sees_contact(desk.user, owner.customer or 0)
    return str(found.contact.get("email", "")) if sees else ""


@require_safe
@at_desk
def receipt(desk: Desk, number: str) -> HttpResponse:
    """Its receipt, to print; nothing of whose it is stands on it."""
    return order_page.printed(order_of(number), desk.customers_language)


@require_POST
@at_desk
def mail_receipt(desk: Desk, number: str) -> HttpResponse:
    """Mail its receipt to the address that was typed, or confirmed."""
    found = order_of(number)
    to = ReceiptForm(desk.request.POST).values["email"]
    try:
        with in_words():
            receipt_actions.mail_receipt(
                found.pk,
                to,
                link=_gives_link(desk, whose(found)),
                by=desk.user,
                request=desk.sent,
            )
    except Wrong as wrong:
        desk.refuse(str(wrong))
    else:
        desk.say(delivery_status.asked(to))
    return desk.back()


@require_POST
@at_desk
def hand_over(desk: Desk, number: str) -> HttpResponse:
    """Hand over what she came to fetch; what is due is paid by now."""
    found = order_of(number)
    try:
        with in_words():
            left = book.hand_over(
                found.pk, desk.place.pk, None, actor=desk.actor, request=desk.sent
            )
    except Wrong as wrong:
        desk.refuse(str(wrong))
    else:
        undo = reverse("store-order-undo-hand-over", args=[found.number, left.pk])
        desk.say(_("Handed over."), undo)
    return redirect("store-order", found.number)


@require_POST
@at_desk
def undo_hand_over(desk: Desk, number: str, shipment: int) -> HttpResponse:
    """It was not handed over after all."""
    found = order_of(number)
    left = Shipment.objects.filter(pk=shipment).values_list("place", flat=True).first()
    if left not in (None, desk.place.pk):
        raise Http404
    try:
        with in_words():
            book.undo_hand_over(found.pk, shipment, by=desk.by)
    except Wrong as wrong:
        desk.refuse(str(wrong))
    else:
        desk.say(_("It waits here again. What was paid stays paid."))
    return redirect("store-order", found.number)


@require_POST
@at_desk
def void(desk: Desk, number: str) -> HttpResponse:
    """It was not sold after all: the goods are in the sale again, for whom they were."""
    found = order_of(number)
    was = found.state
    lines = {one.variant_id: one.quantity for one in found.lines.all()}
    try:
        with in_words():
            undone = book.void(found.pk, desk.place.pk, by=desk.by)
    except Wrong as wrong:
        desk.refuse(str(wrong))
        return redirect("store-order", found.number)
    held = orders.voided(undone)
    if undone.state != was:
        desk.park()
        desk.sale = Sale(lines, held.kept, keys=desk.sale.keys)
        desk.remember()
    paid = minor_words(found.total, found.currency)
    desk.say(_("Not sold: %(price)s goes back. The goods are in the sale again.") % {"price": paid})
    if held.not_kept:
        desk.refuse(
            _("What was kept is not kept any more: its time is over, or somebody else has it.")
        )
    return redirect("store-sale")


@require_POST
@at_desk
def send(desk: Desk, number: str) -> HttpResponse:
    """It is on its way, by a carrier."""
    found = order_of(number)
    try:
        typed = checked(SendForm(desk.request.POST)).cleaned_data
        with in_words():
            book.ship(
                found.pk,
                desk.place.pk,
                None,
                Tracking(typed["carrier"], typed["tracking"]),
                actor=desk.actor,
                request=desk.sent,
            )
    except Wrong as wrong:
        desk.refuse(str(wrong))
    else:
        desk.say(_("Sent."))
    return redirect("store-order", found.number)


@require_POST
@at_desk
def claim(desk: Desk, number: str) -> HttpResponse:
    """Put a purchase that nobody knew whose it was on the page of whoever shows its receipt."""
    found = order_of(number)
    to = customers.find(ClaimForm(desk.request.POST).values["to"])
    if to is None or not shown.may_open(desk.user, to):
        raise Http404
    desk.serve(to)
    if desk.serving is None or desk.whose is None:
        raise Http404
    try:
        with in_words():
            book.claim(found.number, desk.whose, desk.actor)
    except Wrong as wrong:
        desk.refuse(str(wrong))
    else:
        desk.say(_("It is on the page of %(name)s now.") % {"name": desk.serving.name})
    return redirect("store-order", found.number)
