"""What carts had when they became one."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from spindel.commerce.models.carts import Cart


class CartMerge(models.Model):
    """The lines of a cart came into another: what each had then, so that it can be taken apart.

    `had` and `brought` are lists of a variant's id, how many, and whether they waited.
    """

    into = models.ForeignKey(Cart, models.CASCADE, related_name="+")
    origin = models.ForeignKey(Cart, models.CASCADE, related_name="+")
    had = models.JSONField()
    brought = models.JSONField()
    made_at = models.DateTimeField(db_default=Now())
    apart_at = models.DateTimeField(null=True, help_text="Since then it is taken apart.")

    def __str__(self) -> str:
        return f"{self.origin_id} into {self.into_id}"
