"""Pages about customers: find one, read her timeline, put right who is who."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.defaults import permission_denied

from spindel.identity import (
    actions,
    customer_page,
    customers,
    likeness,
    ownership,
    recent,
    serving,
    shown,
)
from spindel.identity.customers import IdentifierRow, Profile
from spindel.identity.forms import NoteForm, ServeForm, SplitForm, TimelineQuery, TraitForm
from spindel.identity.shown import LookHerUpFirst, Opened, staff
from spindel.kit import pictures, saying
from spindel.kit.clock import BEGINNING, NEVER
from spindel.kit.forms import SearchQuery
from spindel.kit.refusal import Refusal
from spindel.kit.templatetags.look import CHANNELS
from spindel.kit.web_drawing import web
from spindel.staff import audit
from spindel.staff.pages import Slot, panels
from spindel.staff.permissions import may, requires
from spindel.timeline.diary import Kind, by_day, facts_of
from spindel.timeline.models import Source
from spindel.timeline.reading import FactRow, Filters

_PAGE = 50

# --- finding --------------------------------------------------------------------------------------


@require_safe
@requires("customers.read")
def find(request: HttpRequest) -> HttpResponse:
    """One box for whatever somebody has of a customer; those seen last while it is empty."""
    return render(request, "identity/find.html", _results(request))


@require_safe
@requires("customers.read")
def found(request: HttpRequest) -> HttpResponse:
    """The results alone, while one types."""
    return render(request, "identity/found.html", _results(request))


def _results(request: HttpRequest) -> dict[str, object]:
    user, text = staff(request), SearchQuery(request.GET).values["q"]
    enough = len(text) >= shown.least_letters(user)
    return _finder(request) | {
        "q": text,
        "enough": enough,
        "found": serving.search(request, text) if enough else [],
        "recent": [] if text else shown.seen_last(user, 12),
    }


def _finder(request: HttpRequest) -> dict[str, object]:
    """How a person may look for customers, for the box to say."""
    return {
        "by_name": may(request.user, "contacts.see"),
        "browses": may(request.user, "customers.browse"),
        "least": shown.least_letters(staff(request)),
    }


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: that the role does not open this, or that the customer has to be looked up first."""
    if isinstance(exception, LookHerUpFirst):
        return render(request, "identity/look_her_up.html", _finder(request), status=403)
    return permission_denied(request, exception)


# --- the customer's page --------------------------------------------------------------------------


@require_safe
@requires("customers.read")
def customer(request: HttpRequest, id: int) -> HttpResponse:
    """Who she is, and everything that happened."""
    her = _opened(request, id)
    if her.id != id:
        return redirect("customer", her.id)
    response = render(
        request,
        "identity/customer.html",
        _who(request, her)
        | _timeline(request, her)
        | {
            "by_text": may(request.user, "contacts.see"),
            "may_see_lookers": may(request.user, "customers.lookers"),
            "panels": {
                "head": panels(request.user, Slot.CUSTOMER_HEAD, id),
                "open": panels(request.user, Slot.CUSTOMER_OPEN, id),
                "known": panels(request.user, Slot.CUSTOMER_KNOWN, id),
            },
            "links": customer_page.links(staff(request), id),
            "may_note": may(request.user, "customers.note"),
            "longest_note": actions.LONGEST_NOTE,
        },
    )
    return pictures.allow(response)


@require_safe
@requires("customers.read")
def who(request: HttpRequest, id: int) -> HttpResponse:
    """Who she is and what is known of her, fetched anew when something happened."""
    return render(request, "identity/renewed.html", _who(request, _opened(request, id)))


def _who(request: HttpRequest, her: Opened) -> dict[str, object]:
    profile = her.profile()
    uses = {name: (use.count, use.last_at) for name, use in profile.channels.items()}
    return {
        "customer": profile,
        "name": profile.called,
        "last_at": max((last for _count, last in uses.values()), default=None),
        "reach": _reach(profile) if may(request.user, "contacts.see") else [],
        "identifiers": [row for row in profile.identifiers if not _is_device(row)],
        "devices": [row for row in profile.identifiers if _is_device(row)],
        "traits": profile.traits,
        "channels": [name for name in CHANNELS if name in uses],
        "web": web(profile.called, uses),
        "may_merge": may(request.user, "customers.merge"),
        "may_correct": may(request.user, "customers.correct"),
        "people": serving.people(her) if may(request.user, "customers.correct") else [],
        **_chips(request),
    }


