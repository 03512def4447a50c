"""What makes a function an action: one transaction, and a fact or a reason for none."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import nullcontext
from typing import ParamSpec, TypeVar

import structlog
from django.db import OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected

log = structlog.get_logger("spindel.kit")

P = ParamSpec("P")
R = TypeVar("R")


_TRIES = 3


def _is_deadlock(error: Exception) -> bool:
    return isinstance(error, DeadlockDetected) or isinstance(error.__cause__, DeadlockDetected)


def action(
    *, records: str = "", silent: str = "", in_one_statement: bool = False
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make the function an action: it runs in one transaction.

    Locks are taken in one order; should two wait for each other nevertheless, the one that the
    database has stopped, of which nothing is left, begins again.

    `records` names the fact that it puts on a timeline; `silent` says why it puts none there.
    Exactly one of them is given; `tests/house/` checks that what is promised is documented.

    `in_one_statement`: that is its transaction, so no other is begun for it.
    """
    if bool(records) == bool(silent):
        raise TypeError("An action says which fact it records, or why none.")

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            left = _TRIES
            while True:
                left -= 1
                try:
                    with nullcontext() if in_one_statement else transaction.atomic():
                        return function(*args, **kwargs)
                except (OperationalError, DeadlockDetected) as error:
                    again = left and not connection.in_atomic_block and _is_deadlock(error)
                    if not again:
                        raise
                    log.warning("action_again", action=function.__name__)

        run.records = records  # type: ignore[attr-defined]  # read by the house tests
        run.silent = silent  # type: ignore[attr-defined]  # the same
        return run

    return decorate
