"""At which store somebody works, whom she serves, and what she is about to sell.

It is her own store, or where she helps out today; for whoever has none it is the one that the
device stands in, which is kept there. Every form says which store it was made for, and does nothing
in another. Whom she serves and what she sells are in her login's session: after a while without a
tap nobody is served any more, so that nothing is done for the customer before. A sale that was
begun is never dropped: it waits, and whoever comes back to it goes on.
"""

from __future__ import annotations

import functools
import time
import uuid
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Concatenate, ParamSpec
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from spindel.catalogue import posts
from spindel.catalogue.markets import Market
from spindel.catalogue.models import Place
from spindel.catalogue.post_actions import work_in
from spindel.catalogue.reading import currency_of
from spindel.identity import customers, naming, serving, shown
from spindel.identity.shown import Opened
from spindel.kit import pictures
from spindel.kit.idempotency import Request
from spindel.offers.mandates import MANDATES, Mandate
from spindel.staff.actors import Actor
from spindel.staff.models import Role, User
from spindel.staff.permissions import may, requires
from spindel.store.forms import MOST_LINES, ActForm, StandForm
from spindel.timeline.models import Channel

_COOKIE_DAYS = 400
_SESSION = "tablet"
_SEAL = "spindel.commerce.tablet.seal"
_SERVED_FOR = 30 * 60  # seconds without anything done for her
_MOST_KEYS = 30
_MOST_PARKED = 10

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
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

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


@dataclass(frozen=True, slots=True)
class Parked:
    """A sale that waits in a store, for whom; `dropped`: only who undoes that goes on with it."""

    id: str
    place: str
    customer: int | None
    lines: dict[int, int]
    holds: list[int]
    dropped: bool = False

    @property
    def count(self) -> int:
        """How many pieces."""
        return sum(self.lines.values())


@dataclass(frozen=True, slots=True)
class Waiting:
    """A sale that waits, as it is shown: for whom, where the clerk may know that."""

    id: str
    name: str
    count: int