def _reach(profile: Profile) -> list[IdentifierRow]:
    """By what she is reached: the first address and the first telephone that she has now."""
    found: dict[str, IdentifierRow] = {}
    for row in profile.identifiers:
        if row.kind in ("email", "phone") and row.until is None and not row.shared:
            found.setdefault(row.kind, row)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What the timeline is narrowed to: channels, kinds of facts, a text, days."""

    channels: list[str]
    kinds: list[str]
    q: str
    first: date | None
    last: date | None

    @property
    def query(self) -> str:
        """The same in an address."""
        days = {"from": self.first, "to": self.last}
        said = {"channel": self.channels, "kind": self.kinds, "q": self.q}
        said |= {name: day.isoformat() for name, day in days.items() if day}
        return urlencode({name: value for name, value in said.items() if value}, doseq=True)

    @property
    def count(self) -> int:
        """How many things it is narrowed by, but the text."""
        return len(self.channels) + len(self.kinds) + bool(self.first) + bool(self.last)

    @property
    def between(self) -> tuple[datetime, datetime] | None:
        """The days as moments, in the shop's time zone."""
        if self.first is None and self.last is None:
            return None
        return (
            _midnight(self.first) if self.first else BEGINNING,
            _midnight(self.last + timedelta(days=1)) if self.last else NEVER,
        )


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _narrowed(request: HttpRequest) -> Narrowed:
    asked = TimelineQuery(request.GET).values
    return Narrowed(asked["channel"], asked["kind"], asked["q"], asked["from_"], asked["to"])


def _chips(request: HttpRequest) -> dict[str, object]:
    return {
        "narrowed": _narrowed(request),
        "kinds": Kind.choices,
    }


def _is_device(row: IdentifierRow) -> bool:
    own = ownership.is_our_own(row.kind, row.value)
    return own or row.kind in ("anonymous_id", "device", "receipt")


@require_safe
@requires("customers.read")
def timeline(request: HttpRequest, id: int) -> HttpResponse:
    """A part of the timeline: older facts, other filters, or what has come since."""
    return render(request, "identity/timeline.html", _timeline(request, _opened(request, id)))


_BEGINNING = "beginning"  # in the place of a cursor: all of it


def _timeline(request: HttpRequest, her: Opened) -> dict[str, object]:
    narrowed = _narrowed(request)
    names = sorted({name for kind in narrowed.kinds for name in facts_of(Kind(kind))})
    asked = TimelineQuery(request.GET).values
    before, since = asked["before"] or None, asked["since"] or None
    # What is shown already and what has come since, in one: late facts fall into their place.
    page = her.timeline(
        200 if since else _PAGE,
        before,
        None if since == _BEGINNING else since,
        only=Filters(narrowed.channels, names, narrowed.q, narrowed.between),
    )
    days = by_day(page.items)
    # The last line is left out, so that it keeps its oldest fact, which it is known by; but where
    # there is nothing below it.
    since_last_line = days[-1].lines[-1].newest.cursor if page.next else _BEGINNING
    return {
        "id": her.id,
        "days": days,
        "next": None if since else page.next,
        "since": since_last_line,
        "whole": bool(since) and page.next is None,
        "held": her.held(),
        "older": bool(before),
        "sources": dict(Source.objects.values_list("slug", "name")),
        "filters": narrowed.query,
        "filtered": bool(narrowed.query),
    }


@require_safe
@requires("customers.read")
def fact(request: HttpRequest, id: int, fact: UUID) -> HttpResponse:
    """The message as it came."""
    found = _opened(request, id).message(fact)
    if found is None:
        raise Http404
    does = customer_page.about_fact(staff(request), id, found)
    context = {
        "fact": found,
        "does": does,
        "alone": all(one.of.target for one in does),  # nothing leads to a page that says more
    }
    return render(request, "identity/fact.html", context)


# --- what was changed by hand ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """A merge or a split by hand, and how to take it back."""

    text: str
    at: datetime
    by: str
    undo_url: str
    other: int | None = None


@require_safe
@requires("customers.read")
def changes(request: HttpRequest, id: int) -> HttpResponse:
    """Merges, splits and corrections by hand, each with its undo."""
    her = _opened(request, id)
    return render(
        request,
        "identity/changes.html",
        {"changes": _changes(her), "may_merge": may(request.user, "customers.merge")},
    )


