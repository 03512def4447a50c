"""What came back, and what was given for it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from spindel.commerce.models.base import of_identifier, of_place
from spindel.commerce.models.orders import Order, OrderLine
from spindel.timeline.models import Channel


class Return(models.Model):
    """Goods of an order that came back over some counter; with `exchange`, others went out for
    them.

    `refund` is what she got back for them in all, in minor units, and `credited` how much of that
    went into the exchange instead of back to her.
    """

    number = models.CharField(max_length=64, unique=True)
    key = models.UUIDField(unique=True)
    content = models.UUIDField(help_text="A hash of what was asked for.")
    order = models.ForeignKey(Order, models.PROTECT, related_name="returns")
    exchange = models.OneToOneField(Order, models.PROTECT, null=True, related_name="exchange_of")
    identifier = of_identifier()
    place = of_place()
    channel = models.CharField(max_length=8, choices=Channel.choices)
    by = models.CharField(max_length=254)
    refund = models.PositiveBigIntegerField(default=0)
    credited = models.PositiveBigIntegerField(default=0)
    overruled = models.CharField(
        max_length=300, blank=True, help_text="Why it was taken although the policy says no."
    )
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["identifier", "at"], name="return_of_identifier"),
            models.Index(fields=["place", "id"], name="return_of_place"),
        ]

    def __str__(self) -> str:
        return self.number


class ReturnLine(models.Model):
    """How many of an order's line came back, in what condition, and why."""

    class Condition(models.TextChoices):
        """Whether it can be sold again."""

        GOOD = "good", _("Can be sold")
        DAMAGED = "damaged", _("Damaged")

    back = models.ForeignKey(Return, models.CASCADE, related_name="lines")
    order_line = models.ForeignKey(OrderLine, models.PROTECT, related_name="backs")
    quantity = models.PositiveSmallIntegerField()
    condition = models.CharField(max_length=8, choices=Condition.choices)
    reason = models.CharField(max_length=40, blank=True)
    amount = models.PositiveBigIntegerField(help_text="What they count for, all of them together.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1), name="returnline_quantity"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.order_line_id}"


class ReturnPolicy(models.Model):
    """For how many days goods of a category are taken back, and in which condition.

    The row without a category holds for all that have no row of their own.
    """

    category = models.CharField(max_length=200, blank=True, unique=True)
    days = models.PositiveSmallIntegerField(default=30, help_text="None: they are not taken back.")
    damaged = models.BooleanField(default=False, help_text="Damaged ones are taken back, too.")

    def __str__(self) -> str:
        return self.category or "*"
