from spindel.saunas.models import Booking

from spindel.staff.start import Part


def _warm() -> tuple[str, str]:
    return "good", f"{Booking.objects.filter(heated=True).count()} of them are warm."


PARTS = (Part("Saunas", "flame", "saunas", _warm),)