class Desk:
    """A clerk in a store, with the customer whom she serves."""

    def __init__(self, request: HttpRequest, place: Place) -> None:
        self.request = request
        self.user: User = shown.staff(request)
        self.place = place
        self.actor = Actor(str(self.user), self.user.pk, Channel.STORE, place.pk)
        self.by = self.actor.by
        self.told = ActForm(request.POST).values
        self.sent = Request(f"user {self.user.pk}", self.told["key"])
        self.market = place.country
        self.currency = currency_of(place.country) or "SEK"
        self.customers_language = _LANGUAGES.get(place.country, "en")
        self.terms = Market(self.market, self.currency, self.customers_language)
        self.language = (get_language() or "en")[:2]
        self.serving, self.sale, self.parked = _remembered(request, place)

    @property
    def shown_terms(self) -> Market:
        """The store's market, in the language of whoever works here: for what only she reads."""
        return replace(self.terms, language=self.language)

    @property
    def from_here(self) -> Actor:
        """Who does something in another store: books there say from which one, too."""
        return replace(self.actor, by=f"{self.by}, {self.place.name}")

    @property
    def whose(self) -> int | None:
        """The identifier that what is done for whoever is served is written under."""
        return self.serving.opened.under() if self.serving else None

    def remember(self) -> None:
        """Keep whom she serves and what she sells for the next page."""
        self.request.session[_SESSION] = {
            "place": self.place.code,
            "customer": self.serving.customer if self.serving else None,
            "at": int(time.time()),
            "sale": self.sale.id,
            "lines": [[variant, many] for variant, many in self.sale.lines.items()],
            "holds": self.sale.holds,
            "keys": self.sale.keys,
            "parked": [
                [one.id, one.place, one.customer, [*one.lines.items()], one.holds, one.dropped]
                for one in self.parked
            ],
        }

    def serve(self, customer: int) -> None:
        """Go on with this customer, and with the sale that was begun for her.

        What was to be sold to another waits; what nobody was named for is hers.
        """
        if self.serving and self.serving.customer == customer:
            return
        if self.serving:
            self.park()
        self.serving = _serving(self.request, customer)
        waits = next((one for one in self._here() if _living(one.customer) == customer), None)
        if waits is not None and not self.sale.lines:
            self._go_on(waits)
            self.say(_("The sale that was begun goes on."))
        self.remember()

    def done(self) -> None:
        """She has gone. A sale that was begun waits."""
        self.park()
        self.serving = None
        self.remember()

    # --- sales that wait --------------------------------------------------------------------------

    def park(self) -> None:
        """Have the sale wait, if there is one; it is said."""
        if not self.sale.lines:
            return
        whose = self.serving.customer if self.serving else None
        if len(self.parked) >= _MOST_PARKED:
            self.refuse(_("Too many sales wait: the oldest of them is put away."))
        self.parked = _with(self.parked, self.sale, self.place.code, whose)
        self.sale = Sale(keys=self.sale.keys)
        self.say(_("The sale that was begun waits. It is at the start."))

    def drop(self) -> str:
        """Sell nothing; the address that undoes it."""
        whose = self.serving.customer if self.serving else None
        self.parked = _with(self.parked, self.sale, self.place.code, whose, dropped=True)
        dropped = self.sale.id
        self.sale = Sale(keys=self.sale.keys)
        self.remember()
        return reverse("store-sale-resume", args=[dropped])

    def resume(self, id: str) -> bool:
        """Go on with the sale that waits; whether that can be done by whoever asks."""
        found = next((one for one in self._here(also_dropped=True) if one.id == id), None)
        if found is None:
            return self.sale.id == id
        whose = _living(found.customer)
        serving = _serving(self.request, whose) if whose else None
        if whose and serving is None:
            return False
        self.park()
        self.serving = serving
        self._go_on(found)
        self.remember()
        return True

    def sold(self, id: str) -> None:
        """The sale is over, whether it waits by now or not."""
        self.parked = [one for one in self.parked if one.id != id]
        if id in ("", self.sale.id):
            self.sale = Sale(keys=self.sale.keys)
        self.remember()

    @property
    def waiting(self) -> list[Waiting]:
        """The sales that wait in this store, the last first."""
        found = []
        for one in reversed(self._here()):
            whose = _living(one.customer)
            known = whose is not None and shown.may_open(self.user, whose)
            name = called(self.user, whose) if whose is not None and known else ""
            found.append(Waiting(one.id, name, one.count))
        return found

    def _here(self, also_dropped: bool = False) -> list[Parked]:
        return [
            one
            for one in self.parked
            if one.place == self.place.code and (also_dropped or not one.dropped)
        ]

    def _go_on(self, waits: Parked) -> None:
        self.parked = [one for one in self.parked if one.id != waits.id]
        self.sale = Sale(dict(waits.lines), list(waits.holds), self.sale.keys, waits.id)

    @property
    def seal(self) -> str:
        """The key of this login that seals what waits for the network on the device, in base64."""
        login = self.request.session.session_key or ""
        return b64encode(salted_hmac(_SEAL, login, algorithm="sha256").digest()).decode()

    @property
    def may_count(self) -> bool:
        """Whether she may say how many there are."""
        return may(self.user, "stock.count")

    @property
    def may_promise(self) -> bool:
        """Whether she may promise a customer a price."""
        return may(self.user, "promises.make")

    @property
    def mandate(self) -> Mandate:
        """How much she may promise."""
        return MANDATES[Role(self.user.role)]

    def was_done(self) -> bool:
        """Whether the form was sent before and what it asks for was done: `did`."""
        return self.sent.key in self.sale.keys

    def did(self) -> None:
        """Know the form again, when it is sent once more."""
        self.sale.note(self.sent.key)
        self.remember()

    # --- answering --------------------------------------------------------------------------------

    def page(
        self, template: str, context: Mapping[str, object] | None = None, status: int = 200
    ) -> HttpResponse:
        """A page of the tablet."""
        words = {"desk": self, **(context or {})}
        return pictures.allow(render(self.request, f"store/{template}", words, status=status))

    def say(self, text: str, undo: str = "") -> None:
        """Tell on the next page that it is done; `undo` is the address that takes it back."""
        messages.success(self.request, text, extra_tags=undo)

    def refuse(self, text: str) -> None:
        """Tell on the next page why it was not done."""
        messages.error(self.request, text)

    def back(self, without: str = "store") -> HttpResponse:
        """To the page that the form was on, or says to go to."""
        return redirect(here(self.told["next"], without))


def here(path: str, without: str = "store") -> str:
    """The path, if it is one of the tablet's; else that of the page with this name."""
    return path if _is_ours(path) else reverse(without)


