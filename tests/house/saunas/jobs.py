from spindel.saunas.models import Booking

from spindel.kit.background import Job


def _heat() -> bool:
    Booking.objects.filter(confirmed=True, people__lte=6).update(heated=True)
    return False


JOBS = (Job(name="saunas.heat", step=_heat),)
