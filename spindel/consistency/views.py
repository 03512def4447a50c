"""Whether every face tells the same: what differs now, what did, and what will."""

from __future__ import annotations

from typing import IO

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from spindel.catalogue.markets import Market
from spindel.catalogue.reading import currency_of
from spindel.consistency import ahead, reading
from spindel.consistency.actions import keep
from spindel.consistency.forms import PublishedFile
from spindel.consistency.published import MOST_BYTES, compare
from spindel.identity.shown import staff
from spindel.kit.fetching import NotFetched, fetch
from spindel.kit.forms import first_error
from spindel.kit.saying import in_words
from spindel.kit.tables import Unreadable
from spindel.staff import audit
from spindel.staff.permissions import may, requires

_PAGE = 50
_FEW = 20


@require_safe
@requires("consistency.see")
def consistency(request: HttpRequest) -> HttpResponse:
    """What differs now, what will be in each other's way, and how often everybody was asked."""
    user = staff(request)
    runs = reading.runs()
    context = {
        "open": reading.view(user, reading.open_ones(), _PAGE),
        "many": reading.open_ones().count(),
        "gone": reading.view(user, reading.gone_ones(), _FEW),
        "runs": runs,
        "last": runs[0] if runs else None,
        "ahead": ahead.view((get_language() or "en")[:2])[:_FEW],
        "may_run": may(user, "consistency.run"),
    }
    return render(request, "consistency/consistency.html", context)


@require_POST
@requires("consistency.run")
def feed(request: HttpRequest) -> HttpResponse:
    """Compare what another system publishes with what we answer."""
    form = PublishedFile(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, first_error(form))
        return redirect("consistency")
    told = form.cleaned_data
    market = Market(told["market"], currency_of(told["market"]) or "", told["language"])
    name = told["address"] or str(told["file"].name)
    user = staff(request)
    try:
        with _file(told) as file:
            report, unread = compare(file, _short(name), market)
    except NotFetched as no:
        messages.error(request, in_words(no))
    except Unreadable as error:
        messages.error(request, _("The file could not be read: %(why)s") % {"why": error})
    else:
        run = keep(report, user.email)
        audit.note(user, "feed.compared", detail={"name": name[:100]})
        text = ngettext(
            "%(many)s answer was compared.", "%(many)s answers were compared.", run.answers
        ) % {"many": run.answers}
        if unread:
            text += " " + ngettext(
                "%(many)s row could not be read.", "%(many)s rows could not be read.", unread
            ) % {"many": unread}
        if report.cut:
            text += " " + _("Only the first differences were kept: it is another price list.")
        messages.success(request, text)
    return redirect("consistency")


def _file(told: dict[str, object]) -> IO[bytes]:
    """Raises NotFetched."""
    if told["address"]:
        return fetch(str(told["address"]), MOST_BYTES)
    file: IO[bytes] = told["file"].file  # type: ignore[attr-defined]  # an uploaded file has one
    return file


def _short(name: str) -> str:
    """The name by which a feed is known again: without what an address may have of secrets."""
    return name.partition("?")[0].rstrip("/").rpartition("//")[2][-50:]
