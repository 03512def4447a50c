"""Everything that happened: facts, the sources that told of them, and how far readers have come."""

from __future__ import annotations

import secrets
import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from spindel.kit.fields import CurrentTransactionId, NextValue, TransactionId


class Channel(models.TextChoices):
    """Where the customer stood."""

    WEB = "web", _("Web")
    APP = "app", _("App")
    STORE = "store", _("Store")
    PHONE = "phone", _("Phone")
    CHAT = "chat", _("Chat")
    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    SOCIAL = "social", _("Social and ads")
    SERVICE = "service", _("Customer service")
    OTHER = "other", _("Other")


class SourceKind(models.TextChoices):
    """What sort of system a source is."""

    WEB = "web", _("Web shop")
    APP = "app", _("App")
    POS = "pos", _("Tills")
    ERP = "erp", _("ERP")
    CRM = "crm", _("CRM")
    MAIL = "mail", _("E-mail")
    ADS = "ads", _("Advertising")
    CALL_CENTRE = "call_centre", _("Call centre")
    OTHER = "other", _("Other")


class Source(models.Model):
    """A system that tells of facts."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=16, choices=SourceKind.choices)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    country = models.CharField(
        max_length=2, default="SE", help_text="The country of phone numbers written without one."
    )
    trusted = models.BooleanField(
        default=False,
        help_text="What it says of a customer wins over what sources that are not trusted say.",
    )
    rate_limit = models.PositiveIntegerField(
        null=True, blank=True, help_text="Messages a second and process; empty: no limit."
    )
    strict = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Messages that are off its tracking plan are dropped.",
    )
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(
        null=True, blank=True, help_text="Since then its keys let nobody write."
    )
    settled_to = models.BigIntegerField(
        null=True,
        blank=True,
        help_text="It has become trusted, or is no more: what it has told counts anew as far as"
        " this identifier. Null: all of it counts as it should.",
    )

    def __str__(self) -> str:
        return self.name


def new_write_key() -> str:
    """A fresh write key. It is public wherever a browser uses it, so it only lets one write."""
    return secrets.token_urlsafe(18)


class WriteKey(models.Model):
    """What a source shows to be let in. A source may have several, to change them in peace."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="write_keys")
    key = models.CharField(max_length=64, unique=True, default=new_write_key)
    created_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)  # to the minute
    replaced_at = models.DateTimeField(null=True, blank=True)  # it goes on until it is revoked
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.source_id}: {self.key[:4]}…"


# Whose the facts are that bookkeeping must keep of somebody who was forgotten.
NOBODY = 0


class Fact(models.Model):
    """Something that happened. Never changed; names an identifier, never a customer.

    `id` is made from the source and its message id (`append.fact_key`), so the same message
    delivered again is the same row. `identifier_id` is the strongest identifier of the message
    and `also` the others. Neither is a foreign key: checking one a row would cost the collector
    a third of its speed, and they are only deleted together with their facts.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    transaction = TransactionId(db_default=CurrentTransactionId(), editable=False)
    sequence = models.BigIntegerField(
        db_default=NextValue("timeline_fact_sequence"), editable=False
    )
    identifier_id = models.BigIntegerField()
    also = ArrayField(models.BigIntegerField(), null=True)
    name = models.TextField()
    channel = models.TextField(choices=Channel.choices)
    source = models.ForeignKey(Source, models.PROTECT, db_constraint=False, db_index=False)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now())
    properties = models.JSONField(default=dict)
    context = models.JSONField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["transaction", "sequence"], name="fact_order"),
            models.Index(fields=["identifier_id", "occurred_at", "sequence"], name="fact_timeline"),
            # Rows lie in the order of arrival, so a few kilobytes are enough to find a week by.
            BrinIndex(fields=["received_at"], name="fact_received"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.occurred_at:%Y-%m-%d %H:%M}"


class Cursor(models.Model):
    """How far a follower has read: everything up to and including (transaction, sequence)."""

    follower = models.CharField(primary_key=True, max_length=64)
    transaction = TransactionId()
    sequence = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField(db_default=Now())
    error = models.TextField(blank=True, default="")
    failed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.follower
