"""The audit log as pages: searched, read, and taken along as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from spindel.console.forms import AuditQuery
from spindel.identity import customers, shown
from spindel.kit import tables
from spindel.kit.forms import first_error
from spindel.staff import audit
from spindel.staff.models import AuditEntry
from spindel.staff.permissions import requires

_PAGE = 50
_MOST_EXPORTED = 10_000
_MOST_NAMED = 3  # customers in a sentence; the rest are counted


@dataclass(frozen=True, slots=True)
class Line:
    """An entry in words."""

    entry: AuditEntry
    text: SafeString
    customers: list[int]  # those whom the sentence does not name


@require_safe
@requires("audit.read")
def log(request: HttpRequest) -> HttpResponse:
    """Who saw and did what, the last first."""
    form = AuditQuery(request.GET)
    asked = form.typed
    page = audit.page(_question(form), _PAGE, form.values["before"])
    audit.note_shown(shown.staff(request), "audit.seen")
    context = {
        "lines": [Line(one, sentence(one), one.customers[_MOST_NAMED:]) for one in page.items],
        "next": page.next,
        "asked": asked,
        "wrong": first_error(form) if form.errors else "",
        "filtered": any(asked.values()),
        "query": urlencode({name: value for name, value in asked.items() if value}),
        "kinds": sorted(((did, _kind(did)) for did in audit.SENTENCES), key=lambda kind: kind[1]),
        "most": _MOST_EXPORTED,
    }
    older = "before" in request.GET and request.headers.get("HX-Request")
    return render(request, "console/audit_lines.html" if older else "console/audit.html", context)


@require_safe
@requires("audit.read")
def export(request: HttpRequest) -> HttpResponse:
    """What the search finds, as a table: at most the newest 10,000 entries."""
    question = _question(AuditQuery(request.GET))
    # Not beyond now: what exporting adds to the log is not part of it.
    question = replace(question, until=min(question.until or timezone.now(), timezone.now()))
    rows = list(audit.find(question)[:_MOST_EXPORTED])
    audit.note(shown.staff(request), "audit.exported", detail={"entries": len(rows)})
    response = HttpResponse(_table(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return response


def _table(rows: Iterable[AuditEntry]) -> str:
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(("at", "by", "did", "customers"))
    for one in rows:
        ids = " ".join(map(str, one.customers))
        table.writerow(
            (one.at.isoformat(timespec="seconds"), tables.harmless(one.by), one.did, ids)
        )
    return text.getvalue()


# --- what is looked for ---------------------------------------------------------------------------


def _question(form: AuditQuery) -> audit.Question:
    """What is asked for; of a customer who could not be read, nothing is found."""
    said = form.values
    ids: list[int] | None = [] if "customer" in form.errors else None
    if said["customer"] is not None:
        ids = _ids(said["customer"])
    since, until = said["since"], said["until"]
    return audit.Question(
        said["person"],
        said["did"],
        ids,
        _midnight(since) if since else None,
        _midnight(until + timedelta(days=1)) if until else None,
    )


def _ids(customer: int) -> list[int]:
    """The ids under which she may stand in the log: those that lead to her, and the one given."""
    living = customers.find(customer)
    return [customer] if living is None else sorted({customer, *customers.ids(living)})


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


# --- in words -------------------------------------------------------------------------------------


def sentence(entry: AuditEntry) -> SafeString:
    """What the entry says, as safe HTML in the page's language."""
    who = str(entry.user) if entry.user else entry.by or _("Somebody")
    message = audit.SENTENCES.get(entry.did)
    if message is None:
        told = format_html("{}: {}", who, entry.did)
        return format_html("{} · {}", told, _whom(entry.customers)) if entry.customers else told
    names = (entry.detail.get(name) for name in ("email", "name", "source", "kind"))
    what = next(filter(None, names), "…")
    words = {"who": format_html("<strong>{}</strong>", who), "whom": _whom(entry.customers)}
    return mark_safe(str(message) % (words | {"what": format_html("{}", what)}))  # noqa: S308 - each word is escaped, and the message is ours


def _whom(ids: list[int]) -> SafeString:
    """The customers in words: at most three by number, and how many more."""
    named = format_html_join(
        ", ",
        '<a href="{}">{}</a>',
        (
            (reverse("customer", args=[id]), _("customer %(id)s") % {"id": id})
            for id in ids[:_MOST_NAMED]
        ),
    )
    more = len(ids) - _MOST_NAMED
    if more <= 0:
        return named
    words = ngettext("and %(count)s more", "and %(count)s more", more) % {"count": more}
    return format_html("{} {}", named, words)


def _kind(did: str) -> str:
    """A kind of entry in words: the sentence with nobody in it."""
    words = str(audit.SENTENCES[did]) % {"who": "…", "whom": "…", "what": "…"}
    return words.strip("… ,") or did
