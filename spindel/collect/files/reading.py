"""Rows out of CSV, JSONL and Parquet files, one shape for all."""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from spindel.collect.files.mapping import File, Plan, Unusable, columns

if TYPE_CHECKING:
    from _csv import Reader as CsvReader

# The longest line, in characters; a longer one is cut, and its parts are rejected as rows.
LONGEST_LINE = 4 * 1024 * 1024
_BATCH = 5_000
_FORMATS = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl",
            ".parquet": "parquet"}  # fmt: skip

Values = dict[str, object]  # what JSON can hold; times as ISO 8601, decimals as text


@dataclass(slots=True)
class Row:
    """A row of a file. `number` is its line, or its place in a file without lines, from 1."""

    number: int
    values: Values
    text: str = ""  # as it stands in the file; empty where the file is not text
    problem: str = ""  # why it can't be read

    def original(self) -> str:
        """The row as it stands in the file, or as JSON."""
        return self.text or msgspec.json.encode(self.values).decode()


@dataclass(slots=True)
class Reader:
    """A file of rows. `share` tells how much of it has been read, from 0 to 1."""

    path: Path
    format: str
    file: File
    columns: list[str] | None = None  # None: each row has its own
    share: float = field(default=0.0, init=False)

    def rows(self) -> Iterator[Row]:
        """Every row in its order, good or not. Raises Unusable when there is no going on."""
        read = {"csv": self._csv, "jsonl": self._jsonl, "parquet": self._parquet}[self.format]
        try:
            yield from read()
        except (OSError, UnicodeError, pa.ArrowException) as error:
            raise Unusable(f"{self.path.name} can't be read as {self.format}: {error}") from None
        self.share = 1.0

    def _csv(self) -> Iterator[Row]:
        size = max(1, self.path.stat().st_size)
        with _open(self.path, self.file) as file:
            lines = _Lines(file)
            reader = _csv_reader(lines, self.file, lines.peek())
            names = _header(reader)
            lines.taken()
            while True:
                start = reader.line_num + 1
                try:
                    cells = next(reader, None)
                    problem = ""
                except csv.Error as error:
                    cells, problem = [], f"It is not CSV: {error}."
                text = lines.taken()
                if cells is None:
                    return
                if not text.strip():
                    continue
                self.share = lines.characters / size
                if not problem and len(cells) != len(names):
                    problem = f"It has {len(cells)} columns where the header has {len(names)}."
                if not problem and not text.isascii() and not _is_text(text):
                    problem = f"It holds bytes that are not {file.encoding}: set file.encoding."
                values: Values = {} if problem else dict(zip(names, cells, strict=True))
                yield Row(start, values, text, problem)

    def _jsonl(self) -> Iterator[Row]:
        size = max(1, self.path.stat().st_size)
        decode = msgspec.json.Decoder().decode
        with _open(self.path, self.file) as file:
            read = 0
            for number in itertools.count(1):
                text = file.readline(LONGEST_LINE)
                if not text:
                    return
                read += len(text)
                self.share = read / size
                if not text.strip():
                    continue
                try:
                    values, problem = decode(text), ""
                    if not isinstance(values, dict):
                        values, problem = {}, "It is JSON, but not an object."
                except (msgspec.DecodeError, UnicodeError, RecursionError):
                    values, problem = {}, "It is not JSON that can be read."
                yield Row(number, values, text, problem)

    def _parquet(self) -> Iterator[Row]:
        with pq.ParquetFile(self.path) as file:
            total, number = max(1, file.metadata.num_rows), 0
            for batch in file.iter_batches(_BATCH):
                names = batch.schema.names
                cells = [_cells(column) for column in batch.columns]
                for row in zip(*cells, strict=True) if cells else ():
                    number += 1
                    problem = "A value can't be read." if _UNREADABLE in row else ""
                    values = dict(zip(names, row, strict=True))
                    if problem:
                        values = {n: v for n, v in values.items() if v is not _UNREADABLE}
                    yield Row(number, values, "", problem)
                self.share = number / total


def reader(path: Path, plan: Plan) -> Reader:
    """A reader for the file. Raises Unusable when it lacks what the mapping asks for."""
    format = plan.file.format or _FORMATS.get(path.suffix.lower())
    if format is None:
        raise Unusable(
            f"{path.name}: say in the mapping what it is: file.format is csv, jsonl or parquet."
        )
    try:
        names = _columns(path, format, plan.file)
    except (OSError, UnicodeError, csv.Error, pa.ArrowException) as error:
        raise Unusable(f"{path.name} can't be read as {format}: {error}") from None
    if names is not None:
        for key, name in columns(plan):
            if name not in names and name.partition(".")[0] not in names and name != "line":
                raise Unusable(
                    f"{key}: the file has no column {name!r}. It has: {', '.join(names[:50])}."
                )
    return Reader(path, format, plan.file, names)


def _columns(path: Path, format: str, file: File) -> list[str] | None:
    if format == "parquet":
        with pq.ParquetFile(path) as parquet:
            return list(parquet.schema_arrow.names)
    with _open(path, file) as text:
        lines = _Lines(text)
        return _header(_csv_reader(lines, file, lines.peek())) if format == "csv" else None


def _open(path: Path, file: File) -> TextIO:
    encoding = file.encoding or "utf-8"
    with path.open("rb") as start:
        mark = start.read(3)
    if mark == b"\xef\xbb\xbf" and encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
        encoding = "utf-8-sig"
    elif file.encoding is None and mark[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    # What is not of the encoding comes as surrogates, so that it spoils its own row alone.
    return path.open(encoding=encoding, errors="surrogateescape", newline="")


class _Lines:
    """The lines of a file; remembers those that were read since it was last asked."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._ahead: list[str] = []
        self._taken: list[str] = []
        self.characters = 0

    def peek(self) -> str:
        self._ahead = [self._file.readline(LONGEST_LINE)]
        return self._ahead[0]

    def taken(self) -> str:
        text = "".join(self._taken)
        self._taken.clear()
        return text

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._ahead.pop() if self._ahead else self._file.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self._taken.append(line)
        self.characters += len(line)
        return line


def _csv_reader(lines: _Lines, file: File, first: str) -> CsvReader:
    csv.field_size_limit(LONGEST_LINE)
    outside = "".join(first.split('"')[::2])
    delimiter = file.delimiter or max(",;\t|", key=outside.count)
    return csv.reader(lines, delimiter=delimiter, strict=True)


def _header(reader: CsvReader) -> list[str]:
    names = [name.strip() for name in next(reader, [])]
    if not any(names):
        raise Unusable("The file has no first line that names its columns.")
    for name in names:
        if name and names.count(name) > 1:
            raise Unusable(f"The file has two columns named {name!r}.")
    return names


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


_UNREADABLE = object()


def _cells(column: pa.Array) -> list[object]:
    """The column's values as JSON can hold them."""
    kind = column.type
    if pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("us", kind.tz), safe=False)  # Python knows no finer
    try:
        cells = column.to_pylist()
    except (ValueError, OverflowError):
        cells = [_cell(value) for value in column]
    if pa.types.is_string(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return list(cells)
    if pa.types.is_floating(kind):
        return [value if value is not None and math.isfinite(value) else None for value in cells]
    return [
        value if value is None or value is _UNREADABLE else msgspec.to_builtins(value)
        for value in cells
    ]


def _cell(value: pa.Scalar) -> object:
    try:
        return value.as_py()
    except (ValueError, OverflowError):
        return _UNREADABLE
