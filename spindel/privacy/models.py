"""Customers' rights at work: who was forgotten, what was handed out, how long facts are kept."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from spindel.kit.sealed import SealedField


class Erasure(models.Model):
    """A customer is, or has been, forgotten. Done, it is the certificate, and says not who."""

    class State(models.TextChoices):
        """How far it has come."""

        ASKED = "asked", _("Under way")
        CHECKING = "checking", _("Going through other people's messages")
        DONE = "done", _("Forgotten")

    reference = models.UUIDField(unique=True, default=uuid.uuid4)
    customer = models.BigIntegerField()
    for_good = models.BooleanField(default=False)
    state = models.CharField(max_length=16, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField(db_default=Now())
    asked_by = models.CharField(max_length=254)
    forgotten_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict, help_text="By table, how many rows went or changed.")
    left = models.JSONField(
        default=dict, help_text="Ids that are gone, and those near them, until they are checked."
    )
    let_in_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer"], condition=models.Q(state="asked"), name="erasure_once"
            ),
        ]
        indexes = [models.Index(fields=["-asked_at"], name="erasure_newest")]

    def __str__(self) -> str:
        return str(self.reference)


class Export(models.Model):
    """All about a customer, as files for her. They go after a week, and when she is forgotten."""

    class State(models.TextChoices):
        """How far it has come."""

        ASKED = "asked", _("Being made")
        DONE = "done", _("Ready")

    reference = models.UUIDField(unique=True, default=uuid.uuid4)
    customer = models.BigIntegerField(db_index=True)
    language = models.CharField(max_length=5)
    state = models.CharField(max_length=16, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField(db_default=Now())
    asked_by = models.CharField(max_length=254)
    done_at = models.DateTimeField(null=True)
    rows = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.reference)


class ExportPart(models.Model):
    """A piece of one of an export's files, sealed. In the database, where all machines find it."""

    export = models.ForeignKey(Export, models.CASCADE, related_name="parts")
    format = models.CharField(max_length=4)  # json or html
    number = models.IntegerField()
    text = SealedField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["export", "format", "number"], name="exportpart_once"),
        ]


class Retention(models.Model):
    """How long facts of a kind (`timeline.diary.Kind`, or `other`) are kept."""

    kind = models.CharField(primary_key=True, max_length=16)
    days = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: for ever.")
    removed = models.BigIntegerField(default=0)
    applied_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.kind
