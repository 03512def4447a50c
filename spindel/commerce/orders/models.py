"""The order book: what was bought in any channel, and how it came to whoever bought it."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from spindel.catalogue.columns import maybe_place, of_place, of_variant
from spindel.catalogue.models import Variant
from spindel.commerce.carts.models import Cart
from spindel.commerce.common.columns import contact_key
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.stock.models import Hold
from spindel.identity.columns import of_identifier
from spindel.shoppers.columns import maybe_shopper
from spindel.staff.models import User
from spindel.timeline.models import Channel


class Order(models.Model):
    """A purchase, from the web, the app, an agent or a counter. Amounts are in minor units.

    `number` stands on the receipt, too, and can't be guessed. `identifier` is whose it is: hers,
    or the receipt's own where nobody knows who bought it. What was agreed (lines, prices) never
    changes; how far it has come is counted on the lines.
    """

    class State(models.TextChoices):
        """How far it has come."""

        AWAITING_PAYMENT = "awaiting", _("Waits for the payment")
        CONFIRMED = "confirmed", _("Confirmed")
        COMPLETED = "completed", _("Completed")
        CANCELLED = "cancelled", _("Cancelled")

    number = models.CharField(max_length=64, unique=True)
    key = models.UUIDField(unique=True)
    content = models.UUIDField(help_text="A hash of what was asked for.")
    identifier = of_identifier()
    cart = models.ForeignKey(
        Cart, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    shopper = maybe_shopper()
    state = models.CharField(max_length=9, choices=State.choices)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    place = maybe_place()
    by = models.CharField(max_length=254, help_text="Who wrote it down; empty: the shopper.")
    market = models.CharField(max_length=2)
    currency = models.CharField(max_length=3)
    language = models.CharField(max_length=5)
    total = models.PositiveBigIntegerField()
    vat = models.PositiveBigIntegerField()
    proved = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Whoever placed it had proved who she is, or somebody here has written it down.",
    )
    contact = models.JSONField(default=dict, help_text="name, email, phone")
    contact_email = contact_key()
    contact_phone = contact_key()
    address = models.JSONField(default=dict, help_text="street, postcode, city, country")
    placed_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["identifier", "placed_at"], name="order_of_identifier"),
            models.Index(fields=["placed_at"], name="order_placed"),
            models.Index(fields=["state", "placed_at"], name="order_state"),
            models.Index(fields=["cart"], condition=Q(cart__isnull=False), name="order_of_cart"),
            models.Index(
                fields=["shopper"], condition=Q(shopper__isnull=False), name="order_of_shopper"
            ),
            models.Index(fields=["contact_email"], name="order_email"),
            models.Index(fields=["contact_phone"], name="order_phone"),
        ]

    def __str__(self) -> str:
        return self.number


class OrderLine(models.Model):
    """So many of a variant at the price that was agreed; names and VAT are those of that day.

    The three counters say what has become of them: handed over or sent, cancelled, and of those
    handed over how many came back. The database refuses more back than was handed over.
    """

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines", db_index=False)
    line = models.PositiveSmallIntegerField()
    variant = of_variant()
    sku = models.CharField(max_length=64)
    product = models.CharField(max_length=64, help_text="The product's number.")
    name = models.CharField(max_length=300)
    options = models.CharField(max_length=300, help_text="Size, colour and so on, in words.")
    quantity = models.PositiveSmallIntegerField()
    amount = models.PositiveBigIntegerField(help_text="What one costs, VAT included.")
    list_amount = models.PositiveBigIntegerField(help_text="What one cost everybody else.")
    total = models.PositiveBigIntegerField(help_text="What all of them cost, adjustments included.")
    vat_rate = models.PositiveSmallIntegerField(help_text="In hundredths of a percent.")
    fulfilment = models.CharField(max_length=9, choices=Fulfilment.choices)
    place = maybe_place()
    delivered = models.PositiveSmallIntegerField(default=0, db_default=0)
    cancelled = models.PositiveSmallIntegerField(default=0, db_default=0)
    returned = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "line"], name="orderline_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="orderline_quantity"),
            models.CheckConstraint(
                condition=Q(quantity__gte=F("delivered") + F("cancelled")), name="orderline_out"
            ),
            models.CheckConstraint(
                condition=Q(delivered__gte=F("returned")), name="orderline_back"
            ),
            models.CheckConstraint(
                condition=Q(total__lte=F("quantity") * F("amount")), name="orderline_total"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku}"


class OrderLineAdjustment(models.Model):
    """Why a line costs less than its pieces do: what was taken off when the order was written.

    `amount` is of all the pieces together, below zero, in minor units; the line's `total` has it in
    it. Only ever written with the line.
    """

    order_line = models.ForeignKey(OrderLine, models.CASCADE, related_name="adjustments")
    amount = models.BigIntegerField()
    reason = models.CharField(max_length=40, help_text="Why, in a word for machines.")
    label = models.CharField(max_length=300, help_text="Why, in words for the customer.")
    source = models.CharField(max_length=120, help_text="What it comes from: offer:12.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__lt=0), name="adjustment_takes_off"),
        ]

    def __str__(self) -> str:
        return f"{self.amount}: {self.label}"


class OrderFee(models.Model):
    """What it costs that the order's goods come by a method: `amount` as it was charged, `total`
    after `discounts` (name, amount, source each). It falls away with the last of the goods that it
    is for: not paid where those were cancelled, given back where they came back.
    """

    order = models.ForeignKey(Order, models.CASCADE, related_name="fees", db_index=False)
    method = models.CharField(max_length=9, choices=Fulfilment.choices)
    amount = models.PositiveBigIntegerField()
    total = models.PositiveBigIntegerField()
    vat_rate = models.PositiveSmallIntegerField(help_text="In hundredths of a percent.")
    discounts = models.JSONField(default=list)
    cancelled = models.BooleanField(default=False, db_default=False)
    returned = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "method"], name="orderfee_once"),
            models.CheckConstraint(condition=Q(total__lte=F("amount")), name="orderfee_total"),
            models.CheckConstraint(
                condition=Q(cancelled=False) | Q(returned=False), name="orderfee_once_away"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method}: {self.total}"


class Shipment(models.Model):
    """Goods of an order that have left a place: by a carrier, or over its counter."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="shipments")
    key = models.UUIDField(unique=True)
    content = models.UUIDField(help_text="A hash of what was asked for.")
    place = of_place()
    fulfilment = models.CharField(max_length=9, choices=Fulfilment.choices)
    carrier = models.CharField(max_length=60, blank=True)
    tracking = models.CharField(max_length=120, blank=True)
    tracking_url = models.URLField(max_length=500, blank=True)
    arrived_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=254)
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.carrier} {self.tracking}".strip() or str(self.pk)


