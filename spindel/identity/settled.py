"""What other domains do when it has changed who is who.

What must be unique for a living customer (her open cart) refers to the customer, so its domain has
to hear of it in the same transaction. Everything else refers to identifiers, and need not.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

# The customers that anything changed for; and of those who became part of another, which one.
Hook = Callable[[Collection[int], Mapping[int, int]], None]

_HOOKS: list[Hook] = []


def register(hook: Hook) -> None:
    """Have the hook called, within the transaction, whenever customers merge or split, or another
    source has told of what they are known by.
    """
    _HOOKS.append(hook)


def notify(changed: Collection[int], moved: Mapping[int, int]) -> None:
    """Call the hooks."""
    for hook in _HOOKS:
        hook(changed, moved)
