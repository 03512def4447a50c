"""Tables as text: what a row says is its own, and no line is lost without a word."""

from __future__ import annotations

import csv
import io
import tracemalloc
from typing import cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from spindel.kit.tables import LONGEST, Record, Table, Unreadable

HEAD = "sku,name,price\n"


def table(text: str | bytes, encoding: str | None = None) -> Table:
    data = text.encode() if isinstance(text, str) else text
    return Table(io.BytesIO(data), encoding)


def good(records: Table) -> list[list[str]]:
    return [record.cells for record in records if not record.problem]


def bad(records: Table) -> list[int]:
    return [record.number for record in records if record.problem]


ROWS = [["A", "Vinga", "100"], ["B", "Haga", "200"], ["C", "Mora", "300"]]


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ('A,"Vinga,100\nB,Haga,200\nC,Mora,300\n', [2]),  # never closed
        ('A,"Vinga,100\nB,Haga,200\nC,"Mora",300\n', [2]),  # closed by a good cell
        ('A,"Vinga,100\nB,Haga",200\nC,Mora,300\n', [2, 3]),  # by another stray one
        ('A,"Vinga,100\nB,Haga,200\nC,Mora",300\n', [2, 3, 4]),
        ('A,"Vinga,100\n\nB,Haga",200\nC,Mora,300\n', [2, 4]),
        ('A,"Vinga,100\nB,Haga,200\nC",Mora,300\n', [2, 3, 4]),  # and the number of cells is wrong
        ('A,Vinga,"100\nB,Haga,200\nC,Mora,"300"\n', [2]),
        ('A,"Vinga,100\nB,"Haga,200\nC,Mora",300\n', [2, 3, 4]),  # three of them
        ('A,"Vinga" II,100\nB,Haga,200\nC,Mora,300\n', [2]),
        ('A,"Vinga, 100\nB,Haga,200\nC,Mora,300\n', [2]),
        ("A,Vinga\nB,Haga,200\nC,Mora,300,x\n", [2, 4]),
        (HEAD + "A,Vinga,100\nB,Haga,200\nC,Mora,300\n", [2]),
    ],
)
def test_no_row_gets_what_another_says_and_every_line_is_told_of(
    text: str, refused: list[int]
) -> None:
    assert bad(table(HEAD + text)) == refused
    assert all(row in ROWS for row in good(table(HEAD + text)))
    blank = text.count("\n\n")
    assert len(good(table(HEAD + text))) + len(refused) + blank == text.count("\n")


def test_a_stray_quote_is_not_taken_for_a_cell_beside_one_with_commas() -> None:
    text = 'sku,text,name,price\nA,"Soft, warm","Vinga,100\nB,soft,Haga","2,00"\n'
    assert bad(table(text)) == [2, 3]


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ('A,"Vinga\nand more",100', ["A", "Vinga\nand more", "100"]),
        ('A,"Soft,\nwarm, dry, light, grey",100', ["A", "Soft,\nwarm, dry, light, grey", "100"]),
        ('A,"Vinga ""II""",100', ["A", 'Vinga "II"', "100"]),
        ('A,15" screen,100', ["A", '15" screen', "100"]),
        ('"A","","100"', ["A", "", "100"]),
    ],
)
def test_what_the_standard_allows_is_read(row: str, cells: list[str]) -> None:
    assert good(table(f"{HEAD}{row}\nB,Haga,200\n")) == [cells, ROWS[1]]


@pytest.mark.parametrize(
    "data",
    [
        "sku;name\nA;Å\n".encode(),
        "\ufeffsku;name\nA;Å\n".encode(),
        "\ufeff\ufeff\ufeffsku;name\nA;Å\n".encode(),
        "\ufeffsku;name\n\ufeffA;Å\n".encode(),
        "sep=;\nsku;name\nA;Å\n".encode(),
        '\ufeff"sep=;"\r\nsku;name\r\nA;Å\r\n'.encode(),
        "SEP=|\nsku|name\nA|Å\n".encode(),
        "\n\nsku;name\n\nA;Å\n\n".encode(),
        "sku\tname\rA\tÅ\r".encode(),
        "sku;name\nA;Å\n".encode("utf-16"),
        "\ufeffsku;name\nA;Å\n".encode("utf-16-be"),
        "sku;name\nA;Å\n".encode("utf-16-le"),
        "sku;name\nA;Å\n".encode("utf-16-be"),
        "sku;name\nA;Å\n".encode("utf-32"),
        '"sku, of course";"name"\nA;Å\n'.encode().replace(b", of course", b""),
    ],
)
def test_the_ways_in_which_programs_write_tables_are_read(data: bytes) -> None:
    found = table(data)
    assert found.names == ["sku", "name"]
    assert good(found) == [["A", "Å"]]


