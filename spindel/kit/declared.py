"""What a domain declares of itself: a module of a known name in its folder, found here.

`docs/ARCHITECTURE.md` lists the names, and who asks for what.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any  # what a list holds is known to whoever asks for it

from spindel.kit import house


def modules(name: str) -> Iterator[ModuleType]:
    """The modules of that name, the lowest domain's first."""
    for one in house.applications():
        if find_spec(f"{one}.{name}"):
            yield import_module(f"{one}.{name}")


def each(name: str, what: str) -> Iterator[Any]:
    """What the list of that name holds in the modules of a name, for those that have one."""
    for module in modules(name):
        yield from getattr(module, what, ())
