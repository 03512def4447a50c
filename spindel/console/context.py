"""What the shell around every page shows."""

from __future__ import annotations

from functools import cache

from django.http import HttpRequest
from django.urls import reverse

from spindel.staff import navigation, oidc, worries
from spindel.staff.permissions import may

THEMES = ("light", "dark")
THEME_COOKIE = "theme"


def shell(request: HttpRequest) -> dict[str, object]:
    """The places that the person may go to, and how the page looks.

    What is a function is asked for by whole pages alone: a part of one has no shell around it.
    """
    user = getattr(request, "user", None)
    theme = request.COOKIES.get(THEME_COOKIE)
    found: dict[str, object] = {"theme": theme if theme in THEMES else ""}
    if user is None or not user.is_authenticated:
        return found | {"company": oidc.name()}
    return found | {
        "nav_sections": cache(lambda: navigation.sections(user, request.path)),
        "settings_url": reverse("settings"),
        # The page for finding customers has a larger box of its own.
        "may_find": may(user, "customers.read") and request.path != reverse("customers"),
        "nav_counts": cache(lambda: navigation.counts(user)),
        "needs_a_look": cache(lambda: worries.count(user)),
    }
