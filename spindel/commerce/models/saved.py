"""Lists that people here have saved under a name."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from spindel.staff.models import User


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
