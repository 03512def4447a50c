"""What came back, and what was given for it."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from spindel.catalogue.columns import maybe_place
from spindel.catalogue.models import Variant
from spindel.commerce.orders.models import Order, OrderLine, Return
from spindel.commerce.stock.models import Hold


class ReturnRequest(models.Model):
    """A return that its customer has started from home: goods are on their way, with a label.

    Nothing has come back yet, and no money has moved: `taken` is what was done when they came.
    `wanted` is what they want instead, kept for them by `hold` until `until`; that is also until
    when the goods are taken back as on the day on which it was started. With `by_parcel` they go to
    `place`; else they are brought to a store, `place` where that is known.
    """

    class State(models.TextChoices):
        """What has become of it."""

        OPEN = "open", _("On its way back")
        RECEIVED = "received", _("Taken in")
        OFF = "off", _("Called off")
        OVERTAKEN = "overtaken", _("Came back otherwise")

    number = models.CharField(max_length=64, unique=True)
    key = models.UUIDField(unique=True)
    content = models.UUIDField(help_text="A hash of what was asked for.")
    order = models.ForeignKey(Order, models.PROTECT, related_name="return_requests")
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    reason = models.CharField(max_length=40)
    wanted = models.ForeignKey(
        Variant, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    hold = models.ForeignKey(
        Hold, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    by_parcel = models.BooleanField()
    place = maybe_place()
    until = models.DateTimeField()
    taken = models.OneToOneField(Return, models.PROTECT, null=True, related_name="request")
    made_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.number

    @property
    def counts_as_of(self) -> datetime | None:
        """As of when the policy is asked while the goods have time to come; None: as of now."""
        return self.made_at if self.until > timezone.now() else None


class ReturnRequestLine(models.Model):
    """How many of an order's line are on their way back."""

    request = models.ForeignKey(ReturnRequest, models.CASCADE, related_name="lines")
    order_line = models.ForeignKey(OrderLine, models.PROTECT, related_name="+")
    quantity = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "order_line"], name="requestline_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="requestline_quantity"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.order_line_id}"
