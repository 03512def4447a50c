"""The list of orders: by what stands in the address, what it comes to, and as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from spindel.catalogue import posts
from spindel.catalogue.models import Place
from spindel.commerce.common import pages
from spindel.commerce.common.pages import Wrong
from spindel.commerce.orders import (
    book,
    customer_orders,
    external_purchases,
    reading,
    rules,
    stages,
)
from spindel.commerce.orders import saved_views as saved
from spindel.commerce.orders.forms import ListQuery, SaveForm
from spindel.commerce.orders.models import Order, SavedView
from spindel.commerce.orders.reading import OrderView
from spindel.commerce.orders.stages import Reader
from spindel.identity import shown
from spindel.identity.shown import staff
from spindel.kit import money, tables
from spindel.kit.forms import PageQuery
from spindel.kit.options import stored_text
from spindel.staff import audit, navigation
from spindel.staff.permissions import may, requires
from spindel.timeline.models import Channel

_PAGE = 30
_MOST_STORES = 500
_MOST_SAVED = 100  # that are offered at once
MOST_EXPORTED = 100_000
_PART = 200

# Days that people mean without naming them: how many before today they begin and end.
WHENS = {
    "today": (gettext_lazy("Today"), 0, 0),
    "yesterday": (gettext_lazy("Yesterday"), 1, 1),
    "week": (gettext_lazy("The last 7 days"), 6, 0),
    "month": (gettext_lazy("The last 30 days"), 29, 0),
    "year": (gettext_lazy("The last 365 days"), 364, 0),
}


# --- what is asked for ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands in the address, as far as it says anything."""

    text: str
    state: str
    channel: str
    place: Place | None
    market: str
    when: str
    since: date | None
    until: date | None

    @property
    def kept(self) -> dict[str, str]:
        """The same, as it stands in an address."""
        return {
            "q": self.text,
            "when": self.when,
            "from": "" if self.when or not self.since else self.since.isoformat(),
            "to": "" if self.when or not self.until else self.until.isoformat(),
            "state": self.state,
            "channel": self.channel,
            "store": self.place.code if self.place else "",
            "market": self.market,
        }

    def query(self, **more: str) -> str:
        """The address's query; that no store is chosen is said, too."""
        told = {name: value for name, value in self.kept.items() if value or name == "store"}
        return urlencode(told | more)

    @property
    def question(self) -> book.Question:
        """The same, to be answered."""
        place = self.place.pk if self.place else None
        return book.Question(
            self.text, self.state, self.channel, place, self.market, self.since, self.until
        )


def asked_for(told: QueryDict, places: list[Place], mine: Place | None) -> Asked:
    """What the address says. Whoever works in one store begins with that."""
    # What she looks for may be anywhere, and so may what somebody has saved.
    first = mine.code if mine and "store" not in told and "q" not in told else ""
    said = ListQuery(told).values
    market = said["market"] if said["market"] in {one.country for one in places} else ""
    today = timezone.localdate(timezone=book.zone_of(market))
    when = said["when"] if said["when"] in WHENS else ""
    since, until = said["from_"], said["to"]
    if when:
        _label, begins, ends = WHENS[when]
        since, until = today - timedelta(days=begins), today - timedelta(days=ends)
    return Asked(
        said["q"],
        said["state"],
        said["channel"],
        next((one for one in places if one.code == (said["store"] or first)), None),
        market,
        when,
        since,
        until,
    )


# --- the list -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """An order in the list."""

    order: OrderView
    who: book.Who
    what: str
    more: int


@require_safe
@requires("orders.see")
def orders(request: HttpRequest) -> HttpResponse:
    """The newest orders first; by day, state, channel, store and market; found by whatever
    somebody has; and what they come to.
    """
    places = list(Place.objects.order_by("name")[:_MOST_STORES])
    mine = posts.today(staff(request))
    asked = asked_for(request.GET, places, mine)
    before = PageQuery(request.GET).values["before"]
    people = shown.search(staff(request), asked.text) if asked.text else []
    page = book.page(staff(request), asked.question, _PAGE, before, people)
    told = [] if before else external_purchases.by_number(staff(request), asked.text, people)
    names = {one.summary.id: one.summary.called for one in people}
    matching = book.matching(staff(request), asked.question, people)
    context = {
        **asked.kept,
        "since": asked.since,
        "until": asked.until,
        "told": [(customer, names[customer], one) for customer, one in told],
        "rows": _rows(request, page.items),
        "more": asked.query(before=page.next) if page.next else "",
        "sums": [] if before else book.sums(matching),
        "query": asked.query(),
        "whens": [(name, label) for name, (label, _begins, _ends) in WHENS.items()],
        "states": stages.Stage.choices,
        "channels": Channel.values,
        "stores": places,
        "markets": sorted({one.country for one in places}),
        "mine": mine,
        "beside": navigation.beside(staff(request), "orders"),
        "filtered": any(asked.kept.values()),
        "by_name": may(request.user, "contacts.see"),
        "may_export": may(request.user, "orders.export"),
        "saved": [] if before else _saved(request),
    }
    part = "orders" if not pages.is_part(request) else "rows" if before else "found"
    return render(request, f"orders/{part}.html", context)


