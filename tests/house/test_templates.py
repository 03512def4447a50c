"""Templates are there to be read: one element a line."""

from __future__ import annotations

from pathlib import Path

from tests.house.tree import ROOT, files

LONGEST = 160


def _templates() -> list[Path]:
    return [
        path
        for path in files()
        if path.is_relative_to(ROOT / "spindel")
        and "templates" in path.parts
        and path.suffix in (".html", ".txt")
    ]


def test_no_line_of_a_template_is_longer_than_an_eye_follows() -> None:
    """Break a line where white space is already, at a block's edge, or between attributes; a long
    text is `{% blocktranslate trimmed %}`. Elsewhere a new line is a space that people see.
    """
    long = [
        f"{path.relative_to(ROOT)}:{number}: {len(line)} characters"
        for path in _templates()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > LONGEST
    ]
    assert _templates()
    assert long == []
