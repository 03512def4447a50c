"""What the shell around every page shows."""

from __future__ import annotations

from functools import cache

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from spindel.commerce.reading import posts, promising
from spindel.commerce.reading.tasks import MOST
from spindel.console import attention
from spindel.staff import oidc
from spindel.staff.models import User
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
        "places": cache(lambda: _places(user, request.path)),
        "offices": cache(lambda: _offices(user)),
        # The page for finding customers has a larger box of its own.
        "may_find": may(user, "customers.read") and request.path != reverse("customers"),
        "works_in_store": may(user, "store.work"),
        "to_set_aside": cache(lambda: _waiting(user)),
        "promises": cache(lambda: promising.unseen(user) if may(user, "orders.see") else 0),
        "attention": cache(lambda: attention.count() if may(user, "attention.see") else 0),
    }


def _places(user: User, path: str) -> list[dict[str, object]]:
    places: list[dict[str, object]] = []
    for name, label, icon, needed in (
        ("live", _("Live"), "activity", "live.see"),
        ("store", _("In the store"), "building-store", "store.work"),
        ("customers", _("Customers"), "users", "customers.read"),
        ("orders", _("Orders"), "receipt", "orders.see"),
        ("products", _("Products"), "package", "catalogue.see"),
        ("stock", _("Stock"), "stack-2", "stock.see"),
        ("sources", _("Sources"), "plug", "sources.see"),
    ):
        if may(user, needed):
            url = reverse(name)
            here = path == url or (url != "/" and path.startswith(url))
            places.append({"name": name, "url": url, "label": label, "icon": icon, "here": here})
    return places


def _offices(user: User) -> list[dict[str, str]]:
    return [
        {"url": reverse(name), "label": label, "icon": icon}
        for name, label, icon, needed in (
            ("promises", _("Promises"), "bell", "orders.see"),
            ("attention", _("Needs a look"), "alert-triangle", "attention.see"),
            ("account", _("Your account"), "key", "account.own"),
            ("people", _("People"), "users", "people.manage"),
            ("tokens", _("API tokens"), "plug", "tokens.manage"),
            ("return-policy", _("Returns"), "arrow-back-up", "returns.policy"),
            ("audit", _("Audit log"), "history", "audit.read"),
            ("privacy", _("Privacy"), "lock", "privacy.tell"),
        )
        if may(user, needed)
    ]


def _waiting(user: User) -> int:
    """How many things she has to set aside today, where she works in one store."""
    store = posts.today(user)
    return posts.waiting(store, MOST) if store else 0
