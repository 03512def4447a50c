"""Offers, each with all that it has said, and who has used which."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from spindel.identity.columns import of_identifier


class Edition(models.Model):
    """The one row by which a process knows whether what it has read of offers still holds. Its
    number grows with each change of them; it is that change's time in microseconds, so that no two
    databases have the same.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="edition_one_row"),
        ]

    def __str__(self) -> str:
        return str(self.number)


class Offer(models.Model):
    """Something that customers get: a discount on some goods, for some of them, for a while.

    `key` is its name in files and in the API. `version` is the number of the terms that hold.
    """

    class State(models.TextChoices):
        """Whether it is given. A live one is still bound to its own times."""

        DRAFT = "draft", _("Draft")
        LIVE = "live", _("Live")
        PAUSED = "paused", _("Paused")
        ENDED = "ended", _("Ended")

    key = models.SlugField(max_length=80, unique=True)
    state = models.CharField(max_length=6, choices=State.choices, default=State.DRAFT)
    version = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["state"], name="offer_state")]

    def __str__(self) -> str:
        return self.key


class OfferVersion(models.Model):
    """What an offer said from a moment on, who had it so, and why. Only ever added to.

    `terms` are `offers.terms.Terms` as JSON.
    """

    offer = models.ForeignKey(Offer, models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    terms = models.JSONField()
    by = models.CharField(max_length=254)
    why = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["offer", "number"], name="offerversion_once"),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id}, {self.number}"


class OfferStateChange(models.Model):
    """Somebody gave, paused or ended an offer, and why. Only ever added to."""

    offer = models.ForeignKey(Offer, models.CASCADE, related_name="state_changes")
    state = models.CharField(max_length=6, choices=Offer.State.choices)
    by = models.CharField(max_length=254)
    why = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.offer_id} {self.state}"


class OfferCode(models.Model):
    """A code of an offer. `text` is empty where it was made for one customer: then nobody here can
    read it, as with a password. `uses_left` null: as often as the offer says.
    """

    digest = models.BinaryField(max_length=32, unique=True)
    offer = models.ForeignKey(Offer, models.CASCADE, related_name="codes")
    text = models.CharField(max_length=40, blank=True)
    uses_left = models.PositiveIntegerField(null=True)
    made_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.text or f"code {self.pk}"


class OfferLimit(models.Model):
    """What is left of an offer that is limited: how often (`currency` empty), or how much money it
    may still give, in minor units. The database refuses less than nothing.
    """

    offer = models.ForeignKey(Offer, models.CASCADE, related_name="limits", db_index=False)
    currency = models.CharField(max_length=3, blank=True)
    left = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["offer", "currency"], name="offerlimit_once"),
            models.CheckConstraint(condition=Q(left__gte=0), name="offerlimit_left"),
        ]

    def __str__(self) -> str:
        return f"{self.left} {self.currency}".strip()


class OfferUse(models.Model):
    """An offer counts in an order: from when that is written on, paid or not, until it comes to
    nothing. `order` is its number. `amount` is what the offer takes off, in minor units.
    """

    offer = models.ForeignKey(Offer, models.PROTECT, related_name="uses", db_index=False)
    version = models.PositiveIntegerField()
    code = models.ForeignKey(OfferCode, models.PROTECT, null=True, db_index=False)
    order = models.CharField(max_length=64)
    identifier = of_identifier()
    currency = models.CharField(max_length=3)
    amount = models.PositiveBigIntegerField()
    goods = models.PositiveBigIntegerField(
        db_default=0, help_text="What the goods of the order cost, all together."
    )
    at = models.DateTimeField(db_default=Now())
    returned_at = models.DateTimeField(null=True, help_text="Since then it does not count.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "offer"], name="offeruse_once"),
            models.CheckConstraint(
                condition=Q(returned_at__isnull=True) | Q(returned_at__gte=F("at")),
                name="offeruse_returned",
            ),
        ]
        indexes = [
            models.Index(fields=["identifier", "offer"], name="offeruse_of_identifier"),
            models.Index(fields=["offer", "at"], name="offeruse_of_offer"),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id} in {self.order}"
