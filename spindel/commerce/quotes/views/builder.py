"""The page where somebody here puts a quote together, with the customer beside her or on the line.

All of it is one form, kept nowhere before it is saved: nobody is shown half a quote. While one
works the form is sent for what it comes to; without scripts its buttons do the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from spindel.catalogue import posts
from spindel.catalogue.models import Place, Variant
from spindel.catalogue.rules import gtin14
from spindel.commerce.carts import customer_cart
from spindel.commerce.carts import reading as carts
from spindel.commerce.common import pages, product_search, rules
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.common.pages import Wrong, in_words
from spindel.commerce.common.product_search import Offered
from spindel.commerce.orders import customer_orders, prefill
from spindel.commerce.orders.placement.draft import Item
from spindel.commerce.orders.placement.goods import Goods, costs_today, goods_of, priced
from spindel.commerce.payments import providers
from spindel.commerce.quotes import actions
from spindel.commerce.quotes import reading as quotes
from spindel.commerce.quotes.actions import LONGEST, Maker, TooCheap
from spindel.commerce.quotes.forms import SHIP, BuilderForm, BuilderQuery, Line, QuoteForm
from spindel.commerce.quotes.models import Quote
from spindel.commerce.quotes.views.quotes import mine
from spindel.commerce.stock.actions import holds
from spindel.commerce.stock.reading import levels as reading_levels
from spindel.identity.shown import Opened, may_open, staff
from spindel.kit import ids, pictures, texts
from spindel.kit.forms import Seen, first_error
from spindel.kit.money import to_major
from spindel.kit.templatetags.look import minor_words
from spindel.staff.models import Role
from spindel.staff.permissions import PRICE_LIMIT, requires

_USUAL = timedelta(days=7)  # that a new one is good for
_MARKETS = ("SE", "DK", "NO", "FI", "DE")

# --- filling it -----------------------------------------------------------------------------------


def _empty(her: Opened | None, from_cart: bool) -> dict[str, object]:
    blank = {
        "country": "SE",
        "market": "SE",
        "language": "sv",
        "until": (timezone.localdate() + _USUAL).isoformat(),
        "pay_by": "invoice",
        "holds": True,
    }
    if her is None:
        return blank
    where = customer_orders.market(her, customer_cart.cart(her))
    return {
        **blank,
        **prefill.of(her, where.market).certain,
        "market": where.market,
        "language": where.language,
        "items": cart_lines(her) if from_cart else [],
    }


def cart_lines(her: Opened) -> list[Line]:
    """What is in her cart, as far as it is sold."""
    there = customer_cart.cart(her)
    if there is None:
        return []
    lines = carts.view(there.pk, _language()).open_lines
    return [
        Line(one.variant, str(one.quantity), "", one.place or SHIP)
        for one in lines
        if one.amount is not None
    ]


def _of(quote: Quote, as_new: bool) -> dict[str, object]:
    """What the quote says; as a new one it is good for the usual time."""
    view = quotes.view(quote, _language())
    until = timezone.localdate() + _USUAL if as_new else timezone.localtime(quote.until).date()
    return {
        **quote.contact,
        **quote.address,
        "market": quote.market,
        "language": quote.language,
        "until": until.isoformat(),
        "pay_by": quote.pay_by,
        "holds": quote.holds,
        "note": quote.note,
        "items": [
            Line(
                one.variant,
                str(one.quantity),
                "" if one.amount == one.now else str(to_major(one.amount, quote.currency)),
                one.place or SHIP,
            )
            for one in view.lines
        ],
    }


# --- the page -------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@requires("quotes.make")
def new(request: HttpRequest) -> HttpResponse:
    """Put one together: for a customer, with a variant, as a copy, or for whoever is typed."""
    asked = BuilderQuery(request.GET).values
    customer = asked["customer"]
    old = mine(request, asked["copy"]) if asked["copy"] else None
    if old is not None and not customer:
        owner = quotes.owners([old.pk]).get(old.pk, 0)
        customer = owner if owner and may_open(staff(request), owner) else 0
    her = pages.opened(request, customer) if customer else None
    if request.method == "POST":
        form = _typed(request)
    elif old is not None:
        form = BuilderForm(initial=_of(old, as_new=True))
    else:
        form = BuilderForm(initial=_empty(her, asked["cart"]))
        if asked["variant"]:
            form.put_in(asked["variant"])
    return _built(request, form, her, None)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("quotes.make")
def edit(request: HttpRequest, id: int) -> HttpResponse:
    """Change one that is still open."""
    found = mine(request, id)
    if quotes.state_of(found) not in quotes.OPEN:
        messages.error(request, _("It is over. Copy it to a new one."))
        return redirect("quote", found.pk)
    posted = request.method == "POST"
    form = _typed(request) if posted else BuilderForm(initial=_of(found, as_new=False))
    return _built(request, form, None, found)


def _typed(request: HttpRequest) -> BuilderForm:
    """What was sent: to be saved, or to go on with."""
    sent = BuilderForm(request.POST)
    return sent if sent.button == "save" else BuilderForm(initial=sent.typed)


def _built(
    request: HttpRequest, form: BuilderForm, her: Opened | None, quote: Quote | None
) -> HttpResponse:
    """The form, after what its button asks for; or the quote, once it is saved."""
    problem = ""
    found = _done(request, form)
    if form.is_valid():
        seen = form.cleaned_data["revision"] or 0
        try:
            return redirect("quote", save(request, form, her, quote, seen).pk)
        except Wrong as wrong:
            problem = str(wrong)
    elif form.errors:  # said at its box, too, which may be far down the page
        problem = first_error(form)
    context = _context(request, form, her, quote) | {"problem": problem, "found": found}
    if pages.is_part(request):
        return pictures.allow(render(request, "quotes/lines.html", context))
    status = 409 if problem else 200
    response = render(request, "quotes/builder.html", context, status=status)
    return pictures.allow(response)


def _done(request: HttpRequest, form: BuilderForm) -> list[Offered] | None:
    """Do what its button asks for: a line more or fewer; or what it has found of goods."""
    what, _dash, of = form.button.partition("-")
    if what == "add":
        form.put_in(ids.read(of))
        return []
    if what == "remove":
        form.take_out(Seen().clean(of))
    if what == "find":
        scanned = _exactly(form.text)
        if not scanned:
            return product_search.found(request, form.text)
        form.put_in(scanned)
        return []
    return None


def _exactly(text: str) -> int:
    """The variant whose number or bar code that is; 0 for none."""
    found = Variant.objects.filter(sku__iexact=texts.plain(text, 64), removed_at=None)
    if not found:
        try:
            found = Variant.objects.filter(gtin=gtin14(text), removed_at=None)
        except ValueError:
            return 0
    return found[0].pk if found else 0


@require_safe
@requires("quotes.make")
def goods(request: HttpRequest) -> HttpResponse:
    """What one may mean to put into it, while one types."""
    asked = BuilderQuery(request.GET).values
    context = {
        "q": asked["q"],
        "found": product_search.found(request, asked["q"]),
        "here": _here(asked["quote"], asked["customer"]),
    }
    return pictures.allow(render(request, "quotes/goods.html", context))


def _here(quote: int, customer: int) -> str:
    if quote:
        return reverse("quote-edit", args=[quote])
    return reverse("quote-new") + (f"?customer={customer}" if customer else "")


# --- what it comes to -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """A line with its goods, what everybody pays, how far one may go below, and what is there."""

    line: Line
    goods: pages.Goods
    usual: int | None
    lowest: int
    amount: int | None
    total: int
    wrong: str
    sendable: int
    places: list[tuple[Place, int]]


def _context(
    request: HttpRequest, form: BuilderForm, her: Opened | None, quote: Quote | None
) -> dict[str, object]:
    limit = PRICE_LIMIT[Role(staff(request).role)]
    lines = shown_lines(request, form, limit, quote, her.known() if her else None)
    ways = {Fulfilment.SHIP if one.line.how == SHIP else Fulfilment.PICK_UP for one in lines}
    usual = sum((one.line.many or 0) * (one.usual or 0) for one in lines)
    total = sum(one.total for one in lines)
    today = timezone.localdate()
    return {
        "form": form,
        "lines": lines,
        "total": total,
        "saved": max(0, usual - total),
        "limit": limit,
        "ways": [(one, providers.label(one)) for one in providers.choices(ways)],
        "ships": Fulfilment.SHIP in ways or not lines,
        "markets": [one for one in _MARKETS if one != form.market],
        "languages": [("sv", "Svenska"), ("da", "Dansk"), ("en", "English")],
        "customer": her.id if her else 0,
        "said": prefill.of(her, form.market).said if her else {},
        "name": her.profile().called if her else "",
        "has_cart": her is not None and customer_cart.cart(her) is not None,
        "quote": quote,
        "here": _here(quote.pk if quote else 0, her.id if her else 0),
        "first_day": today.isoformat(),
        "last_day": (today + LONGEST - timedelta(days=1)).isoformat(),
        "held_days": holds.LONGEST.days,
        "q": form.text if form.button == "find" else "",
        "key": pages.key(request),
    }


def shown_lines(
    request: HttpRequest, form: QuoteForm, limit: int, quote: Quote | None, who: int | None
) -> list[Shown]:
    """The form's lines, at what they cost whoever has the identifier, with how far below
    everybody's price the person may go, in percent.
    """
    ids = {one.variant for one in form.lines}
    variants = Variant.objects.select_related("product").in_bulk(list(ids))
    known = goods_of(set(variants), form.market, form.currency, _language())
    places = list(Place.objects.filter(closed_at=None).order_by("name")[:500])
    levels = {
        (one.variant, one.place): one.available for one in reading_levels.levels(list(variants))
    }
    before = list(quote.lines.all()) if quote else []
    lines = [one for one in form.lines if one.variant in variants]
    bare = [Item(one.variant, one.many or 0) for one in lines]
    everybody = costs_today(bare, known, form.market, form.currency)
    today = everybody
    if who is not None:
        today = costs_today(bare, known, form.market, form.currency, who)
    offered = [_price(one, form, usual) for one, usual in zip(lines, today, strict=True)]
    items = [
        Item(one.variant, one.many or 0, amount=amount)
        for one, (amount, _wrong) in zip(lines, offered, strict=True)
    ]
    costs = priced(items, known, form.market, form.currency).lines
    found = []
    for one, usual, full, (amount, wrong), cost in zip(
        lines, today, everybody, offered, costs, strict=True
    ):
        lowest = min(rules.lowest(full or 0, limit), usual or 0)
        stands = any(x.variant_id == one.variant and x.amount == amount for x in before)
        if not wrong and amount is not None and amount < lowest and not stands:
            wrong = _("At least %(amount)s.") % {"amount": minor_words(lowest, form.currency)}
        if not wrong and usual is not None and (amount or 0) > (full or usual):
            wrong = _("At most %(amount)s.") % {"amount": minor_words(full or usual, form.currency)}
        if not wrong and one.many is None:
            wrong = _("How many? 1 to 999.")
        found.append(
            Shown(
                one,
                pages.goods(request, variants[one.variant], _language()),
                usual,
                lowest,
                amount,
                cost.total,
                wrong,
                sum(max(0, levels.get((one.variant, x.pk), 0)) for x in places if x.ships),
                [(x, max(0, levels.get((one.variant, x.pk), 0))) for x in places if x.hands_over],
            )
        )
    return found


def _price(line: Line, form: QuoteForm, usual: int | None) -> tuple[int | None, str]:
    """What one is offered at, and what is wrong with it; nothing typed: what everybody pays."""
    if usual is None:
        return None, _("This is not sold in the customer’s market.")
    try:
        amount = line.amount(form.currency)
    except ValidationError as wrong:
        return usual, str(wrong.message)
    return (usual if amount is None else amount), ""


# --- saving it ------------------------------------------------------------------------------------


def save(
    request: HttpRequest, form: QuoteForm, her: Opened | None, quote: Quote | None, seen: int = 0
) -> Quote:
    """Make it, or change the quote, whose revision was `seen`, by what was typed. Raises Wrong."""
    limit = PRICE_LIMIT[Role(staff(request).role)]
    store = posts.standing(request)
    maker = Maker(pages.actor(request, store.pk if store else None), limit)
    try:
        with in_words():
            if quote is not None:
                return actions.revise(quote.pk, seen, form.offer(), maker)
            return actions.make(
                form.offer(),
                maker,
                identifier=her.under() if her else None,
                request=pages.sent(request),
            )
    except Wrong as wrong:
        if isinstance(wrong.__cause__, TooCheap):
            raise Wrong(_too_cheap(wrong.__cause__.goods, wrong.__cause__.lowest, form)) from wrong
        raise


def _too_cheap(goods: Goods, lowest: int, form: QuoteForm) -> str:
    return _("You may offer %(what)s for %(amount)s at least.") % {
        "what": f"{goods.name}, {goods.options}" if goods.options else goods.name,
        "amount": minor_words(lowest, form.currency),
    }


def _language() -> str:
    return (get_language() or "en")[:2]
