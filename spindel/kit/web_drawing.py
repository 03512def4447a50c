"""The web: the customer in the middle, a thread to every channel that she has used.

Thicker with use, brighter with recency. Readable without colour: every thread ends in the
channel's icon, its name and how often it was used, and a description says it all in words.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from spindel.kit.templatetags.look import (
    CHANNELS,
    asset,
    channel_icon,
    channel_label,
    number,
    say_when,
)


@dataclass(frozen=True, slots=True)
class _Size:
    width: int
    height: int
    reach: tuple[float, float]  # from the middle to where a thread ends
    node: float


_SIZES = {
    "small": _Size(300, 236, (104, 78), 15),
    "large": _Size(720, 460, (280, 165), 24),
}


@dataclass(frozen=True, slots=True)
class _Thread:
    channel: str
    count: int
    last_at: datetime
    x: float
    y: float
    width: float
    brightness: float


def web(name: str, channels: Mapping[str, tuple[int, datetime]], size: str = "small") -> SafeString:
    """The web as SVG. `channels` holds, by channel, how many facts there are and the latest time.

    `size` is "small" (a panel) or "large" (a page).
    """
    form = _SIZES[size]
    threads = _threads(channels, form)
    middle = (form.width / 2, form.height / 2)
    title = _("The web of %(name)s") % {"name": name}
    told = [
        _("%(channel)s: %(count)s times, last %(when)s")
        % {
            "channel": channel_label(thread.channel),
            "count": number(thread.count),
            "when": say_when(thread.last_at),
        }
        for thread in threads
    ]
    return format_html(
        '<svg class="web web-{}" viewBox="0 0 {} {}" role="img" aria-labelledby="{id}-t {id}-d">'
        '<title id="{id}-t">{}</title><desc id="{id}-d">{}</desc>{}{}{}{}</svg>',
        size,
        form.width,
        form.height,
        title,
        ". ".join(told) if told else _("No channel yet."),
        _rings(threads, middle),
        format_html_join("", "{}", ((_line(thread, middle),) for thread in threads)),
        _centre(name, middle, form),
        format_html_join("", "{}", ((_end(thread, middle, form),) for thread in threads)),
        id=f"web-{size}",
    )


def _threads(channels: Mapping[str, tuple[int, datetime]], form: _Size) -> list[_Thread]:
    """The channels in their fixed order, spread evenly around, beginning at the top."""
    used = [channel for channel in CHANNELS if channels.get(channel, (0, None))[0]]
    most = max((channels[channel][0] for channel in used), default=1)
    threads = []
    for place, channel in enumerate(used):
        count, last_at = channels[channel]
        # Half a step on, so that with few channels no thread stands straight up.
        angle = 2 * math.pi * (place + 0.5) / len(used) - math.pi / 2
        threads.append(
            _Thread(
                channel,
                count,
                last_at,
                form.reach[0] * math.cos(angle),
                form.reach[1] * math.sin(angle),
                1.2 + 5.3 * math.log1p(count) / math.log1p(most),
                _brightness(timezone.now() - last_at),
            )
        )
    return threads


def _brightness(age: timedelta) -> float:
    """1 for today, 0.3 from a year on, and halfway after two weeks."""
    days = max(age / timedelta(days=1), 0)
    return round(0.3 + 0.7 * 14 / (14 + days) if days < 365 else 0.3, 2)


def _line(thread: _Thread, middle: tuple[float, float]) -> SafeString:
    """The thread, hanging a little, as threads do."""
    x, y = middle
    sag = 10 if abs(thread.x) > 20 else 0
    return format_html(
        '<path class="thread ch-{}" d="M{} {}Q{} {} {} {}" stroke-width="{}" opacity="{}"/>',
        thread.channel,
        *_rounded(x, y, x + thread.x / 2, y + thread.y / 2 + sag, x + thread.x, y + thread.y),
        round(thread.width, 1),
        thread.brightness,
    )


def _rings(threads: list[_Thread], middle: tuple[float, float]) -> SafeString:
    """The faint threads across, which make a web of it."""
    if len(threads) < 3:
        return SafeString("")
    x, y = middle
    rings = []
    for share in (0.42, 0.72):
        points = [(x + t.x * share, y + t.y * share + 6 * share) for t in threads]
        d = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
        for here, there in zip(points, points[1:] + points[:1], strict=True):
            # Pulled towards the middle, as between two threads of a real web.
            cx = (here[0] + there[0]) / 2 * 0.86 + x * 0.14
            cy = (here[1] + there[1]) / 2 * 0.86 + y * 0.14
            d += f"Q{cx:.1f} {cy:.1f} {there[0]:.1f} {there[1]:.1f}"
        rings.append((d,))
    return format_html_join("", '<path class="ring" d="{}"/>', rings)


def _centre(name: str, middle: tuple[float, float], form: _Size) -> SafeString:
    letters = "".join(word[0] for word in name.split()[:2] if word[0].isalpha()).upper()
    x, y = _rounded(*middle)
    return format_html(
        '<circle class="centre" cx="{x}" cy="{y}" r="{r}"/>'
        '<text class="initials" x="{x}" y="{y}" dy=".35em">{letters}</text>',
        x=x,
        y=y,
        r=form.node * 1.35,
        letters=letters or "·",
    )


def _end(thread: _Thread, middle: tuple[float, float], form: _Size) -> SafeString:
    x, y = _rounded(middle[0] + thread.x, middle[1] + thread.y)
    return format_html(
        '<g class="ch-{channel}"><circle class="node" cx="{x}" cy="{y}" r="{r}"/>'
        '<use class="glyph" href="{sprite}#{icon}" x="{left}" y="{top}" width="{d}" height="{d}"/>'
        '<text class="label" x="{x}" y="{below}">{label} <tspan class="count">{count}</tspan>'
        "</text></g>",
        channel=thread.channel,
        x=x,
        y=y,
        r=form.node,
        sprite=asset("icons.svg"),
        icon=channel_icon(thread.channel),
        left=round(x - form.node * 0.58, 1),
        top=round(y - form.node * 0.58, 1),
        d=round(form.node * 1.16, 1),
        # Away from the middle, so that no thread runs through a word.
        below=round(y + form.node + 13 if thread.y >= 0 else y - form.node - 6, 1),
        label=_short(thread.channel),
        count=number(thread.count),
    )


def _short(channel: str) -> str:
    """The channel in a word so short that two fit beside each other."""
    if channel == "social":
        return pgettext("short", "Social")
    return pgettext("short", "Service") if channel == "service" else channel_label(channel)


def _rounded(*values: float) -> tuple[float, ...]:
    return tuple(round(value, 1) for value in values)
