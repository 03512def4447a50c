"""Where the places lie, as a small drawing."""

from __future__ import annotations

import math
from collections.abc import Iterable

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from spindel.catalogue.models import Place

_WIDTH, _EDGE = 320, 44
_LEAST, _MOST = 160, 420  # height


def plot(places: Iterable[Place]) -> SafeString:
    """The places' positions as SVG, a dot each, the city beside it; empty for fewer than two."""
    found = [
        (place, place.longitude * math.cos(math.radians(place.latitude)), place.latitude)
        for place in places
        if place.latitude is not None and place.longitude is not None
    ]
    if len({(x, y) for _place, x, y in found}) < 2:
        return SafeString("")
    left, right = min(x for _, x, _ in found), max(x for _, x, _ in found)
    low, high = min(y for *_, y in found), max(y for *_, y in found)
    inner = _WIDTH - 2 * _EDGE
    scale = min(inner / max(right - left, 0.001), (_MOST - 2 * _EDGE) / max(high - low, 0.001))
    height = max(_LEAST, round((high - low) * scale + 2 * _EDGE))
    aside = (_WIDTH - (right - left) * scale) / 2
    above = (height - (high - low) * scale) / 2
    dots = [
        (place, round(aside + (x - left) * scale, 1), round(above + (high - y) * scale, 1))
        for place, x, y in found
    ]
    cities = {place.city: (x, y) for place, x, y in reversed(dots) if place.city}
    labels = _labels(cities, [(x, y) for _, x, y in dots])
    return format_html(
        '<svg class="place-plot" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>',
        _WIDTH,
        height,
        _("Where the places lie"),
        format_html_join(
            "",
            '<circle cx="{}" cy="{}" r="6"><title>{}</title></circle>',
            ((x, y, place.name) for place, x, y in dots),
        ),
        format_html_join("", '<text x="{}" y="{}" text-anchor="{}">{}</text>', labels),
    )


_LETTER = 7  # about how wide one is


def _labels(
    cities: dict[str, tuple[float, float]], dots: list[tuple[float, float]]
) -> list[tuple[float, float, str, str]]:
    """Where the cities' names stand: beside their dots, or above or below where that is taken."""
    taken = [(x - 8, y - 8, x + 8, y + 8) for x, y in dots]
    labels = []
    for city, (x, y) in cities.items():
        wide = len(city) * _LETTER
        right, left = (x + 11, y + 4, "start"), (x - 11, y + 4, "end")
        sides = [left, right] if x > _WIDTH / 2 else [right, left]
        ways = [*sides, (x, y - 12, "middle"), (x, y + 20, "middle")]
        free = [one for one in ways if not _hits(_box(*one, wide), taken)]
        at = (free or ways)[0]
        taken.append(_box(*at, wide))
        labels.append((*at, city))
    return labels


_Box = tuple[float, float, float, float]


def _box(x: float, y: float, anchor: str, wide: float) -> _Box:
    left = {"start": x, "end": x - wide, "middle": x - wide / 2}[anchor]
    return left, y - 11, left + wide, y + 3


def _hits(box: _Box, taken: list[_Box]) -> bool:
    """Whether it lies over something, or sticks out."""
    left, top, right, bottom = box
    if left < 0 or right > _WIDTH:
        return True
    return any(left < c and a < right and top < d and b < bottom for a, b, c, d in taken)
