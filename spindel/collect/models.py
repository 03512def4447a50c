"""What the collector counts, and the last messages that it turned away."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from spindel.kit.sealed import register
from spindel.timeline.models import Source


class Tally(models.Model):
    """How many messages of a source had an outcome in a minute.

    The outcome is `kept`, `duplicate` or the reason of a drop. Written in the transaction that
    keeps the facts, so the counts are as exact as they are. `process` keeps two collectors from
    waiting for each other's row.
    """

    source = models.ForeignKey(Source, models.CASCADE, null=True, db_constraint=False)
    outcome = models.CharField(max_length=32)
    minute = models.DateTimeField()
    process = models.IntegerField()
    count = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "outcome", "minute", "process"],
                name="tally_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index(fields=["minute"], name="tally_minute"),
            models.Index(fields=["source", "minute"], name="tally_source"),
        ]


class Recorded(models.Model):
    """How many facts Spindel itself has recorded in a minute, on a channel: the last days' alone.

    No message brings them, so no collector counts them; a follower does (`followers.py`).
    """

    minute = models.DateTimeField()
    channel = models.CharField(max_length=8)
    count = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["minute", "channel"], name="recorded_once"),
        ]


class Mending(models.Model):
    """How many messages of a source were mended in one way, in an hour, and kept.

    `kind` is one of `mending.MENDINGS`. A message that is sent again is counted again.
    """

    source = models.ForeignKey(Source, models.CASCADE, db_constraint=False)
    kind = models.CharField(max_length=32)
    hour = models.DateTimeField()
    process = models.IntegerField()
    count = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "kind", "hour", "process"], name="mending_once"
            ),
        ]
        indexes = [models.Index(fields=["hour"], name="mending_hour")]


class Reject(models.Model):
    """A message that was turned away, the last thousand a source.

    `message` has personal data masked, and is what people see. `original` is the whole message
    sealed, so that it can be sent again; null where it could not be kept anyway.
    """

    source = models.ForeignKey(Source, models.CASCADE, null=True, db_constraint=False)
    reason = models.CharField(max_length=32)
    detail = models.CharField(max_length=200, blank=True, default="")
    message = models.TextField()
    original = models.TextField(null=True)
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["source", "-id"], name="reject_source")]


register("collect_reject", "original")


class TrackingPlan(models.Model):
    """What a source should send: `plan.to_document`, or null for none. `former` is for undoing."""

    source = models.OneToOneField(Source, models.CASCADE, related_name="tracking_plan")
    document = models.JSONField(null=True)
    former = models.JSONField(null=True)
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.CharField(max_length=254, blank=True)

    def __str__(self) -> str:
        return str(self.source)


class Violation(models.Model):
    """How often an event of a source was off its plan in one way, in an hour.

    `kind` is one of `plan.KINDS`. `example` is the first such message of the hour, masked.
    """

    source = models.ForeignKey(Source, models.CASCADE, db_constraint=False)
    event = models.CharField(max_length=200)
    property = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=16)
    hour = models.DateTimeField()
    process = models.IntegerField()
    count = models.BigIntegerField()
    example = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "event", "property", "kind", "hour", "process"],
                name="violation_once",
            ),
        ]
        indexes = [models.Index(fields=["hour"], name="violation_hour")]
