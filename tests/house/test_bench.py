"""The benchmarks run, and end as machines expect."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bench import runs
from bench.__main__ import ASKED_FOR, BENCHMARKS, main
from tests.run.running import prepared_home

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", [*BENCHMARKS, *ASKED_FOR])
def test_a_benchmark_ends_with_one_json_object_and_a_table_above(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(runs, "new_home", prepared_home)  # to migrate takes longer than to measure
    monkeypatch.setattr(sys, "argv", ["bench", name, "--small"])
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # this process is not only the bench's
    main()
    *table, last = capsys.readouterr().out.splitlines()
    figures = json.loads(last)
    assert figures["benchmark"] == name
    assert figures["machine"]["cores"] >= 1
    assert len({one["name"] for one in figures["figures"]}) == len(figures["figures"]) > 2
    assert len([line for line in table if line.startswith("| ")]) > 2


def test_an_unknown_benchmark_is_refused_by_name() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "nonsense"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "nonsense" in done.stderr
