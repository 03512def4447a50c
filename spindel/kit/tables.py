"""Files of text, and tables in them: CSV and TSV of whoever wrote them, read strictly.

The dialect is RFC 4180's, with any mark between cells. It is strict about quotes: one that is not
closed would make cells of the rows below it, and give one row the values of another. What can't be
trusted comes as a row with a problem, a row for each line, and the others go on.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, TextIO

LONGEST = 4 * 1024 * 1024  # characters of a row, and so of a cell
_HEAD = 64 * 1024

csv.field_size_limit(LONGEST)


class Unreadable(Exception):
    """There is no going on with a file; the text says why, and what to do."""


# --- text -----------------------------------------------------------------------------------------

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16's, which it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NO_TEXT = {
    b"PK\x03\x04": "a spreadsheet or an archive",
    b"\xd0\xcf\x11\xe0": "a spreadsheet",
    b"\x1f\x8b": "compressed",
    b"%PDF": "a PDF",
}


def peeked(file: IO[bytes]) -> tuple[bytes, io.BufferedReader]:
    """The beginning of a file, and all of it; the file need not know how to go back."""
    head = file.read(_HEAD)
    return head, io.BufferedReader(_Joined(head, file), _HEAD)


def encoding_of(head: bytes) -> str:
    """The encoding that the first bytes of a file tell of; UTF-8 where they tell of none."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    zeros = [byte == 0 for byte in head[:4]]
    if zeros == [False, True, False, True]:
        return "utf-16-le"
    return "utf-16-be" if zeros == [True, False, True, False] else "utf-8"


def text_of(file: IO[bytes], encoding: str | None = None, *, errors: str = "") -> TextIO:
    """The file as text, by default in the encoding that its first bytes tell of.

    What is not of the encoding comes as surrogates, so that it spoils its own row alone (see
    `is_text`). Raises Unreadable for what is no text at all.
    """
    head, whole = peeked(file)
    for start, what in _NO_TEXT.items():
        if head.startswith(start):
            raise Unreadable(f"It is {what}: save it as text, in UTF-8.")
    encoding = encoding or encoding_of(head)
    narrow = not encoding.lower().startswith(("utf-16", "utf-32"))
    errors = errors or ("surrogateescape" if narrow else "surrogatepass")
    try:
        return io.TextIOWrapper(whole, encoding, errors, newline="")
    except (LookupError, ValueError):  # ValueError: it is no word at all
        raise Unreadable(f"There is no encoding {encoding[:40]!r}.") from None


def is_text(text: str) -> bool:
    """Whether all of it was of the file's encoding."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class _Joined(io.RawIOBase):
    """What has been read of a file, and the rest of it, which stays open."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what BufferedReader gives
        part = self._head[: len(buffer)] or self._rest.read(len(buffer))
        self._head = self._head[len(part) :]
        buffer[: len(part)] = part
        return len(part)


# --- tables ---------------------------------------------------------------------------------------

_SEPARATOR = re.compile(r'"?sep=(.)"?[,;\t]*\s*', re.IGNORECASE)  # Excel's own line
_QUOTES = "a quote within a text is written twice, and the text between quotes"


@dataclass(slots=True)
class Record:
    """A row: the number of its (first) line in the file, its cells, and the line as it stands.

    `problem` says why it can't be trusted; it may then have no cells.
    """

    number: int
    cells: list[str]
    text: str
    problem: str = ""


