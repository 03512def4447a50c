"""What is committed speaks of the project alone, and is small."""

from __future__ import annotations

import re
import tokenize
from pathlib import Path

from tests.house.tree import ROOT, files

# In parts, so that this file does not hold them itself.
_MACHINES = re.compile(
    r"(?<![\w.~}$])/(?:" + "|".join(("work", "root", "tmp", "Users", "home")) + r")/\w"
)
_HOSTS = re.compile("|".join((r"python" "hosted", r"registry\." "npmjs", r"pypi\." "org")))
_LARGEST = 500_000  # bytes

_IGNORES = re.compile(r"(?:type: ignore|noqa)(?P<what>\[[\w, -]+\]|: [A-Z]+\d+(?:, ?[A-Z]+\d+)*)?")


def _texts() -> dict[Path, str]:
    found = {}
    for path in files():
        try:
            found[path] = path.read_text()
        except UnicodeDecodeError:  # a picture
            continue
    return found


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    named = {
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path, text in _texts().items()
        for match in _MACHINES.finditer(text)
    }
    assert named == set()


def test_no_file_names_the_host_of_a_package_registry() -> None:
    named = {str(path.relative_to(ROOT)) for path, text in _texts().items() if _HOSTS.search(text)}
    assert named == set()


def test_no_lock_says_where_a_package_is_fetched() -> None:
    locks = [path for path in files() if path.name == "package-lock.json"]
    assert locks
    assert [path for path in locks if '"resolved": "http' in path.read_text()] == []


def test_every_python_lock_pins_with_hashes() -> None:
    locks = list(ROOT.glob("requirements*.txt"))
    assert locks
    for lock in locks:
        pins = re.findall(r"^[a-z].*?(?=^[a-z]|\Z)", lock.read_text(), re.MULTILINE | re.DOTALL)
        assert pins
        for pin in pins:
            assert "==" in pin, pin
            assert "--hash=sha256:" in pin, pin


def test_no_file_is_large() -> None:
    large = {str(path.relative_to(ROOT)) for path in files() if path.stat().st_size > _LARGEST}
    assert large == set()


def test_every_check_that_is_switched_off_says_why() -> None:
    bare = []
    for path in files():
        if path.suffix != ".py":
            continue
        with path.open("rb") as source:
            for token in tokenize.tokenize(source.readline):
                if token.type != tokenize.COMMENT:
                    continue
                for match in _IGNORES.finditer(token.string):
                    why = re.match(r"\s*[#-]\s*\w", token.string[match.end() :])
                    if not match["what"] or not why:
                        bare.append(f"{path.relative_to(ROOT)}:{token.start[0]}")
    assert not bare, "\n".join(bare)


def test_every_check_that_the_project_switches_off_says_why() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    part = text.split("[tool.ruff.lint]")[1].split("[tool.django-stubs]")[0]
    ignores = re.findall(
        r'^\s+"[A-Z]+\d+",.*$|^".+" = \[.*$|^ignore_\w+ = true.*$', part, re.MULTILINE
    )
    assert ignores
    assert [line for line in ignores if "# " not in line and "the same" not in line] == []
