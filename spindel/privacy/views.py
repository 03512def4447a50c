"""Pages about customers' rights: seeing all of it, being forgotten, and how long facts stay."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from spindel.identity import countries, customers, forgetting, shown
from spindel.identity.rules import NOWHERE, Key
from spindel.identity.searching import parse_identifier
from spindel.kit.forms import SearchQuery, first_error
from spindel.kit.register import holdings
from spindel.privacy import actions, jobs, retention, telling
from spindel.privacy.forms import DaysForm
from spindel.privacy.models import Erasure, Export
from spindel.staff import audit
from spindel.staff.models import User
from spindel.staff.permissions import may, requires

_NEWEST = 50
_MOST_COUNTED = 100_000


@dataclass(frozen=True, slots=True)
class Held:
    """How much there is of a holding, and what stays of it."""

    name: object
    count: int
    more: bool
    kept: object


@require_safe
@requires("privacy.tell")
def overview(request: HttpRequest) -> HttpResponse:
    """Who was forgotten, what was handed out, and how long facts are kept."""
    asked = SearchQuery(request.GET).values["q"]
    return render(
        request,
        "privacy/overview.html",
        {
            "q": asked,
            "found": _erasures_of(request, asked) if asked else [],
            "erasures": Erasure.objects.order_by("-asked_at")[:_NEWEST],
            "exports": Export.objects.order_by("-pk")[:_NEWEST],
            "rules": retention.rules(),
            "may_change": may(request.user, "retention.manage"),
            "exports_days": jobs.EXPORTS_KEPT.days,
            "audit_days": jobs.AUDIT_KEPT,
        },
    )


def _erasures_of(request: HttpRequest, text: str) -> list[Erasure]:
    """The certificates of an address, number or id, whether written with its kind or without."""
    found: set[int] = set()
    meant: set[Key] = set()
    kinds = ("", "email:", "phone:", "card:", "user_id:")
    for kind, country in itertools.product(kinds, [NOWHERE, *countries.known()]):
        if parsed := parse_identifier(kind + text, country):
            meant.add(parsed)
    for one in meant:
        found.update(forgetting.erasures_of(*one))
    audit.note(_user(request), "erasure.searched", detail={"found": len(found)})
    return list(Erasure.objects.filter(pk__in=found).order_by("-asked_at"))


@require_safe
@requires("privacy.tell")
def customer(request: HttpRequest, id: int) -> HttpResponse:
    """What is held about a customer, and what can be done about it."""
    try:
        her = shown.open_customer(_user(request), id)
    except customers.NotFound:
        forgotten = Erasure.objects.filter(customer=id).order_by("-pk").first()
        if forgotten is None:
            raise
        return redirect("erasure", forgotten.reference)
    if her.id != id:
        return redirect("privacy-customer", her.id)
    under_way = Erasure.objects.filter(customer=her.id, state=Erasure.State.ASKED).first()
    return render(
        request,
        "privacy/customer.html",
        {
            "id": her.id,
            "name": her.profile().called,
            "held": _held(her.id),
            "exports": Export.objects.filter(customer=her.id).order_by("-pk")[:5],
            "under_way": under_way,
            "may_forget": may(request.user, "privacy.forget"),
        },
    )


def _held(id: int) -> list[Held]:
    who = forgetting.subject(id)
    found = []
    for one in holdings():
        count = 0
        for count, _item in enumerate(one.tell(who), 1):
            if count == _MOST_COUNTED:
                break
        found.append(Held(one.name, count, count == _MOST_COUNTED, one.kept))
    return found


@require_POST
@requires("privacy.tell")
def export(request: HttpRequest, id: int) -> HttpResponse:
    """Have her files made."""
    made = actions.export_customer(id, _user(request), get_language() or "en")
    return redirect("export", made.reference)


@require_safe
@requires("privacy.tell")
def files(request: HttpRequest, reference: UUID) -> HttpResponse:
    """Her files, or how far they have come."""
    made = get_object_or_404(Export, reference=reference)
    template = "privacy/files.html" if request.headers.get("HX-Request") else "privacy/export.html"
    return render(request, template, {"export": made})


@require_safe
@requires("privacy.tell")
def file(request: HttpRequest, reference: UUID, format: str) -> HttpResponseBase:
    """One of her files."""
    made = get_object_or_404(Export, reference=reference, state=Export.State.DONE)
    if format not in telling.FORMATS:
        raise Http404
    audit.note(_user(request), "export.fetched", [made.customer], {"export": str(made.reference)})
    response = StreamingHttpResponse(
        telling.read(made, format), content_type=telling.FORMATS[format]
    )
    name = f"customer-{made.customer}.{format}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@requires("privacy.forget")
def forget(request: HttpRequest, id: int) -> HttpResponse:
    """Have her forgotten."""
    erasure = actions.forget_customer(id, _user(request), for_good="for_good" in request.POST)
    return redirect("erasure", erasure.reference)


@require_safe
@requires("privacy.tell")
def certificate(request: HttpRequest, reference: UUID) -> HttpResponse:
    """What was done, and when; while it is being done, how far it has come."""
    erasure = get_object_or_404(Erasure, reference=reference)
    names = {one.tables[0]: one.name for one in holdings()}
    names["identity_identifier"] = names["identity_customer"]
    context = {
        "erasure": erasure,
        "counts": [(names.get(table, table), count) for table, count in erasure.counts.items()],
        "kept": [one.kept for one in holdings() if one.kept],
        "may_let_in": may(request.user, "privacy.forget"),
    }
    fragment = request.headers.get("HX-Request")
    template = "privacy/erased.html" if fragment else "privacy/certificate.html"
    return render(request, template, context)


@require_POST
@requires("privacy.forget")
def let_in(request: HttpRequest, reference: UUID) -> HttpResponse:
    """Take her messages in again."""
    erasure = get_object_or_404(Erasure, reference=reference)
    actions.let_in_again(erasure, _user(request))
    messages.success(request, _("Messages that name this customer are taken in again from now on."))
    return redirect("erasure", reference)


@require_POST
@requires("retention.manage")
def keep_for(request: HttpRequest, kind: str) -> HttpResponse:
    """Say how long facts of a kind are kept."""
    if kind not in retention.DEFAULTS:
        raise Http404
    form = DaysForm(request.POST)
    if not form.is_valid():
        messages.error(request, first_error(form))
        return redirect("privacy")
    actions.keep_for(kind, form.cleaned_data["days"], _user(request))
    messages.success(request, _("Kept for that long from now on; what is older goes today."))
    return redirect("privacy")


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
