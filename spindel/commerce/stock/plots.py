"""How much there was of a level, drawn."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from spindel.commerce.stock.reading.shelves import Entry
from spindel.kit.templatetags.look import say_when

_WIDTH, _HEIGHT, _EDGE = 960, 150, 8


def balance(entries: Sequence[Entry]) -> SafeString:
    """What was there and what of it was held after each of the movements, given newest first.

    Empty for fewer than two of them. A step is as wide whether a minute passed or a month: so each
    can be seen. It says in words what it shows.
    """
    if len(entries) < 2:
        return SafeString("")
    told = list(reversed(entries))
    first, last = told[0], told[-1]
    values = [one.on_hand_after for one in told] + [one.held_after for one in told]
    low, high = min(0, *values), max(1, *values)

    def x(number: int) -> float:
        return round(number / len(told) * _WIDTH, 1)

    def y(value: int) -> float:
        return round(_EDGE + (high - value) / (high - low) * (_HEIGHT - 2 * _EDGE), 1)

    def steps(heights: Sequence[int]) -> str:
        path = f"M{x(0)} {y(heights[0])}"
        for number, height in enumerate(heights[1:], 1):
            path += f"H{x(number)}V{y(height)}"
        return f"{path}H{x(len(told))}"

    held = steps([one.held_after for one in told])
    return format_html(
        '<figure class="balance" role="img" aria-label="{}"><div aria-hidden="true"><span>{}</span>'
        '<span>{}</span></div><svg viewBox="0 0 {} {}" preserveAspectRatio="none"'
        ' aria-hidden="true"><path class="ground" d="M0 {}H{}"/>'
        '<path class="held" d="{}V{}H0Z"/><path class="there" d="{}"/></svg></figure>',
        _("There were %(first)s %(since)s, and %(last)s %(until)s")
        % {
            "first": first.on_hand_after,
            "since": say_when(first.at),
            "last": last.on_hand_after,
            "until": say_when(last.at),
        },
        high,
        low,
        _WIDTH,
        _HEIGHT,
        y(0),
        _WIDTH,
        held,
        y(0),
        steps([one.on_hand_after for one in told]),
    )
