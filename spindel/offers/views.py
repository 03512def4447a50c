"""Offers on pages: all of them with what has come of each, and one with what it has said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from babel.dates import format_date
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.views.decorators.http import require_POST, require_safe

from spindel.identity.shown import staff
from spindel.kit.refusal import Refusal
from spindel.kit.saying import in_words
from spindel.kit.templatetags.look import day_said, locale, minor_words
from spindel.offers import actions, calendar, listing, shown, wording
from spindel.offers.forms import CalendarQuery, OffersQuery, StateForm
from spindel.offers.listing import OfferView
from spindel.offers.models import Offer, OfferVersion
from spindel.offers.terms import Terms, of
from spindel.staff.permissions import may, requires

_PAGE = 50
_TONES = {"draft": "", "scheduled": "", "live": "good", "paused": "warn", "ended": "muted"}
_STAGES = (
    ("draft", _later("Draft")),
    ("scheduled", _later("Scheduled")),
    ("live", _later("Live")),
    ("paused", _later("Paused")),
    ("ended", _later("Ended")),
)


@dataclass(frozen=True, slots=True)
class Row:
    """An offer in words."""

    key: str
    name: str
    gives: str
    conditions: list[str]
    state: str
    state_text: str
    tone: str
    uses: int
    given: str
    goods: str


@dataclass(frozen=True, slots=True)
class Happened:
    """What it said from a moment on, in words, who had it so, and why; or that somebody gave or
    stopped it then: `state`.
    """

    at: datetime
    by: str
    why: str
    number: int = 0
    name: str = ""
    gives: str = ""
    conditions: Sequence[str] = ()
    state: str = ""


@require_safe
@requires("offers.see")
def offers(request: HttpRequest) -> HttpResponse:
    """All of them, or those in a state."""
    asked = OffersQuery(request.GET).values
    state, after = asked["state"], asked["after"]
    found = listing.offers("", after, _PAGE + 1, stage=state)
    kept = {"state": state} if state else {}
    more = urlencode(kept | {"after": found[_PAGE - 1].key}) if len(found) > _PAGE else ""
    context = {
        "rows": [_row(one) for one in found[:_PAGE]],
        "more": more,
        "state": state,
        "states": _STAGES,
        "may_manage": may(request.user, "offers.manage"),
    }
    return render(request, "offers/offers.html", context)


@dataclass(frozen=True, slots=True)
class Bar:
    """An offer in the calendar, in words."""

    key: str
    name: str
    gives: str
    state_text: str
    tone: str
    begins: datetime
    ends: datetime | None
    first: int
    weeks: int


@require_safe
@requires("offers.see")
def weeks(request: HttpRequest) -> HttpResponse:
    """Which are given when, for a quarter of a year."""
    today = timezone.localdate()
    first = calendar.monday(CalendarQuery(request.GET).values["from_"] or today)
    days = [first + timedelta(weeks=number) for number in range(calendar.WEEKS + 1)]
    start, end = (timezone.make_aware(datetime.combine(one, time())) for one in (days[0], days[-1]))
    context = {
        "rows": [_bar(one) for one in calendar.spans(start, end)],
        "weeks": [
            (day.isocalendar().week, day_said(day), day == calendar.monday(today))
            for day in days[:-1]
        ],
        "from_when": format_date(days[0], "long", locale()),
        "until_when": format_date(days[-1] - timedelta(days=1), "long", locale()),
        "earlier": (first - timedelta(weeks=calendar.WEEKS - 1)).isoformat(),
        "later": days[-2].isoformat(),
    }
    return render(request, "offers/calendar.html", context)


def _bar(one: calendar.Span) -> Bar:
    stage, now = one.state, timezone.now()
    if stage == "live" and one.ends is not None and one.ends <= now:
        stage = "ended"
    elif stage == "live" and one.begins > now:
        stage = listing.SCHEDULED
    name, gives = one.terms.name(_language()), wording.gives(one.terms)
    label = str(dict(_STAGES)[stage])
    return Bar(
        one.key, name, gives, label, _TONES[stage], one.begins, one.ends, one.first, one.weeks
    )


@require_safe
@requires("offers.see")
def offer(request: HttpRequest, key: str) -> HttpResponse:
    """One offer: what it gives, what has come of it, its codes, and all that it has said."""
    found = listing.offer(key)
    if found is None:
        raise Http404
    codes, single, unused = listing.codes(key)
    context = {
        "one": _row(found),
        "number": found.version,
        "history": _history(key),
        "codes": codes,
        "single": single,
        "unused": unused,
        "may_manage": may(request.user, "offers.manage"),
    }
    return render(request, "offers/offer.html", context)


@require_POST
@requires("offers.manage")
def set_state(request: HttpRequest, key: str) -> HttpResponse:
    """Give it, pause it or end it. Before one that customers have is stopped, it is said who keeps
    it all the same.
    """
    form = StateForm(request.POST)
    found = listing.offer(key)
    if not form.is_valid() or found is None:
        raise Http404
    state, asked = Offer.State(form.cleaned_data["state"]), form.cleaned_data
    if found.state == Offer.State.LIVE and not asked["sure"]:
        context = {"one": _row(found), "number": found.version, "state": state, "form": form}
        context |= kept(key)
        return render(request, "offers/stop.html", context)
    try:
        by = staff(request).email
        done = actions.set_state(key, state, by, asked["why"], seen=asked["seen"])
    except Refusal as no:
        messages.error(request, in_words(no))
    else:
        messages.success(request, _SAID[Offer.State(done.state)]())
    return redirect("offer", key)


_SAID = {
    Offer.State.LIVE: lambda: _("It is given now, in every channel."),
    Offer.State.PAUSED: lambda: _("It is paused: nobody gets it now."),
    Offer.State.ENDED: lambda: _("It has ended."),
}


def kept(key: str) -> dict[str, object]:
    """What a page says of those who keep the offer, were it stopped or changed now."""
    found = shown.to_whom(Offer.objects.get(key=key))
    return {"kept": found, "kept_costs": _money(found.costs)}


def _row(one: OfferView) -> Row:
    terms = of(one.terms)
    return Row(
        one.key,
        terms.name(_language()),
        wording.gives(terms),
        wording.conditions(terms),
        one.state,
        str(dict(_STAGES)[one.stage]),
        _TONES[one.stage],
        one.uses,
        _money(one.given),
        _money(one.goods),
    )


def _history(key: str) -> list[Happened]:
    """All that was said and done of it, the last first."""
    said = [_version(one) for one in listing.versions(key)]
    done = [
        Happened(one.at, one.by, one.why, state=str(Offer.State(one.state).label))
        for one in listing.state_changes(key)
    ]
    return sorted([*said, *done], key=lambda one: one.at, reverse=True)


def _version(one: OfferVersion) -> Happened:
    terms: Terms = of(one.terms)
    name, gives = terms.name(_language()), wording.gives(terms)
    return Happened(one.at, one.by, one.why, one.number, name, gives, wording.conditions(terms))


def _money(given: Mapping[str, int]) -> str:
    return " + ".join(minor_words(amount, currency) for currency, amount in sorted(given.items()))


def _language() -> str:
    return (get_language() or "en")[:2]
