"""Pages about sources: what comes in, how one is connected, and what it should send."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, replace

from django.contrib import messages
from django.db import IntegrityError
from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from spindel.collect import actions, figures
from spindel.collect import plan as plans
from spindel.collect.figures import HOUR, SPANS, Intake, Message, Span
from spindel.collect.forms import (
    ChangePlanForm,
    ConnectQuery,
    EventQuery,
    LearnForm,
    PlanFile,
    RejectsQuery,
    SendAgainForm,
    SourceForm,
    SpanQuery,
    free_slug,
)
from spindel.collect.models import Reject, TrackingPlan
from spindel.collect.plan import BadPlan, Plan, Property
from spindel.collect.replay import AT_ONCE, Summary, can_be_sent_again, replay
from spindel.collect.snippets import snippets
from spindel.collect.writer import Unavailable
from spindel.kit import environment, masking, pagination
from spindel.kit.templatetags.look import number
from spindel.staff import audit
from spindel.staff.models import User
from spindel.staff.permissions import may, requires
from spindel.timeline.diary import is_of_things
from spindel.timeline.models import Source, WriteKey
from spindel.timeline.recording import OWN_SOURCE

_MESSAGES = 20
_REJECTS = 20

# --- all of them ----------------------------------------------------------------------------------


@require_safe
@requires("sources.see")
def sources(request: HttpRequest) -> HttpResponse:
    """Every source, and how it does."""
    return render(request, "collect/sources.html", _list(request))


@require_safe
@requires("sources.see")
def sources_now(request: HttpRequest) -> HttpResponse:
    """The part of the list that changes."""
    return render(request, "collect/list.html", _list(request))


def _list(request: HttpRequest) -> dict[str, object]:
    span = _span(request)
    every = list(Source.objects.exclude(slug=OWN_SOURCE).order_by("name"))
    found = figures.intakes([one for one in every if one.archived_at is None], span)
    trouble = ("silent", "refused")
    found.sort(key=lambda intake: intake.state not in trouble)
    return {
        "span": span.name,
        "rows": [(intake, figures.spark(intake)) for intake in found],
        "archived": [one for one in every if one.archived_at is not None],
        "troubled": sum(intake.state in trouble for intake in found),
        "may_manage": may(request.user, "sources.manage"),
    }


def _span(request: HttpRequest) -> Span:
    return SPANS.get(SpanQuery(request.GET).values["span"], HOUR)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("sources.manage")
def new(request: HttpRequest) -> HttpResponse:
    """A source that is to be connected."""
    form = SourceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        for _try in range(3):
            try:
                slug = free_slug(form.cleaned_data["name"])
                made, _key = actions.create_source(slug, form.settings(), _by(request))
            except IntegrityError:  # somebody else has just taken the short name
                continue
            messages.success(request, _("Here is how to connect it."))
            return redirect("source-connect", made.pk)
    return render(request, "collect/edit.html", {"form": form, "source": None})


# --- one of them ----------------------------------------------------------------------------------


@require_safe
@requires("sources.see")
def source(request: HttpRequest, id: int) -> HttpResponse:
    """What comes in from a source."""
    return render(request, "collect/source.html", _live(request, _source(id)))


@require_safe
@requires("sources.see")
def source_now(request: HttpRequest, id: int) -> HttpResponse:
    """The part of its page that changes."""
    return render(request, "collect/now.html", _live(request, _source(id)))


def _source(id: int) -> Source:
    return get_object_or_404(Source.objects.exclude(slug=OWN_SOURCE), pk=min(id, 2**62))


def _head(request: HttpRequest, one: Source, tab: str) -> dict[str, object]:
    span = _span(request)
    (intake,) = figures.intakes([one], span)
    return {
        "source": one,
        "intake": intake,
        "span": span.name,
        "tab": tab,
        "may_manage": may(request.user, "sources.manage"),
    }


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as the person may see it."""

    message: Message
    identifier: str
    properties: str


