"""What other domains keep by session: it comes along when somebody proves in it who they are, and
stays behind when that is somebody else than before.

Called within the transaction of the login, with the session's row locked; in the order in which
domains stand in the house, lowest first, which is that of their locks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from spindel.shoppers.models import Shopper


@dataclass(frozen=True, slots=True)
class Belongings:
    """What a domain keeps by session.

    `bring` has it be of the identifier, which the session has by now. `leave`: what somebody else
    did here, who was logged in before, stays theirs.
    """

    bring: Callable[[Shopper, int], None]
    leave: Callable[[Shopper], None]


_REGISTERED: list[Belongings] = []


def register(belongings: Belongings) -> None:
    """Have them come along, and stay behind."""
    _REGISTERED.append(belongings)


def bring(shopper: Shopper, identifier: int) -> None:
    """Have all of them come along."""
    for one in _REGISTERED:
        one.bring(shopper, identifier)


def leave(shopper: Shopper) -> None:
    """Have all of them stay behind."""
    for one in _REGISTERED:
        one.leave(shopper)
