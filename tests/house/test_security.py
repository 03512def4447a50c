"""docs/security.md names a test for each threat, and each of them exists."""

from __future__ import annotations

import ast
import re

from tests.house.tree import ROOT, files

_PAGE = (ROOT / "docs" / "security.md").read_text()
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
_THREATS = [
    line
    for table in re.findall(r"^\| threat \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", _PAGE, re.MULTILINE)
    for line in table.splitlines()
]


def test_each_threat_names_a_test() -> None:
    assert len(_THREATS) > 40
    assert [line for line in _THREATS if not _TEST.search(line.rsplit("|", 2)[1])] == []


def test_each_threat_says_what_stands_against_it() -> None:
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in _THREATS]
    assert [line for line in cells if len(line) != 3 or not all(line)] == []


def test_the_tests_that_are_named_exist() -> None:
    named = _TEST.findall(_PAGE)
    assert len(named) == _PAGE.count("::test_")
    missing = [f"{path}::{name}" for path, name in named if name not in _tests(path)]
    assert missing == []


def _tests(path: str) -> set[str]:
    if not (ROOT / path).exists():
        return set()
    tree = ast.parse((ROOT / path).read_text())
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_what_nobody_sees_is_taken_from_what_is_typed_in_one_place() -> None:
    demo = ROOT / "spindel" / "demo"  # a shop like any other, whose code is its own
    code = [path for path in files() if path.suffix == ".py" and demo not in path.parents]
    inside = [path for path in code if ROOT / "spindel" in path.parents]
    wrong = [path for path in inside if 'replace("\\0", "")' in path.read_text()]
    assert len(inside) > 300
    assert not wrong, "texts.plain, line and lines of kit do it"
