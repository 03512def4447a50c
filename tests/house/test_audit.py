"""What the audit of libraries makes of the services' answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.house.tree import ROOT, files
from tools import audit


def _python(*libraries: dict[str, object]) -> str:
    return json.dumps({"dependencies": libraries, "fixes": []})


HOLE = {"id": "PYSEC-1", "fix_versions": ["1.1"], "aliases": [], "description": ""}


def test_a_library_with_a_hole_is_a_finding() -> None:
    told = audit.pip_answer(
        _python(
            {"name": "good", "version": "1.0", "vulns": []},
            {"name": "bad", "version": "1.0", "vulns": [HOLE]},
        )
    )
    assert (told.asked, told.unasked) == (2, "")
    assert told.findings == ["bad 1.0: PYSEC-1, mended in 1.1"]


def test_a_service_that_knows_nothing_has_not_been_asked() -> None:
    told = audit.pip_answer(_python({"name": "good", "skip_reason": "not found"}))
    assert (told.asked, told.findings) == (0, [])
    assert "1 of 1" in told.unasked


@pytest.mark.parametrize("report", ["", "no JSON", "[]", '{"statusCode": 405}'])
def test_no_report_is_no_finding_and_is_said(report: str) -> None:
    for read in (audit.pip_answer, audit.npm_answer):
        told = read(report)
        assert told.unasked
        assert not told.findings


def test_npm_tells_of_a_hole() -> None:
    hole = {"name": "bad", "severity": "high", "range": "<1.1"}
    told = audit.npm_answer(
        json.dumps({"vulnerabilities": {"bad": hole}, "metadata": {"dependencies": {"total": 3}}})
    )
    assert told == audit.Answer(asked=3, findings=["bad <1.1: high"])


@pytest.mark.parametrize("findings", [0, 1])
def test_a_finding_is_the_status(
    findings: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    python = _python({"name": "bad", "version": "1.0", "vulns": [HOLE] * findings})
    monkeypatch.setattr(audit, "_run", lambda command, _: python if "-r" in command else "")
    assert audit.main() == findings
    said = capsys.readouterr().out
    assert "npm gave no report" in said
    assert ("PYSEC-1" in said) == bool(findings)


def test_every_lock_is_asked_about() -> None:
    locks = {str(path.relative_to(ROOT)) for path in files() if _is_lock(path)}
    asked = {f"{folder}/package-lock.json" for folder in audit.NPM_LOCKS}
    assert locks == asked | set(audit.PYTHON_LOCKS)


def _is_lock(path: Path) -> bool:
    return path.name == "package-lock.json" or (
        path.suffix == ".txt" and path.name.startswith("requirements")
    )
