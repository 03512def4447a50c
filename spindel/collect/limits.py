"""How much a source may send."""

from __future__ import annotations

import math
import time

# What a source that is not trusted may send unless it is said: its key is public, anybody can use
# it. A shop with a million visits a day sends some two hundred messages a second in its best hour.
PUBLIC_RATE = 2_000

_CLOSED = 60  # seconds after which a source that may send nothing may ask again


class Bucket:
    """A token bucket: `rate` messages a second, and as many at once."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._tokens = float(rate)
        self._at = time.monotonic()

    def take(self, messages: int) -> int:
        """0 when they may pass, else how many whole seconds to wait first.

        A batch larger than the rate passes when the bucket is full, and is paid off later.
        """
        if not self.rate:
            return _CLOSED
        now = time.monotonic()
        self._tokens = min(self.rate, self._tokens + (now - self._at) * self.rate)
        self._at = now
        if self._tokens < min(messages, self.rate):
            return max(1, math.ceil((min(messages, self.rate) - self._tokens) / self.rate))
        self._tokens -= messages
        return 0
