"""The start page, and how each person wants her pages."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from spindel.collect import figures
from spindel.console import pulse
from spindel.console.context import THEME_COOKIE, THEMES
from spindel.console.forms import LookForm
from spindel.identity import shown
from spindel.staff import audit
from spindel.staff.models import User
from spindel.staff.permissions import may, requires
from spindel.timeline.models import Fact, WriteKey

_YEAR = 365 * 24 * 3600


@requires("live.see")
def live(request: HttpRequest) -> HttpResponse:
    """What comes in now."""
    return render(request, "console/live.html", _now(request))


@requires("live.see")
def now(request: HttpRequest) -> HttpResponse:
    """The part of the start page that changes."""
    return render(request, "console/now.html", _now(request))


@requires("account.own")  # they stand around the own account, too
def signs(request: HttpRequest) -> HttpResponse:
    """The figures in the shell around a page, fetched anew when something happened."""
    return render(request, "kit/signs.html")


def _now(request: HttpRequest) -> dict[str, object]:
    minutes = pulse.per_minute()
    user = shown.staff(request)
    if may(user, "customers.browse"):
        audit.note_shown(user, "customers.watched")
    key = WriteKey.objects.filter(revoked_at=None).order_by("pk").first()
    admin = may(request.user, "tokens.manage")
    return {
        "minutes": minutes,
        "total": sum(minute.total for minute in minutes),
        "this_minute": minutes[-1].total,
        "chart": pulse.chart(minutes),
        "legend": pulse.legend(minutes),
        "latest": pulse.latest(user),
        "empty": not Fact.objects.exists(),
        "intake": figures.intakes(figures.living(), figures.DAY),
        "recorded": pulse.recorded_today(),
        "may_see_sources": may(request.user, "sources.see"),
        "behind": pulse.lag(),
        "key": key.key if key and admin else "",
        "admin": admin,
        "origin": request.build_absolute_uri("/").rstrip("/"),
    }


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep the person's language, and show the page that she was on."""
    response = redirect(_back(request))
    language = LookForm(request.POST).values["language"]
    if language in dict(settings.LANGUAGES):
        _keep(response, settings.LANGUAGE_COOKIE_NAME, language)
        if isinstance(request.user, User):
            User.objects.filter(pk=request.user.pk).update(language=language)
    return response


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Keep light, dark, or neither: as the device has it."""
    response = redirect(_back(request))
    theme = LookForm(request.POST).values["theme"]
    if theme in THEMES:
        _keep(response, THEME_COOKIE, theme)
    else:
        response.delete_cookie(THEME_COOKIE)
    return response


def _keep(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=_YEAR,
        httponly=True,
        samesite="Lax",
        secure=bool(getattr(settings, "SESSION_COOKIE_SECURE", False)),
    )


def _back(request: HttpRequest) -> str:
    """The page that the person was on; never another host's."""
    there = LookForm(request.POST).values["next"]
    if not there.startswith("/"):  # it could be a view's name, too
        return "/"
    allowed = url_has_allowed_host_and_scheme(there, {request.get_host()}, request.is_secure())
    return there if allowed else "/"