def _live(request: HttpRequest, one: Source) -> dict[str, object]:
    head = _head(request, one, "live")
    intake = head["intake"]
    assert isinstance(intake, Intake)
    plain = may(request.user, "contacts.see") and may(request.user, "customers.read")
    if plain:
        audit.note_shown(_by(request), "source.watched")
    reasons = Reject.objects.filter(source=one).values("reason")
    counted = reasons.annotate(count=Count("pk"), whole=Count("pk", filter=~Q(original=None)))
    groups = [
        (row["reason"], figures.reason(row["reason"]), row["count"], row["whole"])
        for row in counted.order_by("-count")
    ]
    return head | {
        "plot": figures.plot(intake),
        "messages_": [
            _shown(message, plain, links=may(request.user, "links.see"))
            for message in figures.messages(one, _MESSAGES)
        ],
        "plain": plain,
        "mended": figures.mendings(one),
        **_rejects(one),
        "groups": groups,
        "again": sum(whole for _reason, _words, _count, whole in groups),
        "key": _key(one) if may(request.user, "sources.manage") else None,
    }


def _shown(message: Message, plain: bool, *, links: bool) -> Shown:
    kind, value = message.identifier
    value = value or _("nobody any more")  # kept for the books
    properties = message.properties
    if not links:
        properties = {name: masking.without_codes(one) for name, one in properties.items()}
    if not plain:
        value = masking.shown_identifier(kind, value)
        properties = masking.shown(properties, of_things=is_of_things(message.name))
        message = replace(message, name=masking.clean(message.name))
    text = json.dumps(properties, ensure_ascii=False)
    return Shown(message, value, text[:300] + "…" if len(text) > 300 else text)


def _rejects(one: Source, reason: str = "", before: int | None = None) -> dict[str, object]:
    """What was turned away, the newest first, for the template of its lines."""
    found = Reject.objects.filter(source=one).defer("original").order_by("-pk")
    if reason:
        found = found.filter(reason=reason)
    if before is not None:
        found = found.filter(pk__lt=before)
    some = found.annotate(whole=~Q(original=None))[: _REJECTS + 1]
    page = pagination.page(some, _REJECTS, lambda reject: str(reject.pk))
    return {"rejects": page.items, "older": page.next}


@require_safe
@requires("sources.see")
def rejects(request: HttpRequest, id: int) -> HttpResponse:
    """More of what was turned away, the newest first; of one reason, if one is named."""
    one = _source(id)
    asked = RejectsQuery(request.GET).values
    reason, before = asked["reason"], asked["before"] or None
    part = "rejects" if request.headers.get("HX-Request") else "older_rejects"
    return render(
        request,
        f"collect/{part}.html",
        _head(request, one, "live") | _rejects(one, reason, before) | {"reason": reason},
    )


@require_POST
@requires("sources.manage")
def send_again(request: HttpRequest, id: int) -> HttpResponse:
    """Send one reject again, or those of a reason, or all."""
    one = _source(id)
    asked = SendAgainForm(request.POST).values
    reason, chosen = asked["reason"], asked["reject"] or None
    try:
        summary = replay(one, _by(request), reject=chosen, reason=reason or None)
    except Unavailable:
        messages.error(request, _("The database is busy. Nothing was lost: try again in a moment."))
    else:
        left = can_be_sent_again(one).count() if chosen is None else 0
        tell = messages.success if summary.kept or summary.duplicates else messages.warning
        tell(request, _told(summary, left))
    return redirect("source", id)


