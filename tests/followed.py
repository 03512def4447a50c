"""Waiting for identity to have taken in what was told."""

from __future__ import annotations

import time
from collections.abc import Callable

from spindel.identity.followers import FOLLOWER
from spindel.timeline import following


def follow() -> None:
    """Have identity take in every fact there is.

    A transaction that is open anywhere in the cluster, such as another test's, holds some back
    for a moment.
    """
    following.enrol(FOLLOWER)

    def nothing_left() -> bool:
        following.step(FOLLOWER)
        return all(lag.facts == 0 for lag in following.lags())

    wait_until(nothing_left)


def wait_until(true: Callable[[], object], seconds: float = 10) -> None:
    """Wait for a condition; fails the test at the deadline."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError("It did not happen in time.")
        time.sleep(0.01)
