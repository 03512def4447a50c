"""How many members there were, drawn."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from spindel.club.members import Month
from spindel.kit.templatetags.look import number

_WIDTH, _HEIGHT, _EDGE = 960, 150, 8


def plot(months: Sequence[Month]) -> SafeString:
    """Members at the end of each month, the earliest first; empty where there never were any. It
    says in words what it shows.
    """
    values = [one.members for one in months]
    if len(values) < 2 or not max(values):
        return SafeString("")
    high = max(values)
    steps = [
        (
            round(place / (len(values) - 1) * _WIDTH, 1),
            round(_HEIGHT - _EDGE - value / high * (_HEIGHT - 2 * _EDGE), 1),
        )
        for place, value in enumerate(values)
    ]
    line = "M" + "L".join(f"{x} {y}" for x, y in steps)
    ground = _HEIGHT - _EDGE
    return format_html(
        '<figure class="balance" role="img" aria-label="{}"><div aria-hidden="true"><span>{}</span>'
        '<span>0</span></div><svg viewBox="0 0 {} {}" preserveAspectRatio="none"'
        ' aria-hidden="true"><path class="ground" d="M0 {}H{}"/>'
        '<path class="held" d="{}V{}H0Z"/><path class="there" d="{}"/></svg></figure>',
        _("From %(first)s members to %(last)s in %(months)s months")
        % {
            "first": number(values[0]),
            "last": number(values[-1]),
            "months": len(values),
        },
        number(high),
        _WIDTH,
        _HEIGHT,
        ground,
        _WIDTH,
        line,
        ground,
        line,
    )
