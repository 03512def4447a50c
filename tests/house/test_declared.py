"""What domains declare is what ARCHITECTURE.md lists, and what somebody asks for."""

from __future__ import annotations

import re

from spindel.kit import declared, house
from tests.house.tree import rows

# Modules of such a name that say what is declared, or ask for it, and declare nothing themselves.
_SAY_WHAT = {
    *("spindel.staff.api", "spindel.console.api", "spindel.console.finding"),
    *("spindel.shoppers.retention", "spindel.commerce.carts.retention"),
    "spindel.privacy.retention",  # puts away facts
}
_LISTS = re.compile(r"\b[A-Z]{4,}\b|\b[A-Z]+_[A-Z]+\b|urlpatterns")


def _listed() -> dict[str, set[str]]:
    """By the name of a module, the lists that it may have."""
    table = {file.removesuffix(".py"): cell for file, cell, _who in rows("ARCHITECTURE.md", "file")}
    return {name: set(_LISTS.findall(cell)) - {"INSTALLED_APPS"} for name, cell in table.items()}


def test_whatever_is_asked_for_is_listed_and_the_other_way_round() -> None:
    asked = {"apps"}  # by Django
    for path in house.PACKAGE.rglob("*.py"):
        asked |= set(re.findall(r"declared\.(?:each|modules)\(\"(\w+)\"", path.read_text()))
    assert asked == _listed().keys()


def test_a_module_of_such_a_name_declares_something() -> None:
    """Or a list with a wrong name would never be missed."""
    nothing = {
        module.__name__
        for name, lists in _listed().items()
        if lists
        for module in declared.modules(name)
        if not any(hasattr(module, one) for one in lists)
    }
    assert nothing == _SAY_WHAT