@require_safe
@requires("customers.lookers")
def lookers(request: HttpRequest, id: int) -> HttpResponse:
    """Who has looked at her, the last first."""
    her = _opened(request, id)
    found = audit.lookers(customers.ids(her.id))
    return render(request, "identity/lookers.html", {"lookers": found})


def _changes(her: Opened) -> list[Change]:
    found = [
        Change(
            _("Merged with %(identifier)s") % {"identifier": evidence.with_value},
            evidence.made_at,
            evidence.by,
            reverse("customer-undo", args=[her.id, evidence.link]),
        )
        for row in her.profile().identifiers
        if (evidence := row.evidence) and evidence.rule == "by hand" and evidence.by
    ]
    names = ("Customer Split", "Trait Corrected")
    for one in her.timeline(30, only=Filters(names=names)).items:
        found.append(_change(one, her.id))
    return sorted(found, key=lambda change: change.at, reverse=True)


def _change(one: FactRow, id: int) -> Change:
    by = str(one.properties.get("by", ""))
    if one.name == "Trait Corrected":
        text = _("Corrected %(name)s") % {"name": one.properties.get("name", "")}
        return Change(text, one.occurred_at, by, "")
    told = (one.properties.get("customer"), one.properties.get("other"))
    others = {customers.find(other) for other in told if isinstance(other, int)} - {id, None}
    other = others.pop() if others else None
    if other is None:
        return Change(_("Split off another customer, since merged again"), one.occurred_at, by, "")
    return Change(
        _("Split off another customer"),
        one.occurred_at,
        by,
        reverse("customer-merge-with", args=[id, other]),
        other,
    )


# --- putting right --------------------------------------------------------------------------------


@require_POST
@requires("customers.correct")
def correct(request: HttpRequest, id: int) -> HttpResponse:
    """Put a trait right."""
    her = _opened(request, id)
    told = TraitForm(request.POST).values
    try:
        actions.correct_trait(her.id, told["name"], told["value"], _by(request), her.served)
    except Refusal as no:
        messages.error(request, saying.in_words(no))
    else:
        messages.success(request, _("Corrected. This holds until it is corrected again."))
    return redirect("customer", her.id)


@require_POST
@requires("customers.note")
def note(request: HttpRequest, id: int) -> HttpResponse:
    """Note something about her, for the people here."""
    her = _opened(request, id)
    text = NoteForm(request.POST).values["text"]
    try:
        actions.write_note(her.id, text, _by(request), her.served)
    except Refusal as no:
        messages.error(request, saying.in_words(no))
    else:
        messages.success(request, _("Noted, for the people here."))
    return redirect("customer", her.id)


@require_POST
@requires("customers.correct")
def serve(request: HttpRequest, id: int) -> HttpResponse:
    """Say whom one serves, where it is not certain that she is one person."""
    her = _opened(request, id)
    told = ServeForm(request.POST).values
    offered = {one.identifier for one in serving.people(her)}
    serving.choose(request, her.id, told["identifier"] if told["identifier"] in offered else None)
    to = told["next"]
    ours = url_has_allowed_host_and_scheme(to, None) and to.startswith("/")
    return redirect(to if ours else reverse("customer", args=[her.id]))


@require_safe
@requires("customers.merge")
def merge(request: HttpRequest, id: int) -> HttpResponse:
    """Look for the customer who is the same person."""
    return render(request, "identity/merge.html", _merge(request, id))


@require_safe
@requires("customers.merge")
def merge_found(request: HttpRequest, id: int) -> HttpResponse:
    """Whom one may mean, while one types."""
    return render(request, "identity/merge_found.html", _merge(request, id))


def _merge(request: HttpRequest, id: int) -> dict[str, object]:
    her = _opened(request, id)
    profile = her.profile()
    text = SearchQuery(request.GET).values["q"]
    return _finder(request) | {
        "customer": profile,
        "name": profile.called,
        "q": text,
        "found": serving.search(request, text, without=her.id),
        "likely": [] if text else likeness.of(request, her, profile),
    }