class Table:
    """The rows of a CSV or TSV file under its first line, which names the columns.

    The encoding is guessed as `text_of` does, the mark between cells by the first line, unless
    they are said; `advice` is what to do about letters that are not of the encoding. Raises
    Unreadable when there is no such first line.
    """

    def __init__(
        self,
        file: IO[bytes],
        encoding: str | None = None,
        delimiter: str | None = None,
        advice: str = "save the file as UTF-8",
    ) -> None:
        text = text_of(file, encoding)
        self.encoding = text.encoding
        self._advice = advice
        self._lines = _Lines(text)
        try:
            self.names = self._header(delimiter)
        except UnicodeError:
            raise self._undecodable() from None

    @property
    def characters(self) -> int:
        """How many have been read."""
        return self._lines.characters

    def __iter__(self) -> Iterator[Record]:
        """Every row that is not blank, good or not, in its order. Raises Unreadable."""
        lines, width = self._lines, len(self.names)
        while True:
            start = lines.begin()
            try:
                cells = next(self._reader, None)
                problem = ""
            except csv.Error as error:
                cells, problem = [], str(error)
            except UnicodeError:
                raise self._undecodable() from None
            if cells is None:
                return
            if len(lines.taken) > 1 and (problem or not self._is_one(cells, width)):
                yield from self._apart(start, broken=bool(problem))
                continue
            text = "".join(lines.taken)
            if not text.strip():
                continue
            if problem:
                problem = _TOO_LONG if lines.is_cut else f"It has a wrong quote: {_QUOTES}."
            elif text.strip() == self._first:
                problem = "It is the first line once more."
            elif len(cells) != width:
                problem = self._ragged(cells)
            elif not is_text(text):
                problem = f"It holds letters that are not {self.encoding}: {self._advice}."
            yield Record(start, cells, text, problem)

    def _header(self, delimiter: str | None) -> list[str]:
        try:
            first = self._lines.peek()
        except csv.Error:
            raise Unreadable(f"Its first line names no columns. {_TOO_LONG}") from None
        said = _SEPARATOR.fullmatch(first)
        if said:
            next(self._lines)
            delimiter = delimiter or said[1]
            first = self._lines.peek()
        # The mark between cells, as often as it stands outside of quotes.
        self._delimiter = delimiter or max(",;\t|", key="".join(first.split('"')[::2]).count)
        self._reader = csv.reader(self._lines, delimiter=self._delimiter, strict=True)
        mark = re.escape(self._delimiter)
        quoted = r'"(?:[^"]|"")*"'
        cell = rf'(?:{quoted}|[^"{mark}]*)'
        self._quoted = re.compile(rf"(^|{mark}){quoted}(?=$|[{mark}\r\n])")
        self._proper = re.compile(rf"{cell}(?:{mark}{cell})*[\r\n]*")
        self._lines.begin()
        try:
            names = [_clean(name) for name in next(self._reader, [])]
        except csv.Error:
            raise Unreadable(f"Its first line has a wrong quote: {_QUOTES}.") from None
        if not any(names):
            raise Unreadable("The file has no first line that names its columns.")
        if len(self._lines.taken) > 1 and not self._is_one(names, len(names)):
            raise Unreadable(f"Its first line has a wrong quote: {_QUOTES}.")
        self._first = "".join(self._lines.taken).strip()
        return names

    def _is_one(self, cells: list[str], width: int) -> bool:
        """Whether several lines are one row, with line breaks in a cell.

        They are not where the number of cells is wrong, nor where every line for itself has the
        marks of a whole row: then it may as well be that two stray quotes have met.
        """
        return len(cells) == width and any(
            self._quoted.sub(r"\1", line).count(self._delimiter) != width - 1
            for line in self._lines.taken
            if line.strip()
        )

    def _apart(self, start: int, broken: bool) -> Iterator[Record]:
        """Lines that a quote has made one row of.

        Where that row is `broken`, the quote was a stray one: each line below it that has nothing
        odd is a row, and the last, where it broke, begins one. Otherwise nobody can tell, and none
        is.
        """
        swallowed = f"The quote that opens in line {start} may have swallowed it: {_QUOTES}."
        opens = f"A quote opens in it that closes in another row, or nowhere: {_QUOTES}."
        lines = self._lines.taken
        if broken and not self._lines.is_cut:
            self._lines.put_back()
        for number, line in enumerate(lines, start):
            if not line.strip():
                continue
            cells: list[str] = []
            is_cut = self._lines.is_cut and line is lines[-1]
            if broken and number > start and not is_cut and self._proper.fullmatch(line):
                cells = next(csv.reader([line], delimiter=self._delimiter, strict=True))
            if cells and len(cells) == len(self.names) and is_text(line):
                yield Record(number, cells, line)
            else:
                yield Record(number, [], line, opens if number == start else swallowed)

    def _ragged(self, cells: list[str]) -> str:
        return f"It has {len(cells)} cells, and the first line {len(self.names)}."

    def _undecodable(self) -> Unreadable:
        line = self._lines.number + 1
        return Unreadable(f"It is not {self.encoding} from line {line} on: {self._advice}.")


def repeated(names: Sequence[str]) -> dict[str, list[int]]:
    """The places of every name that is there more than once."""
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        places.setdefault(name, []).append(place)
    return {name: found for name, found in places.items() if name and len(found) > 1}


def disagreement(cells: Sequence[str], asked: Iterable[tuple[str, list[int]]]) -> str:
    """What is wrong with a row in which columns of one name differ; empty where none do."""
    for name, places in asked:
        if len({cells[place].strip() for place in places}) > 1:
            return f"It has several columns {name}, and they differ: rename all but one."
    return ""


def _clean(name: str) -> str:
    """A column's name, in which letters that are none of the encoding are seen as such."""
    return name.strip().encode("utf-8", "surrogateescape").decode("utf-8", "replace")


class _TooLong(csv.Error):
    """A row does not end."""


_TOO_LONG = f"It is longer than {LONGEST // 2**20} MB."


class _Lines:
    """The lines of a text, counted; knows those of the row that is being read."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._ahead: list[str] = []
        self._size = 0
        self.number = 0  # of the last line that was taken
        self.taken: list[str] = []
        self.is_cut = False  # the last one is too long, and not all of it was taken
        self.characters = 0

    def begin(self) -> int:
        """Begin a row; the number of its first line."""
        self.taken, self._size, self.is_cut = [], 0, False
        return self.number + 1

    def peek(self) -> str:
        """The next line that is not blank, which stays the next; empty at the end."""
        line = next(self, "")
        while line and not line.strip():
            line = next(self, "")
        if line:
            self.put_back()
        return line

    def put_back(self) -> None:
        """Make the line that was taken last the next one."""
        line = self.taken.pop()
        self._ahead.append(line)
        self.number -= 1
        self.characters -= len(line)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._ahead.pop() if self._ahead else self._text.readline(LONGEST)
        if not line:
            raise StopIteration
        self.number += 1
        self.characters += len(line)
        self._size += len(line)
        rest = line
        while len(rest) == LONGEST and rest[-1] not in "\r\n":
            self.is_cut = True
            rest = self._text.readline(LONGEST)
            self.characters += len(rest)
        # Each program that a file went through may have set its mark in front.
        line = line.lstrip("\ufeff") if line[0] == "\ufeff" else line
        self.taken.append(line)
        if self.is_cut or self._size > LONGEST:
            raise _TooLong(_TOO_LONG)
        return line


# --- tables that go out ---------------------------------------------------------------------------

# OWASP, CSV Injection; the last four are as wide as letters of Chinese, and read alike.
_BEGINS_A_FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # these are meant


def harmless(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula: quoted where it would be."""
    return f"'{text}" if text.startswith(_BEGINS_A_FORMULA) else text
