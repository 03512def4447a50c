"""A commit beside what is here: both run in turn, so that the machine's moods meet both.

The other commit's code runs under the benchmarks of here, where it can.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import figures, machine
from bench.figures import Figure
from bench.runs import HERE, Failed, Tree, run

_LOCK = "requirements-dev.txt"


def against(commit: str, names: Sequence[str], options: Sequence[str], rounds: int) -> None:
    """Print, for each figure of both, what either came to and the ratio. Raises Failed."""
    with checked_out(commit) as other:
        joined = join(other)
        for name in names:
            there = _able(name, joined, other)
            before: list[list[Figure]] = []
            after: list[list[Figure]] = []
            for number in range(1, rounds + 1):
                for tree, taken in ((there, before), (HERE, after)):
                    which = "here" if tree is HERE else commit
                    print(f"{name}, round {number} of {rounds}, {which}", file=sys.stderr)
                    taken.append(figures.read(run(name, options, tree, aloud=False)))
            print(f"\n## {name}: here beside {commit}, medians of {rounds} (least to most)\n")
            print(table(compare(before, after), commit), flush=True)


@contextmanager
def checked_out(commit: str) -> Iterator[Tree]:
    """The commit in a worktree for the while; with a Python of its own if its locks differ."""
    with tempfile.TemporaryDirectory(prefix="spindel-against-") as folder:
        tree = Path(folder, "commit")
        # A commit's name, never an option: what begins with a dash is refused.
        _git("worktree", "add", "--quiet", "--detach", str(tree), "--end-of-options", commit)
        try:
            python = HERE.python
            if (tree / _LOCK).read_bytes() != (HERE.folder / _LOCK).read_bytes():
                print(f"{commit} has other libraries: they are installed.", file=sys.stderr)
                subprocess.run(["make", "-s", "-C", str(tree), ".venv/.deps"], check=True)
                python = str(tree / ".venv" / "bin" / "python")
            yield Tree(tree, python)
        finally:
            _git("worktree", "remove", "--force", str(tree))


def _git(*arguments: str) -> None:
    done = subprocess.run(
        ["git", *arguments], cwd=HERE.folder, stderr=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise Failed(done.stderr.strip())


def join(other: Tree) -> Tree:
    """The benchmarks of here, on the code of there."""
    folder = other.folder.with_name("joined")
    folder.mkdir()
    (folder / "bench").symlink_to(HERE.folder / "bench")
    (folder / "spindel").symlink_to(other.folder / "spindel")
    # In which order its domains are set up stands there.
    (folder / "pyproject.toml").symlink_to(other.folder / "pyproject.toml")
    return Tree(folder, other.python)


def _able(name: str, joined: Tree, other: Tree) -> Tree:
    """Where the other commit can be measured: with the benchmark of here, or else with its own."""
    try:
        run(name, ["--small"], joined, aloud=False)
    except Failed:
        print(
            f"The benchmark {name} of here does not run on that commit: its own is run there, and"
            " what has the same name in both is compared.",
            file=sys.stderr,
        )
        return other
    return joined


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure of each round, there and here."""

    figure: Figure
    there: Sequence[float]
    here: Sequence[float]

    @property
    def ratio(self) -> float | None:
        """Of the medians, here to there; None when there it is 0."""
        there = statistics.median(self.there)
        return statistics.median(self.here) / there if there else None

    @property
    def verdict(self) -> str:
        """`better` or `worse` when every round here was, than every round there; of fewer than
        three rounds, it would be chance.
        """
        if min(len(self.here), len(self.there)) < 3:
            return ""
        more = min(self.here) > max(self.there)
        fewer = max(self.here) < min(self.there)
        if more or fewer:
            return "worse" if more == self.figure.less else "better"
        return ""


def compare(there: Sequence[Sequence[Figure]], here: Sequence[Sequence[Figure]]) -> list[Compared]:
    """The figures that all rounds of both have, as they stand here."""
    before, after = (
        [{one.name: one.value for one in round} for round in rounds] for rounds in (there, here)
    )
    return [
        Compared(one, [round[one.name] for round in before], [round[one.name] for round in after])
        for one in here[0]
        if all(one.name in round for round in [*before, *after])
    ]


def table(compared: Sequence[Compared], commit: str) -> str:
    """In Markdown."""
    rows = [
        [
            one.figure.what,
            _told(one.figure, one.there),
            _told(one.figure, one.here),
            "" if one.ratio is None else f"{one.ratio:.2f}",
            one.verdict,
        ]
        for one in compared
    ]
    return machine.markdown(["what", commit, "here", "ratio", "every round here"], rows)


def _told(figure: Figure, values: Sequence[float]) -> str:
    said = figure.told(statistics.median(values))
    if len(values) == 1:
        return said
    return f"{said} ({figure.told(min(values))} to {figure.told(max(values))})"
