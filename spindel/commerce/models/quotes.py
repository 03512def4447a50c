"""Quotes: what somebody here has offered a customer, and what came of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from spindel.commerce.models.base import maybe_place, of_identifier, of_variant
from spindel.commerce.models.carts import Fulfilment
from spindel.commerce.models.orders import Order
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

    number = models.CharField(max_length=64, unique=True)
    key = models.UUIDField(unique=True)
    revision = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    identifier = of_identifier()
    contact = models.JSONField(default=dict, help_text="name, email, phone")
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
    seen_at = models.DateTimeField(null=True, help_text="When she first opened it.")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["identifier", "made_at"], name="quote_of_identifier"),
            models.Index(fields=["until"], condition=Q(state="sent"), name="quote_ending"),
            models.Index(fields=["made_at"], name="quote_made"),
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
