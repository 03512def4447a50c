"""`python -m bench [NAME …] [--small]`: run benchmarks, each on a database of its own.

The last line that a benchmark prints is one JSON object with its figures. A full run of all
rewrites RESULTS.md.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import machine
from spindel.kit import embedded
from spindel.run.preparing import prepare

BENCHMARKS = ("collect", "identity", "stock", "cart")
RESULTS = Path(__file__).with_name("RESULTS.md")


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--small", action="store_true", help="a few seconds: only to see it run")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped."))  # and clean up
    for name in asked.names:
        if name not in BENCHMARKS:
            parser.error(f"there is no benchmark {name}; there are {', '.join(BENCHMARKS)}")
    printed = {name: run(name, asked.small) for name in asked.names or BENCHMARKS}
    if not asked.names and not asked.small:
        write_results(printed)


def run(name: str, small: bool) -> list[str]:
    """Run one benchmark in a process of its own; the lines that it prints."""
    lines = []
    with installation() as settings:
        command = [sys.executable, "-m", f"bench.{name}", *(["--small"] if small else [])]
        with subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                for line in process.stdout:
                    print(line, end="", flush=True)
                    lines.append(line.rstrip("\n"))
            except BaseException:
                process.terminate()
                raise
    if process.returncode:
        sys.exit(f"The benchmark {name} failed.")
    return lines


@contextmanager
def installation() -> Iterator[dict[str, str]]:
    """An empty home with a database and its tables; the environment to run Spindel on it."""
    home = Path(tempfile.mkdtemp(prefix="spindel-bench-"))
    given = {name: value for name, value in os.environ.items() if not name.startswith("SPINDEL_")}
    try:
        url = embedded.start(home)
        settings = {
            **given,
            "SPINDEL_HOME": str(home),
            "SPINDEL_DATABASE_URL": url,
            "SPINDEL_SECRET_KEY": "only-for-benchmarks-" + "x" * 40,
            "SPINDEL_LOG": "warning",
            "DJANGO_SETTINGS_MODULE": "spindel.kit.settings",
        }
        # In a process of its own: Django is set up once a process, for one database.
        subprocess.run(
            [sys.executable, "-c", f"from {prepare.__module__} import prepare; prepare({url!r})"],
            env=settings,
            check=True,
        )
        yield settings
    finally:
        embedded.stop(home)
        shutil.rmtree(home, ignore_errors=True)


def write_results(printed: dict[str, list[str]]) -> None:
    """Keep the tables, with the machine that they are from."""
    parts = [
        "# Results",
        "`make bench` writes this page. Absolute figures are this machine's, with the load"
        " generator on the same cores; what is compared was measured in one run.",
        machine.table(machine.describe()),
    ]
    for name, lines in printed.items():
        parts += [f"## {name}", "\n".join(line for line in lines if line.startswith("|"))]
    RESULTS.write_text("\n\n".join(parts) + "\n")
    print(f"{RESULTS} is up to date.", file=sys.stderr)


if __name__ == "__main__":
    main()
