"""Who is who: identifiers, what links them, and which customer each belonged to, when."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils import timezone

from spindel.kit import sealed
from spindel.timeline.models import Source


class Customer(models.Model):
    """A person, as far as known. Has the id of the identifier that she was first met by.

    When two customers turn out to be one, the older goes on and the younger has no identifiers
    any more; her id goes on leading to whoever has them. A split gives her back her own.
    """

    id = models.BigIntegerField(primary_key=True)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return str(self.pk)


class Identifier(models.Model):
    """Something that somebody can be recognised by, in its normal form (`rules.normalise`)."""

    id = models.BigAutoField(primary_key=True)
    kind = models.TextField()
    value = models.TextField()
    shared = models.PositiveSmallIntegerField(
        null=True,
        help_text="Links so many people that evidence of this rank, or a lower one, says nothing"
        " about who somebody is.",
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "value"], name="identifier_once"),
        ]
        indexes = [
            models.Index(OpClass(Lower("value"), name="text_pattern_ops"), name="identifier_find"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"


class Tenure(models.Model):
    """From `since` on, until the identifier's next tenure, the identifier is this customer's.

    Every identifier has a tenure since BEGINNING, and only a device that went from one person to
    another has more. As one row ends where the next begins, each fact belongs to exactly one
    customer, whatever the rows say: none is lost and none counted twice.
    """

    pk = models.CompositePrimaryKey("identifier_id", "since")
    identifier = models.ForeignKey(Identifier, models.CASCADE, db_index=False)
    since = models.DateTimeField()
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="tenures")


class Link(models.Model):
    """Evidence that two identifiers are the same person's.

    `a` is the stronger of the two. For two identifiers of a person there is one row, with the
    first message that said so, of those from trusted sources if there is one. For a device (`b`)
    there is one row each time its user changed: rows of the same device, ordered by `since`, never
    name the same `a` twice in a row; what trusted sources say of it are rows of their own.

    `since` is from when on it counts: what anybody may say counts from when it was received.

    `sources` are all that have told of it, in whatever order: whether it is proof is for who reads
    it to say, by which of them are trusted then. Of who was seen with a device it is the trusted
    source that said so, if one did. Of one that was made by hand it is Spindel itself where it was
    certain whose both were, and none where it was not: that joins, and proves nothing.

    `refused` ones, which joined nothing when they were last looked at, are passed over until
    something that joined does so no more. Null: not looked at yet.
    """

    a = models.ForeignKey(Identifier, models.CASCADE, related_name="+", db_index=False)
    b = models.ForeignKey(Identifier, models.CASCADE, related_name="+")
    since = models.DateTimeField()
    occurred_at = models.DateTimeField(db_default=Now())
    rule = models.CharField(max_length=16)
    refused = models.BooleanField(null=True)
    sources = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    fact_id = models.UUIDField(null=True)
    by = models.CharField(max_length=254, blank=True, default="")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["a", "b", "since", "rule"], name="link_once"),
        ]
        indexes = [
            models.Index(fields=["a"], condition=~models.Q(rule="device"), name="link_joins"),
        ]


class Cut(models.Model):
    """A person has said that two identifiers are not one person's, whatever messages link them."""

    a = models.ForeignKey(Identifier, models.CASCADE, related_name="+", db_index=False)
    b = models.ForeignKey(Identifier, models.CASCADE, related_name="+")
    by = models.CharField(max_length=254)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["a", "b"], name="cut_once"),
        ]


class Trait(models.Model):
    """A value that a source gave for a customer's trait, when it first and when it last said so.

    Written with the least and the greatest of the times, so the order of arrival leaves no mark.
    """

    identifier = models.ForeignKey(Identifier, models.CASCADE, related_name="traits")
    name = models.CharField(max_length=64)
    source = models.ForeignKey(Source, models.PROTECT)
    digest = models.BinaryField(max_length=16)
    value = models.JSONField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    fact_id = models.UUIDField(null=True)
    by = models.CharField(max_length=254, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["identifier", "name", "source", "digest"], name="trait_once"
            ),
        ]


class Lookup(models.Model):
    """A text that a customer can be found by besides her identifiers: a name, an order number."""

    key = models.TextField()
    identifier = models.ForeignKey(Identifier, models.CASCADE)
    occurred_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "identifier"], name="lookup_once"),
        ]
        indexes = [
            models.Index(OpClass("key", name="text_pattern_ops"), name="lookup_find"),
        ]


class Forgetting(models.Model):
    """One row, from the first time that somebody was forgotten: how often, and the sealed key
    that makes identifiers into tombstones (`tombstones.py`).
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    epoch = models.BigIntegerField()
    key = models.TextField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="forgetting_one_row")]


sealed.register("identity_forgetting", "key")


class Forgotten(models.Model):
    """A tombstone: messages from this time that name this identifier are turned away."""

    digest = models.BinaryField(max_length=32)
    since = models.DateTimeField()
    until = models.DateTimeField()
    erasure = models.BigIntegerField(help_text="Which erasure left it.")

    class Meta:
        indexes = [
            models.Index(fields=["digest"], name="forgotten_digest"),
            models.Index(fields=["erasure"], name="forgotten_erasure"),
        ]
