"""The page where somebody here puts a quote together, with the customer beside her or on the line.

All of it is one form, kept nowhere before it is saved: nobody is shown half a quote. While one
works the form is sent for what it comes to; without scripts its buttons do the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from spindel.catalogue import posts
from spindel.catalogue.models import Place, Variant
from spindel.catalogue.reading import currency_of
from spindel.catalogue.rules import gtin14
from spindel.commerce.carts import customer_cart
from spindel.commerce.carts import reading as carts
from spindel.commerce.common import contacts, pages, product_search, rules
from spindel.commerce.common.contacts import ADDRESS, CONTACT
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.common.pages import Wrong, in_words
from spindel.commerce.common.product_search import Offered
from spindel.commerce.orders import customer_orders, prefill
from spindel.commerce.orders.placement.draft import MOST_LINES, Item
from spindel.commerce.orders.placement.goods import Goods, goods_of, priced
from spindel.commerce.payments import providers
from spindel.commerce.quotes import actions
from spindel.commerce.quotes import reading as quotes
from spindel.commerce.quotes.actions import LONGEST, LONGEST_NOTE, Maker, Offer, TooCheap
from spindel.commerce.quotes.models import Quote
from spindel.commerce.quotes.views.quotes import mine
from spindel.commerce.stock.actions import holds
from spindel.commerce.stock.reading import levels as reading_levels
from spindel.identity.shown import Opened, may_open, staff
from spindel.kit import ids, pictures, texts
from spindel.kit.money import parse_amount, to_major
from spindel.kit.templatetags.look import minor_words
from spindel.staff.models import Role
from spindel.staff.permissions import PRICE_LIMIT, requires

_USUAL = timedelta(days=7)  # that a new one is good for
_MARKETS = ("SE", "DK", "NO", "FI", "DE")
_SHIP = "ship"


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is typed. `how`: "ship", or the code of the store where it is collected."""

    variant: int
    quantity: str = "1"
    price: str = ""
    how: str = _SHIP


@dataclass(frozen=True, slots=True)
class Form:
    """The form as it is typed."""

    contact: dict[str, str]
    address: dict[str, str]
    market: str = "SE"
    language: str = "sv"
    until: str = ""
    pay_by: str = "invoice"
    holds: bool = False
    note: str = ""
    key: str = ""
    lines: list[Line] = field(default_factory=list)

    @property
    def currency(self) -> str:
        """What one pays with in its market."""
        return currency_of(self.market) or "SEK"


# --- filling it -----------------------------------------------------------------------------------


def typed(sent: QueryDict) -> Form:
    """The form as it was sent."""

    def text(name: str, most: int) -> str:
        return texts.line(sent.get(name, ""), most)

    lines = zip(
        sent.getlist("variant"),
        sent.getlist("quantity"),
        sent.getlist("price"),
        sent.getlist("how"),
        strict=False,
    )
    market = text("market", 2).upper()
    return Form(
        contact=contacts.contact(sent),
        address=dict.fromkeys(ADDRESS, "") | contacts.address(sent, market),
        market=market,
        language=text("language", 2),
        until=text("until", 10),
        pay_by=text("pay_by", 16),
        holds=sent.get("holds") == "yes",
        note=texts.lines(sent.get("note", ""), LONGEST_NOTE),
        key=sent.get("key", "")[:200] or pages.fresh_key(),
        lines=[
            Line(ids.read(variant), quantity[:6].strip(), price[:20].strip(), how[:50])
            for variant, quantity, price, how in list(lines)[:MOST_LINES]
        ],
    )


def _empty(her: Opened | None, from_cart: bool) -> Form:
    until = (timezone.localdate() + _USUAL).isoformat()
    blank = Form(
        dict.fromkeys(CONTACT, ""),
        dict.fromkeys(ADDRESS, "") | {"country": "SE"},
        until=until,
        holds=True,
        key=pages.fresh_key(),
    )
    if her is None:
        return blank
    where = customer_orders.market(her, customer_cart.cart(her))
    certain = prefill.of(her, where.market).certain
    return replace(
        blank,
        contact={name: certain[name] for name in CONTACT},
        address={name: certain[name] for name in ADDRESS},
        market=where.market,
        language=where.language,
        lines=cart_lines(her) if from_cart else [],
    )


def cart_lines(her: Opened) -> list[Line]:
    """What is in her cart, as far as it is sold."""
    there = customer_cart.cart(her)
    if there is None:
        return []
    lines = carts.view(there.pk, _language()).open_lines
    return [
        Line(one.variant, str(one.quantity), "", one.place or _SHIP)
        for one in lines
        if one.amount is not None
    ]


