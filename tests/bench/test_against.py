"""A commit beside what is here: what is compared, how, and what is said of it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bench import against
from bench.against import checked_out, compare, join, table
from bench.figures import Figure
from bench.runs import HERE, Failed


def rounds(name: str, *values: float, less: bool = False) -> list[list[Figure]]:
    """The same figure of several rounds."""
    return [[Figure(name, name, value, "ms" if less else "/s", less=less)] for value in values]


def test_the_ratio_is_that_of_the_medians_here_to_there() -> None:
    (one,) = compare(rounds("rate", 100, 900, 200), rounds("rate", 100, 300, 900))
    assert one.ratio == 1.5


def test_a_ratio_to_nothing_is_none() -> None:
    (one,) = compare(rounds("lost", 0, 0, 0), rounds("lost", 1, 1, 1))
    assert one.ratio is None
    assert "| 1/s" in table([one], "1377f68")


@pytest.mark.parametrize(
    ("there", "here", "less", "verdict"),
    [
        ([10, 11, 12], [13, 14, 15], False, "better"),
        ([10, 11, 12], [13, 14, 15], True, "worse"),
        ([13, 14, 15], [10, 11, 12], False, "worse"),
        ([13, 14, 15], [10, 11, 12], True, "better"),
        ([10, 11, 14], [13, 14, 15], False, ""),
        ([10, 11], [13, 14], False, ""),
    ],
)
def test_it_is_better_or_worse_only_when_every_one_of_three_rounds_was(
    there: list[float], here: list[float], less: bool, verdict: str
) -> None:
    (one,) = compare(rounds("one", *there, less=less), rounds("one", *here, less=less))
    assert one.verdict == verdict


def test_only_what_every_round_of_both_has_is_compared() -> None:
    there = rounds("old", 1, 2)
    here = [[*one, Figure("new", "new", 1)] for one in rounds("old", 1, 2)]
    assert [one.figure.name for one in compare(there, here)] == ["old"]


def test_the_table_has_both_medians_and_how_far_they_are_spread() -> None:
    told = table(compare(rounds("rate", 100, 300, 200), rounds("rate", 400, 500, 600)), "1377f68")
    assert "200/s (100/s to 300/s) | 500/s (400/s to 600/s) | 2.50  | better" in told


def test_both_run_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    def run(name: str, options: list[str], tree: object, aloud: bool) -> dict[str, object]:
        ran.append("here" if tree is HERE else "there")
        return {"rate": 1}

    monkeypatch.setattr(against, "run", run)
    against.against("HEAD", ["stock"], ["--small"], rounds=2)
    assert ran == ["there", "there", "here", "there", "here"]  # the first: whether it runs at all


def test_a_commit_that_the_benchmark_of_here_cannot_run_has_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[str] = []

    def run(name: str, options: list[str], tree: object, aloud: bool) -> dict[str, object]:
        assert isinstance(tree, type(HERE))
        ran.append("here" if tree is HERE else tree.folder.name)
        if tree.folder.name == "joined":
            raise Failed("It imports what is not there.")
        return {"rate": 1}

    monkeypatch.setattr(against, "run", run)
    against.against("HEAD", ["stock"], [], rounds=1)
    assert ran == ["joined", "commit", "here"]
    assert "its own is run there" in capsys.readouterr().err


def test_the_code_is_of_the_commit_and_the_benchmarks_are_of_here() -> None:
    with checked_out("HEAD") as other:
        assert other.python == sys.executable, "the locks are the same"
        joined = join(other)
        asked = "import bench, spindel, os; print(*map(os.path.realpath, bench.__path__ +"
        found = subprocess.run(
            [joined.python, "-c", f"{asked} spindel.__path__), sep='\\n')"],
            cwd=joined.folder,
            env={"PYTHONPATH": str(joined.folder)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        assert found == [str(HERE.folder / "bench"), str(other.folder.resolve() / "spindel")]
    assert not other.folder.exists()


@pytest.mark.parametrize("commit", ["nonsense", "--help"])
def test_what_is_no_commit_is_refused(commit: str) -> None:
    with pytest.raises(Failed), checked_out(commit):
        pass
