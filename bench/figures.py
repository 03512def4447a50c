"""What a benchmark says: figures with their aims, as a table for people and a line for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from bench import machine


@dataclass(frozen=True, slots=True)
class Figure:
    """Something measured. `name` is the same from run to run, `what` is for people.

    `unit` is "/s", "ms", "MB", "%" or empty (ratios and numbers). `aim` is the least that will do,
    or the most where `less` is better.
    """

    name: str
    what: str
    value: float
    unit: str = ""
    aim: float | None = None
    less: bool = False

    @property
    def reached(self) -> bool | None:
        """Whether the aim is reached; None without one."""
        if self.aim is None:
            return None
        return self.value <= self.aim if self.less else self.value >= self.aim

    def told(self, value: float) -> str:
        """A value of this figure, in words."""
        return f"{_number(value)}{'' if self.unit == '/s' else ' '}{self.unit}".rstrip()


def _number(value: float) -> str:
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:,.1f}" if abs(value) >= 10 else f"{value:,.2f}"


def rate(name: str, what: str, value: float, aim: float | None = None) -> Figure:
    """So many a second; the more, the better."""
    return Figure(name, what, round(value, 1), "/s", aim)


def wait(
    name: str, what: str, seconds: Sequence[float], percent: float, aim: float | None = None
) -> Figure:
    """How long `percent` of them took at most, in milliseconds; the aim, too."""
    value = round(machine.percentile(seconds, percent) * 1e3, 2)
    return Figure(f"{name}.p{percent:g}", f"{what}, p{percent:g}", value, "ms", aim, less=True)


def ratio(name: str, what: str, value: float, aim: float | None = None) -> Figure:
    """Of two figures; the more, the better."""
    return Figure(name, what, round(value, 3), aim=aim)


def table(figures: Iterable[Figure]) -> str:
    """The figures in Markdown."""
    rows = [
        [
            one.what,
            one.told(one.value),
            ""
            if one.aim is None
            else f"{'at most' if one.less else 'at least'} {one.told(one.aim)}",
            {None: "", True: "yes", False: "**no**"}[one.reached],
        ]
        for one in figures
    ]
    return machine.markdown(["what", "measured", "aim", "reached"], rows)


def finish(benchmark: str, figures: Sequence[Figure], notes: Sequence[str] = ()) -> None:
    """Print the table, what there is to say besides (Markdown), and all as the last line."""
    print("\n\n".join([table(figures), *notes]))
    told = {"benchmark": benchmark, "machine": machine.describe()}
    print(json.dumps(told | {"figures": list(map(asdict, figures)), "notes": notes}), flush=True)


def read(told: Mapping[str, object]) -> list[Figure]:
    """The figures of a benchmark's last line.

    A benchmark that is older than these figures told of nested numbers: their names alone are
    known.
    """
    figures = told.get("figures")
    if isinstance(figures, list):
        return [Figure(**one) for one in figures]
    return [Figure(name, name, value) for name, value in _numbers(told)]


def _numbers(told: Mapping[str, object], before: str = "") -> Iterable[tuple[str, float]]:
    for name, value in told.items():
        if isinstance(value, Mapping):
            yield from _numbers(value, f"{before}{name}.")
        elif isinstance(value, int | float):
            yield f"{before}{name}", value
