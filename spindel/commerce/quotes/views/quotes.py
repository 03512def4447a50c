"""Quotes, for people here: the list, one of them, and a customer's."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from spindel.commerce.common import pages, visibility
from spindel.commerce.common.pages import Wrong
from spindel.commerce.orders import book
from spindel.commerce.quotes import actions
from spindel.commerce.quotes import reading as quotes
from spindel.commerce.quotes.actions import Over
from spindel.commerce.quotes.forms import NumberQuery, QuotesQuery, SendForm
from spindel.commerce.quotes.models import Quote
from spindel.commerce.quotes.reading import QuoteView
from spindel.commerce.quotes.views import page as quote_page
from spindel.identity.shown import LookHerUpFirst, staff
from spindel.kit import pagination, pictures, saying, smtp
from spindel.messages import delivery_status
from spindel.staff.permissions import may, requires

_PAGE = 30
_FEW = 5


# --- the list -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """A quote in a list, and whose it is, as far as the person may know."""

    quote: QuoteView
    who: book.Who
    name: str


@require_safe
@requires("orders.see")
def quotes_list(request: HttpRequest) -> HttpResponse:
    """The newest first; of one state, or of one's own."""
    user = staff(request)
    asked = QuotesQuery(request.GET).values
    state, mine, before = asked["state"], asked["mine"], asked["before"]
    listed = quotes.listed(state, user.pk if mine else None, before or None)
    page = pagination.page(listed[: _PAGE + 1], _PAGE, lambda quote: str(quote.pk))
    kept = {"state": state, "mine": "yes" if mine else ""}
    query = urlencode({name: value for name, value in kept.items() if value})
    context = {
        "rows": _rows(request, page.items),
        "more": f"{query}&before={page.next}" if page.next else "",
        "state": state,
        "mine": mine,
        "states": Quote.State.choices,
        "filtered": bool(query),
        "may_make": may(user, "quotes.make"),
    }
    part = "rows" if before and pages.is_part(request) else "quotes"
    return render(request, f"quotes/{part}.html", context)


def _rows(request: HttpRequest, found: list[Quote]) -> list[Row]:
    user = staff(request)
    owners = quotes.owners([one.pk for one in found])
    people = book.who(user, set(owners.values()), "quotes.listed")
    rows = []
    for one in quotes.views(found, _language()):
        who = people.get(owners.get(one.id, 0), book.NOBODY)
        own = one.staff == user.pk and may(user, "contacts.see")
        typed = one.contact.get("name", "")
        name = typed if own or (who.opens and may(user, "contacts.see")) else ""
        rows.append(Row(one, who, name or who.name))
    return rows


@require_safe
@requires("orders.see")
def of_customer(request: HttpRequest, id: int) -> HttpResponse:
    """What she was offered lately; a panel of the customer's page."""
    her = pages.opened(request, id)
    found = quotes.of_customer(her.id, _FEW + 1)
    context = {
        "id": her.id,
        "quotes": quotes.views(found[:_FEW], _language()),
        "more": len(found) > _FEW,
        "may_make": may(request.user, "quotes.make"),
    }
    return render(request, "quotes/panel.html", context)


@require_safe
@requires("orders.see")
def numbered(request: HttpRequest, id: int) -> HttpResponse:
    """Go to the quote of hers that a fact names by its number."""
    pages.opened(request, id)
    number = NumberQuery(request.GET).values["quote"]
    found = Quote.objects.filter(number=number).first()
    if found is None:
        raise Http404
    return redirect("quote", found.pk)


# --- one of them ----------------------------------------------------------------------------------


@require_safe
@requires("orders.see")
def quote(request: HttpRequest, id: int) -> HttpResponse:
    """What was offered, what has become of it, and what can be done now."""
    found, owner = _found(id)
    user = staff(request)
    view = quotes.view(found, _language())
    sees = _sees(request, found, owner)
    people = book.who(user, [owner] if owner else [], "quote.seen")
    context = {
        "quote": view,
        "lines": [(one, pictures.shown([one.picture], request)) for one in view.lines],
        "who": people.get(owner, book.NOBODY),
        "sees": sees,
        "kept": quotes.held(found).filter(until__gt=timezone.now()).count(),
        "may_make": may(user, "quotes.make") and sees,
        "link": view.url if may(user, "links.see") and sees else "",
        "sends": smtp.server() is not None,
        "fate": delivery_status.of(found.sent_key) if found.mailed and sees else None,
        "key": pages.fresh_key(),
    }
    return pictures.allow(render(request, "quotes/quote.html", context))


def _found(id: int) -> tuple[Quote, int]:
    """The quote, and whose it is. Raises Http404."""
    found = quotes.find(id)
    if found is None:
        raise Http404
    return found, quotes.owners([found.pk]).get(found.pk, 0)


def _sees(request: HttpRequest, quote: Quote, owner: int) -> bool:
    """Whether the person is shown whom it is for: as anywhere else, and where she made it."""
    user = staff(request)
    own = quote.staff_id == user.pk and may(user, "contacts.see")
    return own or visibility.sees_contact(user, owner)


def mine(request: HttpRequest, id: int) -> Quote:
    """The quote, to somebody who may do something with it. Raises Http404, LookHerUpFirst."""
    found, owner = _found(id)
    if not _sees(request, found, owner):
        raise LookHerUpFirst
    return found


@require_safe
@requires("quotes.make")
def preview(request: HttpRequest, id: int) -> HttpResponse:
    """The page as she sees it."""
    return quote_page.shown(request, mine(request, id), preview=True)


@require_POST
@requires("quotes.make")
def send(request: HttpRequest, id: int) -> HttpResponse:
    """Let her have it, by mail or by the link."""
    found = mine(request, id)
    asked = SendForm(request.POST).values
    by_mail = asked["by"] != "link"
    try:
        with pages.in_words():
            sent = actions.send(
                found.pk,
                asked["revision"] or 0,
                pages.sent(request),
                by=pages.by(request),
                mail=by_mail,
            )
    except Wrong as wrong:
        messages.error(request, str(wrong))
    else:
        words = (
            delivery_status.asked(sent.contact.get("email", ""))
            if by_mail
            else _("Whoever has the link can accept it now.")
        )
        messages.success(request, words)
    return redirect("quote", found.pk)


@require_POST
@requires("quotes.make")
def withdraw(request: HttpRequest, id: int) -> HttpResponse:
    """Take it back."""
    found = mine(request, id)
    try:
        with pages.in_words():
            actions.withdraw(found.pk, by=pages.by(request))
    except Wrong as wrong:
        messages.error(request, str(wrong))
    else:
        messages.success(request, _("Withdrawn. What was held for it is free again."))
    return redirect("quote", found.pk)


_OVER = {
    Quote.State.ACCEPTED: gettext_noop("The customer has accepted it meanwhile."),
    Quote.State.EXPIRED: gettext_noop("Its time is over. Copy it to a new one."),
    Quote.State.WITHDRAWN: gettext_noop("It was withdrawn. Copy it to a new one."),
}


@saying.in_words.register
def _over(no: Over) -> str:
    return _(_OVER.get(no.state, no.said.page))


def _language() -> str:
    return (get_language() or "en")[:2]
