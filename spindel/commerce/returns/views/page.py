"""Where a customer starts a return from home, by the link to the order: what comes back and why,
for what, and how; then the label.

What is chosen stands in the address, as at a counter. The link may send nothing anywhere but where
the order went, so whoever else has it gains nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from spindel.catalogue.models import Place
from spindel.commerce.common import contacts, links, pages, product_search, public_pages
from spindel.commerce.common.pages import Wrong
from spindel.commerce.orders import customer_orders, return_requests
from spindel.commerce.orders import reading as orders
from spindel.commerce.orders.models import Order, ReturnRequest
from spindel.commerce.orders.placement.draft import Item
from spindel.commerce.orders.return_requests import RequestView
from spindel.commerce.returns import open_requests
from spindel.commerce.returns import reading as returns
from spindel.commerce.returns import request_actions as actions
from spindel.commerce.returns.forms import ChoiceForm, RequestForm
from spindel.commerce.returns.reading import Purchase
from spindel.commerce.returns.request_actions import Asked
from spindel.commerce.returns.views import selection
from spindel.commerce.returns.views.selection import Choice, Way
from spindel.commerce.stock import nearby
from spindel.commerce.stock.reading import levels as reading_levels
from spindel.kit.idempotency import Request

PARCEL, ANY_STORE = "parcel", "store"
_MOST_STORES = 8
_HOME = Place(pk=0)  # whose shelves are nobody's: what there is is elsewhere


@require_safe
@public_pages.by_link("order", orders.behind_link, customer_orders.owners)
def page(request: HttpRequest, found: Order) -> HttpResponse:
    """What was started, and what can be."""
    return _shown(request, found)


def _shown(
    request: HttpRequest, found: Order, problem: str = "", status: int = 200
) -> HttpResponse:
    language = public_pages.language_of(request, found.language)
    with translation.override(language):
        purchase = _left(found)
        form = ChoiceForm(request.POST if request.method == "POST" else request.GET)
        choice = selection.choice_of(form, purchase)
        query = form.values["q"]
        context: dict[str, object] = {
            "order": found,
            "view": orders.view(found, language),
            "code": links.code("order", found.pk),
            "started": [
                (one, _svg(one)) for one in return_requests.of_orders([found.pk], language)
            ],
            "purchase": purchase,
            "choice": choice,
            "reasons": selection.reasons(),
            "whys": selection.whys(),
            "q": query,
            "problem": problem,
            "key": pages.fresh_key(),
        }
        own = selection.came_back(purchase, choice)
        if own is not None:
            ways = _ways(found, choice)
            choice = choice.coming(ways)
            sizes = selection.sizes(purchase, choice, _HOME)
            near = selection.fitting(sizes, own, choice.reason).near
            others = [one for one in sizes if one not in near]
            context |= {
                "choice": choice,
                "near": near,
                "others": others,
                "others_chosen": any(one.chosen for one in others),
                "other": not any(one.chosen for one in sizes),
                "found": product_search.found(request, query),
                "wanted": pages.called(choice.wanted) if choice.wanted else "",
                "ways": ways,
            }
            if choice.what and choice.reason and ways:
                context |= _comes_to(found, choice, ways)
    return public_pages.page(request, "returns/page.html", context, language, status)


def _left(order: Order) -> Purchase:
    """The purchase, of which comes back what the policy takes and is not on its way already."""
    purchase = returns.purchase(order.pk)
    coming = open_requests.coming(open_requests.open_of(order))
    ids = dict(order.lines.values_list("line", "pk"))
    lines = []
    for one in purchase.lines:
        can = max(0, one.can - coming[ids[one.line]])
        lines.append(replace(one, can=can, open=can))
    return replace(purchase, lines=lines)


def _ways(order: Order, choice: Choice) -> list[Way]:
    """How it can come back; and with what is wanted instead, how that comes."""
    parcels = return_requests.parcels_go_to(order.market) is not None
    found: list[tuple[str, str]] = []
    if choice.wanted is None:
        if parcels:
            found.append((PARCEL, _("By parcel, with a label to print or to show")))
        found.append((ANY_STORE, _("To any of our stores")))
    else:
        levels = [
            one for one in reading_levels.levels([choice.wanted.pk]) if one.available >= choice.many
        ]
        sent = return_requests.sender_of(choice.wanted.pk, choice.many) is not None
        if parcels and sent and contacts.is_address(order.address, order.market):
            found.append((PARCEL, _("By parcel, and the other one is sent to you")))
        stores = nearby.stores_with(choice.wanted.pk, None, levels)
        stores.sort(key=lambda one: one.place.country != order.market)  # those at home first
        for one in stores[:_MOST_STORES]:
            words = {"store": one.place.name}
            found.append((one.place.code, _("To %(store)s, where the other one is kept") % words))
    asked = choice.how if choice.how in {how for how, _label in found} else ""
    asked = asked or (found[0][0] if found else "")
    return [Way(how, label, how == asked) for how, label in found]


def _comes_to(order: Order, choice: Choice, ways: list[Way]) -> dict[str, object]:
    """What it comes to; what can't be is said."""
    wanted = [Item(choice.wanted.pk, choice.many)] if choice.wanted else []
    try:
        with pages.in_words():
            balance = returns.reckon(order, choice.backs, wanted).balance
    except Wrong as wrong:
        return {"problem": str(wrong)}
    return {"balance": balance, "way": next(one for one in ways if one.chosen)}


