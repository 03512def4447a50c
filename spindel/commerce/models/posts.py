"""In which store somebody works."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from spindel.catalogue.models import Place
from spindel.staff.models import User


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
