"""docs/collect.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from spindel.collect import mending, messages, steps

_PAGE = (Path(__file__).parents[2] / "docs" / "collect.md").read_text()


def _table(heading: str) -> dict[str, str]:
    """The rows of the table whose head starts so: the code in the first column, and the second."""
    body = _PAGE.split(f"| {heading} |", 1)[1].split("\n\n", 1)[0]
    return dict(re.findall(r"^\| `([^`]+)` \| (.+) \|$", body, re.MULTILINE))


def test_every_reason_is_explained() -> None:
    assert _table("reason") == steps.REASONS


def test_every_kind_of_mending_is_explained() -> None:
    assert _table("mended") == mending.MENDINGS


def test_every_step_is_explained_in_its_order() -> None:
    assert list(_table("step")) == [step.__name__ for step in steps.STEPS]


def test_the_limits_are_those_of_the_code() -> None:
    assert f"| {messages.LARGEST_MESSAGE // 1024} kB |" in _PAGE
    assert f"| {messages.LARGEST_BODY // 1024} kB |" in _PAGE
    assert f"| {messages.LARGEST_BATCH:,} messages |" in _PAGE
