"""The actions and the facts that the package has, found by looking."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import is_dataclass
from types import ModuleType

from spindel.kit import house
from spindel.timeline.recording import Recorded
from tests.house.tree import module_of


def _modules(name: str) -> Iterator[ModuleType]:
    """The domains' modules of this name, however deep; and those of what a longer name says, such
    as `merge_actions`, and the parts of a folder of the name.
    """
    called = re.compile(rf"(?:^|[._]){name}(?:\.|$)")
    for of in reversed(house.folders()):
        for path in sorted(house.folder(of).rglob("*.py")):
            dotted = module_of(path).removesuffix(".__init__")
            # Of the kit, `actions` says what an action is.
            if house.room(dotted) == of != "spindel.kit" and called.search(dotted[len(of) + 1 :]):
                yield importlib.import_module(dotted)


def functions() -> dict[str, Callable[..., object]]:
    """Every public function of the `actions` modules, by its full name."""
    return {
        f"{module.__name__}.{name}": function
        for module in _modules("actions")
        for name, function in vars(module).items()
        if inspect.isfunction(function)
        and function.__module__ == module.__name__
        and not name.startswith("_")
    }


def facts() -> dict[str, type[Recorded]]:
    """Every fact that the `facts` modules declare, by its name on the timeline."""
    return {
        kind.fact_name(): kind
        for module in _modules("facts")
        for kind in vars(module).values()
        if is_dataclass(kind)
        and isinstance(kind, type)
        and issubclass(kind, Recorded)
        and kind.__module__ == module.__name__
    }
