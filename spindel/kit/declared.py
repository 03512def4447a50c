"""What a domain declares of itself: a module of a known name in its folder, found here."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from django.apps import apps


def modules(name: str) -> Iterator[ModuleType]:
    """The modules of that name, the lowest domain's first."""
    for app in apps.get_app_configs():
        path = f"{app.name}.{name}"
        if app.name.startswith("spindel.") and find_spec(path):
            yield import_module(path)
