from collections.abc import Iterator, Sequence

from django.http import HttpRequest

from spindel.identity.found import Hit, Search
from spindel.identity.shown import Found


def _saunas(request: HttpRequest, text: str, people: Sequence[Found]) -> Iterator[Hit]:
    if text == "sauna":
        yield Hit("/saunas/", "flame", "All saunas", "warm")


SEARCHES = (Search("saunas", "Saunas", "saunas.book", _saunas),)
