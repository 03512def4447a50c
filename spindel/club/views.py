"""The club in the console: what a customer has, how many members there are, and how it works."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from spindel.club import actions, members, plot, reading, settings
from spindel.club.actions import Correction
from spindel.club.forms import CorrectionForm, KeyForm, TermsForm, typed
from spindel.club.terms import Tier
from spindel.identity import serving
from spindel.identity.shown import Opened, staff
from spindel.kit.idempotency import Request
from spindel.kit.refusal import Refusal
from spindel.kit.saying import in_words
from spindel.kit.templatetags.look import minor_words, number
from spindel.staff.actors import Actor
from spindel.staff.models import Role
from spindel.staff.permissions import may, requires
from spindel.timeline.models import Channel

# --- on a customer's page -------------------------------------------------------------------------


@require_safe
@requires("club.serve")
def of_customer(request: HttpRequest, id: int) -> HttpResponse:
    """Her card, what is on it, and how far the next tier is."""
    her = serving.open_customer(request, id)
    member = reading.of_customer(her.id, _language())
    context = {
        "id": her.id,
        "member": member,
        "reward": money_words(member.reward_amounts) if member else "",
        "entries": reading.ledger(her.id, 10) if member else [],
        "is_open": settings.terms().is_open,
        "may_correct": may(request.user, "club.correct"),
        "key": str(uuid.uuid4()),
    }
    return render(request, "club/panel.html", context)


def money_words(amounts: Mapping[str, int]) -> str:
    """An amount in each of the moneys: "100 kr / 70 DKK"."""
    return " / ".join(minor_words(amount, currency) for currency, amount in sorted(amounts.items()))


@require_POST
@requires("club.serve")
def join(request: HttpRequest, id: int) -> HttpResponse:
    """Have her be a member."""
    her = serving.open_customer(request, id)
    said = _("Now a member of the club.")
    return _do(request, her, lambda: actions.join(her.under(), actor=_actor(request)), said)


@require_POST
@requires("club.serve")
def leave(request: HttpRequest, id: int) -> HttpResponse:
    """Have her be none any more."""
    her = serving.open_customer(request, id)
    said = _("No member of the club any more.")
    return _do(request, her, lambda: actions.leave(her.id, actor=_actor(request)), said)


@require_POST
@requires("club.serve")
def reward(request: HttpRequest, id: int) -> HttpResponse:
    """Make a reward of her points."""
    her = serving.open_customer(request, id)
    sent = _sent(request, KeyForm(request.POST).values["key"])
    said = _("The reward is made: it comes off the next basket, in every channel.")
    return _do(
        request,
        her,
        lambda: actions.take_reward(her.id, actor=_actor(request), request=sent),
        said,
    )


@require_POST
@requires("club.correct")
def correct(request: HttpRequest, id: int) -> HttpResponse:
    """Give points, or take some."""
    her = serving.open_customer(request, id)
    values = CorrectionForm(request.POST).values
    sent = _sent(request, values["key"])
    wanted = Correction(points=values["points"] or 0, why=values["why"])
    return _do(
        request,
        her,
        lambda: actions.correct(her.id, wanted, actor=_actor(request), request=sent),
        _("The points are put right."),
    )


def _do(request: HttpRequest, her: Opened, act: Callable[[], object], said: str) -> HttpResponse:
    try:
        act()
    except Refusal as no:
        messages.error(request, in_words(no))
    else:
        messages.success(request, said)
    return redirect("customer", her.id)


def _actor(request: HttpRequest) -> Actor:
    user = staff(request)
    channel = Channel.STORE if user.role == Role.CLERK else Channel.SERVICE
    return Actor(str(user), user.pk, channel)


def _sent(request: HttpRequest, key: str) -> Request:
    return Request(f"user {staff(request).pk}", key or str(uuid.uuid4()))


# --- the club -------------------------------------------------------------------------------------


@require_safe
@requires("club.see")
def club(request: HttpRequest) -> HttpResponse:
    """How many members there are, where they joined, and what their points come to."""
    found, now = members.of_club(), settings.terms()
    context = {
        "figures": found,
        "active": _("%(many)s, %(share)s %%")
        % {"many": number(found.active), "share": found.active_share},
        "plot": plot.plot(found.months),
        "earning": money_words(now.per_point),
        "rewarding": _("%(points)s points: %(amounts)s off a basket, within %(days)s days")
        % {
            "points": number(now.reward.points),
            "amounts": money_words(now.reward.amounts),
            "days": now.reward.days,
        },
        "waiting": _days(now.pending_days),
        "lasting": _months(now.lasts_months),
        "tiers": [_tier(one, found.tiers.get(one.key, 0)) for one in now.tiers],
        "may_manage": may(request.user, "club.manage"),
    }
    return render(request, "club/club.html", context)


@dataclass(frozen=True, slots=True)
class TierRow:
    """A tier in words: from how many points, and how many members are in it."""

    name: str
    words: str


def _tier(tier: Tier, members: int) -> TierRow:
    points = _("from %(many)s points within a year") % {"many": number(tier.points)}
    many = ngettext("%(many)s member", "%(many)s members", members) % {"many": number(members)}
    return TierRow(tier.name(_language()), f"{points} · {many}")


def _days(many: int) -> str:
    return ngettext("%(many)s day", "%(many)s days", many) % {"many": many}


def _months(many: int) -> str:
    if not many:
        return _("for ever")
    return ngettext("%(many)s month", "%(many)s months", many) % {"many": many}


@require_http_methods(["GET", "HEAD", "POST"])
@requires("club.manage")
def terms(request: HttpRequest) -> HttpResponse:
    """How the club works, and on POST have it work otherwise."""
    form = TermsForm(request.POST or None, initial=typed(settings.terms()))
    if form.is_valid():
        try:
            actions.set_terms(form.terms, staff(request).email)
        except Refusal as no:
            messages.error(request, in_words(no))
        else:
            messages.success(request, _("The club works like this from now on."))
            return redirect("club")
    numbers = [
        form[name] for name in ("pending_days", "lasts_months", "reward_points", "reward_days")
    ]
    status = 422 if request.method == "POST" else 200
    return render(request, "club/terms.html", {"form": form, "numbers": numbers}, status=status)


def _language() -> str:
    return (get_language() or "en")[:2]
