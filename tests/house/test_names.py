"""Files and names that docs, docstrings and comments quote are there, called as they say."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from tests.house.tree import ROOT, files, pages

WORDS = re.compile(r'"""(.*?)"""|(#[^\n]*)', re.DOTALL)
ENDINGS = {"py", "md", "ts", "html", "toml"}


def test_files_that_are_quoted_are_there() -> None:
    """By the end of their path: `carts/ownership.py`, `forms.py`."""
    ends = {path[at:] for path in map(str, _sources()) for at in _starts(path)}
    told = [*((str(page), page.read_text()) for page in pages()), *_words()]
    quoted = [
        (where, name)
        for where, text in told
        for name in re.findall(r"`((?:[\w-]+/)*\w+\.py)`", text)
    ]
    assert len(quoted) > 100
    assert [(where, name) for where, name in quoted if name not in ends] == []


def test_a_name_of_a_module_is_in_it() -> None:
    """`ledger.expire` in quotes, and `history.NoOrder` as what is raised."""
    names, seen, wrong = _names(), 0, []
    for where, text in (one for one in _words() if one[0].startswith("spindel/")):
        quoted = [one for one in re.findall(r"`([a-z_]+)\.(\w+)`", text) if one[0] in names]
        raised = re.findall(r"(?<![\w`./\"'])([a-z_]+)\.([A-Z]\w+)\b", text)
        for module, name in (*quoted, *raised):
            seen += 1
            there = name in names[module] if module in names else find_spec(module) is not None
            if not there and name not in ENDINGS:
                wrong.append((where, f"{module}.{name}"))
    assert seen > 100
    assert wrong == []


def _sources() -> list[Path]:
    return [
        path.relative_to(ROOT)
        for path in files()
        if path.suffix == ".py" and "migrations" not in path.parts
    ]


def _starts(path: str) -> list[int]:
    return [0, *(at + 1 for at, letter in enumerate(path) if letter == "/")]


@cache
def _words() -> list[tuple[str, str]]:
    """Docstrings and comments, with the files they stand in."""
    return [(str(path), text) for path in _sources() for text in _said(ROOT / path)]


def _said(path: Path) -> Iterator[str]:
    for text, comment in WORDS.findall(path.read_text()):
        yield text or comment


@cache
def _names() -> dict[str, set[str]]:
    """What stands in the modules of a name: `rules` of any folder."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in _sources():
        here = found[path.parent.name if path.stem == "__init__" else path.stem]
        if path.stem == "__init__":
            here.update(one.stem for one in (ROOT / path.parent).iterdir())
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                here.add(node.name)
            elif isinstance(node, ast.Name):
                here.add(node.id)
            elif isinstance(node, ast.alias):
                here.add(node.asname or node.name)
            elif isinstance(node, ast.arg):
                here.add(node.arg)
    return dict(found)


def test_no_test_module_is_a_library() -> None:
    """What tests share is in a cast beside them."""
    libraries = {
        (path.name, node.module)
        for path in files()
        if path.suffix == ".py" and path.is_relative_to(ROOT / "tests")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and ".test_" in f".{node.module}"
    }
    assert libraries == set()
