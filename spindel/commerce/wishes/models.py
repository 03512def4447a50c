"""Wish lists, and how far stock was followed for whoever waits."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from spindel.catalogue.columns import of_variant
from spindel.identity.columns import of_identifier
from spindel.kit.fields import TransactionId
from spindel.shoppers.columns import maybe_shopper


class Wish(models.Model):
    """Something that somebody has on her wish list, or waits for until it is back.

    `shopper` is set while nobody has proved in that session who she is: then it is shown there
    alone. `back_at` says that it was seen to be back, and she is to be told.
    """

    identifier = of_identifier()
    shopper = maybe_shopper()
    variant = of_variant()
    waits = models.BooleanField(default=False, help_text="She wants to know when it is back.")
    language = models.CharField(max_length=5, default="en", db_default="en")
    made_at = models.DateTimeField(db_default=Now())
    back_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["identifier", "variant"],
                condition=models.Q(shopper__isnull=True),
                name="wish_once",
            ),
            models.UniqueConstraint(
                fields=["shopper", "variant"],
                condition=models.Q(shopper__isnull=False),
                name="wish_once_in_session",
            ),
        ]
        indexes = [
            models.Index(fields=["identifier"], name="wish_of_identifier"),
            models.Index(
                fields=["variant"],
                condition=models.Q(waits=True, back_at__isnull=True),
                name="wish_waiting",
            ),
            models.Index(
                fields=["id"],
                condition=models.Q(waits=True, back_at__isnull=False),
                name="wish_to_tell",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.identifier_id} wants {self.variant_id}"


class StockCursor(models.Model):
    """One row: how far stock events were read for those who wait until something is back."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    transaction = TransactionId()
    event = models.BigIntegerField()
    moved_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="stockcursor_one_row")]
