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
    revoked_at = models.DateTimeField(null=True)

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


class PricePromise(models.Model):
    """Something that a customer was promised, or was shown: it holds until its time is up, whatever
    becomes of the offer.

    `terms` are `offers.terms.Terms` as JSON. With an `offer` they are those of its `version`; else
    they were promised to her alone, for one order. `reference` is unique to its source.
    """

    class Source(models.TextChoices):
        """Why it holds."""

        PERSONAL = "personal", _("Promised to her")
        REWARD = "reward", _("A reward")
        SHOWN = "shown", _("Shown to her")

    class State(models.TextChoices):
        """What has become of it. An open one is still bound to its time."""

        OPEN = "open", _("Open")
        KEPT = "kept", _("Kept")
        LAPSED = "lapsed", _("Lapsed")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    identifier = of_identifier()
    offer = models.ForeignKey(Offer, models.PROTECT, null=True, related_name="promises")
    version = models.PositiveIntegerField(default=0)
    terms = models.JSONField()
    source = models.CharField(max_length=8, choices=Source.choices)
    reference = models.CharField(max_length=100)
    content = models.UUIDField(null=True, help_text="A hash of what the request has asked for.")
    channel = models.CharField(max_length=16, blank=True)
    by = models.CharField(max_length=254, blank=True)
    why = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField(db_default=Now())
    until = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    changed_at = models.DateTimeField(db_default=Now(), help_text="When it came to its state.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "reference", "identifier"], name="pricepromise_once"
            ),
            models.CheckConstraint(
                condition=Q(source="shown", offer__isnull=False)
                | Q(source__in=["personal", "reward"], offer__isnull=True),
                name="pricepromise_of_offer",
            ),
        ]
        indexes = [
            models.Index(fields=["identifier"], name="pricepromise_of"),
            models.Index(
                fields=["identifier"], condition=Q(state="open"), name="pricepromise_open"
            ),
            models.Index(fields=["until"], condition=Q(state="open"), name="pricepromise_until"),
        ]

    def __str__(self) -> str:
        return f"promise {self.pk}"


class OfferUse(models.Model):
    """An offer or a promise counts in an order: from when that is written on, paid or not, until it
    comes to nothing. `order` is its number. `amount` is what it takes off, in minor units.

    A promise of an offer is a use of that, too, but takes nothing of what is left of its limits.
    """

    offer = models.ForeignKey(Offer, models.PROTECT, null=True, related_name="uses", db_index=False)
    version = models.PositiveIntegerField()
    promise = models.ForeignKey(PricePromise, models.PROTECT, null=True, related_name="uses")
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
            models.UniqueConstraint(fields=["order", "promise"], name="offeruse_promise_once"),
            models.CheckConstraint(
                condition=Q(offer__isnull=False) | Q(promise__isnull=False), name="offeruse_of"
            ),
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
        return f"{self.offer_id or self.promise} in {self.order}"


class CustomerList(models.Model):
    """Customers who are named one by one, so that an offer can be for them: its audience has
    `list:` and this key.
    """

    key = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    made_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.key


class ListedCustomer(models.Model):
    """Somebody on a list, under one of her identifiers."""

    list = models.ForeignKey(CustomerList, models.CASCADE, related_name="customers", db_index=False)
    identifier = of_identifier()
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["identifier", "list"], name="listedcustomer_once"),
        ]
        indexes = [models.Index(fields=["list"], name="listedcustomer_of_list")]

    def __str__(self) -> str:
        return f"{self.identifier_id} on {self.list_id}"


class OfferShowing(models.Model):
    """An offer was sent to all who are on a list, in a newsletter for example: a promise to each of
    them, for as long as the offer said then.
    """

    offer = models.ForeignKey(Offer, models.CASCADE, related_name="showings", db_index=False)
    version = models.PositiveIntegerField()
    list = models.ForeignKey(CustomerList, models.PROTECT, related_name="+")
    by = models.CharField(max_length=254)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["offer", "version", "list"], name="offershowing_once"),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id} to {self.list_id}"


class DeliveryFee(models.Model):
    """What it costs that goods of so much or more come by a method: `worth` and `amount` in minor
    units, the VAT's rate in hundredths of 1 %. No row: nothing.
    """

    METHODS = (("ship", _("Sent to the customer")), ("pick_up", _("Picked up in a store")))

    market = models.CharField(max_length=2)
    currency = models.CharField(max_length=3)
    method = models.CharField(max_length=9, choices=METHODS)
    worth = models.PositiveBigIntegerField(default=0)
    amount = models.PositiveBigIntegerField()
    vat_rate = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["market", "currency", "method", "worth"], name="deliveryfee_once"
            ),
            models.CheckConstraint(condition=Q(vat_rate__lte=10_000), name="deliveryfee_vat"),
        ]

    def __str__(self) -> str:
        return f"{self.market} {self.method} from {self.worth}: {self.amount} {self.currency}"
