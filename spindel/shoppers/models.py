"""Shoppers who are at a shop, and the links that they log in by."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from spindel.identity.columns import of_identifier
from spindel.shoppers.columns import maybe_shopper
from spindel.timeline.models import Channel


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
    cart_id = models.BigIntegerField(
        null=True, db_index=True, help_text="What lies in her cart; sessions know no carts."
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