def _of(quote: Quote, as_new: bool) -> Form:
    """The form as the quote is; as a new one it is good for the usual time."""
    view = quotes.view(quote, _language())
    until = timezone.localdate() + _USUAL if as_new else timezone.localtime(quote.until).date()
    return Form(
        contact={name: str(quote.contact.get(name, "")) for name in CONTACT},
        address={name: str(quote.address.get(name, "")) for name in ADDRESS},
        market=quote.market,
        language=quote.language,
        until=until.isoformat(),
        pay_by=quote.pay_by,
        holds=quote.holds,
        note=quote.note,
        key=pages.fresh_key(),
        lines=[
            Line(
                one.variant,
                str(one.quantity),
                "" if one.amount == one.now else str(to_major(one.amount, quote.currency)),
                one.place or _SHIP,
            )
            for one in view.lines
        ],
    )


# --- the page -------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@requires("quotes.make")
def new(request: HttpRequest) -> HttpResponse:
    """Put one together: for a customer, with a variant, as a copy, or for whoever is typed."""
    customer = ids.read(request.GET.get("customer", ""))
    copied = ids.read(request.GET.get("copy", ""))
    old = mine(request, copied) if copied else None
    if old is not None and not customer:
        owner = quotes.owners([old.pk]).get(old.pk, 0)
        customer = owner if owner and may_open(staff(request), owner) else 0
    her = pages.opened(request, customer) if customer else None
    if request.method == "POST":
        form = typed(request.POST)
    elif old is not None:
        form = _of(old, as_new=True)
    else:
        form = _empty(her, request.GET.get("cart") == "yes")
        if variant := ids.read(request.GET.get("variant", "")):
            form = with_one(form, variant)
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
    form = typed(request.POST) if posted else _of(found, as_new=False)
    return _built(request, form, None, found)


def _built(
    request: HttpRequest, form: Form, her: Opened | None, quote: Quote | None
) -> HttpResponse:
    """The form, after what its button asks for; or the quote, once it is saved."""
    problem, found = "", None
    if request.method == "POST":
        do = request.POST.get("do", "")
        if do in ("", "save"):
            try:
                saved = save(request, form, her, quote)
                return redirect("quote", saved.pk)
            except Wrong as wrong:
                problem = str(wrong)
        else:
            form, found = _done(request, form, do)
    context = _context(request, form, her, quote) | {"problem": problem, "found": found}
    if pages.is_part(request):
        return pictures.allow(render(request, "quotes/lines.html", context))
    status = 409 if problem else 200
    response = render(request, "quotes/builder.html", context, status=status)
    return pictures.allow(response)


def _done(request: HttpRequest, form: Form, do: str) -> tuple[Form, list[Offered] | None]:
    """What a button of the form makes of it: a line more or fewer, or what was found."""
    what, _dash, of = do.partition("-")
    if what == "add":
        return with_one(form, ids.read(of)), []
    if what == "remove":
        at = pages.number(of)
        return replace(form, lines=[x for n, x in enumerate(form.lines) if n != at]), None
    if what == "find":
        text = request.POST.get("q", "").strip()
        scanned = _exactly(text)
        if scanned:
            return with_one(form, scanned), []
        return form, product_search.found(request, text)
    return form, None


def _exactly(text: str) -> int:
    """The variant whose number or bar code that is; 0 for none."""
    found = Variant.objects.filter(sku__iexact=texts.plain(text, 64), removed_at=None)
    if not found:
        try:
            found = Variant.objects.filter(gtin=gtin14(text), removed_at=None)
        except ValueError:
            return 0
    return found[0].pk if found else 0


def with_one(form: Form, variant: int) -> Form:
    """The form with one more of the variant, which comes as the last line does."""
    how = form.lines[-1].how if form.lines else _SHIP
    for number, one in enumerate(form.lines):
        if one.variant == variant and one.how == how:
            more = str((pages.number(one.quantity, 998) or 0) + 1)
            changed = replace(one, quantity=more)
            return replace(form, lines=[*form.lines[:number], changed, *form.lines[number + 1 :]])
    if len(form.lines) >= MOST_LINES:
        return form
    return replace(form, lines=[*form.lines, Line(variant, how=how)])


@require_safe
@requires("quotes.make")
def goods(request: HttpRequest) -> HttpResponse:
    """What one may mean to put into it, while one types."""
    text = request.GET.get("q", "")
    quote = ids.read(request.GET.get("quote", ""))
    context = {
        "q": text.strip(),
        "found": product_search.found(request, text),
        "here": _here(quote, ids.read(request.GET.get("customer", ""))),
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
    request: HttpRequest, form: Form, her: Opened | None, quote: Quote | None
) -> dict[str, object]:
    limit = PRICE_LIMIT[Role(staff(request).role)]
    lines = shown_lines(request, form, limit, quote)
    ways = {Fulfilment.SHIP if one.line.how == _SHIP else Fulfilment.PICK_UP for one in lines}
    usual = sum((_quantity(one.line) or 0) * (one.usual or 0) for one in lines)
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
        "q": request.POST.get("q", "") if request.POST.get("do") == "find" else "",
    }


