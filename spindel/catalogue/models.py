"""What is sold, at what price, and the places that it is sold and kept at."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from spindel.catalogue.rules import Hours, parse_hours
from spindel.staff.models import User


class Product(models.Model):
    """Something that is sold, in one or more variants. Texts are by language (sv, da, en)."""

    number = models.CharField(max_length=64, unique=True)
    names = models.JSONField(default=dict)
    texts = models.JSONField(default=dict)
    brand = models.CharField(max_length=120, blank=True)
    categories = ArrayField(models.CharField(max_length=200), default=list)
    attributes = models.JSONField(default=dict)
    pictures = ArrayField(models.URLField(max_length=500), default=list)
    vat = models.PositiveSmallIntegerField(default=2500, help_text="In hundredths of a percent.")
    # Written by the actions, out of the texts and of the variants that are sold.
    words = SearchVectorField(null=True)
    filters = ArrayField(models.TextField(), default=list)  # such as "size=38"
    by_hand = ArrayField(
        models.TextField(), db_default=Value("{}"), help_text="See `manual_edits`."
    )
    updated_at = models.DateTimeField(db_default=Now())
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            GinIndex(fields=["words"], name="product_words"),
            GinIndex(fields=["filters"], name="product_filters"),
            models.Index(OpClass(Lower("number"), "text_pattern_ops"), name="product_lower_number"),
        ]

    def __str__(self) -> str:
        return self.number


class Variant(models.Model):
    """A product in one size and colour: what lies on the shelf."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="variants")
    sku = models.CharField(max_length=64, unique=True)
    gtin = models.CharField(max_length=14, null=True, unique=True)  # 14 digits, or null
    options = models.JSONField(default=dict, help_text="Such as size and colour.")
    pictures = ArrayField(models.URLField(max_length=500), default=list)
    position = models.PositiveSmallIntegerField(default=0)
    filters = ArrayField(models.TextField(), db_default=Value("{}"))  # as the product's
    by_hand = ArrayField(
        models.TextField(), db_default=Value("{}"), help_text="See `manual_edits`."
    )
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["product", "position"], name="variant_of_product"),
            models.Index(OpClass(Lower("sku"), "text_pattern_ops"), name="variant_lower_sku"),
        ]

    def __str__(self) -> str:
        return self.sku


class Word(models.Model):
    """A word that goods are called by, folded, with what is left of it without some letters."""

    word = models.CharField(max_length=24, primary_key=True)
    near = ArrayField(models.TextField(), default=list)

    class Meta:
        indexes = [GinIndex(fields=["near"], name="word_near")]

    def __str__(self) -> str:
        return self.word


class Option(models.Model):
    """A value that variants have, such as "colour=black", with the words that it is called."""

    filter = models.TextField(primary_key=True)
    words = SearchVectorField()

    class Meta:
        indexes = [GinIndex(fields=["words"], name="option_words")]

    def __str__(self) -> str:
        return self.filter


class Edit(models.Model):
    """What somebody has changed of a product by hand, with all as it was before; null where it was
    not there.
    """

    product = models.ForeignKey(Product, models.CASCADE, related_name="edits")
    by = models.CharField(max_length=254)
    at = models.DateTimeField(db_default=Now())
    before = models.JSONField(null=True)
    fields = models.JSONField(help_text="Of the product, and of variants by SKU.")
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.product_id} {self.at}"


class Price(models.Model):
    """What a variant costs in a market from a moment on, in minor units, VAT included.

    Of the prices that hold at a moment a sale that is lower counts before the regular price, and
    what began last before what began earlier.
    """

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="prices")
    market = models.CharField(max_length=2, help_text="ISO 3166 code of the country.")
    currency = models.CharField(max_length=3)
    amount = models.PositiveBigIntegerField()
    sale = models.BooleanField(default=False)
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["variant", "market", "currency", "sale", "since"], name="price_once"
            ),
        ]
        indexes = [models.Index(fields=["market"], name="price_market")]


class Place(models.Model):
    """A store or a warehouse."""

    class Kind(models.TextChoices):
        """Whether customers come there."""

        STORE = "store", _("Store")
        WAREHOUSE = "warehouse", _("Warehouse")

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.STORE)
    street = models.CharField(max_length=200, blank=True)
    postcode = models.CharField(max_length=16, blank=True)
    city = models.CharField(max_length=120, blank=True)
    country = models.CharField(max_length=2, default="SE")
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    time_zone = models.CharField(max_length=64, default="Europe/Stockholm")
    hours = models.JSONField(
        default=dict, help_text='By weekday, 1 Monday to 7: [["10:00", "18:00"]]; none: closed.'
    )
    exceptions = models.JSONField(
        default=dict, help_text='By date: {"2026-12-24": [["10:00", "13:00"]]}; []: closed.'
    )
    ships = models.BooleanField(default=False)
    hands_over = models.BooleanField(default=True)
    closed_at = models.DateTimeField(null=True, help_text="For good.")

    def __str__(self) -> str:
        return self.name

    @property
    def opening(self) -> Hours:
        """When it is open; what is kept has been checked."""
        return parse_hours(self.hours, self.exceptions, self.time_zone)


class Post(models.Model):
    """The store of somebody who works here, and where she helps out on a day.

    Whoever has none works in any store.
    """

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="+")
    place = models.ForeignKey(Place, models.CASCADE, related_name="+")
    helps = models.ForeignKey(
        Place, models.CASCADE, null=True, related_name="+", help_text="Another store, for a day."
    )
    helps_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(helps__isnull=True, helps_on__isnull=True)
                | Q(helps__isnull=False, helps_on__isnull=False),
                name="post_helps_on",
            ),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} at {self.place_id}"