def test_letters_of_another_encoding_spoil_their_own_row_alone() -> None:
    data = "sku;name\nA;Vinga\nB;Håga\nC;Mora\n".encode("cp1252")
    records = list(table(data))
    assert [record.number for record in records if record.problem] == [3]
    assert "not utf-8: save the file as UTF-8" in records[1].problem
    assert good(table(data, "windows-1252")) == [["A", "Vinga"], ["B", "Håga"], ["C", "Mora"]]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "no first line"),
        (b"\n \n", "no first line"),
        (b";;;\nA;B;C;D\n", "no first line"),
        (b'sku,"name\nA,B\n', "wrong quote"),
        (b'sku,"name\nA,B"\n', "wrong quote"),
        (b"PK\x03\x04", "spreadsheet"),
        (b"x" * (LONGEST + 1), "longer than 4 MB"),
        ("sku;name\nA;Å".encode("utf-16")[:-1], "not utf-16 from line 2"),
    ],
)
def test_what_is_no_table_is_said_in_one_line(data: bytes, says: str) -> None:
    with pytest.raises(Unreadable, match=says) as refusal:
        list(table(data))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "encoding", ["klingon", "hex", "rot13", "undefined", "a\0b", "å", "x" * 999]
)
def test_an_encoding_that_is_none_is_said_in_one_line(encoding: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        list(table(HEAD, encoding))
    assert "\n" not in str(refusal.value)


class _Endless(io.RawIOBase):
    """Rows without end, as far as memory goes: `count` times the same."""

    def __init__(self, head: bytes, row: bytes, count: int) -> None:
        self._head, self._row, self._left = head, row, count

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if self._head:
            head, self._head = self._head, b""
            return head
        count = min(self._left, max(1, size // len(self._row)))
        self._left -= count
        return (self._row * count)[:size]


@pytest.mark.parametrize(
    ("head", "row", "count", "refused"),
    [
        (b"sku,name,price\n", b"A,Vinga,100\n", 100_000, 0),
        (b'sku,name,price\nA,"', b"x" * 4096, 5_000, 1),  # a cell of 20 MB
        (b"sku,name,price\n", b'a","b\n', 3_000, 3_000),  # each opens a quote for the next
    ],
    ids=["rows", "cell", "quotes"],
)
def test_a_file_of_any_size_is_read_in_bounded_memory(
    head: bytes, row: bytes, count: int, refused: int
) -> None:
    tracemalloc.start()
    try:
        records = Table(cast(io.BytesIO, _Endless(head, row, count)))
        read = wrong = 0
        for record in records:
            read += 1
            wrong += bool(record.problem)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert wrong == refused
    assert read == (count if len(row) < 100 else 1)
    assert peak < 12 * LONGEST


CELL = st.text(st.sampled_from("ab ,;\"\n\r'=å"), max_size=6)


@given(st.lists(st.tuples(CELL, CELL, CELL), max_size=6))
def test_what_a_program_wrote_is_read_as_it_was_or_refused(rows: list[tuple[str, ...]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([("sku", "name", "price"), *rows])
    for record in table(text.getvalue()):
        if not record.problem:
            assert tuple(record.cells) in rows


@given(
    st.lists(st.tuples(*[st.text("ab ", min_size=1, max_size=3)] * 3), min_size=1, max_size=6),
    st.lists(st.integers(0, 60), min_size=1, max_size=3),
)
@example([("a", "b", "1"), ("b", "c", "2")], [2, 10])
def test_wherever_quotes_are_lost_a_row_that_is_taken_says_what_its_line_says(
    rows: list[tuple[str, ...]], places: list[int]
) -> None:
    text = "".join(",".join(row) + "\n" for row in rows)
    for place in places:
        text = text[: place % len(text)] + '"' + text[place % len(text) :]
    for record in table(HEAD + text):
        if not record.problem:
            line = rows[record.number - 2]
            assert [cell.replace('"', "") for cell in record.cells] == list(line)


@given(st.binary(max_size=200) | st.text('a,";\n\r\ufeff', max_size=60).map(str.encode))
def test_every_line_belongs_to_one_row(data: bytes) -> None:
    try:
        found = table(HEAD.encode() + data)
        records: list[Record] = list(found)
    except Unreadable:
        return
    numbers = [record.number for record in records]
    assert numbers == sorted(set(numbers))
    lines = io.TextIOWrapper(io.BytesIO(data), "utf-8", "surrogateescape", newline="")
    stripped = [line.lstrip("\ufeff") for line in lines]
    assert "".join(record.text for record in records).replace("\n", "").replace("\r", "") == (
        "".join(line for line in stripped if line.strip()).replace("\n", "").replace("\r", "")
    )