def _is_ours(path: str) -> bool:
    return path.startswith("/store/") and url_has_allowed_host_and_scheme(path, None)


def serve_from_now_on(request: HttpRequest, place: str, customer: int) -> None:
    """Have the customer be served in the store, in a session that has just begun."""
    nothing = Sale()
    request.session[_SESSION] = {
        "place": place,
        "customer": customer,
        "at": int(time.time()),
        "sale": nothing.id,
        "lines": [],
        "holds": [],
        "keys": [],
        "parked": [],
    }


def _remembered(request: HttpRequest, place: Place) -> tuple[Serving | None, Sale, list[Parked]]:
    """Whom she serves, what she sells, and the sales that wait.

    What was begun in another store, or too long ago, waits by now.
    """
    kept = request.session.get(_SESSION) or {}
    if "parked" not in kept:
        return None, Sale(), []
    sale = Sale(
        {int(variant): int(many) for variant, many in kept["lines"]}, kept["holds"], kept["keys"]
    )
    sale.id = kept["sale"]
    parked = [
        Parked(id, where, whose, {int(v): int(n) for v, n in lines}, holds, dropped)
        for id, where, whose, lines, holds, dropped in kept["parked"]
    ]
    customer = kept["customer"]
    if kept["place"] != place.code or time.time() - kept["at"] > _SERVED_FOR:
        return None, Sale(keys=sale.keys), _with(parked, sale, kept["place"], customer)
    return (_serving(request, customer) if customer else None), sale, parked


def _with(
    parked: list[Parked], sale: Sale, place: str, customer: int | None, dropped: bool = False
) -> list[Parked]:
    """Those that wait, and this one, if anything is in it."""
    if not sale.lines:
        return parked
    waits = Parked(sale.id, place, customer, dict(sale.lines), list(sale.holds), dropped)
    return [*(one for one in parked if one.id != sale.id), waits][-_MOST_PARKED:]


def _living(customer: int | None) -> int | None:
    return None if customer is None else customers.find(customer)


def _serving(request: HttpRequest, customer: int) -> Serving | None:
    """Whom she serves, as she is today; nobody where she may not open her any more."""
    user, living = shown.staff(request), customers.find(customer)
    if living is None or not shown.may_open(user, living):
        return None
    return Serving(Opened(user, living, serving.served(request, living)), called(user, living))


def called(user: User, customer: int) -> str:
    """What to call a customer whom the person may see."""
    found = shown.summaries(user, [customer], looked_up=True).get(customer)
    return found.called if found else naming.called("", customer, known=True)


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
        place = posts.standing(request)
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
    if desk.told["store"] != desk.place.code:
        return _("This page was for another store. Now you are in %(store)s.") % {
            "store": desk.place.name
        }
    if customer := desk.told["customer"]:
        begun = customers.find(customer)
        if desk.serving and begun and begun != desk.serving.customer:
            return _("This page was for another customer. Now you serve %(name)s.") % {
                "name": desk.serving.name
            }
        if begun and not desk.serving:
            desk.serving = _serving(desk.request, begun)
    return ""


@requires("store.work")
def choose(request: HttpRequest) -> HttpResponse:
    """In which store the device stands, asked once; or where she helps out, for the day."""
    acts = request.method == "POST"
    told = StandForm(request.POST if acts else request.GET).values
    to, code = here(told["next"]), told["place"]
    there, user = posts.stores(), shown.staff(request)
    if acts and code in there:
        response = redirect(to)
        if work_in(user, there[code]):
            return response
        response.set_cookie(
            posts.COOKIE,
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
        "chosen": posts.standing(request),
        "own": posts.own(user),
    }
    return render(request, "store/choose.html", context)


def path_of(address: str) -> str:
    """The path of an address that was scanned; the text itself where it is none."""
    try:
        return urlsplit(address).path if "//" in address else address
    except ValueError:
        return address


def quote_link(desk: Desk, variant: int = 0, cart: bool = False) -> str:
    """Where a quote is made: with the goods, or all that is in the cart of whoever is served; empty
    for whoever may make none.
    """
    if not may(desk.user, "quotes.make"):
        return ""
    words: dict[str, int | str] = {}
    if variant:
        words["add"] = variant
    if cart:
        words["cart"] = "yes"
    page = reverse("store-quote")
    return f"{page}?{urlencode(words)}" if words else page
