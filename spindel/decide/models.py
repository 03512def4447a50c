"""Content, each with all that it has said. Who has seen what, and wants to see no more, is told by
facts; an index of the first migration finds those.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Content(models.Model):
    """Something that customers are shown in some placements.

    `key` is its name in files, in the API and in facts. `version` is the number of what it says
    now. `given_at` is when it was first shown: how fresh it is.
    """

    class State(models.TextChoices):
        """Whether it is shown. A live one is still bound to its own times."""

        DRAFT = "draft", _("Draft")
        LIVE = "live", _("Live")
        PAUSED = "paused", _("Paused")
        ENDED = "ended", _("Ended")

    key = models.SlugField(max_length=80, unique=True)
    state = models.CharField(max_length=6, choices=State.choices, default=State.DRAFT)
    version = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField(db_default=Now())
    given_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state"], name="content_state")]

    def __str__(self) -> str:
        return self.key


class ContentVersion(models.Model):
    """What a content said from a moment on, who had it so, and why. Only ever added to.

    `says` are `decide.contents.Says` as JSON.
    """

    content = models.ForeignKey(Content, models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    says = models.JSONField()
    by = models.CharField(max_length=254)
    why = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["content", "number"], name="contentversion_once"),
        ]

    def __str__(self) -> str:
        return f"{self.content_id}, {self.number}"
