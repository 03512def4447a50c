from django.db import models
from django.db.models.functions import Now

from spindel.identity.models import Identifier


class Booking(models.Model):
    """A sauna that a customer has booked."""

    identifier = models.ForeignKey(Identifier, models.CASCADE)
    people = models.PositiveIntegerField()
    at = models.DateTimeField(db_default=Now())
    confirmed = models.BooleanField(db_default=False)  # by the follower
    heated = models.BooleanField(db_default=False)  # by the job
