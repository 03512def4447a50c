from collections.abc import Iterator, Mapping

from spindel.saunas.models import Booking

from spindel.kit.register import Holding, Subject


def _hers(who: Subject):
    return Booking.objects.filter(identifier__in=[id for id, _since, _until in who.spans])


def _tell(who: Subject) -> Iterator[Mapping[str, object]]:
    yield from _hers(who).values("people", "at")


def _forget(who: Subject, limit: int | None) -> int:
    return _hers(who).delete()[0]


HOLDINGS = (Holding(name="Saunas", tables=("saunas_booking",), tell=_tell, forget=_forget),)
FREE: dict[str, str] = {}
