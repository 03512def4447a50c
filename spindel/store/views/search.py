"""Finding goods, receipts and customers by whatever was scanned or typed."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace

from django.db.models import Q
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from spindel.catalogue import reading, wording
from spindel.catalogue.models import Variant
from spindel.catalogue.rules import gtin14
from spindel.catalogue.searching import search
from spindel.commerce.common import contacts, goods, links, numbers
from spindel.commerce.common.pages import called
from spindel.commerce.orders import return_requests
from spindel.commerce.orders.models import Order
from spindel.commerce.stock import hold_codes
from spindel.commerce.stock.reading import levels
from spindel.identity import actions as identity
from spindel.identity import customers, identifiers, serving, shown
from spindel.identity.rules import normalise
from spindel.identity.shown import Found
from spindel.kit import saying
from spindel.kit.forms import SearchQuery
from spindel.kit.refusal import Refusal
from spindel.offers import pieces
from spindel.offers.pieces import PieceView
from spindel.store.forms import NewCustomerForm, PeopleQuery, ScanForm
from spindel.store.views import today
from spindel.store.views.desk import Desk, at_desk, here, path_of, quote_link
from spindel.store.views.hold_by_code import TooManyCodes, hold_by, too_many

_MOST_PRODUCTS = 8
_MOST_CHIPS = 24
_LINK = re.compile(r"/o/([^/?#]{1,200})")


# --- what was scanned -----------------------------------------------------------------------------


def variant_by(code: str) -> Variant | None:
    """The variant with this GTIN or number, if it is sold."""
    sold = Variant.objects.filter(removed_at=None, product__removed_at=None)
    try:
        found = sold.filter(gtin=gtin14(code)).first()
    except ValueError:
        found = None
    return found or sold.filter(sku__iexact=code).first()


def order_by(code: str) -> Order | None:
    """The order with this number, or the one that a receipt's link leads to."""
    started = return_requests.by_number(code)
    found = started.order if started else None
    found = found or Order.objects.filter(number=numbers.read(code)).first()
    link = _LINK.search(path_of(code))
    if found is not None or link is None:
        return found
    try:
        return Order.objects.filter(pk=links.read("order", link[1])).first()
    except links.NoSuchLink:
        return None


def started_page(code: str) -> str:
    """Where a return is taken in that was started from home and has this number; "" for none."""
    found = return_requests.by_number(code) if code else None
    if found is None:
        return ""
    page = reverse("store-return", args=[found.order.number])
    return f"{page}?{return_requests.view(found, 'en').choice}"


@require_POST
@at_desk
def scan(desk: Desk) -> HttpResponse:
    """Go where a code leads: to goods, a purchase, what is held, a customer; or put goods into what
    the page is about: the sale, an exchange, a quote. Else the page stays as it is.
    """
    scanned = ScanForm(desk.request.POST).values
    code, at = scanned["code"], scanned["at"]
    if page := started_page(code):
        return redirect(page)
    if code and (order := order_by(code)):
        returned = at in ("returns", "return")
        return redirect("store-return" if returned else "store-order", order.number)
    if code and (variant := variant_by(code)):
        if at == "sale":
            desk.sale.add(variant.pk, 1, desk.sent.key)
            desk.remember()
            return redirect("store-sale")
        if at == "return":
            return redirect(_asked_for(desk, "for", str(variant.pk)))
        if at == "quote":
            return redirect(_asked_for(desk, "add", str(variant.pk)))
        if at == "returns":
            return _stays(desk, _("%(what)s: goods. Here a receipt is scanned.") % _named(variant))
        return redirect(product_page(variant.product_id, variant.pk))
    try:
        hold = hold_by(desk, code)
    except TooManyCodes:
        return _stays(desk, too_many())
    if hold is not None:
        return redirect("store-hold", hold_codes.code(hold.pk))
    people = serving.search(desk.request, code, country=desk.place.country)
    if len(people) == 1 and people[0].kind in ("card", "user_id", "receipt", "order"):
        return redirect("store-customer", people[0].summary.id)
    return _stays(desk, _what(code))


def _asked_for(desk: Desk, name: str, value: str) -> str:
    """The page that was scanned on, with what was scanned in its address."""
    path, _mark, query = here(desk.told["next"]).partition("?")
    asked = QueryDict(query, mutable=True)
    asked[name] = value
    return f"{path}?{asked.urlencode()}"


def _named(variant: Variant) -> dict[str, str]:
    return {"what": called(variant)}


def _what(code: str) -> str:
    """What a code is that leads nowhere, as far as that can be said."""
    try:
        gtin = gtin14(code)
    except ValueError:
        gtin = ""
    by = Q(sku__iexact=code) | Q(gtin=gtin) if gtin else Q(sku__iexact=code)
    gone = Variant.objects.select_related("product").filter(by)
    if code and (variant := gone.first()):
        return _("%(what)s is not sold any more.") % _named(variant)
    words = {"code": code[:60]}
    if gtin:
        return _("Goods with the bar code %(code)s, which are not in the catalogue.") % words
    if "//" in code:
        return _("A link that leads to nothing here: %(code)s") % words
    if numbers.is_ours(code):
        return _("The number of a receipt, a quote or a return that is not here: %(code)s.") % words
    return _("Nothing here has the code %(code)s.") % words


def _stays(desk: Desk, text: str) -> HttpResponse:
    """Say what it was, on the page as it is, whatever was typed there."""
    if desk.request.headers.get("HX-Request") != "true":
        desk.refuse(text)
        return desk.back()
    response = desk.page("said.html", {"refused": text})
    response["HX-Retarget"], response["HX-Reswap"] = "#said", "innerHTML"
    response["HX-Push-Url"] = "false"
    return response


