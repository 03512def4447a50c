"""Pages lead downwards: a domain names no address of one above it, nor of a neighbour's.

So a domain can be put into the house, or taken out, and no page below it breaks.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from django.urls import URLPattern, URLResolver, get_resolver

from spindel.kit import house
from tests.house.tree import is_below, module_of

_TEMPLATE = re.compile(r"""\{%\s*(?:url|back\s[^%]*)\s["']([^"']+)["']""")
# What is called with the name of an address, and as which of its arguments.
_SAYS = {
    "reverse": 0,
    "reverse_lazy": 0,
    "redirect": 0,
    "links.page": 0,
    "Panel": 1,
    "PageLink": 0,
    "Entry": 1,
}

# What every page is framed by, which the console puts together: any page may lead there.
FRAME = {
    "attention": "the one list of worries, whose kinds the domains declare",
    "find": "the box in the head",
    "language": "a choice of whoever looks",
    "live": "the whole console, from the tablet; and what comes in, where nothing has yet",
    "settings": "what all domains are set up by",
    "signs": "the figures in the head",
    "theme": "a choice of whoever looks",
}
# The way in and out, and one's own account, in the same frame.
FRAME |= dict.fromkeys(("account", "account_logout"), "in the frame's own menu")


# What else leads up, and why: (file, address).
UPWARD: dict[tuple[str, str], str] = {
    ("console/start.py", "store"): "a clerk begins at the tablet",
}


def _names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from _names(one.url_patterns)
        elif one.name:
            yield one.name


def _owners() -> dict[str, str]:
    """Whose each address is: of the folder whose `urls.py` names it; the console has all others."""
    owners: dict[str, str] = {}
    for folder in sorted(house.folders(), key=lambda one: one == "spindel.console"):
        if find_spec(f"{folder}.urls"):
            for name in _names(import_module(f"{folder}.urls").urlpatterns):
                owners.setdefault(name, folder)
    assert set(_names(get_resolver().url_patterns)) <= owners.keys() | {"openapi-json"}
    return owners


def _named(path: Path) -> Iterator[str]:
    """The addresses that a file names."""
    if path.suffix == ".html":
        yield from _TEMPLATE.findall(path.read_text())
    if path.suffix == ".py":
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in _SAYS:
                at = _SAYS[ast.unparse(node.func)]
                match node.args[at : at + 1]:
                    case [ast.Constant(value=str(name))]:
                        yield name


def _leads_down(here: str, there: str) -> bool:
    """Whether it is the folder's own, one's below it, or one's of the wing that it is a room of."""
    return here == there or is_below(there, here) or here.startswith(f"{there}.")


def test_no_page_names_an_address_above_it() -> None:
    owners, named, up = _owners(), 0, set()
    for path in house.PACKAGE.rglob("*.*"):
        here = house.room(module_of(path))
        for name in _named(path):
            there = owners.get(name)
            named += there is not None
            if there and here and not _leads_down(here, there):
                up.add((str(path.relative_to(house.PACKAGE)), name))
    assert named > 300
    assert {one for one in up if one[1] not in FRAME} == UPWARD.keys()
    assert {name for _path, name in up} >= FRAME.keys(), "these are named no more"
