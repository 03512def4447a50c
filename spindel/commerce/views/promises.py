"""What somebody here had promised and a store could not find: hers to see, and to make good."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from spindel.commerce.actions import promises as actions
from spindel.commerce.models import Hold
from spindel.commerce.reading import promising
from spindel.commerce.rules import NotEnough, Refused
from spindel.commerce.views.shared import kept_before
from spindel.identity import shown
from spindel.identity.shown import staff
from spindel.kit.templatetags.look import say_when
from spindel.staff.permissions import may, requires
from spindel.timeline.recording import Gone


@dataclass(frozen=True, slots=True)
class Row:
    """A promise, and whom it was made to, as far as the person may know."""

    promise: promising.Broken
    who: str


@require_safe
@requires("orders.see")
def promises(request: HttpRequest) -> HttpResponse:
    """What she has promised and can't be kept: the new ones, then those that she has seen."""
    user = staff(request)
    found = promising.of(user, (get_language() or "en")[:2])
    mine = {one.customer for one in found if one.customer is not None}
    people = shown.summaries(
        user, [one for one in mine if shown.may_open(user, one)], looked_up=True
    )
    rows = [Row(one, people[one.customer].name if one.customer in people else "") for one in found]
    return render(
        request,
        "commerce/promises.html",
        {
            "fresh": [one for one in rows if one.promise.seen_at is None],
            "seen": [one for one in rows if one.promise.seen_at is not None],
            "may_keep": may(request.user, "orders.handle"),
        },
    )


@require_POST
@requires("orders.see")
def see(request: HttpRequest, id: int) -> HttpResponse:
    """She has read it."""
    try:
        actions.see(_id(id), staff(request))
    except actions.NoPromise as error:
        raise Http404 from error
    return redirect("promises")


@require_POST
@requires("orders.handle")
def keep(request: HttpRequest, id: int) -> HttpResponse:
    """Hold the same for her in the next place that has it."""
    try:
        kept = actions.keep_next(_id(id), staff(request))
    except actions.NoPromise as error:
        raise Http404 from error
    except NotEnough:
        messages.error(request, _("No store has it any more."))
    except Gone:
        messages.error(request, _("The customer was forgotten just now; nothing was done."))
    except Refused as error:
        messages.error(request, str(error))
    else:
        said = kept_before(kept, staff(request))
        messages.success(request, said or _kept(kept.hold))
    return redirect("promises")


def _kept(hold: Hold) -> str:
    said = _("It is kept in %(store)s until %(until)s. Tell the customer.")
    return said % {"store": hold.place.name, "until": say_when(hold.until)}


def _id(id: int) -> int:
    return id if id < 2**63 else 0
