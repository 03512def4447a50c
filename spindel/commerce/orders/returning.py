"""Where what has left comes back, as pages of orders lead there: the room above says it.

The order book knows what has come back. Taking it in, and starting it from home, is done above.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Returning:
    """Addresses of pages.

    `desk` is where people here take in what comes back of an order, by its id; `page` where she
    starts it herself, by the code of the order's page; `policy` what is taken back at all.
    """

    desk: Callable[[int], str]
    page: Callable[[str], str]
    policy: Callable[[], str]


_REGISTERED: list[Returning] = []


def register(returning: Returning) -> None:
    """Have pages of orders lead there."""
    _REGISTERED[:] = [returning]


def registered() -> Returning:
    """Where they lead."""
    (returning,) = _REGISTERED
    return returning
