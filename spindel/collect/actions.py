"""Connecting sources, giving and taking their keys, and saying what they should send."""

from __future__ import annotations

import copy
from collections.abc import Collection
from dataclasses import asdict, dataclass

from django.db import connection
from django.utils import timezone

from spindel.collect import plan as plans
from spindel.collect.models import Reject, TrackingPlan
from spindel.collect.plan import Plan
from spindel.collect.registry import NOTIFY_SOURCES
from spindel.kit.actions import action
from spindel.staff import audit
from spindel.staff.models import User
from spindel.timeline.models import Channel, Source, SourceKind, WriteKey

_NO_CUSTOMER = "It is about a system; no customer's timeline is concerned."

By = User | str  # a person, or the name of a machine
_COMMAND = "command line"


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """What a source is called, and how its messages are treated."""

    name: str
    kind: SourceKind
    channel: Channel
    country: str = "SE"
    trusted: bool = False
    rate_limit: int | None = None
    strict: bool = False


@action(silent=_NO_CUSTOMER)
def create_source(
    slug: str, settings: SourceSettings, by: By = _COMMAND
) -> tuple[Source, WriteKey]:
    """A source with its first write key. Raises IntegrityError when the slug is taken."""
    source = Source.objects.create(slug=slug, **asdict(settings))
    _note(source, "source.created", by)
    return source, _make_key(source)


@action(silent=_NO_CUSTOMER)
def change_source(source: Source, settings: SourceSettings, by: By) -> None:
    """Treat a source's messages so from now on.

    Where it becomes trusted, or is no more, what it has told counts anew, in the background.
    """
    Source.objects.filter(pk=source.pk).exclude(trusted=settings.trusted).update(settled_to=0)
    Source.objects.filter(pk=source.pk).update(**asdict(settings))
    _note(source, "source.changed", by)
    _tell_collectors()


@action(silent=_NO_CUSTOMER)
def set_strict(source: Source, strict: bool, by: By) -> None:
    """Whether messages that are off the source's plan are dropped from now on."""
    Source.objects.filter(pk=source.pk).update(strict=strict)
    _note(source, "source.changed", by)
    _tell_collectors()


@action(silent=_NO_CUSTOMER)
def archive_source(source: Source, by: By) -> None:
    """From now on nobody writes as this source; what it told stays."""
    Source.objects.filter(pk=source.pk, archived_at=None).update(archived_at=timezone.now())
    _note(source, "source.archived", by)
    _tell_collectors()


@action(silent=_NO_CUSTOMER)
def restore_source(source: Source, by: By) -> None:
    """Its keys are good again."""
    Source.objects.filter(pk=source.pk).update(archived_at=None)
    _note(source, "source.restored", by)
    _tell_collectors()


# --- keys -----------------------------------------------------------------------------------------


@action(silent=_NO_CUSTOMER)
def create_write_key(source: Source, by: By = _COMMAND) -> WriteKey:
    """One more key for the source; the others go on being good."""
    _note(source, "key.made", by)
    return _make_key(source)


@action(silent=_NO_CUSTOMER)
def rotate_write_key(key: WriteKey, by: By) -> WriteKey:
    """A key in the place of this one, which goes on being good until it is revoked.

    Pressed twice, by whomever, it makes one: the key that replaces this one already.
    """
    now = timezone.now()
    if not WriteKey.objects.filter(pk=key.pk, replaced_at=None).update(replaced_at=now):
        newest = WriteKey.objects.filter(source_id=key.source_id, replaced_at=None, revoked_at=None)
        return newest.order_by("-pk").first() or _make_key(key.source)
    _note(key.source, "key.rotated", by)
    return _make_key(key.source)


@action(silent=_NO_CUSTOMER)
def revoke_write_key(key: str, by: By = _COMMAND) -> None:
    """From now on the key lets nobody write. No error when it is revoked already."""
    found = WriteKey.objects.filter(key=key, revoked_at=None).select_related("source").first()
    if found is None:
        return
    WriteKey.objects.filter(pk=found.pk).update(revoked_at=timezone.now())
    _note(found.source, "key.revoked", by)
    _tell_collectors()


