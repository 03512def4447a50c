"""Where each role begins: with what it does first today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from spindel.commerce.orders import daily_sales
from spindel.commerce.orders.daily_sales import Day
from spindel.console import worries
from spindel.identity import shown
from spindel.identity.shown import staff
from spindel.kit.templatetags.look import CHANNELS, channel_label, number
from spindel.staff import start as begin
from spindel.staff.models import Role, User
from spindel.staff.permissions import may, requires

_FEW = 5  # of each thing; the rest is one step away


@require_safe
@requires("console.open")
def start(request: HttpRequest) -> HttpResponse:
    """The person's own first page; a clerk's is the tablet."""
    user = staff(request)
    if not may(user, "start.see"):
        return redirect("store")
    if user.role == Role.AGENT:
        part = "_now" if request.headers.get("HX-Request") else ""
        return render(request, f"console/start_agent{part}.html", _agent(user))
    if user.role == Role.ADMIN:
        return render(request, "console/start_admin.html", _admin(user))
    return render(request, "console/start_figures.html", _figures())


# --- customer service -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Listed:
    """Something on a list, and who it is about."""

    of: object
    who: shown.Who


def _agent(user: User) -> dict[str, object]:
    found = [(one, one.find(user, _FEW)) for one in begin.lists(user)]
    asked = {row.customer for _one, rows in found for row in rows if row.customer is not None}
    people = shown.who(user, asked, "start.listed")
    lists = [
        (one, [Listed(row.of, people.get(row.customer or 0, shown.NOBODY)) for row in rows])
        for one, rows in found
    ]
    return {
        "listed": worries.listed(user, _FEW),
        "lists": lists,
        "may_make": may(user, "quotes.make"),
    }


# --- yesterday ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Channel:
    """How many people were there in a channel, then and a week before; widths in per cent."""

    name: str
    label: str
    people: int
    before: int
    width: int
    before_width: int


def _figures() -> dict[str, object]:
    yesterday = timezone.localdate() - timedelta(days=1)
    this, before = daily_sales.of(yesterday), daily_sales.of(yesterday - timedelta(days=7))
    return {
        "day": yesterday,
        "before": before.day,
        "figures": list(begin.figures(this.day, before.day)),
        "picture": _by_hour(this, before),
        "channels": _channels(this, before),
        "empty": not any((this.orders, before.orders, this.people, before.people)),
    }


def _channels(this: Day, before: Day) -> list[Channel]:
    most = max((*this.people.values(), *before.people.values()), default=1)
    names = [one for one in CHANNELS if one in this.people or one in before.people]
    names.sort(key=lambda one: -this.people.get(one, 0))
    return [
        Channel(
            one,
            channel_label(one),
            this.people.get(one, 0),
            before.people.get(one, 0),
            round(this.people.get(one, 0) / most * 100),
            round(before.people.get(one, 0) / most * 100),
        )
        for one in names
    ]


_WIDTH, _HEIGHT, _STEP = 720, 110, 30


def _by_hour(this: Day, before: Day) -> SafeString:
    """The day's orders by the hour as bars, those of a week before as a line, in SVG."""
    top = max(*this.by_hour, *before.by_hour, 1)
    tall = [round(count / top * _HEIGHT, 1) for count in this.by_hour]
    bars = [(hour * _STEP + 4, _HEIGHT - high, high) for hour, high in enumerate(tall) if high]
    steps = " ".join(
        f"{hour * _STEP},{round(_HEIGHT - count / top * _HEIGHT, 1)}"
        f" {(hour + 1) * _STEP},{round(_HEIGHT - count / top * _HEIGHT, 1)}"
        for hour, count in enumerate(before.by_hour)
    )
    busiest = max(range(24), key=lambda hour: this.by_hour[hour])
    said = ngettext(
        "%(n)s order, most of them from %(hour)s o’clock; %(before)s a week before.",
        "%(n)s orders, most of them from %(hour)s o’clock; %(before)s a week before.",
        this.orders,
    ) % {"n": number(this.orders), "hour": busiest, "before": number(before.orders)}
    return format_html(
        '<svg class="day-hours" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img"'
        ' aria-label="{}">'
        '{}<polyline class="day-before" points="{}"/><path class="ground" d="M0 {}H{}"/></svg>',
        _WIDTH,
        _HEIGHT + 2,
        said,
        format_html_join("", '<rect x="{}" y="{}" width="22" height="{}"/>', bars),
        steps,
        _HEIGHT + 0.5,
        _WIDTH,
    )


# --- administrators -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the installation: how it does, in a word and in a sentence."""

    of: begin.Part
    state: str  # good, warn or bad
    words: str


def _admin(user: User) -> dict[str, object]:
    parts = [Part(one, *one.find()) for one in begin.parts()]
    return {"listed": worries.listed(user, _FEW), "parts": parts}
