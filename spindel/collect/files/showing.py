"""What the person at the keyboard sees of an import."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

import msgspec
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from spindel.collect.files.outcome import Outcome
from spindel.collect.files.reading import Row
from spindel.collect.steps import Draft

_BETWEEN_LINES = 10  # seconds
_SHOWN = 12  # reasons, properties
_LONGEST = 60  # characters of a value


class Progress:
    """A bar on a terminal, and elsewhere a line now and then."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._start = self._said_at = time.monotonic()
        self._began_with: tuple[str, int, float] = ("", 0, self._start)
        self._said = ""
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %  {task.fields[rate]}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=1.0, rate="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, type: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        self._bar.stop()

    def show(self, doing: str, share: float, count: int, unit: str) -> None:
        """`count` of the unit are done, which is the share of them all from 0 to 1."""
        now = time.monotonic()
        if self._began_with[0] != doing:
            self._began_with = doing, count, now
            self._bar.reset(self._task, description=doing, total=1.0, rate="")
        _, first, since = self._began_with
        rate = f"{(count - first) / max(now - since, 0.001):,.0f} {unit} a second"
        self._bar.update(self._task, completed=share, rate=rate)
        if not self._console.is_terminal and now - self._said_at > _BETWEEN_LINES:
            self._said_at = now
            left = (now - since) / share * (1 - share) if share else 0
            self._console.print(
                f"{doing}: {count:,} {unit}, {rate}, about {left:,.0f} s left.", highlight=False
            )
        self._said = ""

    def say(self, text: str) -> None:
        """Say something, once until there is progress again."""
        if text != self._said:
            self._said = text
            self._console.print(text, highlight=False)


def show_preview(console: Console, messages: list[tuple[Draft, list[Row]]]) -> None:
    """The first messages that would be kept, one table for all."""
    if not messages:
        return
    title = f"The first {len(messages)} that would be kept (times are UTC)"
    table = Table(title=title, show_lines=True)
    table.add_column("Line", no_wrap=True, justify="right")
    table.add_column("What and when", no_wrap=True)
    table.add_column("Who", overflow="fold")
    table.add_column("Says", overflow="fold", ratio=1)
    for draft, rows in messages:
        more = f" + {len(rows) - 1}" if len(rows) > 1 else ""
        table.add_row(
            f"{rows[0].number}{more}",
            Text(f"{draft.name}\n{draft.occurred_at:%Y-%m-%d %H:%M}\n{draft.channel}"),
            Text("\n".join(f"{kind} {value}" for kind, value in draft.claims)),
            Text(_in_short(msgspec.json.decode(draft.properties))),
        )
    console.print(table)


def _in_short(properties: dict[str, object]) -> str:
    return "\n".join(
        f"{name}: {_short(value)}" for name, value in list(properties.items())[:_SHOWN]
    )


def _short(value: object) -> str:
    if isinstance(value, list):
        return f"{len(value)} × " + (_short(value[0]) if value else "")
    text = ", ".join(map(str, value.values())) if isinstance(value, dict) else str(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def show_summary(console: Console, outcome: Outcome, *, dry_run: bool) -> None:
    """What became of the rows, as a table."""
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(justify="right")
    table.add_column()

    def line(count: int, text: str, style: str = "") -> None:
        table.add_row(f"{count:,}", Text(text), style=style)

    line(
        outcome.rows, "rows read" + (" (earlier runs included)" if outcome.resumed else ""), "bold"
    )
    if outcome.skipped:
        line(outcome.skipped, "rows left out by the mapping")
    if dry_run:
        line(outcome.messages, "facts would be told, new ones and such that are there already")
    else:
        line(outcome.kept, "facts kept", "green")
        line(outcome.already, "facts that were there already")
    for reason, count in outcome.rejected.most_common(_SHOWN):
        line(count, f"rows {'would be ' if dry_run else ''}rejected: {reason}", "red")
    rest = outcome.rejected.most_common()[_SHOWN:]
    if rest:
        line(sum(count for _, count in rest), "rows rejected for other reasons", "red")
    console.print(table)
    rate = outcome.rows / outcome.seconds if outcome.seconds and not outcome.resumed else 0
    console.print(
        f"In {outcome.seconds:,.1f} s" + (f", {rate:,.0f} rows a second." if rate else "."),
        highlight=False,
    )
    if dry_run:
        console.print("Nothing was written: that was a dry run.")
    elif outcome.rejects:
        console.print(Text(f"The rejected rows are in {outcome.rejects}."))
