"""The one place for how the installation is set up: what each domain declares of it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from spindel.identity.shown import staff
from spindel.staff import navigation
from spindel.staff.permissions import requires


@require_safe
@requires("settings.see")
def settings(request: HttpRequest) -> HttpResponse:
    """What can be set up and looked up, each with what is there."""
    return render(
        request, "console/settings.html", {"entries": navigation.settings(staff(request))}
    )