def shown_lines(request: HttpRequest, form: Form, limit: int, quote: Quote | None) -> list[Shown]:
    """The form's lines, with how far below everybody's price the person may go, in percent."""
    ids = {one.variant for one in form.lines}
    variants = Variant.objects.select_related("product").in_bulk(list(ids))
    known = goods_of(set(variants), form.market, form.currency, _language())
    places = list(Place.objects.filter(closed_at=None).order_by("name")[:500])
    levels = {
        (one.variant, one.place): one.available for one in reading_levels.levels(list(variants))
    }
    before = list(quote.lines.all()) if quote else []
    lines = [one for one in form.lines if one.variant in variants]
    offered = [_price(one, form, known[one.variant].amount) for one in lines]
    items = [
        Item(one.variant, _quantity(one) or 0, amount=amount)
        for one, (amount, _wrong) in zip(lines, offered, strict=True)
    ]
    costs = priced(items, known, form.market, form.currency).lines
    found = []
    for one, (amount, wrong), cost in zip(lines, offered, costs, strict=True):
        usual = known[one.variant].amount
        lowest = rules.lowest(usual or 0, limit)
        stands = any(x.variant_id == one.variant and x.amount == amount for x in before)
        if not wrong and amount is not None and amount < lowest and not stands:
            wrong = _("At least %(amount)s.") % {"amount": minor_words(lowest, form.currency)}
        if not wrong and usual is not None and (amount or 0) > usual:
            wrong = _("At most %(amount)s.") % {"amount": minor_words(usual, form.currency)}
        if not wrong and _quantity(one) is None:
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


def _price(line: Line, form: Form, usual: int | None) -> tuple[int | None, str]:
    """What one is offered at, and what is wrong with it; nothing typed: what everybody pays."""
    if usual is None:
        return None, _("This is not sold in the customer’s market.")
    if not line.price:
        return usual, ""
    try:
        return parse_amount(line.price, form.currency), ""
    except ValueError:
        return usual, _("Write a price like 1199 or 1199.50.")


def _quantity(line: Line) -> int | None:
    found = pages.number(line.quantity, 999)
    return found or None


# --- saving it ------------------------------------------------------------------------------------


def save(request: HttpRequest, form: Form, her: Opened | None, quote: Quote | None) -> Quote:
    """Make it, or change it. Raises Wrong."""
    user = staff(request)
    limit = PRICE_LIMIT[Role(user.role)]
    store = posts.standing(request)
    maker = Maker(pages.actor(request, store.pk if store else None), limit)
    offer = _offer(form)
    try:
        with in_words():
            if quote is None:
                return actions.make(
                    offer,
                    maker,
                    identifier=her.under() if her else None,
                    request=pages.sent(request, form.key),
                )
            seen = pages.number(request.POST.get("revision", "")) or 0
            return actions.revise(quote.pk, seen, offer, maker)
    except Wrong as wrong:
        if isinstance(wrong.__cause__, TooCheap):
            raise Wrong(_too_cheap(wrong.__cause__.goods, wrong.__cause__.lowest, form)) from wrong
        raise


def _too_cheap(goods: Goods, lowest: int, form: Form) -> str:
    return _("You may offer %(what)s for %(amount)s at least.") % {
        "what": f"{goods.name}, {goods.options}" if goods.options else goods.name,
        "amount": minor_words(lowest, form.currency),
    }


def _offer(form: Form) -> Offer:
    """What the form says. Raises Wrong."""
    if not form.lines:
        raise Wrong(_("Put something into it first."))
    places = {one.code: one.pk for one in Place.objects.filter(hands_over=True, closed_at=None)}
    items = []
    for one in form.lines:
        quantity = _quantity(one)
        if quantity is None:
            raise Wrong(_("Say how many of each, 1 to 999."))
        if one.how != _SHIP and one.how not in places:
            raise Wrong(_("Goods are collected in a store that is open."))
        amount: int | None = None
        if one.price:
            amount, wrong = _price(one, form, 0)
            if wrong:
                raise Wrong(wrong)
        way = Fulfilment.SHIP if one.how == _SHIP else Fulfilment.PICK_UP
        items.append(Item(one.variant, quantity, way, places.get(one.how), amount))
    return Offer(
        items=items,
        until=_end_of(form.until),
        market=form.market,
        language=form.language,
        pay_by=form.pay_by,
        holds=form.holds,
        note=form.note,
        contact={name: text for name, text in form.contact.items() if text},
        address=form.address if form.address["street"] else {},
    )


def _end_of(day: str) -> datetime:
    """The last minute of the day. Raises Wrong."""
    try:
        told = date.fromisoformat(day)
        return timezone.make_aware(datetime.combine(told, time(23, 59)))
    except (ValueError, OverflowError):
        raise Wrong(_("Say until which day it is good.")) from None


def _language() -> str:
    return (get_language() or "en")[:2]
