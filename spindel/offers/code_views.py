"""Codes of an offer: one for all, many for one customer each, and those that count no more."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from spindel.identity.shown import staff
from spindel.kit.forms import first_error
from spindel.kit.refusal import Refusal
from spindel.kit.saying import in_words
from spindel.offers import actions, listing
from spindel.offers.forms import CodeForm, CodesForm, RevokeForm
from spindel.staff.permissions import requires


@require_POST
@requires("offers.manage")
def add(request: HttpRequest, key: str) -> HttpResponse:
    """Give it a code that all may be told."""
    _there(key)
    form = CodeForm(request.POST)
    if not form.is_valid():
        messages.error(request, first_error(form))
        return redirect("offer", key)
    typed = form.cleaned_data
    try:
        made = actions.add_code(key, typed["code"], typed["uses_left"], staff(request).email)
    except Refusal as no:
        messages.error(request, in_words(no))
    else:
        messages.success(request, _("Whoever enters %(code)s gets it.") % {"code": made.text})
    return redirect("offer", key)


@require_POST
@requires("offers.manage")
def make(request: HttpRequest, key: str) -> HttpResponse:
    """Make codes for one use each: a file, this once, as nobody can read them later."""
    _there(key)
    form = CodesForm(request.POST)
    if not form.is_valid():
        messages.error(request, first_error(form))
        return redirect("offer", key)
    made = actions.make_codes(key, form.cleaned_data["many"], staff(request).email)
    response = HttpResponse("code\n" + "\n".join(made) + "\n", content_type="text/csv")
    response["Content-Disposition"] = f'attachment; filename="{key}-codes.csv"'
    return response


@require_POST
@requires("offers.manage")
def revoke(request: HttpRequest, key: str) -> HttpResponse:
    """Have a code count no more, or none of those for one use each."""
    _there(key)
    asked, by = RevokeForm(request.POST).values, staff(request).email
    try:
        if asked["single"]:
            actions.revoke_single_codes(key, by)
        else:
            actions.revoke_code(key, asked["code"], by)
    except Refusal as no:
        messages.error(request, in_words(no))
    else:
        messages.success(request, _("It counts no more. Orders that have it keep it."))
    return redirect("offer", key)


def _there(key: str) -> None:
    if listing.offer(key) is None:
        raise Http404
