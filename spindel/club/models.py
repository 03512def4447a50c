"""The club: its terms, its members, and the ledger of their points."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from spindel.catalogue.models import Place
from spindel.identity.columns import of_identifier
from spindel.timeline.models import Channel


class ClubSettings(models.Model):
    """The one row that says how the club works: `club.terms.ClubTerms` as JSON."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    terms = models.JSONField()
    by = models.CharField(max_length=254)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="clubsettings_one_row"),
        ]

    def __str__(self) -> str:
        return f"changed at {self.changed_at}"


class ClubMember(models.Model):
    """A card, and what is on it. The cards of identifiers that are one customer's today are one
    membership: so whoever becomes one is one member, and whoever becomes two is two again, with
    what each had.

    `available`, `pending` and `owed` are points: what she can spend, what waits until goods can't
    come back any more, and what was spent of goods that came back later.
    """

    identifier = of_identifier()
    number = models.CharField(max_length=64, unique=True)
    joined_at = models.DateTimeField(db_default=Now())
    left_at = models.DateTimeField(null=True)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    place = models.ForeignKey(Place, models.PROTECT, null=True, db_index=False)
    by = models.CharField(max_length=254, blank=True, help_text="Who here had her join.")
    available = models.BigIntegerField(default=0, db_default=0)
    pending = models.BigIntegerField(default=0, db_default=0)
    owed = models.BigIntegerField(default=0, db_default=0)
    tier = models.SlugField(max_length=40, blank=True, default="", db_default="", db_index=False)
    tier_due = models.DateTimeField(null=True, help_text="When her tier is looked at again.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(available__gte=0) & Q(pending__gte=0) & Q(owed__gte=0),
                name="clubmember_never_below_zero",
            ),
        ]
        indexes = [
            models.Index(fields=["identifier"], name="clubmember_of_identifier"),
            models.Index(fields=["joined_at"], name="clubmember_joined"),
            models.Index(fields=["tier_due"], name="clubmember_tier_due"),
        ]

    def __str__(self) -> str:
        return f"member {self.pk}"


class PointsLot(models.Model):
    """Points that came in together, and what is left of them: of an order, imported, or given.

    Of an order (its number; empty for none) it keeps what is known of it, in minor units of the
    currency: what was `bought`, or got for what came back of another (`swapped`), what came `back`,
    what was `refunded`, and what it is `worth` without what was cancelled, where anybody has told
    so. `per_point`: so much gave a point then. Points are spent and expire from `available_from` to
    `expires_at`; `released` lots have come past the first.
    """

    member = models.ForeignKey(ClubMember, models.CASCADE, related_name="lots", db_index=False)
    order = models.CharField(max_length=64, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    per_point = models.BigIntegerField(default=0)
    bought = models.BigIntegerField(default=0)
    swapped = models.BigIntegerField(default=0)
    back = models.BigIntegerField(default=0)
    refunded = models.BigIntegerField(default=0)
    worth = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    available_from = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    released = models.BooleanField()
    points = models.BigIntegerField()
    left = models.BigIntegerField()
    taken = models.BigIntegerField(default=0)
    expired = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "order"], condition=~Q(order=""), name="pointslot_once"
            ),
            models.CheckConstraint(
                condition=Q(left__gte=0)
                & Q(taken__gte=0)
                & Q(expired__gte=0)
                & Q(left__lte=F("points")),
                name="pointslot_left",
            ),
        ]
        indexes = [
            models.Index(fields=["member", "at"], name="pointslot_of_member"),
            models.Index(
                fields=["available_from"], condition=Q(released=False), name="pointslot_pending"
            ),
            models.Index(
                fields=["expires_at"],
                condition=Q(released=True, left__gt=0),
                name="pointslot_expiring",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.left} of {self.points}"


class PointsEntry(models.Model):
    """A line of the ledger: points that came or went. Only ever added to; a member's balance is
    their sum. `source` says of what each is, once.
    """

    class Kind(models.TextChoices):
        """What has become of points."""

        EARNED = "earned", _("Earned")
        SPENT = "spent", _("Spent")
        EXPIRED = "expired", _("Expired")
        TAKEN_BACK = "taken_back", _("Taken back")
        IMPORTED = "imported", _("Brought along")
        CORRECTED = "corrected", _("Corrected")
        MOVED = "moved", _("Set off between two cards")

    member = models.ForeignKey(ClubMember, models.CASCADE, related_name="entries", db_index=False)
    lot = models.ForeignKey(PointsLot, models.CASCADE, null=True, related_name="entries")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    points = models.BigIntegerField()
    source = models.CharField(max_length=120, unique=True)
    by = models.CharField(max_length=254, blank=True)
    why = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(points=0), name="pointsentry_something"),
        ]
        indexes = [
            models.Index(fields=["member", "at"], name="pointsentry_of_member"),
        ]

    def __str__(self) -> str:
        return f"{self.points:+} {self.kind}"
