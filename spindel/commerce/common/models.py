"""What customers are still to be told of by mail."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Notice(models.Model):
    """Something that somebody is to be told of, until the mail that tells it is written.

    Noted in the transaction in which it happens. `about` is the id of what the kind is of, and
    `amount` what goes back to her, in minor units. What of one kind is `together` is told as one.
    """

    class Kind(models.TextChoices):
        """What has happened, and of what `about` is the id."""

        CONFIRMED = "confirmed"  # an order
        READY = "ready"  # a hold of it, or of a reservation
        NOT_READY = "not_ready"  # the same
        SENT = "sent"  # a shipment
        CANCELLED = "cancelled"  # an event of an order
        STARTED = "return_started"  # a return request
        REFUNDED = "refunded"  # a return
        EXCHANGED = "exchanged"  # a return
        HELD = "held"  # a hold
        LAPSED = "lapsed"  # a hold

    kind = models.CharField(max_length=16, choices=Kind.choices)
    about = models.BigIntegerField()
    amount = models.PositiveBigIntegerField(default=0, db_default=0)
    together = models.BigIntegerField(null=True)
    made_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"
