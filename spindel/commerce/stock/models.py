"""Stock: how much of each variant there is in each place, why, and what of it is held."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from spindel.catalogue.models import Place, Variant
from spindel.identity.models import Identifier
from spindel.kit.fields import CurrentTransactionId, TransactionId
from spindel.shoppers.columns import maybe_shopper
from spindel.staff.models import User
from spindel.timeline.models import Channel


class Level(models.Model):
    """How many of a variant are in a place, and how many of these are held for somebody.

    Always the sums of its movements. `held` counts holds that have ended, too, until they are taken
    back; whoever asks what is available (`stock.levels`) leaves them out from the second they end.
    """

    pk = models.CompositePrimaryKey("variant_id", "place_id")
    variant = models.ForeignKey(Variant, models.PROTECT, db_index=False, related_name="+")
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    on_hand = models.IntegerField(default=0, db_default=0)
    held = models.IntegerField(default=0, db_default=0)
    counted_at = models.DateTimeField(null=True, help_text="The moment of the last count.")
    counted_before = models.DateTimeField(
        null=True,
        help_text="The moment of the one before it; the same moment where that is not known.",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(held__gte=0), name="level_held"),
        ]


class Hold(models.Model):
    """Some of a variant kept in a place for somebody, until a moment.

    The lines of one reservation have one `key` (`idempotency.key`), and are numbered. Variant and
    place are those of a level, which is there for good; the identifier is cleared when she is
    forgotten. So no foreign key is checked: it would cost every hold three look-ups more.
    """

    class State(models.TextChoices):
        """What has become of it."""

        ACTIVE = "active", _("Held")
        RELEASED = "released", _("Released")
        EXPIRED = "expired", _("Expired")
        HANDED_OVER = "handed_over", _("Handed over")
        MISSING = "missing", _("Not found")

    variant = models.ForeignKey(
        Variant, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    place = models.ForeignKey(
        Place, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    quantity = models.PositiveIntegerField()
    until = models.DateTimeField()
    state = models.CharField(
        max_length=16, choices=State.choices, default=State.ACTIVE, db_default=State.ACTIVE
    )
    identifier = models.ForeignKey(
        Identifier,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    channel = models.CharField(max_length=8, choices=Channel.choices)
    by = models.CharField(max_length=254)
    key = models.UUIDField()
    line = models.PositiveSmallIntegerField()
    content = models.UUIDField(help_text="A hash of what was asked for.")
    made_at = models.DateTimeField(db_default=Now())
    set_aside_at = models.DateTimeField(null=True, help_text="Since then it lies ready.")
    ended_at = models.DateTimeField(null=True)
    extended = models.PositiveSmallIntegerField(default=0, db_default=0)
    extended_key = models.UUIDField(null=True)
    extended_content = models.UUIDField(null=True)
    to_tell = models.BooleanField(
        default=False, db_default=False, help_text="It expired, and no fact says so yet."
    )
    order_line_id = models.BigIntegerField(
        null=True, help_text="What it is kept for, where that was bought already."
    )
    shopper = maybe_shopper()
    promised_by = models.ForeignKey(
        User,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        help_text="Who here has promised it to her.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "line"], name="hold_once"),
        ]
        indexes = [
            models.Index(
                fields=["variant", "place", "until"],
                condition=models.Q(state="active"),
                name="hold_active",
            ),
            models.Index(fields=["until"], condition=models.Q(state="active"), name="hold_ending"),
            models.Index(fields=["id"], condition=models.Q(to_tell=True), name="hold_to_tell"),
            models.Index(
                fields=["identifier"],
                condition=models.Q(identifier__isnull=False),
                name="hold_of_identifier",
            ),
            models.Index(
                fields=["shopper"],
                condition=models.Q(shopper__isnull=False),
                name="hold_of_shopper",
            ),
            models.Index(
                fields=["order_line_id"],
                condition=models.Q(order_line_id__isnull=False),
                name="hold_of_order_line",
            ),
            models.Index(
                fields=["place", "until"],
                condition=models.Q(state="active"),
                name="hold_of_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.quantity} until {self.until:%Y-%m-%d %H:%M}"


class Promise(models.Model):
    """Something that somebody here had promised and that can't be kept: told to her until seen."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    hold = models.OneToOneField(Hold, models.CASCADE, related_name="broken_promise")
    next = models.ForeignKey(Place, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["user"], condition=models.Q(seen_at__isnull=True), name="promise_unseen"
            ),
        ]

    def __str__(self) -> str:
        return f"hold {self.hold_id}"


class Movement(models.Model):
    """Why a level changed, and by how much. Only ever added to: a trigger refuses changes.

    `at` is when it happened, which may be long before it was told. If the level was counted in
    between it is in that count already: then `on_hand`, by which the level changes, is 0, what was
    told stands in `in_count`, and `counted_at` says in which. Keys are as those of holds; the lines
    of one sale or transfer are numbered.
    """

    class Kind(models.TextChoices):
        """What happened."""

        DELIVERY = "delivery", _("Delivery")
        SALE = "sale", _("Sale")
        HOLD = "hold", _("Hold")
        RELEASE = "release", _("Release")
        TRANSFER = "transfer", _("Transfer")
        COUNT = "count", _("Count")
        RETURN = "return", _("Return")
        DAMAGE = "damage", _("Damage")

    variant = models.ForeignKey(
        Variant, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    place = models.ForeignKey(
        Place, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    kind = models.CharField(max_length=16, choices=Kind.choices)
    on_hand = models.IntegerField(default=0, db_default=0)
    in_count = models.IntegerField(default=0, db_default=0)
    counted_at = models.DateTimeField(null=True)
    held = models.IntegerField(default=0, db_default=0)
    at = models.DateTimeField(db_default=Now())
    told_at = models.DateTimeField(db_default=Now())
    by = models.CharField(max_length=254)
    hold = models.ForeignKey(
        Hold, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    key = models.UUIDField(null=True)
    line = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key", "line"],
                condition=models.Q(key__isnull=False),
                name="movement_once",
            ),
            models.CheckConstraint(
                condition=models.Q(counted_at=None, in_count=0)
                | models.Q(counted_at__gte=models.F("at"), on_hand=0),
                name="movement_in_count",
            ),
        ]
        indexes = [
            models.Index(fields=["variant", "place", "at"], name="movement_of_level"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.on_hand:+d}/{self.held:+d}"


class StockEvent(models.Model):
    """What came of a change: little is left, nothing, something again; or less than nothing.

    Stock is nobody's, so this is no fact of a customer's timeline. `transaction` and the id order
    them for whoever follows, as they do facts.
    """

    class Kind(models.TextChoices):
        """What came of it."""

        LOW = "low", _("Running low")
        SOLD_OUT = "sold_out", _("Sold out")
        BACK = "back", _("Back in stock")
        SHORT = "short", _("More promised than there is")
        BELOW_ZERO = "below_zero", _("Below zero")

    transaction = TransactionId(db_default=CurrentTransactionId(), editable=False)
    variant = models.ForeignKey(
        Variant, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    place = models.ForeignKey(
        Place, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    kind = models.CharField(max_length=16, choices=Kind.choices)
    available = models.IntegerField()
    on_hand = models.IntegerField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["transaction", "id"], name="stockevent_order"),
            models.Index(fields=["variant", "place", "id"], name="stockevent_of_level"),
            models.Index(fields=["place", "id"], name="stockevent_of_place"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.available}"


class StockCheck(models.Model):
    """One row: when the levels were last proved by their movements, and what did not add up."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField()
    levels = models.BigIntegerField()
    wrong = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="stockcheck_one_row")]
