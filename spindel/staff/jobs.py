"""What is done about logins in the background."""

from __future__ import annotations

from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from spindel.kit.background import Job


def forget_ended() -> bool:
    """Delete sessions that have ended, and from where they were used."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return False


JOBS = (Job(name="staff.sessions_put_away", step=forget_ended, every=timedelta(minutes=5)),)
