"""Every address of the console. What is not marked public needs a login."""

from allauth.account import views as account
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import include, path

from spindel.console import health, views
from spindel.console.api import api
from spindel.console.middleware import public


def too_many(request: HttpRequest) -> HttpResponse:
    """Said when somebody has tried to log in too often."""
    return render(request, "429.html", status=429)


def _login(request: HttpRequest, *_: object) -> HttpResponse:
    return redirect("account_login")


handler429 = too_many

# Each route of the API asks for a token itself; the description of the API is no secret.
_api = api.urls
for _route in _api[0]:
    if _route.callback is not None:
        public(_route.callback)

urlpatterns = [
    path("", views.live, name="live"),
    path("now/", views.now, name="now"),
    path("preferences/language", public(views.choose_language), name="language"),
    path("preferences/theme", public(views.choose_theme), name="theme"),
    path("login/", public(account.login), name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("password/", account.password_change, name="account_change_password"),
    path("inactive/", public(account.account_inactive), name="account_inactive"),
    # allauth refers to these by name; accounts are made and repaired by an administrator.
    path("closed/signup", public(_login), name="account_signup"),
    path("closed/reset", public(_login), name="account_reset_password"),
    path("closed/set", public(_login), name="account_set_password"),
    path("customers/", include("spindel.identity.urls")),
    path("api/", _api),
    path("healthz", public(health.healthz)),
    path("metrics", public(health.metrics)),
]
