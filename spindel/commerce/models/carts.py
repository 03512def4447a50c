"""Shoppers who are at a shop, their carts, and what they wish for."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from spindel.commerce.models.base import (
    maybe_place,
    maybe_shopper,
    of_identifier,
    of_variant,
)
from spindel.identity.models import Customer
from spindel.timeline.models import Channel


class Fulfilment(models.TextChoices):
    """How goods come to whoever buys them."""

    SHIP = "ship", _("Sent to the customer")
    PICK_UP = "pick_up", _("Picked up in a store")
    HAND_OVER = "hand_over", _("Handed over at once")


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


class Shopper(models.Model):
    """Somebody's session at a shop, on one device, known by a secret of which the hash is kept.

    `browser` is what the shop's own script calls the device. `identifier` is who she has proved
    to be: by a mailed link, or because the shop's server says so. Until then it is empty, and she
    sees nothing but what she did herself on this device. `network` is a keyed hash of the network
    address that it began from, so that those of one address are counted together.
    """

    digest = models.BinaryField(max_length=32, unique=True)
    browser = of_identifier()
    identifier = of_identifier()
    cart = models.ForeignKey(
        Cart, models.DO_NOTHING, null=True, db_constraint=False, related_name="+"
    )
    market = models.CharField(max_length=2)
    currency = models.CharField(max_length=3)
    language = models.CharField(max_length=5)
    channel = models.CharField(max_length=8, choices=Channel.choices, default=Channel.WEB)
    shop = models.CharField(max_length=120, help_text="The token that let her in, by name.")
    network = models.CharField(max_length=32, default="", db_default="")
    made_at = models.DateTimeField(db_default=Now())
    used_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["browser"], name="shopper_browser"),
            models.Index(fields=["identifier"], name="shopper_identifier"),
            models.Index(fields=["used_at"], name="shopper_used"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class LoginLink(models.Model):
    """A link that was mailed to somebody, so that she can prove who she is. Good once.

    `shopper` is the session that has asked for it, and `network` where that began.
    """

    digest = models.BinaryField(max_length=32, unique=True)
    identifier = of_identifier()
    shopper = maybe_shopper()
    network = models.CharField(max_length=32, default="", db_default="")
    made_at = models.DateTimeField(db_default=Now())
    ends_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["identifier", "made_at"], name="loginlink_of"),
            models.Index(fields=["shopper", "made_at"], name="loginlink_of_shopper"),
            models.Index(fields=["network", "made_at"], name="loginlink_of_network"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


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
