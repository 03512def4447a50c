"""Rows out of CSV, JSONL and Parquet files, one shape for all."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from spindel.collect import mending
from spindel.collect.files.mapping import File, Plan, Unusable, columns
from spindel.collect.mending import Mended
from spindel.kit.tables import (
    LONGEST,
    Table,
    Unreadable,
    disagreement,
    encoding_of,
    is_text,
    repeated,
    text_of,
)

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
    mended: Mended = ()  # how it was read all the same

    def original(self) -> str:
        """The row as it stands in the file, or as JSON."""
        return self.text or msgspec.json.encode(self.values).decode()


@dataclass(slots=True)
class Reader:
    """A file of rows. `share` tells how much of it has been read, from 0 to 1."""

    path: Path
    format: str
    file: File
    asked: frozenset[str] = frozenset()  # the columns that the mapping names
    share: float = field(default=0.0, init=False)

    def rows(self) -> Iterator[Row]:
        """Every row in its order, good or not. Raises Unusable when there is no going on."""
        read = {"csv": self._csv, "jsonl": self._jsonl, "parquet": self._parquet}[self.format]
        try:
            yield from read()
        except Unreadable as error:
            raise Unusable(f"{self.path.name} can't be read to its end. {error}") from None
        except (OSError, UnicodeError, pa.ArrowException) as error:
            raise Unusable(f"{self.path.name} can't be read as {self.format}: {error}") from None
        self.share = 1.0

    def _csv(self) -> Iterator[Row]:
        size = max(1, self.path.stat().st_size)
        with _table(self.path, self.file) as table:
            names = _distinct(table.names)
            again = repeated(table.names)
            asked = [(name, places) for name, places in again.items() if name in self.asked]
            for record in table:
                problem = record.problem or disagreement(record.cells, asked)
                values: Values = {} if problem else dict(zip(names, record.cells, strict=True))
                self.share = table.characters / size
                yield Row(record.number, values, record.text, problem)

    def _jsonl(self) -> Iterator[Row]:
        size = max(1, self.path.stat().st_size)
        with self.path.open("rb") as file:
            lines, read = text_of(file, self.file.encoding), 0
            for number in itertools.count(1):
                text = lines.readline(LONGEST)
                if not text:
                    return
                read += len(text)
                rest = text
                while len(rest) == LONGEST and rest[-1] != "\n":
                    rest = lines.readline(LONGEST)
                    read += len(rest)
                self.share = read / size
                said = text.lstrip("\ufeff")
                if not said.strip():
                    continue
                values: object = {}
                problem, mended = "", Mended()
                if rest is not text:
                    problem = f"It is longer than {LONGEST // 2**20} MB."
                elif not is_text(said):
                    problem = f"It holds letters that are not {lines.encoding}: {_ADVICE}."
                else:
                    try:
                        values, mended = _decoded(said)
                    except _NO_JSON:
                        problem = "It is not JSON that can be read."
                if not isinstance(values, dict):
                    values, problem = {}, "It is JSON, but not an object."
                yield Row(number, values, said, problem, mended)

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


_decode = msgspec.json.Decoder().decode
_NO_JSON = (msgspec.DecodeError, UnicodeError, RecursionError)


def _decoded(text: str) -> tuple[object, Mended]:
    """The JSON, and how it was mended where it is only nearly that, as of messages."""
    try:
        return _decode(text), ()
    except _NO_JSON:
        whole, mended = mending.readable(text.encode())
        return _decode(whole), mended


def reader(path: Path, plan: Plan) -> Reader:
    """A reader for the file. Raises Unusable when it lacks what the mapping asks for."""
    format = plan.file.format or _FORMATS.get(path.suffix.lower())
    if format is None:
        raise Unusable(
            f"{path.name}: say in the mapping what it is: file.format is csv, jsonl or parquet."
        )
    asked = list(columns(plan))
    try:
        names = _columns(path, format, plan.file)
    except Unreadable as error:
        raise Unusable(f"{path.name}: {error}") from None
    except (OSError, UnicodeError, pa.ArrowException) as error:
        raise Unusable(f"{path.name} can't be read as {format}: {error}") from None
    if names is not None:
        for key, name in asked:
            if name not in names and name.partition(".")[0] not in names and name != "line":
                lost = any("\ufffd" in one for one in names)
                raise Unusable(
                    f"{key}: the file has no column {name!r}. It has: {', '.join(names[:50])}."
                    + (f" Not all of that is {_encoding(path, plan.file)}: {_ADVICE}." * lost)
                )
    return Reader(path, format, plan.file, frozenset(name for _, name in asked))


def _columns(path: Path, format: str, file: File) -> list[str] | None:
    if format == "parquet":
        with pq.ParquetFile(path) as parquet:
            return list(parquet.schema_arrow.names)
    if format == "csv":
        with _table(path, file) as table:
            return table.names
    return None


_ADVICE = "set file.encoding in the mapping, to windows-1252 perhaps"


@contextmanager
def _table(path: Path, file: File) -> Iterator[Table]:
    with path.open("rb") as opened:
        yield Table(opened, file.encoding, file.delimiter, _ADVICE)


def _encoding(path: Path, file: File) -> str:
    with path.open("rb") as opened:
        return file.encoding or encoding_of(opened.read(4))


def _distinct(names: Sequence[str]) -> list[str]:
    """The names as keys, so that each column counts when rows are told apart by their content."""
    seen: dict[str, int] = {}
    distinct = []
    for name in names:
        seen[name] = times = seen.get(name, 0) + 1
        distinct.append(name if times == 1 or not name else f"{name}\0{times}")
    return distinct


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
