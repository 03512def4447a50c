"""What a customer was promised, on her page; and promising her something."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from spindel.catalogue.markets import Market
from spindel.catalogue.models import Product
from spindel.catalogue.recently_viewed import looked_at
from spindel.catalogue.wording import in_language
from spindel.commerce.carts import customer_cart
from spindel.commerce.common import pages, product_search
from spindel.commerce.common.pages import Wrong, in_words
from spindel.commerce.orders import customer_orders
from spindel.commerce.promises import reading
from spindel.commerce.promises.forms import PromiseForm, PromiseQuery
from spindel.identity.shown import Opened, staff
from spindel.kit import pictures
from spindel.kit.templatetags.look import say_when
from spindel.offers import pieces, promise_actions
from spindel.offers.mandates import MANDATES, Mandate
from spindel.offers.promise_actions import Wanted
from spindel.staff.models import Role
from spindel.staff.permissions import may, requires

_FEW = 8
_USUAL = timedelta(days=7)  # that a promise is good for
EVERYTHING = "*"


@require_safe
@requires("orders.see")
def of_customer(request: HttpRequest, id: int) -> HttpResponse:
    """What she was promised: what is open, and what became of the rest; a panel of her page."""
    her = pages.opened(request, id)
    return render(request, "promises/panel.html", _panel(request, her))


def _panel(request: HttpRequest, her: Opened) -> dict[str, object]:
    return {
        "id": her.id,
        "promises": reading.of_customer(her.id, _language(), _FEW),
        "may_make": may(request.user, "promises.make"),
    }


@require_POST
@requires("promises.make")
def withdraw(request: HttpRequest, id: int, promise: int) -> HttpResponse:
    """Take back a promise of hers that is open."""
    her = pages.opened(request, id)
    if promise not in {one.id for one in reading.of_customer(her.id, _language())}:
        raise Http404
    said = pages.Said(target="#slot-promises")
    try:
        with in_words():
            promise_actions.withdraw(promise, pages.actor(request))
    except Wrong as wrong:
        said.text, said.bad = str(wrong), True
    else:
        said.text = _("It is taken back: no channel gives it any more.")
    return pages.after(request, her, "promises/panel.html", _panel(request, her), said)


# --- promising ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Choice:
    """A product that something may be promised of."""

    number: str
    name: str
    picture: str


@require_http_methods(["GET", "HEAD", "POST"])
@requires("promises.make")
def new(request: HttpRequest, id: int) -> HttpResponse:
    """Promise her something: first of which product, then what and until when."""
    her = pages.opened(request, id)
    asked = PromiseQuery(request.GET).values
    market = customer_orders.market(her, customer_cart.cart(her))
    if not asked["product"]:
        return _choose(request, her, asked["q"])
    everything = asked["product"] == EVERYTHING
    product = None if everything else Product.objects.filter(number=asked["product"]).first()
    if product is None and not everything:
        raise Http404
    mandate = MANDATES[Role(staff(request).role)]
    if request.method == "POST":
        form = PromiseForm(request.POST, currency=market.currency, on_all=everything)
        if form.is_valid() and _promise(request, her, form, product, market, mandate):
            return redirect("customer", her.id)
    else:
        until = timezone.localdate() + min(_USUAL, mandate.longest)
        kind = "percent" if everything else "price"
        first = {"kind": kind, "day": until.isoformat()}
        form = PromiseForm(initial=first, currency=market.currency, on_all=everything)
    context: dict[str, object] = {
        "her": her,
        "form": form,
        "market": market,
        "mandate": mandate,
        "most": mandate.amounts.get(market.currency),
        "key": pages.key(request),
        "latest": (timezone.localdate() + mandate.longest).isoformat(),
        "today": timezone.localdate().isoformat(),
    }
    if product is not None:
        costs = pieces.view(market, her.known(), products=[product.number])
        context |= {
            "product": _choice(request, product),
            "costs": min(costs, key=lambda one: one.total, default=None),
        }
    return render(request, "promises/new.html", context)


def _promise(
    request: HttpRequest,
    her: Opened,
    form: PromiseForm,
    product: Product | None,
    market: Market,
    mandate: Mandate,
) -> bool:
    assert form.benefit is not None
    wanted = Wanted(
        benefit=form.benefit,
        products=[product.number] if product else [],
        until=form.until,
        why=form.cleaned_data["why"],
    )
    try:
        with in_words():
            promise_actions.promise_price(
                her.under(),
                wanted,
                market,
                mandate,
                actor=pages.actor(request),
                request=pages.sent(request),
            )
    except Wrong as wrong:
        form.add_error("value", str(wrong))
        return False
    text = _("It is promised until %(when)s. Every channel gives it from now on.")
    messages.success(request, text % {"when": say_when(form.until)})
    return True


def _choose(request: HttpRequest, her: Opened, text: str) -> HttpResponse:
    found = product_search.found(request, text)
    numbers = dict(
        Product.objects.filter(pk__in=[one.id for one in found]).values_list("pk", "number")
    )
    context = {
        "her": her,
        "text": text,
        "found": [_Choice(numbers[one.id], one.name, one.picture) for one in found],
        "looked_at": [_choice(request, one.product) for one in looked_at(her)[:_FEW]],
        "everything": EVERYTHING,
        "address": reverse("promise-new", args=[her.id]),
    }
    return render(request, "promises/choose.html", context)


def _choice(request: HttpRequest, product: Product) -> _Choice:
    name = in_language(product.names, _language(), product.number)
    return _Choice(product.number, name, pictures.shown(product.pictures, request))


def _language() -> str:
    return (get_language() or "en")[:2]
