"""Mail that goes out: each a row from when it is asked for, sent when the mail server takes it."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils import timezone

from spindel.identity.models import Identifier
from spindel.kit.due import Due, DueQuerySet

LOGIN = "login"  # the purpose of mail that holds a secret


class MailQuerySet(DueQuerySet["Mail"]):
    """The states that a mail is in."""

    def figures(self) -> tuple[int, float, int]:
        """How many wait, for how many seconds the oldest of them, and how many were given up
        within a day.
        """
        now = timezone.now()
        waiting = self.waiting().aggregate(count=models.Count("pk"), oldest=models.Min("made_at"))
        seconds = (now - waiting["oldest"]).total_seconds() if waiting["oldest"] else 0.0
        failed = self.filter(failed_at__gte=now - timedelta(days=1)).count()
        return waiting["count"], max(0.0, seconds), failed


class Mail(Due):
    """One mail to one address, once per key.

    It is done when the mail server has taken it. The bodies and the file are put away after a
    while.
    The identifier is no checked foreign key, as in commerce; she is forgotten by `personal.py`.
    """

    key = models.UUIDField(unique=True)
    purpose = models.CharField(max_length=16)
    identifier = models.ForeignKey(
        Identifier,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    to = models.CharField(max_length=254)
    name = models.CharField(max_length=100, blank=True)
    normal_form = models.CharField(
        max_length=254, blank=True, help_text="The address as identity keeps it."
    )
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField(blank=True)
    attached = models.BinaryField(null=True)
    attached_as = models.CharField(max_length=80, blank=True, help_text="The file's name.")
    language = models.CharField(max_length=8)
    message_id = models.CharField(max_length=320, help_text="The same, however often it is tried.")
    ends_at = models.DateTimeField(
        null=True, help_text="What it says is over then, and it is not sent any more."
    )
    put_away = models.BooleanField(
        default=False, db_default=False, help_text="The bodies are gone, and the file."
    )

    objects = MailQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["attempts", "due"],
                condition=models.Q(done_at=None, failed_at=None),
                name="mail_waiting",
            ),
            models.Index(
                fields=["failed_at"],
                condition=models.Q(failed_at__isnull=False),
                name="mail_failed",
            ),
            models.Index(
                fields=["failed_at"],
                condition=models.Q(failed_at__isnull=False, settled_at=None),
                name="mail_given_up",
            ),
            models.Index(
                fields=["made_at"], condition=models.Q(put_away=False), name="mail_with_body"
            ),
            models.Index(fields=["normal_form"], name="mail_of_address"),
            models.Index(
                fields=["identifier"],
                condition=models.Q(identifier__isnull=False),
                name="mail_of_identifier",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.purpose}"

    @property
    def is_over(self) -> bool:
        """Whether what it says is over, so that nobody should be sent it any more."""
        return self.ends_at is not None and self.ends_at <= timezone.now()
