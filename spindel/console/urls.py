"""Every address: the console’s own, and what the domains declare in their `urls.py`.

What is not marked public needs a login.
"""

import sys

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.views.defaults import page_not_found

from spindel.console import audit, failing, finding, health, settings, start, views, worries
from spindel.console.api import api
from spindel.kit import declared, transient
from spindel.staff.permissions import may, public


def too_many(request: HttpRequest) -> HttpResponse:
    """Said when somebody has tried to log in too often."""
    response = render(request, "429.html", status=429)
    response["Retry-After"] = "300"
    return response


handler403 = "spindel.identity.views.refused"


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Said when there is nothing at an address, to machines in their own words."""
    if request.path.startswith("/api/"):
        said = {"code": "not_found", "message": "There is nothing at this address."}
        return JsonResponse(said, status=404)
    user = getattr(request, "user", None)
    if request.path.startswith("/store/") and user is not None and may(user, "store.work"):
        return render(request, "store/nothing.html", status=404)  # in the tablet’s own frame
    return page_not_found(request, exception)


def failed(request: HttpRequest) -> HttpResponse:
    """Said of an error; of one that passes by itself, that one may come again."""
    if not transient.is_passing(sys.exception()):
        return HttpResponse(failing.page(500, request), status=500)
    if request.path.startswith("/api/"):
        said = {"code": "unavailable", "message": "Not now. Please try again in a moment."}
        response: HttpResponse = JsonResponse(said, status=503)
    else:
        response = HttpResponse(failing.page(503, request), status=503)
    response["Retry-After"] = str(transient.RETRY_AFTER)
    return response


handler404 = missing
handler500 = failed
handler429 = too_many

_api = api.urls
for _route in _api[0]:
    if _route.callback is not None:
        public(
            _route.callback,
            "each operation asks for a token itself; what is described is no secret",
        )

urlpatterns = [
    path("api/", _api),  # first: it is asked most, and addresses are tried in turn
    path("", start.start, name="start"),
    path("live/", views.live, name="live"),
    path("now/", views.now, name="now"),
    path("signs/", views.signs, name="signs"),
    path("find/", finding.find, name="find"),
    path(
        "preferences/language",
        public(views.choose_language, "how a page looks; nothing of anybody's"),
        name="language",
    ),
    path("preferences/theme", public(views.choose_theme, "the same"), name="theme"),
    path("settings/", settings.settings, name="settings"),
    path("promises/", worries.former, name="promises"),
    path("attention/", worries.attention, name="attention"),
    path("attention/<slug:what>/<id:id>/again/", worries.again, name="attention-again"),
    path("attention/<slug:what>/<id:id>/settle/", worries.settle, name="attention-settle"),
    path("audit/", audit.log, name="audit"),
    path("audit/audit.csv", audit.export, name="audit-export"),
    path(
        "healthz", public(health.healthz, "says how the program does, to whoever watches over it")
    ),
    path("metrics", public(health.metrics, "asks itself: this machine, or administrators")),
    # Those of all domains. This module is one of the name, too, and has none as yet.
    *declared.each("urls", "urlpatterns"),
]
