"""What comes back over this counter: for its money, or for another size from here or elsewhere.

What is chosen stands in the address, so that what it comes to is shown before anything is done.
"""

from __future__ import annotations

from typing import Any  # Any: Django's own type of what a form holds
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from spindel.commerce.common import contacts, visibility
from spindel.commerce.common.pages import Wrong, called, in_words
from spindel.commerce.orders import balance as orders_balance
from spindel.commerce.orders import (
    external_purchases,
    payment_changes,
    payment_due,
    purchase_import,
    return_requests,
)
from spindel.commerce.orders import reading as orders
from spindel.commerce.orders.models import Order, Return
from spindel.commerce.payments import providers
from spindel.commerce.returns import actions
from spindel.commerce.returns import reading as returns
from spindel.commerce.returns.actions import HandedIn, Wanted
from spindel.commerce.returns.forms import ChoiceForm, HandInForm
from spindel.commerce.returns.reading import Purchase
from spindel.commerce.returns.rules import Balance
from spindel.commerce.returns.views import selection
from spindel.commerce.returns.views.selection import SHIP, Choice, Size
from spindel.identity import shown
from spindel.identity.shown import Opened
from spindel.staff.permissions import may
from spindel.store.forms import PurchaseQuery
from spindel.store.views.desk import Desk, at_desk
from spindel.store.views.orders import order_of
from spindel.store.views.sale import contact_of
from spindel.store.views.search import found_rows, started_page

_MOST_STORES = 3


@require_safe
@at_desk
def find(desk: Desk) -> HttpResponse:
    """Find the purchase: by its receipt, its QR code, or whoever has made it, and the goods."""
    asked = PurchaseQuery(desk.request.GET).values
    text, product = asked["q"], asked["product"]
    found = returns.find(text, lambda text: _people(desk, text), product)
    least = shown.least_letters(desk.user)
    if page := started_page(text):
        return redirect(page)
    typing = desk.request.headers.get("HX-Target") == "found"
    told = [] if product else _told(desk, text)
    if len(found) == 1 and found[0].number == text.upper().replace(" ", "") and not typing:
        return redirect("store-return", found[0].number)
    return desk.page(
        "purchases.html" if typing else "returns.html",
        {
            "q": text,
            "product": product,
            "found": found,
            "told": told,
            "enough": len(text) >= least,
        },
    )


def _people(desk: Desk, text: str) -> list[int]:
    return [one.summary.id for one in shown.search(desk.user, text, country=desk.place.country)]


_MOST_PEOPLE = 3


def _told(desk: Desk, text: str) -> list[tuple[int, external_purchases.Purchase]]:
    """Purchases that other systems have told of and that may come back here, with their customers:
    by their number, else of the first that the text means.
    """
    if len(text) < shown.least_letters(desk.user):
        return []
    people = shown.search(desk.user, text, country=desk.place.country)
    numbered = external_purchases.by_number(desk.user, text, people)
    if not numbered:
        whoever = [one for one in people if one.kind != "order"][:_MOST_PEOPLE]
        numbered = [
            (one.summary.id, purchase)
            for one in whoever
            for purchase in external_purchases.of(Opened(desk.user, one.summary.id))
        ]
    return [one for one in numbered if one[1].comes_back][: returns.MOST_FOUND]


@require_POST
@at_desk
def take_over(desk: Desk, customer: int, fact: UUID) -> HttpResponse:
    """Have such a purchase be one that can come back here, and go on with it."""
    if not shown.may_open(desk.user, customer):
        raise Http404
    her = Opened(desk.user, customer)
    found = external_purchases.one(her, fact)
    if found is None:
        done = external_purchases.taken_over(her, fact)
        if done is None:
            raise Http404
        return redirect("store-return", done.number)
    try:
        with in_words():
            order = purchase_import.take_over(found)
    except Wrong as wrong:
        desk.refuse(str(wrong))
        return redirect("store-returns")
    return redirect("store-return", order.number)


# --- what is chosen -------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def give_back(desk: Desk, number: str) -> HttpResponse:
    """Choose what comes back and for what; see what it comes to; then do it."""
    found = order_of(number)
    if desk.request.method == "POST":
        return _do(desk, found)
    return _page(desk, found)


