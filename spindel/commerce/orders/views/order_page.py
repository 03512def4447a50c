"""The page of an order, which a customer opens by the link that she was sent; and its receipt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from spindel.catalogue import hours
from spindel.commerce.common import links, public_pages
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.orders import (
    actions,
    customer_orders,
    payment_due,
    receipts,
    return_requests,
    returnable,
    returning,
    rules,
    stages,
)
from spindel.commerce.orders import reading as orders
from spindel.commerce.orders.forms import TickedForm
from spindel.commerce.orders.history import TooMany
from spindel.commerce.orders.models import Order, Return
from spindel.commerce.orders.payment_changes import NOT_PAID
from spindel.commerce.orders.reading import LineView, OrderView, PickUpView, ShipmentView
from spindel.commerce.payments import checkout_page, providers
from spindel.commerce.payments.actions import TOO_LATE
from spindel.commerce.payments.models import Payment, PaymentCommand
from spindel.kit import pictures, saying
from spindel.kit.refusal import Refusal
from spindel.timeline.recording import Gone

log = structlog.get_logger("spindel.commerce")


@dataclass(frozen=True, slots=True)
class Shown:
    """A line with its picture, how many are left to come, and a tone for how far it has come."""

    line: LineView
    picture: str
    left: int
    tone: str


@dataclass(frozen=True, slots=True)
class Where:
    """A store where something of it is collected, and when it is open on all days."""

    pick_up: PickUpView
    week: list[tuple[str, str]]
    ahead: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel with what is in it; a link to where it is only where that leads to the web."""

    shipment: ShipmentView
    link: str
    lines: list[tuple[LineView, int]]


@require_safe
@public_pages.by_link("order", orders.behind_link, customer_orders.owners)
def page(request: HttpRequest, found: Order) -> HttpResponse:
    """How far the order has come, and what she can do about it."""
    return _shown(request, found)


def _shown(
    request: HttpRequest, found: Order, problem: str = "", status: int = 200
) -> HttpResponse:
    language = public_pages.language_of(request, found.language)
    order = orders.view(found, language)
    with translation.override(language):
        context = {
            "order": order,
            "lines": [_line(request, order, one) for one in order.lines],
            "parcels": [_parcel(order, one) for one in order.shipments],
            "wheres": [_where(one) for one in order.pick_ups],
            "events": order.events,
            "code": links.code("order", order.id),
            "saved": sum(rules.saved(one) for one in order.lines),
            "worth": sum(rules.kept(one) for one in order.lines)
            + sum(one.total for one in order.fees if not one.cancelled),
            "card": _card(found, order),
            "ships": any(one.fulfilment == Fulfilment.SHIP for one in order.lines),
            "returnable_until": returnable.returnable_until(found),
            "sends_back": returning.registered().page(links.code("order", order.id)),
            "coming": return_requests.of_orders([found.pk], language),
            "problem": problem,
        }
    return public_pages.page(request, "orders/order_page.html", context, language, status)


def _line(request: HttpRequest, order: OrderView, line: LineView) -> Shown:
    left = line.quantity - line.delivered - line.cancelled
    tone = stages.tone(order.state, [line], order.shipments)
    return Shown(line, pictures.shown([line.picture], request), left, tone)


@dataclass(frozen=True, slots=True)
class Card:
    """How it stands with a payment by card, in a word for the template.

    `open`: she can pay; `refused`: she has tried, and can again; `ending`: the time is over, and
    the bank is asked how it ended; `paid`; `unpaid`: nobody paid in time; `late`: money came after
    that. `credited` is what goods that came back have paid of it.
    """

    stands: str
    amount: int
    until: datetime | None
    taken: bool
    credited: int


def _card(order: Order, view: OrderView) -> Card | None:
    payment = Payment.objects.filter(order_id=order.pk).order_by("pk").first()
    if payment is None or not providers.is_awaited(payment.provider):
        return None
    due = payment_due.due(order)
    back = Return.objects.filter(exchange=order).first()
    return Card(
        _stands(order, view, payment, due.until if due else None),
        payment.amount,
        due.until if due else None,
        bool(payment.captured),
        back.credited if back else 0,
    )


def _stands(order: Order, view: OrderView, payment: Payment, until: datetime | None) -> str:
    if until is not None:
        asked = payment.commands.filter(kind=PaymentCommand.Kind.CANCEL).exists()
        if asked or until <= timezone.now():
            return "ending"
        return "refused" if payment.state == Payment.State.FAILED else "open"
    whys = {one.why for one in view.events}
    if order.state == Order.State.CANCELLED:
        return "late" if TOO_LATE in whys else "unpaid" if NOT_PAID in whys else ""
    return "paid" if payment.authorised and not payment.refunded else ""


