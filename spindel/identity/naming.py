"""What a customer is called: by their name, and never by how they are reached.

What traits tell comes first. Where they tell none, other domains may know: who an order is for.
They say it here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from django.utils.translation import gettext as _

# The names of those of the customers of whom one is known, by their ids.
Hook = Callable[[Collection[int]], Mapping[int, str]]

_HOOKS: list[Hook] = []


def register(hook: Hook) -> None:
    """Have the hook asked."""
    _HOOKS.append(hook)


def of_traits(told: Mapping[str, object]) -> str:
    """The name that the traits tell; empty where they tell none."""
    first = told.get("first_name") or told.get("firstName") or ""
    last = told.get("last_name") or told.get("lastName") or ""
    return plain(told.get("name") or f"{first} {last}".strip())


def plain(told: object) -> str:
    """The name, if it is one: an address that somebody has typed in its place is not."""
    return told if isinstance(told, str) and "@" not in told else ""


def elsewhere(customers: Collection[int]) -> dict[int, str]:
    """Of customers whose traits tell no name, those that other domains know."""
    found: dict[int, str] = {}
    for hook in _HOOKS:
        left = [one for one in customers if one not in found]
        if left:
            found |= {one: name for one, name in hook(left).items() if plain(name)}
    return found


def called(name: str, id: int, *, known: bool) -> str:
    """What to call a customer on a page: `known` by more than a device, if not by a name."""
    if name:
        return name
    return _("Customer %(number)s") % {"number": id} if known else _("Somebody not yet known")
