"""One run of a benchmark, in a process and on a database of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Tree:
    """What is run: the folder with the packages `bench` and `spindel`, and a Python for them."""

    folder: Path
    python: str


HERE = Tree(Path(__file__).resolve().parents[1], sys.executable)


class Failed(Exception):
    """The benchmark did not come to its end."""


def run(
    name: str, options: Sequence[str] = (), tree: Tree = HERE, aloud: bool = True
) -> dict[str, Any]:  # Any: a benchmark's last line
    """Run it, printing what it prints; what its last line tells. Raises Failed."""
    last = ""
    with installation(tree) as settings:
        command = [tree.python, "-m", f"bench.{name}", *options]
        errors = None if aloud else subprocess.DEVNULL
        with subprocess.Popen(
            command,
            cwd=tree.folder,
            env=settings,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process:
            assert process.stdout is not None
            try:
                for line in process.stdout:
                    if aloud:
                        print(line, end="", flush=True)
                    last = line
            except BaseException:
                process.terminate()
                raise
    if process.returncode:
        raise Failed(f"The benchmark {name} failed.")
    told: dict[str, Any] = json.loads(last)
    return told


# Both in processes of the tree's own: what it says of the database holds, and Django is set up
# once a process, for one database.
_START = """
import sys
from pathlib import Path
from spindel.kit import embedded
from spindel.run.preparing import prepare
url = embedded.start(Path(sys.argv[1]))
prepare(url)
Path(sys.argv[1], "url").write_text(url)
"""
_STOP = """
import sys
from pathlib import Path
from spindel.kit import embedded
embedded.stop(Path(sys.argv[1]))
"""


def new_home() -> Path:
    """An empty folder."""
    return Path(tempfile.mkdtemp(prefix="spindel-bench-"))


@contextmanager
def installation(tree: Tree = HERE) -> Iterator[dict[str, str]]:
    """An empty home with a database and its tables; the environment to run Spindel on it."""
    home = new_home()
    given = {name: value for name, value in os.environ.items() if not name.startswith("SPINDEL_")}
    settings = {
        **given,
        "PYTHONPATH": str(tree.folder),
        "SPINDEL_HOME": str(home),
        "SPINDEL_SECRET_KEY": "only-for-benchmarks-" + "x" * 40,
        "SPINDEL_LOG": "warning",
        "DJANGO_SETTINGS_MODULE": "spindel.kit.settings",
    }

    def do(script: str) -> None:
        command = [tree.python, "-c", script, str(home)]
        subprocess.run(command, cwd=tree.folder, env=settings, check=True)

    try:
        do(_START)
        yield settings | {"SPINDEL_DATABASE_URL": (home / "url").read_text()}
    finally:
        do(_STOP)
        shutil.rmtree(home, ignore_errors=True)