def _page(desk: Desk, found: Order) -> HttpResponse:
    form = ChoiceForm(desk.request.GET)
    started = selection.started(form, found)
    purchase = returns.purchase(found.pk, started.counts_as_of if started else None)
    choice = selection.choice_of(form, purchase)
    kept = selection.kept_for(started)
    coming = return_requests.of_orders([found.pk], desk.language)
    context: dict[str, object] = {
        "started": next((one for one in coming if started and one.id == started.pk), None),
        "coming": coming,
        "order": found,
        "purchase": purchase,
        "choice": choice,
        "whys": selection.whys(),
        "reasons": selection.reasons(),
        "may_overrule": may(desk.user, "returns.overrule"),
    }
    own = selection.came_back(purchase, choice)
    if own is not None:
        sizes = selection.sizes(purchase, choice, desk.place, kept)
        ways = selection.ways(choice, desk.place, _MOST_STORES, counter=True, kept=kept)
        choice = choice.coming(ways)
        fitting = selection.fitting(sizes, own, choice.reason)
        why = choice.reason or selection.reason_of(sizes, own, choice.wanted)
        context |= {
            "choice": choice,
            "why": why,
            "why_words": dict(selection.reasons()).get(why, why),
            "all_chosen": not any(one.chosen for one in fitting.near)
            and any(one.chosen for one in sizes),
            "whose": own,
            "fitting": fitting,
            "other": _other(choice, sizes),
            "ways": ways,
            **_models(desk, form, choice),
        }
        if desk.request.headers.get("HX-Target") == "models":
            return desk.page("models.html", context)
        if why and (ways or choice.money):
            balance = _balance(desk, found, choice)
            asks_where = choice.how == SHIP and not contacts.is_address(found.address, found.market)
            context |= {
                "by_link": choice.by_link,
                "asks_where": asks_where,
                "home": selection.home(desk.user, purchase, found.market) if asks_where else {},
                "email": _email(desk, found, purchase) if choice.by_link else "",
                "balance": balance,
                "difference": balance.to_pay - balance.to_refund if balance else 0,
                "against": selection.is_against(purchase, choice),
            }
    return desk.page("return.html", context)


def _other(choice: Choice, sizes: list[Size]) -> str:
    """What she wants instead, where that is another model."""
    wanted = choice.wanted
    if wanted is None or wanted.pk in {one.variant for one in sizes}:
        return ""
    return called(wanted)


def _models(desk: Desk, form: ChoiceForm, choice: Choice) -> dict[str, object]:
    """Other models that the text may mean; `kept` is what was chosen so far, for their address."""
    text, request = form.values["q"], form.values["request"]
    kept = [("chosen", "1"), ("condition", choice.condition), ("reason", choice.reason)]
    kept += [("request", request)] if request else []
    for line, many in choice.backs.items():
        kept += [("line", str(line)), (f"many-{line}", str(many))]
    return {
        "q": text,
        "rows": found_rows(desk, text) if text else [],
        "kept": kept,
        "kept_query": urlencode(kept),
    }


def _balance(desk: Desk, found: Order, choice: Choice) -> Balance | None:
    """What it comes to; None where it can't be done, which is said."""
    try:
        with in_words():
            return returns.reckon(found, choice.backs, choice.items(desk.place)).balance
    except Wrong as wrong:
        desk.refuse(str(wrong))
        return None


def _email(desk: Desk, found: Order, purchase: Purchase) -> str:
    """Where the link to pay is sent, as far as the clerk may know: as the order says, else as is
    known of whoever is served.
    """
    if told := contact_of(desk).get("email"):
        return told
    sees = visibility.sees_contact(desk.user, purchase.customer or 0)
    return str(found.contact.get("email", "")) if sees else ""


# --- doing it -------------------------------------------------------------------------------------


def _do(desk: Desk, found: Order) -> HttpResponse:
    form = HandInForm(desk.request.POST)
    if form.values["back"]:
        choice = selection.whole(form)
    else:
        choice = selection.choice_of(form, returns.purchase(found.pk))
    try:
        with in_words():
            made = _act(desk, found, choice, form.values)
    except Wrong as wrong:
        desk.refuse(selection.against(wrong))
    else:
        if made.exchange is not None:
            payment_changes.begin(made.exchange)
        return redirect("store-returned", made.number)
    query = desk.request.POST.copy()
    for name in _NOT_KEPT:
        query.pop(name, None)
    return redirect(f"{desk.request.path}?{query.urlencode()}")


# Of the form, in the address of another try.
_FORMS = ("csrfmiddlewaretoken", "key", "store", "customer", "difference", "back", "email")
_NOT_KEPT = (*_FORMS, *contacts.ADDRESS)


def _act(desk: Desk, found: Order, choice: Choice, told: dict[str, Any]) -> Return:
    """Raises what the actions raise."""
    if not choice.what:
        raise Wrong(_("Say for what it comes back."))
    if not choice.reason:
        raise Wrong(_("Say why it comes back."))
    back = HandedIn(choice.lines(), desk.whose, told["overrule"], told["request"])
    if choice.wanted is None:
        return actions.take_back(found.pk, back, desk.actor, desk.sent)
    by_link = told["pay_by"] == "card" and choice.by_link
    wanted = Wanted(
        choice.items(desk.place),
        pay_by="card" if by_link else "till",
        contact=selection.reached(found, told["email"]) if by_link else None,
        address=contacts.address(told, found.market) or None,
        difference=told["difference"],
    )
    return actions.exchange(found.pk, back, wanted, desk.actor, desk.sent)


@require_safe
@at_desk
def returned(desk: Desk, number: str) -> HttpResponse:
    """What came back, and what is to be paid or given back now."""
    back = get_object_or_404(Return, number=number[:64])
    due = payment_due.due(back.exchange) if back.exchange else None
    paid = orders_balance.payment_of(back.exchange) if back.exchange else None
    by_card = paid is not None and providers.is_awaited(paid.provider)
    views = orders.view(back.order, desk.language).backs
    told = {
        "told": returns.told(back),
        "due": due,
        "by_card": by_card,
        "seller_there": back.order.by,
        "swap": next((x.text for x in views if x.exchange and x.number == back.number), ""),
    }
    return desk.page("returned.html", told)