def product_page(product: int, variant: int | None = None) -> str:
    """The address of a product's page, with a size chosen."""
    page = reverse("store-product", args=[product])
    return f"{page}?{urlencode({'variant': variant})}" if variant else page


# --- what was typed -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chip:
    """A size or colour of a product, and how many are here."""

    variant: int
    label: str
    here: int


@dataclass(frozen=True, slots=True)
class Row:
    """A product that was found, with its sizes."""

    product: int
    number: str
    name: str
    brand: str
    picture: str
    chips: list[Chip]
    price: PieceView | None = None  # of the cheapest size
    several: bool = False  # others cost more


@require_safe
@at_desk
def find(desk: Desk) -> HttpResponse:
    """The goods that a text may mean, a purchase by its number, what is held by its code; while one
    types, or with Enter.
    """
    text = SearchQuery(desk.request.GET).values["q"]
    order = order_by(text) if len(text) >= 4 else None
    typing = desk.request.headers.get("HX-Target") == "found"
    variant = variant_by(text) if text and order is None else None
    hold = None
    if order is None and variant is None:  # a number of goods may look like a code
        with suppress(TooManyCodes):
            hold = hold_by(desk, text)
    if not typing:
        if page := started_page(text):
            return redirect(page)
        if order:
            return redirect("store-order", order.number)
        if variant:
            return redirect(product_page(variant.product_id, variant.pk))
        if hold:
            return redirect("store-hold", hold_codes.code(hold.pk))
    rows = _priced(desk, found_rows(desk, text)) if text else []
    context = {"q": text, "rows": rows, "order": order, "hold": hold}
    if typing:
        return desk.page("found.html", context)
    return desk.page("today.html", {**today.jobs(desk), **context, "quote": quote_link(desk)})


def found_rows(desk: Desk, text: str) -> list[Row]:
    """The products that the text means, those of their sizes first that it names."""
    found = search(text, {}, _MOST_PRODUCTS)
    shown_ = reading.in_given_order(found.ids)
    variants = {one.pk: list(getattr(one, "on_sale", [])) for one in shown_}
    ids = [variant.pk for each in variants.values() for variant in each]
    here = {one.variant: one.available for one in levels.levels(ids) if one.place == desk.place.pk}
    rows = []
    for product in shown_:
        named = found.named_first(product.pk, variants[product.pk])
        chips = [
            Chip(one.pk, goods.options(one) or one.sku, max(0, here.get(one.pk, 0)))
            for one in named[:_MOST_CHIPS]
        ]
        pictures = [*(p for one in named for p in one.pictures), *product.pictures]
        name = wording.in_language(product.names, desk.language, product.number)
        picture = next(iter(pictures), "")
        rows.append(Row(product.pk, product.number, name, product.brand, picture, chips))
    return rows


def _priced(desk: Desk, rows: list[Row]) -> list[Row]:
    """The products with what they cost whoever is served."""
    numbers = [one.number for one in rows]
    costs: dict[str, list[PieceView]] = {}
    for one in pieces.view(desk.shown_terms, desk.whose, products=numbers) if numbers else ():
        costs.setdefault(one.product, []).append(one)
    return [
        replace(
            row,
            price=min(costs[row.number], key=lambda one: one.total),
            several=len({one.total for one in costs[row.number]}) > 1,
        )
        if row.number in costs
        else row
        for row in rows
    ]


# --- customers ------------------------------------------------------------------------------------


@require_safe
@at_desk
def people(desk: Desk) -> HttpResponse:
    """Look a customer up. `claim` is the number of a receipt that is to go onto her page."""
    asked = PeopleQuery(desk.request.GET).values
    text = asked["q"]
    found: list[Found] = serving.search(desk.request, text, country=desk.place.country)
    reach = _reached_by(text, desk.place.country)
    context = {
        "q": text,
        "found": found,
        "enough": len(text) >= shown.least_letters(desk.user),
        "least": shown.least_letters(desk.user),
        "claim": asked["claim"],
        "new": reach is not None and reach not in {(one.kind, one.text) for one in found},
    }
    typing = desk.request.headers.get("HX-Target") == "found"
    return desk.page("people_found.html" if typing else "people.html", context)


def _reached_by(text: str, country: str) -> tuple[str, str] | None:
    """The text as an address or a number of the country by which somebody can be reached."""
    for kind in ("email", "phone"):
        normal = normalise(kind, text, country)
        if normal is not None:
            return kind, normal
    return None


@require_POST
@at_desk
def new_customer(desk: Desk) -> HttpResponse:
    """Go on with somebody whom nobody knows yet, by how she can be reached."""
    told = NewCustomerForm(desk.request.POST).values
    text = told["reach"]
    reach = _reached_by(text, desk.place.country)
    identifier = identifiers.identifier(*reach) if reach else None
    living = identifiers.living(identifier) if identifier else None
    if living is None:
        desk.refuse(_("That is neither an e-mail address nor a telephone number."))
        return redirect("store-people")
    name = contacts.contact(told)["name"]
    if name:
        try:
            identity.correct_trait(living, "name", name, desk.user.email, identifier)
        except Refusal as no:
            desk.refuse(saying.in_words(no))
    # She is shown from now on, as after any search, which is on record.
    serving.search(desk.request, text, country=desk.place.country)
    serving.choose(desk.request, living, identifier)
    if not shown.may_open(desk.user, living) and customers.find(living) is None:
        return redirect("store-people")
    return redirect("store-customer", living)