@action(silent=_NO_CUSTOMER)
def restore_write_key(key: str, by: By) -> None:
    """A revoked key is good again."""
    found = WriteKey.objects.filter(key=key).select_related("source").first()
    if found is None:
        return
    WriteKey.objects.filter(pk=found.pk).update(revoked_at=None)
    _note(found.source, "key.restored", by)
    _tell_collectors()


def _make_key(source: Source) -> WriteKey:
    key = WriteKey.objects.create(source=source)
    _tell_collectors()
    return key


# --- tracking plans -------------------------------------------------------------------------------


@action(silent=_NO_CUSTOMER)
def keep_plan(source: Source, plan: Plan | None, by: By) -> None:
    """From now on this is what the source should send; None: anything, as before it had a plan."""
    document = plans.to_document(plan) if plan else None
    _replace(_plan_of(source), document, by)
    _note(source, "plan.kept" if plan else "plan.removed", by)


@action(silent=_NO_CUSTOMER)
def add_to_plan(source: Source, more: Plan, by: By) -> None:
    """Take events into the plan; one that it has already is replaced."""
    row = _plan_of(source)
    both = plans.merged(_read(row), more)
    _replace(row, plans.to_document(both), by)
    _note(source, "plan.extended", by)


@action(silent=_NO_CUSTOMER)
def remove_from_plan(source: Source, event: str, property: str, by: By) -> None:
    """Take a property out of the plan, or with an empty `property` the event."""
    row = _plan_of(source)
    plan = _read(row)
    if property:
        plan.get(event, {}).pop(property, None)
    else:
        plan.pop(event, None)
    _replace(row, plans.to_document(plan) if plan else None, by)
    _note(source, "plan.changed", by)


@action(silent=_NO_CUSTOMER)
def require_property(source: Source, event: str, property: str, required: bool, by: By) -> None:
    """Say whether each message of the event must have the property."""
    row = _plan_of(source)
    plan = _read(row)
    known = plan.get(event, {}).get(property)
    if known is None or known.required == required:
        return
    plan[event][property] = plans.Property(known.type, required)
    _replace(row, plans.to_document(plan), by)
    _note(source, "plan.changed", by)


@action(silent=_NO_CUSTOMER)
def undo_plan(source: Source, by: By) -> None:
    """The plan as it was before it was last changed."""
    row = _plan_of(source)
    _replace(row, row.former, by)
    _note(source, "plan.undone", by)


def _plan_of(source: Source) -> TrackingPlan:
    """The row, made if need be, and locked: of two changes at once the second sees the first."""
    TrackingPlan.objects.get_or_create(source=source)
    return TrackingPlan.objects.select_for_update().get(source=source)


def _read(row: TrackingPlan) -> Plan:
    return plans.from_document(row.document) if row.document else {}


def _replace(row: TrackingPlan, document: object, by: By) -> None:
    row.former = copy.deepcopy(row.document)
    row.document = document
    row.changed_at = timezone.now()
    row.changed_by = by.email if isinstance(by, User) else by
    row.save()
    _tell_collectors()


# --- rejects --------------------------------------------------------------------------------------


@action(silent="What is kept of them has its facts from the collector; a reject is no fact.")
def settle_rejects(kept: Collection[int], refused: dict[int, tuple[str, str]]) -> None:
    """After rejects were sent again: those that were kept go, the others have a new reason.

    `refused` holds the reason and its detail by the reject's id.
    """
    Reject.objects.filter(pk__in=kept).delete()
    for id, (reason, detail) in refused.items():
        Reject.objects.filter(pk=id).update(reason=reason, detail=detail)


def _note(source: Source, did: str, by: By) -> None:
    audit.note(by, did, detail={"source": source.slug})


def _tell_collectors() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {NOTIFY_SOURCES}")