def _told(summary: Summary, left: int) -> str:
    parts = []
    if summary.kept:
        words = ngettext("%(n)s is kept now.", "%(n)s are kept now.", summary.kept)
        parts.append(words % {"n": number(summary.kept)})
    if summary.duplicates:
        words = ngettext(
            "%(n)s had come in already.", "%(n)s had come in already.", summary.duplicates
        )
        parts.append(words % {"n": number(summary.duplicates)})
    for reason, count in summary.refused.most_common():
        words = _("%(n)s turned away again: %(reason)s.")
        parts.append(words % {"n": number(count), "reason": figures.reason(reason)})
    if summary.unreadable:
        words = ngettext(
            "%(n)s can't be read: its key is gone.",
            "%(n)s can't be read: their key is gone.",
            summary.unreadable,
        )
        parts.append(words % {"n": number(summary.unreadable)})
    if not parts:
        parts.append(_("There was nothing left to send again."))
    elif left > summary.refused.total() and summary.kept + summary.duplicates >= AT_ONCE:
        parts.append(_("There are more: send again once more."))
    return " ".join(parts)


# --- connecting -----------------------------------------------------------------------------------


@require_safe
@requires("sources.manage")
def connect(request: HttpRequest, id: int) -> HttpResponse:
    """How to connect it, and its keys."""
    one = _source(id)
    key = _key(one)
    found = snippets(one, _origin(request), key.key if key else _("YOUR-WRITE-KEY"))
    chosen = ConnectQuery(request.GET).values["with_"]
    return render(
        request,
        "collect/connect.html",
        _head(request, one, "connect")
        | {
            "snippets": found,
            "chosen": next((one for one in found if one.name == chosen), found[0]),
            "key": key,
            "keys": one.write_keys.order_by(
                F("revoked_at").desc(nulls_first=True),
                F("replaced_at").desc(nulls_first=True),
                "-pk",
            ),
        },
    )


def _key(one: Source) -> WriteKey | None:
    """The key to hand out: the newest that is good and not replaced."""
    good = one.write_keys.filter(revoked_at=None).order_by("-pk")
    return good.filter(replaced_at=None).first() or good.first()


def _origin(request: HttpRequest) -> str:
    public = environment.value("SPINDEL_PUBLIC_URL")
    return (public or request.build_absolute_uri("/")).rstrip("/")


@require_http_methods(["GET", "HEAD", "POST"])
@requires("sources.manage")
def edit(request: HttpRequest, id: int) -> HttpResponse:
    """What it is called, and how its messages are treated."""
    one = _source(id)
    form = SourceForm(request.POST) if request.method == "POST" else SourceForm.of(one)
    if request.method == "POST" and form.is_valid():
        actions.change_source(one, form.settings(), _by(request))
        messages.success(request, _("Saved. It holds for the next message."))
        return redirect("source", id)
    return render(request, "collect/edit.html", _head(request, one, "edit") | {"form": form})


@require_POST
@requires("sources.manage")
def archive(request: HttpRequest, id: int) -> HttpResponse:
    """Let nobody write as it any longer."""
    actions.archive_source(_source(id), _by(request))
    messages.success(
        request, _("Archived. Its keys let nobody write."), extra_tags=_url("source-restore", id)
    )
    return redirect("sources")


@require_POST
@requires("sources.manage")
def restore(request: HttpRequest, id: int) -> HttpResponse:
    """Let it write again."""
    actions.restore_source(_source(id), _by(request))
    messages.success(request, _("It can send again, with the keys it had."))
    return redirect("source", id)


@require_POST
@requires("sources.manage")
def make_key(request: HttpRequest, id: int) -> HttpResponse:
    """One more key."""
    actions.create_write_key(_source(id), _by(request))
    messages.success(request, _("Here is one more key. The others go on being good."))
    return redirect("source-connect", id)


@require_POST
@requires("sources.manage")
def rotate_key(request: HttpRequest, id: int, key: int) -> HttpResponse:
    """A key in the place of another."""
    actions.rotate_write_key(_good_key(id, key), _by(request))
    messages.success(request, _("Here is the new key. The old one is good until you revoke it."))
    return redirect("source-connect", id)


