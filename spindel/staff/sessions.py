"""How long a login lasts, and on which devices somebody is logged in."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.auth import logout
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from spindel.kit import client, environment
from spindel.staff.models import User

_BEGAN, _SEEN = "began_at", "seen_at"
_NOTED_EVERY = 300  # seconds


def begin(session: SessionBase) -> None:
    """Somebody has logged in just now."""
    session[_BEGAN] = session[_SEEN] = int(time.time())


def is_over(session: SessionBase) -> bool:
    """Whether the login is older than any may become, however much it is used."""
    longest = environment.number("SPINDEL_SESSION_DAYS") * 86_400
    began: int = session.get(_BEGAN, 0)
    return time.time() - began > longest


def end_when_due(get_response: Callable[[HttpRequest], HttpResponse]) -> object:
    """Middleware: end what has lasted too long, and keep what is used."""

    def answer(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            if is_over(request.session):
                logout(request)
            # Open pages fetch by themselves, too; what is boosted was tapped by somebody.
            elif not request.headers.get("HX-Request") or request.headers.get("HX-Boosted"):
                _keep(request)
        return get_response(request)

    return answer


def _keep(request: HttpRequest) -> None:
    now = int(time.time())
    if now - request.session.get(_SEEN, 0) < _NOTED_EVERY:
        return
    request.session[_SEEN] = now  # saved, it expires later
    UserSession.objects.filter(session_key=request.session.session_key).update(
        last_seen_at=timezone.now(), ip=client.address(request) or None
    )


# --- devices --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Device:
    """Where somebody is logged in."""

    id: int
    name: str
    address: str
    began_at: datetime
    seen_at: datetime
    is_this: bool


def devices(user: User, this: SessionBase) -> list[Device]:
    """Where the person is logged in: this device first, then those used last."""
    found = [
        Device(
            session.pk,
            _device(session.user_agent),
            session.ip,
            session.created_at,
            session.last_seen_at,
            session.session_key == this.session_key,
        )
        for session in UserSession.objects.purge_and_list(user)
    ]
    return sorted(found, key=lambda one: (not one.is_this, -one.seen_at.timestamp()))


def end(user: User, session: int) -> None:
    """Log the person out on one of her devices. One that is not hers stays."""
    for one in UserSession.objects.filter(user=user, pk=session):
        one.end()


def end_all(user: User, but: SessionBase | None = None) -> None:
    """Log the person out everywhere, or everywhere but here."""
    for one in UserSession.objects.filter(user=user):
        if but is None or one.session_key != but.session_key:
            one.end()


# What browsers call themselves: those that also use another's name come first.
_BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox|FxiOS": "Firefox",
    "Chrome|CriOS": "Chrome",
    "Safari": "Safari",
}
_SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "CrOS": "ChromeOS",
    "Windows": "Windows",
    "Mac OS X|Macintosh": "Mac",
    "Linux": "Linux",
}


def _device(agent: str) -> str:
    browser, system = _first(_BROWSERS, agent), _first(_SYSTEMS, agent)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Another program")


def _first(names: dict[str, str], agent: str) -> str:
    return next((name for sign, name in names.items() if re.search(sign, agent)), "")