def _where(pick_up: PickUpView) -> Where:
    opening = pick_up.place.opening
    return Where(pick_up, hours.week(opening), hours.ahead(opening))


def _parcel(order: OrderView, shipment: ShipmentView) -> Parcel:
    numbered = {one.line: one for one in order.lines}
    link = shipment.tracking_url
    is_web = urlsplit(link).scheme in ("https", "http") if link else False
    lines = [(numbered[line], many) for line, many in shipment.lines if line in numbered]
    return Parcel(shipment, link if is_web else "", lines)


# --- what she can do ------------------------------------------------------------------------------


@require_POST
@public_pages.by_link("order", orders.behind_link, customer_orders.owners)
def cancel(request: HttpRequest, found: Order) -> HttpResponse:
    """Cancel what she has ticked, as far as it has not left yet."""
    language = public_pages.language_of(request, found.language)
    asked = TickedForm(request.POST).values
    left = {
        one.line: one.quantity - one.delivered - one.cancelled
        for one in orders.view(found, language).lines
    }
    ticked = sorted(set(asked["line"]))
    some = [actions.Some(line, left[line]) for line in ticked if left.get(line, 0) > 0]
    with translation.override(language):
        if not some:
            return _shown(request, found, _("Tick what you want to cancel."), 409)
        try:
            actions.cancel(found.pk, some, by="", why=asked["why"])
        except TooMany:
            no = Refusal("left_meanwhile")
            return _shown(request, found, saying.in_words(no), no.status)
        except Gone:
            return public_pages.nothing(request)
    return _back(request, found, language)


@require_POST
@public_pages.by_link("order", orders.behind_link, customer_orders.owners)
def pay(request: HttpRequest, found: Order) -> HttpResponse:
    """Make the page where she pays, if there is none; the order's page leads there."""
    language = public_pages.language_of(request, found.language)
    payment = Payment.objects.filter(order_id=found.pk).order_by("pk").first()
    if payment is not None and providers.is_awaited(payment.provider):
        try:
            checkout_page.start(payment.pk, links.page("order-page", "order", found.pk))
        except checkout_page.NotOpen:
            log.info("payment_page_too_late", order=found.pk)  # the page says how it stands
        except (providers.Away, providers.NotDone) as error:
            log.warning("payment_page_later", order=found.pk, error=type(error).__name__)
            with translation.override(language):
                words = _("The payment can’t be reached just now. Try again in a moment.")
            return _shown(request, found, words, 409)
    return _back(request, found, language)


def _back(request: HttpRequest, order: Order, language: str) -> HttpResponse:
    return public_pages.go(request, "order-page", links.code("order", order.pk), language)


# --- the receipt ----------------------------------------------------------------------------------


@require_safe
@public_pages.by_link("order", orders.behind_link, customer_orders.owners)
def receipt(request: HttpRequest, found: Order) -> HttpResponse:
    """The receipt, to look at and to print."""
    language = public_pages.language_of(request, found.language)
    made = receipts.of(orders.view(found, language))
    context = {
        "receipt": made,
        "qr": _svg(made),
        "vat_sums": [sum(x.net for x in made.vat), sum(x.vat for x in made.vat)],
        "code": links.code("order", found.pk),
    }
    return public_pages.page(request, "orders/receipt.html", context, language)


def _svg(receipt: receipts.Receipt) -> SafeString:
    drawn = receipt.qr().svg_inline(border=2, omitsize=True, svgclass="qr", lineclass=None)
    return mark_safe(drawn)  # noqa: S308 - of a number, drawn by the library


@require_safe
@public_pages.by_link("order", orders.behind_link, customer_orders.owners)
def receipt_pdf(request: HttpRequest, found: Order) -> HttpResponse:
    """The receipt as PDF."""
    return printed(found, public_pages.language_of(request, found.language))


def printed(found: Order, language: str) -> HttpResponse:
    """The order's receipt to print, in the language."""
    from spindel.commerce.orders import (
        receipt_pdf as pdf,  # half a second that no other page should wait
    )

    made = receipts.of(orders.view(found, language))
    with translation.override(language):
        content, name = pdf.write(made), pdf.file_name(made)
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response["X-Robots-Tag"] = "noindex"
    return response
