"""What somebody tells of a store or a warehouse, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from spindel.catalogue.models import Place
from spindel.catalogue.product_input import Unfit
from spindel.catalogue.rules import parse_hours


@dataclass(frozen=True, slots=True)
class PlaceData:
    """A store or a warehouse, whole: what is not told is empty. `closed`: for good."""

    code: str
    name: str
    kind: str = Place.Kind.STORE
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = "SE"
    latitude: float | None = None
    longitude: float | None = None
    time_zone: str = "Europe/Stockholm"
    hours: Mapping[str, list[list[str]]] = field(default_factory=dict)
    exceptions: Mapping[str, list[list[str]]] = field(default_factory=dict)
    ships: bool = False
    hands_over: bool = True
    closed: bool = False

    def values(self) -> dict[str, object]:
        """What is kept of it, by column; whether it is closed apart."""
        return {
            "name": self.name,
            "kind": self.kind,
            "street": self.street,
            "postcode": self.postcode,
            "city": self.city,
            "country": self.country,
            "latitude": self.latitude,
            "longitude": self.longitude,
            "time_zone": self.time_zone,
            "hours": dict(self.hours),
            "exceptions": dict(self.exceptions),
            "ships": self.ships,
            "hands_over": self.hands_over,
        }


def check_place(place: PlaceData) -> None:
    """Raises Unfit for what is no place."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,50}", place.code):
        raise Unfit(f"A code has 1 to 50 letters, digits, hyphens: {place.code[:60]}")
    if not place.name.strip():
        raise Unfit("A place has a name.")
    for text, longest in (
        *((place.name, 120), (place.street, 200)),
        *((place.postcode, 16), (place.city, 120)),
    ):
        if len(text) > longest or "\0" in text:
            raise Unfit(f"A text has more than {longest} letters: {text[:40]}")
    if place.kind not in Place.Kind.values:
        raise Unfit(f"A place is a {' or a '.join(Place.Kind.values)}: {place.kind[:20]}")
    if not re.fullmatch(r"[A-Z]{2}", place.country):
        raise Unfit(f"A country is written like SE: {place.country[:10]}")
    if (place.latitude is None) != (place.longitude is None):
        raise Unfit("A position has a latitude and a longitude.")
    # Said so that NaN is refused, too.
    if not (-90 <= (place.latitude or 0) <= 90 and -180 <= (place.longitude or 0) <= 180):
        raise Unfit("A latitude is -90 to 90, a longitude -180 to 180.")
    try:
        parse_hours(place.hours, place.exceptions, place.time_zone)
    except ValueError as error:
        raise Unfit(str(error)) from None
