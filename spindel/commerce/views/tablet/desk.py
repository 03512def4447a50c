"""At which store somebody works, whom she serves, and what she is about to sell.

It is her own store, or where she helps out today; for whoever has none it is the one that the
device stands in, which is kept there. Every form says which store it was
made for, and does nothing in another. Whom she serves and what she sells are in her login's session
and lapse by themselves, so that nothing is done for the customer before.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Concatenate, ParamSpec
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from spindel.catalogue.models import Place
from spindel.catalogue.reading import currency_of
from spindel.commerce.actions.posts import work_in
from spindel.commerce.reading import posts
from spindel.identity import customers, serving, shown
from spindel.identity.shown import Opened
from spindel.kit import pictures
from spindel.staff.models import User
from spindel.staff.permissions import may, requires

COOKIE = "store"
_COOKIE_DAYS = 400
_SESSION = "tablet"
_SERVED_FOR = 30 * 60  # seconds without anything done for her
_MOST_KEYS = 30
MOST_LINES = 100

_LANGUAGES = {"SE": "sv", "DK": "da"}  # of those who buy there


@dataclass(frozen=True, slots=True)
class Serving:
    """The customer who stands at the counter: who she is today, and what she is called."""

    opened: Opened
    name: str

    @property
    def customer(self) -> int:
        """Her id."""
        return self.opened.id


@dataclass(slots=True)
class Sale:
    """Goods that are about to be sold: how many by variant, and what of it was held for her."""

    lines: dict[int, int] = field(default_factory=dict)
    holds: list[int] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)  # of what was done last

    @property
    def count(self) -> int:
        """How many pieces."""
        return sum(self.lines.values())

    def add(self, variant: int, quantity: int, key: str) -> None:
        """So many more; by the same key once."""
        if key in self.keys or (variant not in self.lines and len(self.lines) >= MOST_LINES):
            return
        self.note(key)
        self.set(variant, self.lines.get(variant, 0) + quantity)

    def note(self, key: str) -> None:
        """Something was done by this key; it is not done again."""
        self.keys = [*self.keys, key][-_MOST_KEYS:]

    def clear(self) -> None:
        """Nothing any more; what was put in before is not put in again."""
        self.lines, self.holds = {}, []

    def set(self, variant: int, quantity: int) -> None:
        """So many, or none."""
        if quantity < 1:
            self.lines.pop(variant, None)
        else:
            self.lines[variant] = min(quantity, 999)


class Desk:
    """A clerk in a store, with the customer whom she serves."""

    def __init__(self, request: HttpRequest, place: Place) -> None:
        self.request = request
        self.user: User = shown.staff(request)
        self.place = place
        self.by = str(self.user)
        self.source = f"user {self.user.pk}"
        self.key = request.POST.get("key", "")[:200]
        self.market = place.country
        self.currency = currency_of(place.country) or "SEK"
        self.customers_language = _LANGUAGES.get(place.country, "en")
        self.language = (get_language() or "en")[:2]
        self.serving, self.sale = _remembered(request)

    @property
    def whose(self) -> int | None:
        """The identifier that what is done for whoever is served is written under."""
        return self.serving.opened.under() if self.serving else None

    def remember(self) -> None:
        """Keep whom she serves and what she sells for the next page."""
        self.request.session[_SESSION] = {
            "customer": self.serving.customer if self.serving else None,
            "at": int(time.time()),
            "lines": [[variant, many] for variant, many in self.sale.lines.items()],
            "holds": self.sale.holds,
            "keys": self.sale.keys,
        }

    def serve(self, customer: int) -> None:
        """Go on with this customer. What was to be sold to another is not sold to her."""
        if self.serving and self.serving.customer == customer:
            return
        if self.serving:
            self.sale = Sale()
        self.serving = _serving(self.request, customer)
        self.remember()

    def done(self) -> None:
        """She has gone, and what she did not buy is put back."""
        self.serving, self.sale = None, Sale()
        self.remember()

    @property
    def may_count(self) -> bool:
        """Whether she may say how many there are."""
        return may(self.user, "stock.count")

    def was_done(self) -> bool:
        """Whether the form was sent before and what it asks for was done: `did`."""
        return self.key in self.sale.keys

    def did(self) -> None:
        """Know the form again, when it is sent once more."""
        self.sale.note(self.key)
        self.remember()

    # --- answering --------------------------------------------------------------------------------

    def page(
        self, template: str, context: Mapping[str, object] | None = None, status: int = 200
    ) -> HttpResponse:
        """A page of the tablet."""
        words = {"desk": self, **(context or {})}
        return pictures.allow(
            render(self.request, f"commerce/store/{template}", words, status=status)
        )

    def say(self, text: str, undo: str = "") -> None:
        """Tell on the next page that it is done; `undo` is the address that takes it back."""
        messages.success(self.request, text, extra_tags=undo)

    def refuse(self, text: str) -> None:
        """Tell on the next page why it was not done."""
        messages.error(self.request, text)

    def back(self, without: str = "store") -> HttpResponse:
        """To the page that the form was on, or says to go to."""
        to = self.request.POST.get("next", "")
        return redirect(to if _is_ours(to) else reverse(without))


def _is_ours(path: str) -> bool:
    return path.startswith("/store/") and url_has_allowed_host_and_scheme(path, None)


def _remembered(request: HttpRequest) -> tuple[Serving | None, Sale]:
    kept = request.session.get(_SESSION) or {}
    if time.time() - kept.get("at", 0) > _SERVED_FOR:
        return None, Sale()
    sale = Sale(
        {int(variant): int(many) for variant, many in kept.get("lines", [])},
        [int(one) for one in kept.get("holds", [])],
        list(kept.get("keys", [])),
    )
    customer = kept.get("customer")
    return (_serving(request, customer) if customer else None), sale


def _serving(request: HttpRequest, customer: int) -> Serving | None:
    """Whom she serves, as she is today; nobody where she may not open her any more."""
    user, living = shown.staff(request), customers.find(customer)
    if living is None or not shown.may_open(user, living):
        return None
    return Serving(Opened(user, living, serving.served(request, living)), called(user, living))


def called(user: User, customer: int) -> str:
    """What to call a customer whom the person may see."""
    found = shown.summaries(user, [customer], looked_up=True).get(customer)
    return (found.name if found else "") or _("Customer %(number)s") % {"number": customer}


# --- who may come in, and where -------------------------------------------------------------------

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def at_desk(view: Callable[Concatenate[Desk, P], HttpResponse]) -> View[P]:
    """A page of the tablet: for those who may, at the store that they work in.

    What was begun for another store, or for another customer, is not done.
    """

    @requires("store.work")
    def run(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if _is_unreadable(request):
            raise BadRequest
        place = store_of(request)
        if place is None:
            here = request.get_full_path() if request.method == "GET" else reverse("store")
            return redirect(f"{reverse('store-choose')}?{urlencode({'next': here})}")
        desk = Desk(request, place)
        if request.method == "POST" and (wrong := _begun_elsewhere(desk)):
            return desk.page("elsewhere.html", {"words": wrong}, status=409)
        return view(desk, *args, **kwargs)

    functools.update_wrapper(run, view, updated=())
    return run


def _is_unreadable(request: HttpRequest) -> bool:
    """Whether it holds a character that no scanner and nobody types, and no database keeps."""
    told = (one for form in (request.GET, request.POST) for _, some in form.lists() for one in some)
    return any("\0" in one for one in (request.path, *told))


def _begun_elsewhere(desk: Desk) -> str:
    """Why what was tapped is not meant for this store and customer; empty: it is."""
    told = desk.request.POST
    if told.get("store") != desk.place.code:
        return _("This page was for another store. Now you are in %(store)s.") % {
            "store": desk.place.name
        }
    customer = told.get("customer", "")
    if customer.isascii() and customer.isdigit() and len(customer) < 19:
        begun = customers.find(int(customer))
        if desk.serving and begun and begun != desk.serving.customer:
            return _("This page was for another customer. Now you serve %(name)s.") % {
                "name": desk.serving.name
            }
        if begun and not desk.serving:
            desk.serving = _serving(desk.request, begun)
    return ""


def store_of(request: HttpRequest) -> Place | None:
    """Where she works today; without a store of her own, in the one that the device stands in."""
    if here := posts.today(shown.staff(request)):
        return here
    code = request.COOKIES.get(COOKIE, "")
    return posts.stores().get(code) if code else None


@requires("store.work")
def choose(request: HttpRequest) -> HttpResponse:
    """In which store the device stands, asked once; or where she helps out, for the day."""
    to = request.POST.get("next") or request.GET.get("next") or ""
    to = to if _is_ours(to) else reverse("store")
    there, user = posts.stores(), shown.staff(request)
    code = request.POST.get("place", "") if request.method == "POST" else ""
    if code in there:
        request.session.pop(_SESSION, None)  # what was begun in another store ends there
        response = redirect(to)
        if work_in(user, there[code]):
            return response
        response.set_cookie(
            COOKIE,
            code,
            max_age=_COOKIE_DAYS * 86_400,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
        return response
    context = {
        "stores": list(there.values()),
        "next": to,
        "chosen": store_of(request),
        "own": posts.own(user),
    }
    return render(request, "commerce/store/choose.html", context)


def path_of(address: str) -> str:
    """The path of an address that was scanned; the text itself where it is none."""
    try:
        return urlsplit(address).path if "//" in address else address
    except ValueError:
        return address


def quote_link(desk: Desk, variant: int = 0, cart: bool = False) -> str:
    """Where a quote is made for whoever is served: with the goods, or all that is in her cart."""
    words: dict[str, int | str] = {}
    if desk.serving:
        words["customer"] = desk.serving.customer
    if variant:
        words["variant"] = variant
    if cart:
        words["cart"] = "yes"
    page = reverse("quote-new")
    return f"{page}?{urlencode(words)}" if words else page