class ShipmentLine(models.Model):
    """How many of an order's line went with a shipment."""

    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="lines")
    order_line = models.ForeignKey(OrderLine, models.CASCADE, related_name="+")
    quantity = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return f"{self.quantity} of {self.order_line_id}"


class OrderEvent(models.Model):
    """What has happened to an order: when, who did it, and why. Only ever added to."""

    class Kind(models.TextChoices):
        """What happened."""

        PLACED = "placed", _("Placed")
        CONFIRMED = "confirmed", _("Confirmed")
        PAID = "paid", _("Paid")
        PAYMENT_FAILED = "payment_failed", _("The payment failed")
        SHIPPED = "shipped", _("Sent")
        ARRIVED = "arrived", _("Arrived")
        HANDED_OVER = "handed_over", _("Handed over")
        UNDONE = "undone", _("Not handed over after all")
        CANCELLED = "cancelled", _("Cancelled")
        NOT_FOUND = "not_found", _("Not found in the store")
        RETURN_STARTED = "return_started", _("Return started")
        RETURN_OFF = "return_off", _("Return called off")
        RETURNED = "returned", _("Given back")
        EXCHANGED = "exchanged", _("Exchanged")
        REFUNDED = "refunded", _("Paid back")
        CLAIMED = "claimed", _("Added with the receipt")
        DISPUTED = "disputed", _("The payment is disputed")
        DISPUTE_OVER = "dispute_over", _("The bank has decided")

    order = models.ForeignKey(Order, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    by = models.CharField(max_length=254, blank=True)
    why = models.CharField(max_length=300, blank=True)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.kind


class SavedView(models.Model):
    """A filter of the list of orders, by the name that somebody gave it: theirs, or everybody's.

    `query` is what stands in the list's address.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=600)
    shared = models.BooleanField(default=False)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="savedview_once"),
        ]

    def __str__(self) -> str:
        return self.name


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
