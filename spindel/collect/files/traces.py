"""What an import leaves beside its file: the rows that were rejected, and how far it has come."""

from __future__ import annotations

import csv
import fcntl
import io
import os
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from spindel.collect.files.mapping import Unusable
from spindel.collect.files.outcome import Outcome
from spindel.collect.files.reading import Row
from spindel.kit import tables


class Rejects:
    """A CSV file of the rows that were rejected, each with its line and the reason.

    Goes on after the first `keep` bytes of an earlier one. Not made before the first row comes.
    """

    def __init__(self, path: Path, keep: int) -> None:
        self.path = path
        self.size = keep
        self._lines: list[tuple[int | str, str, str]] = []
        if keep == 0:
            path.unlink(missing_ok=True)
        elif path.exists():
            os.truncate(path, keep)

    def write(self, row: Row, reason: str) -> None:
        """Add a row."""
        as_it_was = row.original().rstrip("\r\n")
        self._lines.append((row.number, reason, tables.harmless(as_it_was)))

    def flush(self) -> int:
        """Write what was added; the size of the file."""
        if self._lines:
            self.path.touch(0o600)  # rows are customers' as often as not
            with self.path.open("ab") as file:
                text = io.StringIO()
                writer = csv.writer(text, lineterminator="\n")
                if file.tell() == 0:
                    writer.writerow(("line", "reason", "row"))
                writer.writerows(self._lines)
                # What was no text in the file's encoding stays to be seen.
                file.write(text.getvalue().encode("utf-8", "backslashreplace"))
                self.size = file.tell()
            self._lines.clear()
        return self.size


class _Said(msgspec.Struct):
    """The state file: what it is about, and what was durable when it was written."""

    about: str
    done: int  # rows, or orders
    last: str  # the id of the last fact
    rejects: int  # bytes
    skipped: int
    used: int
    rejected: dict[str, int]
    messages: int
    kept: int


class State:
    """How far an import has come, in a file that is there only while it is not finished.

    Raises Unusable when another import of the same file runs, or the file can't be written.
    """

    def __init__(self, path: Path, about: str) -> None:
        self._path = path
        self._about = about
        self._said: _Said | None = None

    def __enter__(self) -> Self:
        try:
            self._file = os.fdopen(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        except OSError as error:
            raise Unusable(
                f"Nothing can be written at {self._path.parent} ({error.strerror}):"
                " say with --reject where rejected rows should go."
            ) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise Unusable("This file is being imported already.") from None
        try:
            said = msgspec.json.decode(self._file.read(), type=_Said)
            self._said = said if said.about == self._about else None
        except msgspec.DecodeError:
            pass  # new, or cut off by a crash: begin at the beginning
        return self

    def __exit__(
        self, type: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        if self._said is None:
            self._path.unlink(missing_ok=True)
        self._file.close()

    @property
    def done(self) -> int:
        """How many rows, or orders, are durable."""
        return self._said.done if self._said else 0

    @property
    def last(self) -> str:
        """The id of the last fact that is durable."""
        return self._said.last if self._said else ""

    @property
    def rejects(self) -> int:
        """How many bytes of the rejects belong to what is done."""
        return self._said.rejects if self._said else 0

    def outcome(self) -> Outcome:
        """What the runs so far came to."""
        said = self._said
        if said is None:
            return Outcome()
        return Outcome(
            skipped=said.skipped,
            used=said.used,
            rejected=Counter(said.rejected),
            messages=said.messages,
            kept=said.kept,
            resumed=said.done,
        )

    def save(self, done: int, last: str, rejects: int, outcome: Outcome) -> None:
        """Remember that everything up to here is durable. An empty `last` leaves it as it was."""
        self._said = _Said(
            self._about,
            done,
            last or self.last,
            rejects,
            outcome.skipped,
            outcome.used,
            dict(outcome.rejected),
            outcome.messages,
            outcome.kept,
        )
        self._file.seek(0)
        self._file.write(msgspec.json.encode(self._said))
        self._file.truncate()
        self._file.flush()

    def forget(self) -> None:
        """Nothing is done, or everything is."""
        self._said = None
