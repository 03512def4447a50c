"""How orders are paid: what was agreed with a provider, asked of it, and heard from it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from spindel.kit.due import Due, DueQuerySet


class Payment(models.Model):
    """What is to be paid for an order, in minor units, and how far that has come.

    The amounts only ever grow, so what a provider tells twice, late or in the wrong order comes to
    the same. `state` is a word for them.
    """

    class State(models.TextChoices):
        """How far it has come."""

        PENDING = "pending", _("Not paid yet")
        AUTHORISED = "authorised", _("Reserved on the card")
        CAPTURED = "captured", _("Paid")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    order_id = models.BigIntegerField(help_text="What is paid for; payments know no orders.")
    number = models.CharField(max_length=64, help_text="Of what is paid for, as people know it.")
    language = models.CharField(max_length=5)
    provider = models.CharField(max_length=16)
    key = models.UUIDField(unique=True)
    state = models.CharField(
        max_length=10, choices=State.choices, default=State.PENDING, db_default=State.PENDING
    )
    currency = models.CharField(max_length=3)
    amount = models.PositiveBigIntegerField()
    authorised = models.PositiveBigIntegerField(default=0, db_default=0)
    captured = models.PositiveBigIntegerField(default=0, db_default=0)
    refunded = models.PositiveBigIntegerField(default=0, db_default=0)
    reference = models.CharField(max_length=255, blank=True, help_text="The provider's own name.")
    url = models.URLField(max_length=2000, blank=True, help_text="Where she pays.")
    ends_at = models.DateTimeField(null=True, help_text="Then it is asked of the provider no more.")
    waits_until = models.DateTimeField(null=True, help_text="Where she is asked to by a link.")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(captured__gte=F("refunded")), name="payment_refunded"
            ),
            models.CheckConstraint(condition=Q(amount__gte=F("captured")), name="payment_captured"),
            models.UniqueConstraint(
                fields=["provider", "reference"],
                condition=~Q(reference=""),
                name="payment_reference",
            ),
        ]
        indexes = [models.Index(fields=["order_id"], name="payment_of_order")]

    def __str__(self) -> str:
        return f"{self.provider}: {self.state}"


class PaymentCommand(Due):
    """Something to ask of a provider, once, after the commit that decided it. The key is its."""

    class Kind(models.TextChoices):
        """What is asked."""

        CAPTURE = "capture", _("Take the money")
        REFUND = "refund", _("Pay back")
        CANCEL = "cancel", _("Release")

    payment = models.ForeignKey(Payment, models.CASCADE, related_name="commands")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    amount = models.PositiveBigIntegerField(default=0)
    key = models.UUIDField(unique=True)

    objects = DueQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["failed_at"],
                condition=Q(failed_at__isnull=False),
                name="paymentcommand_failed",
            ),
            models.Index(
                fields=["attempts", "due"],
                condition=Q(done_at__isnull=True, failed_at__isnull=True),
                name="paymentcommand_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class PaymentEvent(models.Model):
    """What a provider has told. The same again is the same row."""

    class Trouble(models.TextChoices):
        """Why somebody here has to look at it."""

        CURRENCY = "currency", _("Money came in another currency")
        PAID_BACK = "paid_back", _("Money was paid back, and not from here")
        UNREADABLE = "unreadable", _("What a payment provider told can’t be read")

    provider = models.CharField(max_length=16)
    event_id = models.CharField(max_length=255)
    kind = models.CharField(max_length=80)
    payment = models.ForeignKey(Payment, models.CASCADE, null=True, related_name="told")
    at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(db_default=Now())
    trouble = models.CharField(
        max_length=10, choices=Trouble.choices, blank=True, default="", db_default=""
    )
    settled_at = models.DateTimeField(null=True, help_text="Somebody here has seen to it.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="paymentevent_once"),
        ]
        indexes = [
            models.Index(
                fields=["received_at"],
                condition=~Q(trouble="") & Q(settled_at=None),
                name="paymentevent_trouble",
            ),
        ]

    def __str__(self) -> str:
        return self.kind


class PaymentDispute(models.Model):
    """That she has asked her bank for the money back. The bank decides; a person here answers it.

    What is told later counts, whenever it comes: an appeal opens one again that was lost.
    """

    class State(models.TextChoices):
        """How far it has come."""

        OPEN = "open", _("Waits for our answer")
        REVIEW = "review", _("The bank looks at it")
        WON = "won", _("Decided for us")
        LOST = "lost", _("Decided for the customer")

    payment = models.ForeignKey(Payment, models.CASCADE, related_name="disputes")
    reference = models.CharField(max_length=255, unique=True, help_text="The provider's own name.")
    amount = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3, default="", db_default="")
    reason = models.CharField(max_length=40, help_text="The provider's code for why.")
    state = models.CharField(max_length=6, choices=State.choices)
    due_by = models.DateTimeField(null=True, help_text="An answer counts until then.")
    told_at = models.DateTimeField(help_text="What is kept here was true then.")
    made_at = models.DateTimeField(db_default=Now())
    settled_at = models.DateTimeField(null=True, help_text="Somebody here has seen to it.")

    class Meta:
        indexes = [
            models.Index(
                fields=["made_at"], condition=Q(settled_at=None), name="paymentdispute_unsettled"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.state}"


class GiftCard(models.Model):
    """Money that was paid before, for whoever has the code: a way to pay, never a discount.

    The code itself is told once, as it is made; a hash of it is kept, and its last letters, by
    which people here know it again. `balance` is in minor units; the database refuses less than
    nothing. It is the sum of the card's entries.
    """

    digest = models.BinaryField(max_length=32, unique=True)
    ending = models.CharField(max_length=4)
    currency = models.CharField(max_length=3)
    balance = models.PositiveBigIntegerField()
    expires_on = models.DateField(null=True, help_text="The last day on which it pays.")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(balance__gte=0), name="giftcard_balance"),
        ]

    def __str__(self) -> str:
        return f"…{self.ending}: {self.balance} {self.currency}"


class GiftCardEntry(models.Model):
    """Money that came on a gift card (above zero) or left it: as it was made, by a payment, or back
    from one. Only ever added to; the same key again is the same entry.
    """

    card = models.ForeignKey(GiftCard, models.PROTECT, related_name="entries")
    payment = models.ForeignKey(
        Payment, models.PROTECT, null=True, related_name="gift_card_entries"
    )
    amount = models.BigIntegerField()
    key = models.UUIDField(unique=True)
    by = models.CharField(max_length=254, blank=True)
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.amount} on {self.card_id}"
