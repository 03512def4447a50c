"""Quotes: what somebody here has offered a customer, and what came of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from spindel.catalogue.columns import maybe_place, of_variant
from spindel.commerce.common.columns import contact_key
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.orders.models import Order
from spindel.identity.columns import of_identifier
from spindel.staff.models import User
from spindel.timeline.models import Channel


class Quote(models.Model):
    """Goods at a price, for one customer, until a moment. Each change is a new revision."""

    class State(models.TextChoices):
        """What has become of it. One whose time is up counts as expired whatever stands here."""

        DRAFT = "draft", _("Draft")
        SENT = "sent", _("Sent")
        ACCEPTED = "accepted", _("Accepted")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        EXPIRED = "expired", _("Expired")

    class Failure(models.TextChoices):
        """Why she could not accept it when she wanted to."""

        SOLD_OUT = "sold_out", _("Sold out")
        CHANGED = "changed", _("Changed since")
        EXPIRED = "expired", _("Expired")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        NOT_RIGHT = "not_right", _("Something in it is not right")

    number = models.CharField(max_length=64, unique=True)
    key = models.UUIDField(unique=True)
    content = models.UUIDField(help_text="A hash of what was asked for first.")
    revision = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    identifier = of_identifier()
    contact = models.JSONField(default=dict, help_text="name, email, phone")
    contact_email = contact_key()
    contact_phone = contact_key()
    address = models.JSONField(default=dict, help_text="street, postcode, city, country")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    place = maybe_place()
    staff = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    by = models.CharField(max_length=254)
    market = models.CharField(max_length=2)
    currency = models.CharField(max_length=3)
    language = models.CharField(max_length=5)
    note = models.TextField(blank=True)
    until = models.DateTimeField()
    holds = models.BooleanField(default=False, help_text="Its stock is held meanwhile.")
    pay_by = models.CharField(max_length=16)
    order = models.OneToOneField(Order, models.SET_NULL, null=True, related_name="quote")
    made_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    sent_revision = models.PositiveSmallIntegerField(default=0, help_text="That was sent last.")
    sent_key = models.UUIDField(null=True, help_text="Of the request that has sent it last.")
    sent_content = models.UUIDField(null=True, help_text="A hash of what that has asked for.")
    mailed = models.BooleanField(default=False, help_text="By mail; else she was given the link.")
    seen_at = models.DateTimeField(null=True, help_text="When she first opened it.")
    failed_at = models.DateTimeField(null=True, help_text="When she last could not accept it.")
    failure = models.CharField(max_length=9, choices=Failure.choices, blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=254, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["identifier", "made_at"], name="quote_of_identifier"),
            models.Index(fields=["until"], condition=Q(state="sent"), name="quote_ending"),
            models.Index(fields=["made_at"], name="quote_made"),
            models.Index(fields=["state", "id"], name="quote_state"),
        ]

    def __str__(self) -> str:
        return self.number


class QuoteLine(models.Model):
    """So many of a variant at the price that is offered."""

    quote = models.ForeignKey(Quote, models.CASCADE, related_name="lines", db_index=False)
    line = models.PositiveSmallIntegerField()
    variant = of_variant()
    quantity = models.PositiveSmallIntegerField()
    amount = models.PositiveBigIntegerField()
    list_amount = models.PositiveBigIntegerField()
    fulfilment = models.CharField(max_length=9, choices=Fulfilment.choices)
    place = maybe_place()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["quote", "line"], name="quoteline_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="quoteline_quantity"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.variant_id}"
