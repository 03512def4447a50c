from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe
from spindel.saunas import actions
from spindel.saunas.models import Booking

from spindel.identity import customers
from spindel.staff.permissions import requires


@require_safe
@requires("saunas.book")
def saunas(request: HttpRequest) -> HttpResponse:
    """How many are booked."""
    return HttpResponse(f"{Booking.objects.count()} booked")


@require_http_methods(["GET", "POST"])
@requires("saunas.book")
def of_customer(request: HttpRequest, id: int) -> HttpResponse:
    """Hers, and booking another."""
    if request.method == "POST":
        actions.book(id, int(request.POST["people"]))
        return redirect("customer", id)
    hers = Booking.objects.filter(identifier__in=customers.ids(id))
    return render(request, "saunas/panel.html", {"hers": hers})
