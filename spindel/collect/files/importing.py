"""`spindel import`: a file of events, customers or orders, kept as if it had been sent.

Nothing is counted twice: each message's id depends on the file alone. A small file beside the
rejects remembers how far an import has come, so that one that was interrupted goes on where it
was; losing it costs time and nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from hashlib import blake2b, file_digest
from itertools import islice
from pathlib import Path

from rich.console import Console

from spindel.collect.files import mapping as mappings
from spindel.collect.files.keeping import LARGEST_MESSAGE, Keeper
from spindel.collect.files.mapping import Orders, Plan, Unusable
from spindel.collect.files.outcome import Outcome
from spindel.collect.files.reading import Reader, Row, reader
from spindel.collect.files.shaping import Shaper
from spindel.collect.files.showing import Progress, show_preview, show_summary
from spindel.collect.files.traces import Rejects, State
from spindel.collect.origins import origin_of
from spindel.collect.steps import REASONS, Draft, Origin
from spindel.kit import database
from spindel.timeline.models import Fact, Source

_CHUNK = 500  # messages
_CHUNK_BYTES = 4 * 1024 * 1024
_CHUNK_ITEMS = 5_000
_PREVIEW = 5  # messages
_REASONS = REASONS | {"too_large": f"The message is larger than {LARGEST_MESSAGE // 1024} kB."}


def run_import(
    path: str | Path,
    source_slug: str,
    mapping: str | Path,
    *,
    dry_run: bool = False,
    limit: int | None = None,
    rejects: str | Path | None = None,
    console: Console | None = None,
) -> Outcome:
    """Import the file as the mapping says, as messages of the source.

    `mapping` is a path, or the name of a mapping that ships. `limit` stops after as many rows, or
    orders. Rejected rows go to `rejects`, by default `<file>.rejected.csv`. With `dry_run` nothing
    is written, and the first messages are shown. Needs Django to be set up.

    Raises SystemExit with one line that says what to do: about the mapping, the file, the source,
    or how to go on after Ctrl-C.
    """
    path, console = Path(path), console or Console()
    try:
        plan_path = mappings.find(mapping)
        plan = mappings.load(plan_path)
        if not path.is_file():
            raise Unusable(f"There is no file {path}.")
        job = _Job(reader(path, plan), plan, _origin(source_slug), limit, console)
        if dry_run:
            return job.try_out()
        target = Path(rejects) if rejects else path.with_name(f"{path.name}.rejected.csv")
        return job.run(target, f"{_hash(path)} {_hash(plan_path)} {source_slug} {limit}")
    except Unusable as error:
        raise SystemExit(str(error)) from None
    except KeyboardInterrupt:
        what_now = (
            "Nothing was written."
            if dry_run
            else "What was kept is safe: run the same command again to go on from there."
        )
        raise SystemExit(f"Stopped. {what_now}") from None


@dataclass(slots=True)
class _Chunk:
    """What is written, and remembered as done, in one go."""

    done: int  # rows or orders so far, this chunk included
    skipped: int = 0
    size: int = 0
    messages: list[tuple[Draft, list[Row]]] = field(default_factory=list)
    rejected: list[tuple[Row, str]] = field(default_factory=list)

    def is_full(self, began: int) -> bool:
        """Whether it is enough; `began` is how many were done before it."""
        return (
            len(self.messages) >= _CHUNK
            or self.size >= _CHUNK_BYTES
            or self.done - began >= _CHUNK_ITEMS
        )


class _Job:
    """One import under way."""

    def __init__(
        self, source: Reader, plan: Plan, origin: Origin, limit: int | None, console: Console
    ) -> None:
        self._reader = source
        self._groups = isinstance(plan, Orders)
        self._limit = limit
        self._console = console
        self._shaper = Shaper(plan, origin.country)
        self._keeper = Keeper(origin, database.url())
        self._progress = Progress(console)
        self._outcome = Outcome()
        self._share = 0.0  # of what is to be done

    def run(self, target: Path, about: str) -> Outcome:
        """Import; go on from the state beside `target` where it is about the same."""
        start = time.monotonic()
        with State(target.with_suffix(".state"), about) as state:
            if state.done and not _is_kept(state.last):
                state.forget()  # it is of another database, or this one was restored since
            rejects = Rejects(target, state.rejects)
            outcome = self._outcome = state.outcome()
            if state.done:
                self._console.print(f"Going on after {state.done:,} {self._unit}.", highlight=False)
            with self._progress, self._keeper.running():
                self._write(state, rejects)
            state.forget()
        outcome.seconds = time.monotonic() - start
        outcome.rejects = rejects.path if rejects.size else None
        show_summary(self._console, outcome, dry_run=False)
        return outcome

    def try_out(self) -> Outcome:
        """Take everything through the steps, show the first messages, and write nothing."""
        start = time.monotonic()
        preview: list[tuple[Draft, list[Row]]] = []
        with self._progress:
            for chunk in self._chunks(0):
                for draft, _ in chunk.messages:
                    self._keeper.screen(draft)
                self._account(chunk)
                good = [one for one in chunk.messages if not one[0].refused]
                preview += good[: _PREVIEW - len(preview)]
        self._outcome.seconds = time.monotonic() - start
        show_preview(self._console, preview)
        show_summary(self._console, self._outcome, dry_run=True)
        return self._outcome

    def _write(self, state: State, rejects: Rejects) -> None:
        kept_before = self._outcome.kept

        def settle(chunk: _Chunk, written: Future[None]) -> None:
            """Wait until the chunk is durable, then remember that it is."""
            while not wait([written], timeout=1).done:
                if self._keeper.waits:
                    self._progress.say("The database is away. Waiting for it; Ctrl-C stops.")
            written.result()
            for row, reason in self._account(chunk):
                rejects.write(row, reason)
            self._outcome.kept = kept_before + self._keeper.kept
            last = next((d.key.hex() for d, _ in reversed(chunk.messages) if not d.refused), "")
            state.save(chunk.done, last, rejects.flush(), self._outcome)

        under_way = None
        for chunk in self._chunks(state.done):  # made while the one before is written
            if under_way:
                settle(*under_way)
            drafts = [draft for draft, _ in chunk.messages]
            bad_rows = [row.original() for row, _ in chunk.rejected]
            under_way = chunk, self._keeper.keep(drafts, bad_rows)
        if under_way:
            settle(*under_way)

    def _account(self, chunk: _Chunk) -> list[tuple[Row, str]]:
        """Add the chunk to the outcome; every row of it that was rejected, and why."""
        outcome, rejected = self._outcome, chunk.rejected
        for draft, rows in chunk.messages:
            if draft.refused:
                rejected += [(row, _REASONS[draft.refused]) for row in rows]
            else:
                outcome.messages += 1
                outcome.used += len(rows)
        outcome.skipped += chunk.skipped
        outcome.rejected.update(reason for _, reason in rejected)
        return rejected

    # --- what is done, in its order ---------------------------------------------------------------

    @property
    def _unit(self) -> str:
        return "orders" if self._groups else "rows"

    def _chunks(self, done: int) -> Iterator[_Chunk]:
        """Everything after the first `done` rows or orders, shaped."""
        items = self._orders() if self._groups else self._rows()
        chunk, began = _Chunk(done), done
        for count, (rows, skipped) in enumerate(islice(items, self._limit), 1):
            if count <= done:
                self._shaper.pass_by(rows)
                continue
            chunk.done = count
            chunk.skipped += skipped
            messages, rejected = self._shaper.shape(rows)
            chunk.rejected += rejected
            for message in messages:
                chunk.size += len(message.raw)
                draft = self._keeper.draft(message.raw, message.mended)
                chunk.messages.append((draft, message.rows))
            if chunk.is_full(began):
                yield chunk
                self._progress.show("Importing", self._share, count, self._unit)
                chunk, began = _Chunk(count), count
        yield chunk

    def _rows(self) -> Iterator[tuple[list[Row], int]]:
        for row in self._reader.rows():
            self._share = self._reader.share
            skipped = self._shaper.skips(row)
            yield ([] if skipped else [row]), skipped

    def _orders(self) -> Iterator[tuple[list[Row], int]]:
        """The rows of each order, wherever in the file they stand."""
        skipped = total = 0

        def lines() -> Iterator[Row]:
            nonlocal skipped, total
            for count, row in enumerate(self._reader.rows(), 1):
                if count % 1_000 == 0:
                    self._progress.show("Reading", self._reader.share, count, "rows")
                if self._shaper.skips(row):
                    skipped += 1
                else:
                    total += 1
                    yield row

        scratch = self._shaper.scratch
        order_of = self._shaper.order_of
        scratch.sort(_with_doubts((bool(row.problem), order_of(row), row) for row in lines()))
        done = 0
        for rows in scratch.orders():
            done += len(rows)
            self._share = done / total
            yield rows, 0
        yield [], skipped


def _with_doubts(
    lines: Iterator[tuple[bool, str | None, Row]],
) -> Iterator[tuple[str | None, Row]]:
    """The lines of orders, of which it is said whether they are unreadable. Those beside one have
    a problem, too: without it their order would be kept in part, for ever.
    """
    last: tuple[str | None, Row] | None = None
    last_unread = False
    for unread, order, row in lines:
        if last is not None:
            if unread and not last[1].problem:
                last[1].problem = _DOUBT
            yield last
        if last_unread and not row.problem:
            row.problem = _DOUBT
        last, last_unread = (order, row), unread
    if last is not None:
        yield last


_DOUBT = "The line beside it can’t be read, and may be of the same order."


def _origin(slug: str) -> Origin:
    try:
        return origin_of(Source.objects.get(slug=slug))
    except Source.DoesNotExist:
        there = ", ".join(Source.objects.order_by("slug").values_list("slug", flat=True)[:20])
        raise Unusable(f"There is no source {slug!r}. There are: {there or 'none yet'}.") from None


def _is_kept(fact: str) -> bool:
    return bool(fact) and Fact.objects.filter(pk=fact).exists()


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, lambda: blake2b(digest_size=16)).hexdigest()
