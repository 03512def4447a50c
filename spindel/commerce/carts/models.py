"""Shoppers who are at a shop, their carts, and what they wish for."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Value
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from spindel.catalogue.columns import maybe_place, of_variant
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.identity.columns import of_identifier
from spindel.identity.models import Customer


class Cart(models.Model):
    """What somebody means to buy. A living customer has one that is open, whatever she stands at.

    `customer` is whose open cart it is. It is empty where only a browser that nobody knows has the
    cart, or one that somebody is thought to use and has not logged in at: what identity thinks
    never shows a cart to anybody (decision 0012). `identifier` is who its facts are told of.
    """

    class State(models.TextChoices):
        """What has become of it."""

        OPEN = "open", _("Open")
        ORDERED = "ordered", _("Ordered")
        MERGED = "merged", _("Part of another cart")

    customer = models.ForeignKey(
        Customer,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    identifier = of_identifier()
    state = models.CharField(
        max_length=8, choices=State.choices, default=State.OPEN, db_default=State.OPEN
    )
    merged_into = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    market = models.CharField(max_length=2)
    currency = models.CharField(max_length=3)
    version = models.PositiveIntegerField(default=0, db_default=0)
    codes = ArrayField(
        models.CharField(max_length=40), db_default=Value("{}"), help_text="Of offers, as typed."
    )
    made_at = models.DateTimeField(db_default=Now())
    # To the minute: it has an index, and a change that touches none is cheaper by half.
    changed_at = models.DateTimeField(db_default=Now())
    abandoned_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=models.Q(state="open", customer__isnull=False),
                name="cart_one_open",
            ),
        ]
        indexes = [
            models.Index(fields=["identifier"], name="cart_of_identifier"),
            models.Index(
                fields=["changed_at"],
                condition=models.Q(state="open", abandoned_at__isnull=True),
                name="cart_to_abandon",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.state}"


class CartLine(models.Model):
    """So many of a variant, and how they are to come. A saved line waits, and is not ordered."""

    cart = models.ForeignKey(Cart, models.CASCADE, related_name="lines", db_index=False)
    variant = of_variant()
    quantity = models.PositiveSmallIntegerField()
    fulfilment = models.CharField(
        max_length=9, choices=Fulfilment.choices, default=Fulfilment.SHIP, db_default="ship"
    )
    place = maybe_place()
    saved = models.BooleanField(default=False, db_default=False)
    seen_amount = models.PositiveBigIntegerField(
        null=True, help_text="What one cost when the line was last touched, in minor units."
    )
    key = models.UUIDField(null=True, help_text="Of the request that last added to it.")
    content = models.UUIDField(null=True, help_text="A hash of what that has asked for.")
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cart", "variant"], name="cartline_once"),
            models.CheckConstraint(condition=models.Q(quantity__gte=1), name="cartline_quantity"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.variant_id}"


class CartMerge(models.Model):
    """The lines of a cart came into another: what each had then, so that it can be taken apart.

    `had` and `brought` are lists of a variant's id, how many, and whether they waited.
    """

    into = models.ForeignKey(Cart, models.CASCADE, related_name="+")
    origin = models.ForeignKey(Cart, models.CASCADE, related_name="+")
    had = models.JSONField()
    brought = models.JSONField()
    made_at = models.DateTimeField(db_default=Now())
    apart_at = models.DateTimeField(null=True, help_text="Since then it is taken apart.")

    def __str__(self) -> str:
        return f"{self.origin_id} into {self.into_id}"
