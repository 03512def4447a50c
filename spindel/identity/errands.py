"""Who has an errand in a store today: whom people there may open without a search of theirs.

What an errand is (a pair that waits for her, a return) is known to other domains; they say it here.
"""

from __future__ import annotations

from collections.abc import Callable

from spindel.staff.models import User

# Whether the customer, as she is today, has one; the person is who would open her.
Hook = Callable[[User, int], bool]

_HOOKS: list[Hook] = []


def register(hook: Hook) -> None:
    """Have the hook asked."""
    _HOOKS.append(hook)


def has_one(user: User, customer: int) -> bool:
    """Whether the customer has an errand that lets this person open her."""
    return any(hook(user, customer) for hook in _HOOKS)
