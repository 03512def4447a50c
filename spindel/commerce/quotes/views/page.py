"""The page of a quote, which a customer opens by the link that she was sent.

Looking at it changes nothing but when it was first seen: programs that guard mail open every link.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from spindel.catalogue.models import Place
from spindel.commerce.common import links, public_pages
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.common.rules import NotEnough
from spindel.commerce.orders import payment_changes
from spindel.commerce.quotes import actions
from spindel.commerce.quotes import reading as quotes
from spindel.commerce.quotes.forms import SendForm
from spindel.commerce.quotes.models import Quote
from spindel.commerce.quotes.reading import QuoteLineView, QuoteView
from spindel.kit import pictures, saying
from spindel.kit.refusal import Refusal
from spindel.timeline.models import Channel
from spindel.timeline.recording import Gone

log = structlog.get_logger("spindel.commerce")
Failure = Quote.Failure
# What of a quote that is over is worth telling whoever made it.
_FAILURES = {Quote.State.EXPIRED: Failure.EXPIRED, Quote.State.WITHDRAWN: Failure.WITHDRAWN}


@dataclass(frozen=True, slots=True)
class Shown:
    """A line with its picture, as far as it may be shown; `lacks` says if there is too little."""

    line: QuoteLineView
    picture: str
    lacks: str


@require_safe
@public_pages.by_link("quote", quotes.behind_link, quotes.owners)
def page(request: HttpRequest, quote: Quote) -> HttpResponse:
    """What is offered, until when, and a button to take it; or what has become of it."""
    if not request.user.is_authenticated and request.method == "GET":
        actions.see(quote.pk)
    return shown(request, quote)


def shown(
    request: HttpRequest, quote: Quote, problem: str = "", status: int = 200, preview: bool = False
) -> HttpResponse:
    """The page as it is now; `problem` says why it could not be accepted just now."""
    language = public_pages.language_of(request, quote.language)
    with translation.override(language):
        view = quotes.view(quote, language)
        lacking = quotes.lacking(quote, view.lines) if view.is_open else {}
        lines = [
            Shown(one, pictures.shown([one.picture], request), _lacks(lacking.get(one.line)))
            for one in view.lines
        ]
    context = {
        "quote": view,
        "lines": lines,
        "lacking": bool(lacking),
        "saved": view.list_total - view.total,
        "place": Place.objects.filter(pk=quote.place_id or 0, hands_over=True).first(),
        "code": links.code("quote", quote.pk),
        "order_code": links.code("order", view.order_id) if view.order_id else "",
        "ships": any(one.fulfilment == Fulfilment.SHIP for one in view.lines),
        "problem": problem,
        "preview": preview,
    }
    return public_pages.page(request, "quotes/quote_page.html", context, language, status)


def _lacks(left: int | None) -> str:
    if left is None:
        return ""
    return _("Only %(count)s left") % {"count": left} if left else _("Sold out")


@require_POST
@public_pages.by_link("quote", quotes.behind_link, quotes.owners)
def accept(request: HttpRequest, quote: Quote) -> HttpResponse:
    """Take it: the order is placed, and its page comes next."""
    asked = SendForm(request.POST).values
    language = public_pages.language_of(request, quote.language)
    if asked["tell"]:
        return _tell(request, quote, language)
    try:
        order = actions.accept(
            quote.pk,
            asked["revision"] or 0,
            channel=Channel.EMAIL if quote.mailed else Channel.WEB,
        )
    except actions.Changed:
        return _failed(request, quote.pk, Failure.CHANGED, Refusal("quote_not_as_seen"))
    except actions.Over as over:
        return _failed(request, quote.pk, _FAILURES.get(over.state))
    except NotEnough as lacking:
        with translation.override(language):
            what = _lacking(quotes.view(quote, language), lacking)
        no = Refusal("quote_lacks", what=what, by=quote.by)
        return _failed(request, quote.pk, Failure.SOLD_OUT, no)
    except Gone:
        return _failed(request, quote.pk, None, Refusal("quote_not_now"))
    except Refusal:
        no = Refusal("quote_not_right", by=quote.by)
        return _failed(request, quote.pk, Failure.NOT_RIGHT, no)
    payment_changes.begin(order)
    return public_pages.go(request, "order-page", links.code("order", order.pk), language)


def _tell(request: HttpRequest, quote: Quote, language: str) -> HttpResponse:
    """She has seen that there is too little, and wants it nevertheless: whoever made it is told."""
    view = quotes.view(quote, language)
    if not view.is_open or not quotes.lacking(quote, view.lines):
        return shown(request, quote)  # as it is now: over, or there again
    _note(quote.pk, Failure.SOLD_OUT)
    again = quotes.find(quote.pk)
    if again is None:
        return public_pages.nothing(request)
    with translation.override(language):
        words = _("%(by)s is told that you want it, and can offer you something else.")
    return shown(request, again, words % {"by": quote.by})


def _failed(
    request: HttpRequest, id: int, failure: Failure | None, no: Refusal | None = None
) -> HttpResponse:
    """The page as it is now, which says what was refused, or by itself how it stands."""
    if failure is not None:
        _note(id, failure)
    quote = quotes.find(id)
    if quote is None:
        return public_pages.nothing(request)
    with translation.override(public_pages.language_of(request, quote.language)):
        problem = saying.in_words(no) if no else ""
    return shown(request, quote, problem, 409)


def _note(id: int, failure: Failure) -> None:
    try:
        actions.fail(id, failure)
    except Gone:  # what she wanted is then nobody's
        log.info("quote_of_somebody_forgotten", quote=id)


def _lacking(quote: QuoteView, lacking: NotEnough) -> str:
    """What there is of that which there is too little of, in words."""
    names = {one.variant: one for one in quote.lines}
    told = []
    for one in lacking.available[:3]:
        line = names.get(one.variant)
        if line is None:
            continue
        what = f"{line.name}, {line.words}" if line.words else line.name
        if one.quantity:
            words = _("only %(count)s left of %(what)s")
            told.append(words % {"what": what, "count": one.quantity})
        else:
            told.append(_("%(what)s is sold out") % {"what": what})
    return "; ".join(told)
