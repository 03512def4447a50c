from spindel.saunas.models import Booking

from spindel.staff.models import User
from spindel.staff.worries import Kind, Worry


def _cold(user: User, most: int) -> list[Worry]:
    found = Booking.objects.filter(confirmed=True, heated=False)[:most]
    return [Worry(one.pk, f"{one.people} people do not fit into a sauna") for one in found]


def _count(user: User, most: int) -> int:
    return len(_cold(user, most))


KINDS = (Kind("saunas", "Saunas", "flame", "saunas.book", _cold, _count),)