@require_POST
@requires("sources.manage")
def revoke_key(request: HttpRequest, id: int, key: int) -> HttpResponse:
    """Let nobody write with the key."""
    actions.revoke_write_key(_any_key(id, key).key, _by(request))
    messages.success(
        request, _("Revoked."), extra_tags=reverse("source-key-restore", args=[id, key])
    )
    return redirect("source-connect", id)


@require_POST
@requires("sources.manage")
def restore_key(request: HttpRequest, id: int, key: int) -> HttpResponse:
    """A revoked key is good again."""
    actions.restore_write_key(_any_key(id, key).key, _by(request))
    messages.success(request, _("The key is good again."))
    return redirect("source-connect", id)


def _any_key(id: int, key: int) -> WriteKey:
    return get_object_or_404(WriteKey, pk=min(key, 2**62), source_id=_source(id).pk)


def _good_key(id: int, key: int) -> WriteKey:
    found = _any_key(id, key)
    return get_object_or_404(WriteKey, pk=found.pk, revoked_at=None)


# --- the tracking plan ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlanProperty:
    """A property of the plan, and how messages are off it."""

    name: str
    asked: Property
    violations: list[figures.Violation]


@dataclass(frozen=True, slots=True)
class PlanEvent:
    """An event of the plan, and how messages are off it."""

    name: str
    properties: list[PlanProperty]
    unknown: list[figures.Violation]

    @property
    def count(self) -> int:
        """How often it was off the plan, but for what is only noted."""
        return sum(one.count for each in self.properties for one in each.violations)


@require_safe
@requires("sources.see")
def plan(request: HttpRequest, id: int) -> HttpResponse:
    """What the source should send, and how it does not."""
    one = _source(id)
    row = TrackingPlan.objects.filter(source=one).first()
    known = plans.from_document(row.document) if row and row.document else {}
    found = [each for each in figures.violations(one) if _still_counts(each, known)]
    events = sorted(_events(known, found), key=lambda event: -event.count)
    return render(
        request,
        "collect/plan.html",
        _head(request, one, "plan")
        | {
            "plan": row,
            "events": events,
            "unplanned": [each for each in found if each.kind == plans.UNPLANNED],
            "off": sum(each.count for each in found if each.kind != plans.UNKNOWN),
            "properties": sum(map(len, known.values())),
            "days": figures.VIOLATION_DAYS,
            "can_undo": bool(row and row.former),
            "types": list(plans.TYPES),
        },
    )


def _still_counts(off: figures.Violation, known: Plan) -> bool:
    """Whether it would be off the plan as it is today: plans are put right, too."""
    properties = known.get(off.event)
    if off.kind == plans.UNPLANNED or properties is None:
        return bool(known) and off.kind == plans.UNPLANNED and properties is None
    asked = properties.get(off.name)
    if off.kind == plans.UNKNOWN:
        return asked is None
    if off.kind == plans.MISSING:
        return asked is not None and asked.required
    return asked is not None and asked.type != "any"


