"""The page of results is written from what was measured, and says what misses its aim."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from bench import figures, machine, results
from bench.figures import Figure
from bench.results import Told

RATE = Figure("rate", "events", 24_000, "/s", aim=25_000)
WAIT = Figure("wait", "answers, p99", 49.5, "ms", aim=50, less=True)


def told(benchmark: str, *measured: Figure, notes: tuple[str, ...] = ()) -> Told:
    """What the last line of a benchmark says."""
    return {
        "benchmark": benchmark,
        "machine": machine.describe(),
        "figures": list(map(asdict, measured)),
        "notes": list(notes),
    }


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(results, "KEPT", tmp_path / "results.json")
    monkeypatch.setattr(results, "PAGE", tmp_path / "RESULTS.md")
    monkeypatch.setattr(results, "_commit", lambda: "1377f68")
    return tmp_path


def section(name: str) -> str:
    """Of the page."""
    return results.PAGE.read_text().partition(f"## {name}\n")[2].partition("\n## ")[0]


def test_the_page_is_the_one_that_the_kept_figures_make() -> None:
    assert results.PAGE.read_text() == results.page(json.loads(results.KEPT.read_text()))


def test_a_run_writes_its_own_section_and_leaves_the_others(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results.keep(told("collect", RATE), 95)
    results.keep(told("stock", WAIT), 30)
    collect = section("collect")
    monkeypatch.setattr(results, "_commit", lambda: "c0ffee1")
    results.keep(told("stock", Figure("wait", "answers, p99", 12, "ms")), 31)
    assert section("collect") == collect.replace("Measured on", "Measured before, on")
    assert "c0ffee1, in 31 s" in section("stock")
    assert "49.5" not in section("stock")


def test_a_section_says_when_and_of_what_commit_and_machine_it_is(kept: Path) -> None:
    results.keep(told("collect", RATE), 95)
    assert "commit 1377f68, in 95 s" in section("collect")
    assert f"{machine.describe()['cores']} cores" in section("collect")


def test_what_a_benchmark_has_to_say_besides_stands_under_its_table(kept: Path) -> None:
    results.keep(told("collect", RATE, notes=("The follower was at it.",)), 95)
    assert "The follower was at it." in section("collect").partition("24,000/s")[2]


def test_whether_the_aims_are_reached_is_computed(kept: Path) -> None:
    results.keep(told("collect", RATE, WAIT), 95)
    assert "Short of their aims: events." in section("collect")
    results.keep(told("stock", WAIT), 95)
    assert "All aims are reached." in section("stock")
    results.keep(told("identity", Figure("size", "customers", 1_000)), 95)
    assert "No aims are set." in section("identity")


@pytest.mark.parametrize(
    ("value", "less", "reached"),
    [(50, False, True), (50, True, True), (49.9, False, False), (50.1, True, False)],
)
def test_an_aim_is_the_least_or_where_less_is_better_the_most(
    value: float, less: bool, reached: bool
) -> None:
    assert Figure("one", "one", value, aim=50, less=less).reached is reached


def test_a_figure_survives_the_way_through_the_last_line() -> None:
    assert figures.read(json.loads(json.dumps(told("collect", RATE, WAIT)))) == [RATE, WAIT]


def test_the_nested_numbers_of_older_benchmarks_are_read_by_their_names() -> None:
    older = {"benchmark": "collect", "ratio": 0.27, "half_load_ms": {"p50": 8.3, "p99": 158.0}}
    found = {one.name: one.value for one in figures.read(older)}
    assert found == {"ratio": 0.27, "half_load_ms.p50": 8.3, "half_load_ms.p99": 158.0}
