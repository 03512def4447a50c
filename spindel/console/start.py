"""Where each role begins: with what it does first today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from spindel.collect import figures
from spindel.commerce.orders import day
from spindel.commerce.orders.day import Day
from spindel.commerce.quotes import reading as quotes
from spindel.commerce.quotes.models import Quote
from spindel.commerce.quotes.reading import QuoteView
from spindel.commerce.stock import broken_promises as promising
from spindel.console import pulse, worries
from spindel.identity import shown
from spindel.identity.shown import staff
from spindel.identity.waiting import Unanswered
from spindel.kit import smtp
from spindel.kit.templatetags.look import CHANNELS, channel_label, money_words, number
from spindel.messages.models import Mail
from spindel.staff.models import Role, User
from spindel.staff.permissions import may, requires

_FEW = 5  # of each thing; the rest is one step away
_PROMISED_FOR = timedelta(days=2)


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


def _language() -> str:
    return (get_language() or "en")[:2]


# --- customer service -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who has written and has had no answer yet."""

    said: Unanswered
    who: shown.Who


@dataclass(frozen=True, slots=True)
class Promised:
    """What she has promised, and to whom."""

    due: promising.Due
    who: shown.Who


@dataclass(frozen=True, slots=True)
class Offered:
    """A quote that is open, and whose."""

    quote: QuoteView
    who: shown.Who


def _agent(user: User) -> dict[str, object]:
    open_quotes = list(quotes.listed(Quote.State.SENT, user.pk, None)[:_FEW])
    owners = quotes.owners([one.pk for one in open_quotes])
    due = promising.due(user, timezone.now() + _PROMISED_FOR, _language(), _FEW)
    unanswered = shown.unanswered(user, _FEW)
    asked = {*owners.values(), *(one.customer for one in unanswered)}
    asked.update(one.customer for one in due if one.customer is not None)
    people = shown.who(user, asked, "start.listed")

    def who(customer: int | None) -> shown.Who:
        return people.get(customer or 0, shown.NOBODY)

    return {
        "listed": worries.listed(user, _FEW),
        "waits": [Waiting(one, who(one.customer)) for one in unanswered],
        "due": [Promised(one, who(one.customer)) for one in due],
        "quotes": [
            Offered(one, who(owners.get(one.id))) for one in quotes.views(open_quotes, _language())
        ],
        "may_make": may(user, "quotes.make"),
    }


# --- yesterday ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a day beside the same of a week before. `per_cent` is None where that was 0."""

    label: str
    text: str
    before: str
    per_cent: int | None
    good: bool | None  # whether it went the way that one wants; None: neither

    @property
    def change(self) -> str:
        """The change in words: "+12 %"."""
        if self.per_cent is None:
            return ""
        sign = "+" if self.per_cent > 0 else "−" if self.per_cent < 0 else "±"
        return f"{sign}{number(abs(self.per_cent))} %"


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
    this, before = day.of(yesterday), day.of(yesterday - timedelta(days=7))
    currencies = sorted({*this.revenue, *before.revenue}, key=lambda one: -this.revenue.get(one, 0))
    revenue = [
        _figure(
            _("Revenue"),
            this.revenue.get(one, Decimal()),
            before.revenue.get(one, Decimal()),
            currency=one,
        )
        for one in currencies[:3]
    ]
    return {
        "day": yesterday,
        "before": before.day,
        "figures": [
            _figure(_("Orders"), this.orders, before.orders),
            *revenue,
            _figure(_("Orders that came back"), this.returns, before.returns, more_is_good=False),
        ],
        "picture": _by_hour(this, before),
        "channels": _channels(this, before),
        "empty": not any((this.orders, before.orders, this.people, before.people)),
    }


def _figure(
    label: str,
    value: int | Decimal,
    before: int | Decimal,
    *,
    currency: str = "",
    more_is_good: bool = True,
) -> Figure:
    def text(one: int | Decimal) -> str:
        return (
            money_words(one.quantize(Decimal(1)), currency)
            if isinstance(one, Decimal)
            else number(one)
        )

    per_cent = round((value - before) / before * 100) if before else None
    good = None if not per_cent else (per_cent > 0) is more_is_good
    return Figure(label, text(value), text(before), per_cent, good)


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
    """A part of the installation: how it does, in a word and in a sentence, and its page."""

    label: str
    icon: str
    state: str  # good, warn or bad
    words: str
    route: str


def _admin(user: User) -> dict[str, object]:
    return {"listed": worries.listed(user, _FEW), "parts": _parts()}


def _parts() -> Sequence[Part]:
    behind = pulse.behind()
    background = Part(_("In the background"), "adjustments", behind.state, behind.words, "live")
    return _sources(), background, _mail()


def _sources() -> Part:
    living = figures.living()
    label, icon, route = _("Sources"), "plug", "sources"
    if not living:
        return Part(label, icon, "warn", _("None is connected yet."), route)
    amiss = sum(one.state in figures.AMISS for one in figures.intakes(living))
    if amiss:
        words = ngettext(
            "%(n)s of %(all)s is silent or turned away.",
            "%(n)s of %(all)s are silent or turned away.",
            amiss,
        )
        words %= {"n": number(amiss), "all": number(len(living))}
        return Part(label, icon, "bad", words, route)
    sending = sum(one.kept > 0 for one in figures.intakes(living, figures.DAY))
    words = ngettext(
        "%(n)s of %(all)s has sent within a day.",
        "%(n)s of %(all)s have sent within a day.",
        sending,
    )
    words %= {"n": number(sending), "all": number(len(living))}
    return Part(label, icon, "good", words, route)


def _mail() -> Part:
    waits, oldest, failed = Mail.objects.figures()
    label, route = _("Mail"), "mail"
    if smtp.server() is None:
        return Part(
            label, "mail", "warn", _("No mail server is set: mail is kept, not sent."), route
        )
    if failed:
        words = ngettext(
            "%(n)s was given up within a day.", "%(n)s were given up within a day.", failed
        ) % {"n": number(failed)}
        return Part(label, "mail", "bad", words, route)
    if oldest > 900:
        return Part(
            label, "mail", "warn", _("The oldest waits for over a quarter of an hour."), route
        )
    words = ngettext("%(n)s waits to be sent.", "%(n)s wait to be sent.", waits)
    return Part(
        label, "mail", "good", words % {"n": number(waits)} if waits else _("All is sent."), route
    )
