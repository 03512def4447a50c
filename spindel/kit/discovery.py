"""What domains declare: a file of a known name in each that has something to declare."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from django.apps import apps


def modules(name: str) -> Iterator[ModuleType]:
    """The modules of this name of all domains that have one, the lowest domain first."""
    for app in apps.get_app_configs():
        if app.name.startswith("spindel.") and find_spec(f"{app.name}.{name}"):
            yield import_module(f"{app.name}.{name}")
