"""What the collector counts, and the last messages that it turned away."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

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
        indexes = [models.Index(fields=["minute"], name="tally_minute")]


class Reject(models.Model):
    """A message that was turned away, with personal data masked; the last few hundred a source."""

    source = models.ForeignKey(Source, models.CASCADE, null=True, db_constraint=False)
    reason = models.CharField(max_length=32)
    detail = models.CharField(max_length=200, blank=True, default="")
    message = models.TextField()
    received_at = models.DateTimeField(db_default=Now())
