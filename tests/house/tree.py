"""The repository, as its checks see it."""

from __future__ import annotations

import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest

from spindel.kit import house

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def module_of(path: Path) -> str:
    """A file of the package as a module, as far as its folder says."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def is_below(one: str, other: str) -> bool:
    """Whether a folder of the house stands in a lower layer than another."""
    return house.depth(one) > house.depth(other)


@cache
def files() -> tuple[Path, ...]:
    """Every file of the repository that is, or would be, committed."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("this is no checkout, or git is missing", allow_module_level=True)
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return tuple(path for path in paths if path.is_file())


def pages() -> list[Path]:
    """Every page of documentation."""
    return [path for path in files() if path.suffix == ".md"]


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the table in docs/ whose head begins so, without the marks of code."""
    body = (ROOT / "docs" / page).read_text().split(f"| {heading} |", 1)[1].split("\n\n", 1)[0]
    lines = [line for line in body.splitlines()[2:] if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]
