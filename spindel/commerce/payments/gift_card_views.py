"""Gift cards: a page for administrators."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from spindel.catalogue.reading import countries, currency_of
from spindel.commerce.payments.forms import GiftCardsForm
from spindel.commerce.payments.giftcard import cards
from spindel.commerce.payments.giftcard.cards import Making
from spindel.identity.shown import staff
from spindel.kit import saying
from spindel.kit.forms import first_error
from spindel.kit.refusal import Refusal
from spindel.staff.permissions import requires

_MOST_SHOWN = 50


@require_safe
@requires("gift_cards.make")
def gift_cards(request: HttpRequest) -> HttpResponse:
    """Those that were made last."""
    return _page(request, [])


@require_POST
@requires("gift_cards.make")
def make(request: HttpRequest) -> HttpResponse:
    """Make some, and show their codes: this once."""
    form = GiftCardsForm(request.POST)
    if not form.is_valid():
        messages.error(request, first_error(form))
        return redirect("gift-cards")
    typed = form.cleaned_data
    making = Making(typed["many"], typed["amount"], typed["currency"], typed["expires_on"])
    try:
        made = cards.make(making, staff(request).email)
    except Refusal as no:
        messages.error(request, saying.in_words(no))
        return redirect("gift-cards")
    return _page(request, [cards.spaced(one) for one in made])


def _page(request: HttpRequest, made: Sequence[str]) -> HttpResponse:
    currencies = dict.fromkeys(found for one in countries() if (found := currency_of(one)))
    shown = {"made": made, "cards": cards.newest(_MOST_SHOWN), "currencies": list(currencies)}
    page = render(request, "payments/gift_cards.html", shown)
    page["Cache-Control"] = "no-store"
    return page
