"""What was measured last of each benchmark: kept in results.json, shown in RESULTS.md.

Nobody writes either by hand.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import figures

_HERE = Path(__file__).parent
KEPT = _HERE / "results.json"
PAGE = _HERE / "RESULTS.md"

Told = dict[str, Any]  # Any: the last line of a benchmark, and what it was a run of

_HEAD = """# Results

`make bench` writes this page from [results.json](results.json); nobody puts a figure in by hand.
Absolute figures are of the machine that is named, with the load generator on the same cores; what
is compared was measured in one run. What a change makes of them is said by
`make bench BENCH=… AGAINST=<commit>`, which runs both in turn."""


def keep(told: Told, seconds: float) -> None:
    """Put a benchmark's last line in the place of its former one, and write the page anew."""
    kept: dict[str, Told] = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    kept[told["benchmark"]] = {
        "measured": datetime.now(UTC).isoformat(),
        "commit": _commit(),
        "seconds": round(seconds),
        **{name: told[name] for name in ("machine", "figures", "notes")},
    }
    KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    PAGE.write_text(page(kept))


def page(kept: Mapping[str, Told]) -> str:
    """All of it in Markdown. What is older than the newest commit measured says so."""
    newest = max(kept.values(), key=lambda one: str(one["measured"]), default=None)
    parts = [_HEAD]
    for name, one in kept.items():
        told = figures.read(one)
        former = newest is not None and one["commit"] != newest["commit"]
        parts += [
            f"## {name}",
            _of(one, former),
            figures.table(told),
            *one["notes"],
            _reached(told),
        ]
    return "\n\n".join(parts) + "\n"


def _of(one: Told, former: bool) -> str:
    """When, of what and on what it was measured."""
    had = one["machine"]
    on = [
        f"{had['cores']} cores ({had['processor']})",
        *(str(had[name]) for name in ("memory", "system") if name in had),
        *(
            f"{name} {had[name.lower()]}"
            for name in ("Python", "PostgreSQL")
            if name.lower() in had
        ),
    ]
    took = f", in {one['seconds']:,} s" if one.get("seconds") else ""
    when = f"Measured {'before, ' if former else ''}on {one['measured'][:10]}"
    return f"{when}, commit {one['commit']}{took}: {', '.join(on)}."


def _reached(told: list[figures.Figure]) -> str:
    aims = [one for one in told if one.reached is not None]
    short = [one.what for one in aims if not one.reached]
    if not aims:
        return "No aims are set."
    return f"Short of their aims: {'; '.join(short)}." if short else "All aims are reached."


def _commit() -> str:
    """What is measured; also whether it is not quite what was committed."""
    commit = _git("rev-parse", "--short", "HEAD")
    ours = [f":!{path.relative_to(_HERE.parent)}" for path in (KEPT, PAGE)]
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", *ours)
    return f"{commit} with changes" if changed else commit


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=_HERE.parent, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