@requires("customers.merge")
def merge_with(request: HttpRequest, id: int, other: int) -> HttpResponse:
    """Show what the merge would make, and on POST do it."""
    her, also = _opened(request, id), _opened(request, other)
    kept, merged = her.id, also.id
    if kept == merged:
        if request.method != "POST":
            messages.success(request, _("They are one customer already."))
        return redirect("customer", kept)
    if request.method == "POST":
        try:
            now_one = actions.merge_customers(kept, merged, _by(request))
        except Refusal as no:
            messages.error(request, saying.in_words(no))
            return redirect("customer", kept)
        messages.success(
            request,
            _("Merged: they are one customer now."),
            extra_tags=_undo_url(_opened(request, now_one)),
        )
        return redirect("customer", now_one)
    ours, theirs = her.profile(), also.profile()
    try:
        result = actions.preview_merge(kept, merged)[0]
    except Refusal as no:
        messages.error(request, saying.in_words(no))
        return redirect("customer", kept)
    audit.note(her.user, "customer.merge_previewed", [kept, merged])
    return render(
        request,
        "identity/merge_with.html",
        {
            "sides": [_side(ours), _side(theirs)],
            "conflicts": likeness.conflicts(ours, theirs),
            "survivor": result.customer,
            "count": len(result.identifiers),
            "customer": ours,
            "name": ours.called,
        },
    )


def _side(profile: Profile) -> dict[str, object]:
    uses = {name: (use.count, use.last_at) for name, use in profile.channels.items()}
    return {
        "customer": profile,
        "name": profile.called,
        "uses": profile.channels.items(),
        "facts": sum(count for count, _last in uses.values()),
        "last_at": max((last for _count, last in uses.values()), default=None),
    }


def _undo_url(her: Opened) -> str:
    """How to take back the newest merge by hand; nothing when something else joins the two."""
    links = [
        row.evidence
        for row in her.profile().identifiers
        if row.evidence and row.evidence.rule == "by hand"
    ]
    if not links:
        return ""
    newest = max(links, key=lambda evidence: evidence.made_at)
    return reverse("customer-undo", args=[her.id, newest.link])


@requires("customers.merge")
def split(request: HttpRequest, id: int) -> HttpResponse:
    """Tick what is another person's, see what the split would make, and do it."""
    her = _opened(request, id)
    form = SplitForm(request.POST if request.method == "POST" else request.GET)
    ticked = form.values["identifier"]
    if request.method == "POST":
        try:
            left, other = actions.split_customer(her.id, ticked, _by(request))
        except Refusal as no:
            messages.error(request, saying.in_words(no))
            return redirect("customer-split", her.id)
        messages.success(
            request,
            _("Split: there are two customers now."),
            extra_tags=reverse("customer-merge-with", args=[left, other]),
        )
        return redirect("customer", left)
    profile = her.profile()
    preview: list[dict[str, object]] = []
    problem = ""
    if ticked:
        counts = recent.facts_by_identifier([row.id for row in profile.identifiers])
        try:
            parts = actions.preview_split(her.id, ticked)
        except Refusal as no:
            problem = saying.in_words(no)
        else:
            audit.note(her.user, "customer.split_previewed", [her.id])
            preview = [_preview(profile, part, counts) for part in parts]
    return render(
        request,
        "identity/split.html",
        {
            "customer": profile,
            "name": profile.called,
            "rows": _once(profile.identifiers),
            "ticked": set(ticked),
            "preview": preview,
            "problem": problem,
        },
    )


def _once(rows: list[IdentifierRow]) -> list[IdentifierRow]:
    """A device that was hers twice can be ticked once."""
    return list({row.id: row for row in rows}.values())


def _preview(profile: Profile, part: actions.Part, counts: Mapping[int, int]) -> dict[str, object]:
    theirs = set(part.identifiers)
    rows = [row for row in _once(profile.identifiers) if f"{row.kind}:{row.value}" in theirs]
    return {"rows": rows, "facts": sum(counts.get(row.id, 0) for row in rows)}


@require_POST
@requires("customers.merge")
def undo(request: HttpRequest, id: int, link: int) -> HttpResponse:
    """Take apart what a link has joined."""
    her = _opened(request, id)
    try:
        left, other = actions.undo_link(link, _by(request))
    except Refusal as no:
        messages.error(request, saying.in_words(no))
        return redirect("customer", her.id)
    messages.success(
        request,
        _("Undone: they are two customers again."),
        extra_tags=reverse("customer-merge-with", args=[left, other]),
    )
    return redirect("customer", left)


# --- shared ---------------------------------------------------------------------------------------


def _opened(request: HttpRequest, id: int) -> Opened:
    """The customer, on record as seen; 404 where there is none. Raises LookHerUpFirst."""
    return serving.open_customer(request, id)


def _by(request: HttpRequest) -> str:
    return staff(request).email
