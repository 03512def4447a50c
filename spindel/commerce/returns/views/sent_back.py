"""What somebody has sent back, or exchanges from far away, as an agent takes it in for her.

As at a counter, but for what goes over it: new goods are sent to her, or fetched in a store, and
what they cost more is paid on an invoice, where she fetches them, or by card from a link in her
mail.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from spindel.catalogue import posts
from spindel.catalogue.grids import grid
from spindel.catalogue.models import Place
from spindel.commerce.common import contacts, numbers, pages, product_search, visibility
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.common.pages import Wrong
from spindel.commerce.orders import payment_changes, return_requests
from spindel.commerce.orders.models import Order, Return
from spindel.commerce.payments import providers
from spindel.commerce.returns import actions
from spindel.commerce.returns import reading as returns
from spindel.commerce.returns.actions import HandedIn, Wanted
from spindel.commerce.returns.forms import ChoiceForm, HandInForm
from spindel.commerce.returns.reading import Purchase
from spindel.commerce.returns.rules import Balance
from spindel.commerce.returns.views import selection
from spindel.commerce.returns.views.selection import SHIP, Choice
from spindel.identity.shown import staff
from spindel.kit import pictures
from spindel.kit.templatetags.look import minor_words
from spindel.staff.permissions import may, requires

_MOST_STORES = 8


@require_http_methods(["GET", "HEAD", "POST"])
@requires("orders.handle")
def take_in(request: HttpRequest, id: int) -> HttpResponse:
    """Choose what comes back and for what; see what it comes to; then do it."""
    found = get_object_or_404(Order, pk=id)
    if request.method == "POST":
        return _do(request, found)
    return _page(request, found)


def _page(request: HttpRequest, found: Order) -> HttpResponse:
    asked, user = ChoiceForm(request.GET), staff(request)
    said = asked.values
    started = selection.started(asked, found)
    purchase = returns.purchase(found.pk, started.counts_as_of if started else None)
    choice = selection.choice_of(asked, purchase)
    places = _places()
    here = _here(request, said["place"], places)
    kept = selection.kept_for(started)
    coming = return_requests.of_orders([found.pk], (get_language() or "en")[:2])
    sees = visibility.sees_contact(user, purchase.customer or 0)
    context: dict[str, object] = {
        "order": found,
        "started": next((one for one in coming if started and one.id == started.pk), None),
        "coming": coming,
        "number": numbers.spaced(found.number),
        "purchase": purchase,
        "choice": choice,
        "whys": selection.whys(),
        "reasons": selection.reasons(),
        "where": places,
        "here": here,
        "q": said["q"],
        "may_overrule": may(user, "returns.overrule"),
        "key": pages.fresh_key(),
    }
    if choice.backs and here is not None:
        ways = selection.ways(choice, here, _MOST_STORES, counter=False, kept=kept)
        choice = choice.coming(ways)
        context |= {
            "choice": choice,
            "all": grid(selection.sizes(purchase, choice, here, kept)),
            "found": product_search.found(request, said["q"]),
            "wanted": pages.called(choice.wanted) if choice.wanted else "",
            "ways": ways,
        }
        if ways or choice.money:
            context |= _comes_to(request, found, purchase, choice, here)
            asks_where = choice.how == SHIP and not contacts.is_address(found.address, found.market)
            context |= {
                "email": found.contact.get("email", "") if sees else "",
                "asks_where": asks_where,
                "home": selection.home(user, purchase, found.market) if asks_where else {},
            }
    return pictures.allow(render(request, "returns/sent_back.html", context))


def _places() -> list[Place]:
    """Where goods can come back to: warehouses first, which parcels go to."""
    found = Place.objects.filter(closed_at=None).order_by("-kind", "name", "pk")
    return list(found[:500])


def _here(request: HttpRequest, code: str, places: list[Place]) -> Place | None:
    """Where they are now, in the place with this code, or else are likely to be."""
    told = next((one for one in places if one.code == code), None)
    mine = posts.today(staff(request))
    return told or next((one for one in places if one == mine), places[0] if places else None)


def _comes_to(
    request: HttpRequest, found: Order, purchase: Purchase, choice: Choice, here: Place
) -> dict[str, object]:
    """What it comes to, and how she can pay that; nothing where it can't be done, which is said."""
    try:
        with pages.in_words():
            balance: Balance = returns.reckon(found, choice.backs, choice.items(here)).balance
    except Wrong as wrong:
        messages.error(request, str(wrong))
        return {}
    return {
        "balance": balance,
        "difference": balance.to_pay - balance.to_refund,
        "against": selection.is_against(purchase, choice),
        "pay_by": [(one, providers.label(one), providers.is_awaited(one)) for one in _ways(choice)],
    }


def _ways(choice: Choice) -> list[str]:
    """How she can pay what the new goods cost more."""
    fulfilment = Fulfilment.SHIP if choice.how == SHIP else Fulfilment.PICK_UP
    return sorted(providers.choices({fulfilment}), key=providers.is_awaited)


# --- doing it -------------------------------------------------------------------------------------

# Of the form, in the address of another try.
_NOT_KEPT = ("csrfmiddlewaretoken", "key", "difference", "back", "email", *contacts.ADDRESS)


def _do(request: HttpRequest, found: Order) -> HttpResponse:
    try:
        with pages.in_words():
            made = _act(request, found)
    except Wrong as wrong:
        messages.error(request, selection.against(wrong))
    else:
        return _done(request, made)
    query = request.POST.copy()
    for name in _NOT_KEPT:
        query.pop(name, None)
    return redirect(f"{request.path}?{query.urlencode()}")


def _act(request: HttpRequest, found: Order) -> Return:
    """Raises what the actions raise."""
    form = HandInForm(request.POST)
    choice, sent = selection.whole(form), form.values
    here = next((one for one in _places() if one.code == sent["place"]), None)
    if here is None:
        raise Wrong(_("Say where it came back."))
    if not choice.what:
        raise Wrong(_("Say for what it comes back."))
    back = HandedIn(choice.lines(), overrule=sent["overrule"], started=sent["request"])
    actor = pages.actor(request, here.pk)
    if choice.wanted is None:
        return actions.take_back(found.pk, back, actor, pages.sent(request))
    pay_by = sent["pay_by"] or "invoice"  # it is asked for where there is anything to pay
    if pay_by not in _ways(choice):
        raise Wrong(_("Say how it is to be paid."))
    wanted = Wanted(
        choice.items(here),
        pay_by,
        contact=selection.reached(found, sent["email"]),
        address=contacts.address(sent, found.market) or None,
        difference=sent["difference"],
    )
    return actions.exchange(found.pk, back, wanted, actor, pages.sent(request))


def _taken_back(made: Return) -> str:
    told = returns.told(made)
    elsewhere = sum(way.amount for way in told.ways if way.provider == "elsewhere")
    if not elsewhere:
        return _("Taken back. The money goes back the way it was paid.")
    words = {"amount": minor_words(elsewhere, told.currency), "seller": made.order.by}
    return _("Taken back. Have %(seller)s pay %(amount)s back: it was paid there.") % words


def _done(request: HttpRequest, made: Return) -> HttpResponse:
    """To the order of what she gets; or, of what came back for money, back to that."""
    if made.exchange is None:
        messages.success(request, _taken_back(made))
        return redirect("order", made.order_id)
    payment_changes.begin(made.exchange)
    waits = made.exchange.state == Order.State.AWAITING_PAYMENT
    said = _("Exchanged. It waits until it is paid by the link in the mail.")
    messages.success(request, said if waits else _("Exchanged."))
    return redirect("order", made.exchange.pk)
