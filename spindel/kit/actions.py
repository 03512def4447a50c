"""What makes a function an action: one transaction, and a fact or a reason for none."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import transaction

P = ParamSpec("P")
R = TypeVar("R")


def action(*, records: str = "", silent: str = "") -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make the function an action: it runs in one transaction.

    `records` names the fact that it puts on a timeline; `silent` says why it puts none there.
    Exactly one of them is given; `tests/house/` checks that what is promised is documented.
    """
    if bool(records) == bool(silent):
        raise TypeError("An action says which fact it records, or why none.")

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            with transaction.atomic():
                return function(*args, **kwargs)

        run.records = records  # type: ignore[attr-defined]  # read by the house tests
        run.silent = silent  # type: ignore[attr-defined]  # the same
        return run

    return decorate