def _rows(request: HttpRequest, orders: list[Order]) -> list[Row]:
    ids = [one.pk for one in orders]
    owners = customer_orders.owners(ids)
    people = book.who(staff(request), set(owners.values()), "orders.listed")
    rows = []
    for one in reading.views(ids, _language(), Reader.COLLEAGUE):
        first = one.lines[0] if one.lines else None
        parts = (first.name, stored_text(first.options)) if first else ()
        what = ", ".join(filter(None, parts))
        who = people.get(owners.get(one.id, 0), book.NOBODY)
        rows.append(Row(one, who, what, len(one.lines) - 1))
    return rows


def _language() -> str:
    return (get_language() or "en")[:2]


# --- under a name ---------------------------------------------------------------------------------


def _saved(request: HttpRequest) -> list[tuple[SavedView, bool]]:
    """The lists that one has saved, and those that are everybody's; whether one may remove it."""
    user = staff(request)
    found = SavedView.objects.filter(user=user) | SavedView.objects.filter(shared=True)
    every = may(user, "people.manage")
    listed = found.order_by("name", "pk")[:_MOST_SAVED]
    return [(one, one.user_id == user.pk or every) for one in listed]


@require_POST
@requires("orders.see")
def save(request: HttpRequest) -> HttpResponse:
    """Save what the list shows under a name. What was searched for is left out: it may be
    somebody's address.
    """
    sent = SaveForm(request.POST).values
    places = list(Place.objects.order_by("name")[:_MOST_STORES])
    asked = asked_for(QueryDict(sent["query"]), places, None)
    kept = {name: value for name, value in asked.kept.items() if name != "q"}
    query = urlencode({name: value for name, value in kept.items() if value or name == "store"})
    try:
        with pages.in_words():
            saved.save_view(staff(request), sent["name"], query, shared=sent["shared"])
    except Wrong as wrong:
        messages.error(request, str(wrong))
    return redirect(f"{reverse('orders')}?{query}")


@require_POST
@requires("orders.see")
def drop(request: HttpRequest, id: int) -> HttpResponse:
    """Remove a saved list."""
    saved.drop_view(staff(request), id)
    return redirect("orders")


# --- as a file ------------------------------------------------------------------------------------


@require_safe
@requires("orders.export")
def export(request: HttpRequest) -> StreamingHttpResponse:
    """All orders that the filter means, as CSV, part by part; without whose they are."""
    places = list(Place.objects.order_by("name")[:_MOST_STORES])
    asked = asked_for(request.GET, places, None)
    user = staff(request)
    people = shown.search(user, asked.text) if asked.text else []
    matching = book.matching(user, asked.question, people)
    told = {name: value for name, value in asked.kept.items() if value and name != "q"}
    audit.note(
        user, "orders.exported", detail={"name": urlencode(told), "searched": bool(asked.text)}
    )
    lines = _lines(book.ids(matching, MOST_EXPORTED, _PART), _language())
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="orders.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _lines(parts: Iterator[list[int]], language: str) -> Iterator[str]:
    """The file. It begins with the mark by which spreadsheets know its letters."""
    with translation.override(language):
        titles = [
            _("Number"),
            _("Placed"),
            _("State"),
            _("Channel"),
            _("Store"),
            _("Market"),
            _("Currency"),
            _("Total"),
            _("VAT"),
            _("Less than the usual price"),
            _("Given back"),
            _("Pieces"),
            _("Goods"),
        ]
    yield "\ufeff" + _line(titles)
    zones: dict[str, ZoneInfo] = {}
    for ids in parts:
        with translation.override(language):
            rows = [_cells(one, zones) for one in reading.views(ids, language, Reader.COLLEAGUE)]
        yield "".join(map(_line, rows))


def _cells(one: OrderView, zones: dict[str, ZoneInfo]) -> list[str]:
    if one.market not in zones:
        zones[one.market] = book.zone_of(one.market)
    saved = sum(rules.saved(x) for x in one.lines)
    back = sum(rules.given_back(x) for x in one.lines)
    goods = ", ".join(f"{x.quantity} × {x.name} {x.options}".strip() for x in one.lines)
    amounts = (one.total, one.vat, saved, back)
    return [
        one.number,
        one.placed_at.astimezone(zones[one.market]).isoformat(" ", "seconds"),
        str(one.stage.label),
        one.channel_text,
        one.place_name,
        one.market,
        one.currency,
        *(str(money.to_major(amount, one.currency)) for amount in amounts),
        str(sum(x.quantity for x in one.lines)),
        goods,
    ]


def _line(cells: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow([tables.harmless(one) for one in cells])
    return text.getvalue()
