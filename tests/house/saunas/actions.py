from spindel.saunas.facts import SaunaBooked
from spindel.saunas.models import Booking

from spindel.identity import ownership
from spindel.kit.actions import action
from spindel.timeline.recording import record


@action(records="Sauna Booked")
def book(customer: int, people: int) -> Booking:
    """Book one for so many people."""
    identifier = ownership.under(customer, None)
    made = Booking.objects.create(identifier_id=identifier, people=people)
    record(SaunaBooked(made.pk, people), identifier)
    return made
