"""What went wrong in the background."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Failure(models.Model):
    """A job, or a row that a job is at, that failed when it was last tried; gone once it succeeds.

    `error` is the exception's type and `place` its line of code: its text could hold personal data.
    """

    job = models.CharField(max_length=64)
    row = models.BigIntegerField(default=0, db_default=0, help_text="0: all of the job.")
    error = models.CharField(max_length=80)
    place = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveIntegerField(default=1, db_default=1)
    since = models.DateTimeField(db_default=Now())
    due = models.DateTimeField(db_default=Now(), help_text="When it is tried next.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "row"], name="failure_once")]

    def __str__(self) -> str:
        return f"{self.job} {self.row}: {self.error}"