# --- doing it -------------------------------------------------------------------------------------


@require_POST
@public_pages.by_link("order", orders.behind_link, customer_orders.owners)
def start(request: HttpRequest, found: Order) -> HttpResponse:
    """Start it as it was shown."""
    choice = selection.whole(ChoiceForm(request.POST))

    def act() -> None:
        if not choice.what:
            raise Wrong(_("Say what you want for it."))
        actions.start(
            found.pk,
            Asked(
                choice.backs,
                choice.reason,
                choice.how == PARCEL,
                choice.wanted.pk if choice.wanted else None,
                _store(choice),
            ),
            request=Request(f"order page {found.pk}", pages.key(request)),
        )

    return _do(request, found, act)


def _store(choice: Choice) -> int | None:
    if choice.how in (PARCEL, ANY_STORE):
        return None
    found = Place.objects.filter(code=choice.how, hands_over=True, closed_at=None).first()
    if found is None:
        raise Wrong(_("Say how it comes back."))
    return found.pk


@require_POST
@public_pages.by_link("order", orders.behind_link, customer_orders.owners)
def call_off(request: HttpRequest, found: Order) -> HttpResponse:
    """They keep it after all."""
    number = RequestForm(request.POST).values["number"]
    if not ReturnRequest.objects.filter(order=found, number=number).exists():
        raise Http404
    return _do(request, found, lambda: actions.call_off(number))


def _do(request: HttpRequest, found: Order, act: Callable[[], object]) -> HttpResponse:
    language = public_pages.language_of(request, found.language)
    with translation.override(language):
        try:
            with pages.in_words():
                act()
        except Wrong as wrong:
            return _shown(request, found, str(wrong), 409)
    return public_pages.go(request, "order-page-back", links.code("order", found.pk), language)


# --- the label ------------------------------------------------------------------------------------


@require_safe
@public_pages.by_link("order", orders.behind_link, customer_orders.owners)
def label(request: HttpRequest, found: Order, number: str) -> HttpResponse:
    """The label as PDF."""
    from spindel.commerce.returns import label as pdf  # as slow to load as the receipt's

    started = ReturnRequest.objects.filter(order=found, number=number[:64]).first()
    if started is None:
        return public_pages.nothing(request)
    language = public_pages.language_of(request, found.language)
    with translation.override(language):
        view = return_requests.view(started, language)
        content, name = pdf.write(view, found.contact, found.address), pdf.file_name(view)
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response["X-Robots-Tag"] = "noindex"
    return response


def _svg(request: RequestView) -> SafeString:
    drawn = request.qr().svg_inline(border=2, omitsize=True, svgclass="qr", lineclass=None)
    return mark_safe(drawn)  # noqa: S308 - of a number, drawn by the library