def _events(known: Plan, found: list[figures.Violation]) -> list[PlanEvent]:
    by_property: dict[tuple[str, str], list[figures.Violation]] = defaultdict(list)
    unknown: dict[str, list[figures.Violation]] = defaultdict(list)
    for one in found:
        if one.kind == plans.UNKNOWN:
            unknown[one.event].append(one)
        else:
            by_property[one.event, one.name].append(one)
    return [
        PlanEvent(
            event,
            [
                PlanProperty(name, asked, by_property.get((event, name), []))
                for name, asked in properties.items()
            ],
            unknown.get(event, []),
        )
        for event, properties in known.items()
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@requires("sources.manage")
def learn(request: HttpRequest, id: int) -> HttpResponse:
    """Show what would be taken in from the last week's traffic, and on POST take it in."""
    one = _source(id)
    seen = plans.look(figures.last_week(one))
    offered = dict(list(seen.items())[: plans.MOST_EVENTS])
    if request.method == "POST":
        chosen = set(LearnForm(request.POST).values["event"])
        taken = {event: it.properties() for event, it in offered.items() if event in chosen}
        if not taken:
            messages.error(request, _("Tick at least one event."))
            return redirect("source-plan-learn", id)
        try:
            actions.add_to_plan(one, taken, _by(request))
        except BadPlan as error:
            messages.error(request, str(error))
        else:
            words = ngettext(
                "%(n)s event is in the plan now.", "%(n)s events are in the plan now.", len(taken)
            )
            messages.success(
                request, words % {"n": len(taken)}, extra_tags=_url("source-plan-undo", id)
            )
        return redirect("source-plan", id)
    row = TrackingPlan.objects.filter(source=one).first()
    known = plans.from_document(row.document) if row and row.document else {}
    only = EventQuery(request.GET).values["event"]
    rows = [
        (event, it.messages, it.properties(), event in known)
        for event, it in offered.items()
        if not only or event == only
    ]
    return render(
        request,
        "collect/learn.html",
        _head(request, one, "plan")
        | {
            "rows": rows,
            "planned": len(known),
            "messages_read": sum(count for _event, count, _properties, _known in rows),
            "only": only,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires("sources.see")
def plan_file(request: HttpRequest, id: int) -> HttpResponse:
    """The plan as a file; on POST a file becomes the plan."""
    one = _source(id)
    if request.method == "POST":
        return _upload(request, one)
    row = get_object_or_404(TrackingPlan.objects.exclude(document=None), source=one)
    response = HttpResponse(
        plans.to_yaml(plans.from_document(row.document)),
        content_type="application/yaml; charset=utf-8",
    )
    response["Content-Disposition"] = f'attachment; filename="{one.slug}-plan.yml"'
    return response


@requires("sources.manage")
def _upload(request: HttpRequest, one: Source) -> HttpResponse:
    form = PlanFile(request.POST, request.FILES)
    if form.is_valid():
        actions.keep_plan(one, form.cleaned_data["file"], _by(request))
        messages.success(
            request, _("This is the plan now."), extra_tags=_url("source-plan-undo", one.pk)
        )
    else:
        messages.error(request, " ".join(map(str, form.errors.get("file", []))))
    return redirect("source-plan", one.pk)


@require_POST
@requires("sources.manage")
def change_plan(request: HttpRequest, id: int) -> HttpResponse:
    """Take something out of the plan, or say whether a property is required."""
    one, by = _source(id), _by(request)
    asked = ChangePlanForm(request.POST).values
    event, name = asked["event"], asked["property"]
    match asked["do"]:
        case "require" | "relax" as do:
            actions.require_property(one, event, name, do == "require", by)
            words = (
                _("%(name)s is required now.")
                if do == "require"
                else _("%(name)s may be left out now.")
            )
            messages.success(
                request, words % {"name": name}, extra_tags=_url("source-plan-undo", id)
            )
        case "remove":
            actions.remove_from_plan(one, event, name, by)
            messages.success(
                request,
                _("%(name)s is out of the plan.") % {"name": name or event},
                extra_tags=_url("source-plan-undo", id),
            )
        case "strict" | "lenient" as do:
            actions.set_strict(one, do == "strict", by)
            messages.success(request, _("Saved. It holds for the next message."))
        case "drop":
            actions.keep_plan(one, None, by)
            messages.success(
                request,
                _("There is no plan any longer."),
                extra_tags=_url("source-plan-undo", id),
            )
    return redirect("source-plan", id)


@require_POST
@requires("sources.manage")
def undo_plan(request: HttpRequest, id: int) -> HttpResponse:
    """The plan as it was before its last change."""
    actions.undo_plan(_source(id), _by(request))
    messages.success(request, _("Undone: the plan is as it was."))
    return redirect("source-plan", id)


# --- shared ---------------------------------------------------------------------------------------


def _by(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _url(name: str, id: int) -> str:
    return reverse(name, args=[id])
