"""When to wake the background.

At commit, PostgreSQL has whoever notifies wait for whoever else does, on disk; so not each
transaction does. Whoever is woken looks again several times in the seconds that follow
(`run.worker`), which is longer than others keep quiet here.
"""

from __future__ import annotations

import time

_EVERY = 0.2  # seconds
_woken_at: dict[str, float] = {}  # by channel


def is_time_to_wake(channel: str) -> bool:
    """Whether this process has not woken those who listen on the channel just now."""
    now = time.monotonic()
    if now - _woken_at.get(channel, -_EVERY) < _EVERY:
        return False
    _woken_at[channel] = now
    return True
