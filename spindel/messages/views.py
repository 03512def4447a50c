"""How mail does: the server that takes it, whom it is from, what waits and what was given up."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from spindel.kit import smtp
from spindel.messages.models import Mail
from spindel.staff.permissions import requires

_LATELY = timedelta(days=7)


@require_safe
@requires("settings.see")
def mail(request: HttpRequest) -> HttpResponse:
    """Where mail is handed over, and how it has gone of late."""
    waiting, oldest, failed = Mail.objects.figures()
    since = timezone.now() - _LATELY
    context = {
        "server": smtp.server(),
        "sender": smtp.sender(),
        "waiting": waiting,
        "waits_since": timezone.now() - timedelta(seconds=oldest) if waiting else None,
        "failed": failed,
        "sent": Mail.objects.filter(made_at__gte=since, done_at__gte=since).count(),
    }
    return render(request, "messages/mail.html", context)
