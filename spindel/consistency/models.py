"""When every face was asked what goods cost, and which of them have answered differently."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from spindel.identity.columns import of_identifier

FEED = "feed "  # how the names begin by which feeds of others are faces


class AuditRun(models.Model):
    """Once that all faces were asked. `faces` says how often each has answered; `differing` how
    often one was not as it should be.
    """

    by = models.CharField(max_length=254)
    began_at = models.DateTimeField(db_default=Now())
    took = models.PositiveIntegerField(help_text="Milliseconds.")
    customers = models.PositiveIntegerField()
    products = models.PositiveIntegerField()
    answers = models.PositiveIntegerField()
    differing = models.PositiveIntegerField()
    faces = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["-began_at"], name="auditrun_began")]

    def __str__(self) -> str:
        return f"audit {self.pk}"


class Difference(models.Model):
    """A face has answered other than it should, to whoever has the identifier (none: anybody).

    It is open until a run finds that the face answers rightly again.
    """

    class What(models.TextChoices):
        """What differs."""

        PRICE = "price", _("Price")
        OFFERS = "offers", _("Offers")
        STOCK = "stock", _("Stock")
        NAME = "name", _("Name")
        MISSING = "missing", _("Not shown")

    face = models.CharField(max_length=60)
    what = models.CharField(max_length=7, choices=What.choices)
    identifier = of_identifier()
    sku = models.CharField(max_length=64)
    market = models.CharField(max_length=2)
    currency = models.CharField(max_length=3)
    said = models.CharField(max_length=400, blank=True)
    should = models.CharField(max_length=400, blank=True)
    since = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["face", "what", "identifier", "sku", "market"],
                condition=Q(until=None),
                nulls_distinct=False,
                name="difference_open_once",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="difference_until"
            ),
        ]
        indexes = [
            models.Index(fields=["identifier"], name="difference_of"),
            models.Index(fields=["-since"], name="difference_since"),
        ]

    def __str__(self) -> str:
        return f"{self.face}: {self.what} of {self.sku}"
