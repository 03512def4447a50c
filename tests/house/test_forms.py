"""What a browser sends is read by a form, which says once how long it may be and what it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from spindel.kit import house
from tests.house.tree import module_of

# What may be done with all of what was sent, as it is: to hand it to a form, to look whether a name
# is in it, and to take it along to another address.
_WHOLE = {"copy", "keys", "lists"}


def sent(node: ast.AST) -> bool:
    """Whether it is all that a browser has sent."""
    return isinstance(node, ast.Attribute) and node.attr in ("GET", "POST")


def read_by_hand(tree: ast.AST) -> Iterator[int]:
    """The lines that take a value out of it, or give it a name by which one could."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=value, attr=attr) if sent(value) and attr not in _WHOLE:
                yield node.lineno
            case ast.Subscript(value=value) if sent(value):
                yield node.lineno
            case ast.Assign(value=ast.IfExp(body=one, orelse=other)) if sent(one) or sent(other):
                yield node.lineno
            case ast.Assign(value=value) | ast.NamedExpr(value=value) if sent(value):
                yield node.lineno


def views() -> list[Path]:
    """All modules but those of the demo: its shop is a retailer's own, and shows the API alone."""
    paths = house.PACKAGE.rglob("*.py")
    return [path for path in paths if "demo" not in path.relative_to(house.PACKAGE).parts]


def test_nothing_that_a_browser_sends_is_read_but_by_a_form() -> None:
    found = {
        f"{module_of(path)}:{line}"
        for path in views()
        for line in read_by_hand(ast.parse(path.read_text()))
    }
    assert found == set()


def test_the_check_sees_what_is_read_by_hand() -> None:
    read = """
request.GET.get("q")
desk.request.POST["key"]
asked = request.GET
data = request.POST if posted else request.GET
request.POST.getlist("line")
"""
    whole = """
Form(request.POST)
"add" in request.GET
request.POST.copy()
form = Form(request.POST if posted else None)
"""
    assert sorted(read_by_hand(ast.parse(read))) == [2, 3, 4, 5, 6]
    assert not list(read_by_hand(ast.parse(whole)))
