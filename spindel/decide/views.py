"""Content on pages: all of it, one as it is seen on each screen, its form; and what one sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urljoin

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from spindel.commerce.common import pages
from spindel.commerce.orders.customer_orders import market
from spindel.decide import actions, listing, reading, showing, wording
from spindel.decide.contents import Part, Placement, Says, Screen, of
from spindel.decide.forms import ContentForm, ContentsQuery, ContentStateForm
from spindel.decide.listing import ContentView
from spindel.decide.models import Content, ContentVersion
from spindel.decide.showing import Seen
from spindel.identity.shown import staff
from spindel.kit import environment, pictures
from spindel.kit.refusal import Refusal
from spindel.kit.saying import in_words
from spindel.staff.permissions import may, requires

_PAGE = 50
_TONES = {"draft": "", "live": "good", "paused": "warn", "ended": "muted"}


@dataclass(frozen=True, slots=True)
class Row:
    """A content in words."""

    key: str
    title: str
    where: str
    offer: str
    state: str
    state_text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Version:
    """What it said from a moment on, who had it so, and why."""

    version: ContentVersion
    title: str


@dataclass(frozen=True, slots=True)
class Preview:
    """How it looks on a screen. `picture` is where it lies, if this page may show it."""

    screen: object
    seen: Seen
    picture: str
    leaves_out: str


# --- all of it, and one ---------------------------------------------------------------------------


@require_safe
@requires("content.see")
def contents(request: HttpRequest) -> HttpResponse:
    """All of it, or what is in a state."""
    asked = ContentsQuery(request.GET).values
    state, after = asked["state"], asked["after"]
    found = listing.contents(state, after, _PAGE + 1)
    kept = {"state": state} if state else {}
    more = urlencode(kept | {"after": found[_PAGE - 1].key}) if len(found) > _PAGE else ""
    context = {
        "rows": [_row(one) for one in found[:_PAGE]],
        "more": more,
        "state": state,
        "states": Content.State.choices,
        "may_manage": may(request.user, "content.manage"),
    }
    return render(request, "decide/contents.html", context)


@require_safe
@requires("content.see")
def content(request: HttpRequest, key: str) -> HttpResponse:
    """One: how it looks on each screen in each language, and all that it has said."""
    found = _found(key)
    says = of(found.says)
    versions = listing.versions(key)
    context = {
        "one": _row(found),
        "number": found.version,
        "previews": [(one, _previews(request, says, one)) for one in says.words],
        "versions": [Version(one, of(one.says).in_language(_language()).title) for one in versions],
        "may_manage": may(request.user, "content.manage"),
    }
    return pictures.allow(render(request, "decide/content.html", context))


def _previews(request: HttpRequest, says: Says, language: str) -> list[Preview]:
    previews = []
    for screen in Screen:
        seen = showing.seen(says, language, screen)
        picture = pictures.shown([_in_shop(seen.picture.url)], request) if seen.picture else ""
        out = ", ".join(str(wording.PARTS[Part(one)]) for one in seen.without)
        previews.append(Preview(wording.SCREENS[screen], seen, picture, out))
    return previews


def _in_shop(address: str) -> str:
    """The address; a path is one in the shop."""
    return urljoin(environment.value("SPINDEL_SHOP_URL"), address)


@require_POST
@requires("content.manage")
def set_state(request: HttpRequest, key: str) -> HttpResponse:
    """Show it, pause it or end it."""
    _found(key)
    form = ContentStateForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        state = Content.State(form.cleaned_data["state"])
        done = actions.set_state(key, state, staff(request).email)
    except Refusal as no:
        messages.error(request, in_words(no))
    else:
        messages.success(request, _SAID[Content.State(done.state)]())
    return redirect("content", key)


_SAID = {
    Content.State.LIVE: lambda: _("It is shown now, in every channel."),
    Content.State.PAUSED: lambda: _("It is paused: nobody sees it now."),
    Content.State.ENDED: lambda: _("It has ended."),
}


# --- its form -------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@requires("content.manage")
def new(request: HttpRequest) -> HttpResponse:
    """Write one."""
    return _edit(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("content.manage")
def edit(request: HttpRequest, key: str) -> HttpResponse:
    """Write another version of one."""
    return _edit(request, _found(key))


def _edit(request: HttpRequest, found: ContentView | None) -> HttpResponse:
    key = found.key if found else ""
    form = ContentForm(
        request.POST if request.method == "POST" else None, of(found.says) if found else None, key
    )
    if form.is_bound and form.is_valid():
        typed = form.cleaned_data
        if not found and listing.content(typed["key"]) is not None:
            form.add_error("key", _("There is a content of this name already."))
        else:
            who = staff(request).email
            actions.keep(key or typed["key"], typed["says"], by=who, why=typed["why"])
            messages.success(request, _("Kept."))
            return redirect("content", key or typed["key"])
    context = {"form": form, "key": key, "placements": wording.PLACEMENTS.items()}
    return render(request, "decide/edit.html", context)


def _found(key: str) -> ContentView:
    found = listing.content(key)
    if found is None:
        raise Http404
    return found


def _row(one: ContentView) -> Row:
    says = of(one.says)
    there = [str(wording.PLACEMENTS[each]) for each in Placement if each in says.placements]
    return Row(
        one.key,
        says.in_language(_language()).title,
        ", ".join(there),
        says.offer,
        one.state,
        str(Content.State(one.state).label),
        _TONES[one.state],
    )


# --- what a customer sees -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reasoned:
    """A content, and why it is seen or not."""

    key: str
    title: str
    why: str


@dataclass(frozen=True, slots=True)
class There:
    """What is seen in a placement, and what isn't."""

    name: object
    shown: Sequence[Reasoned]
    not_shown: Sequence[Reasoned]
    nothing: str


_MOST_SHOWN = 3
_MOST_NOT_SHOWN = 5


@require_safe
@requires("content.see")
def of_customer(request: HttpRequest, id: int) -> HttpResponse:
    """What she sees now, by placement, and why; a panel of the customer's page."""
    her = pages.opened(request, id)
    found = reading.decide(list(Placement), market(her, None), her.id)
    context = {"id": her.id, "there": [_there(one, found[one]) for one in Placement]}
    return render(request, "decide/panel.html", context)


def _there(placement: Placement, decision: reading.Decision) -> There:
    ranked = decision.ranked
    return There(
        wording.PLACEMENTS[placement],
        [
            Reasoned(
                one.content.key,
                one.content.says.in_language(_language()).title,
                ", ".join(map(wording.why, one.why)),
            )
            for one in ranked.shown[:_MOST_SHOWN]
        ],
        [
            Reasoned(
                one.content.key,
                one.content.says.in_language(_language()).title,
                wording.why_not(one),
            )
            for one in ranked.not_shown[:_MOST_NOT_SHOWN]
        ],
        decision.nothing,
    )


def _language() -> str:
    return (get_language() or "en")[:2]
