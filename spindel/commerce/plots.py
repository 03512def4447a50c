"""How much there was of a level, drawn."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from spindel.commerce.shelves import Entry
from spindel.kit.templatetags.look import say_when

_WIDTH, _HEIGHT, _LEFT, _EDGE = 640, 150, 40, 14


def balance(entries: Sequence[Entry]) -> SafeString:
    """What was there and what of it was held, over the time of the movements, newest first.

    Empty for fewer than two of them. It says in words what it shows.
    """
    if len(entries) < 2 or entries[0].at <= entries[-1].at:
        return SafeString("")
    told = list(reversed(entries))
    first, last = told[0], told[-1]
    values = [one.on_hand_after for one in told] + [one.held_after for one in told]
    low, high = min(0, *values), max(1, *values)
    span = (last.at - first.at).total_seconds()

    def x(one: Entry) -> float:
        gone = (one.at - first.at).total_seconds() / span
        return round(_LEFT + gone * (_WIDTH - _LEFT - _EDGE), 1)

    def y(value: int) -> float:
        return round(_EDGE + (high - value) / (high - low) * (_HEIGHT - 2 * _EDGE), 1)

    def steps(heights: Sequence[int]) -> str:
        path = f"M{x(told[0])} {y(heights[0])}"
        for one, height in zip(told[1:], heights[1:], strict=True):
            path += f"H{x(one)}V{y(height)}"
        return path

    held = steps([one.held_after for one in told])
    return format_html(
        '<svg class="balance" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '<path class="ground" d="M{} {}H{}"/><path class="held" d="{}V{}H{}Z"/>'
        '<path class="there" d="{}"/>'
        '<text x="{}" y="{}" text-anchor="end">{}</text>'
        '<text x="{}" y="{}" text-anchor="end">{}</text></svg>',
        _WIDTH,
        _HEIGHT,
        _("There were %(first)s %(since)s, and %(last)s %(until)s")
        % {
            "first": first.on_hand_after,
            "since": say_when(first.at),
            "last": last.on_hand_after,
            "until": say_when(last.at),
        },
        _LEFT,
        y(0),
        _WIDTH - _EDGE,
        held,
        y(0),
        x(first),
        steps([one.on_hand_after for one in told]),
        _LEFT - 8,
        y(high) + 4,
        high,
        _LEFT - 8,
        y(low) + 4,
        low,
    )
