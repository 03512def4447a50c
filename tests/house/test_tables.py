"""Tables that people open in a spreadsheet."""

from __future__ import annotations

import pytest

from spindel.kit import tables
from tests.house.tree import ROOT


def test_whatever_writes_a_table_guards_its_cells() -> None:
    writers = [
        path
        for path in (ROOT / "spindel").rglob("*.py")
        if "csv.writer(" in (text := path.read_text()) or "csv.DictWriter(" in text
    ]
    assert writers
    assert [path.name for path in writers if "tables.harmless(" not in path.read_text()] == []


@pytest.mark.parametrize("begins", list("=+-@\t\r\n＝＋－＠"))  # these are meant
def test_a_cell_that_would_be_a_formula_is_quoted(begins: str) -> None:
    assert tables.harmless(f"{begins}1") == f"'{begins}1"
    assert tables.harmless(f"1{begins}") == f"1{begins}"
    assert tables.harmless("") == ""
