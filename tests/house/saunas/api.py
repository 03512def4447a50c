from django.http import HttpRequest
from ninja import Router
from spindel.saunas.models import Booking

from spindel.staff.api import Routes, needs
from spindel.staff.models import Scope

router = Router(tags=["Saunas"])


@router.get("", auth=needs(Scope.READ_ORDERS), response=list[int])
def people(request: HttpRequest) -> list[int]:
    """For how many people each is booked."""
    return list(Booking.objects.order_by("id").values_list("people", flat=True))


ROUTES = (Routes("/saunas", router, "Saunas", "What is booked."),)
