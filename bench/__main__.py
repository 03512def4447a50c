"""Run benchmarks, each on a database of its own.

The last line that a benchmark prints is one JSON object with its figures. They are kept in
results.json, and RESULTS.md is written from it; not those of a small run, nor of one against
another commit.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time

from bench import results
from bench.against import against
from bench.runs import Failed, run

BENCHMARKS = ("collect", "identity", "stock", "cart", "price", "decide")
ASKED_FOR = ("growth",)  # takes longer, and much disk: only by its name


def main() -> None:
    """Run what was asked for."""
    known = (*BENCHMARKS, *ASKED_FOR)
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}")
    parser.add_argument("--small", action="store_true", help="a few seconds: only to see it run")
    parser.add_argument(
        "--against", metavar="COMMIT", help="run it in turn with that commit, and compare"
    )
    parser.add_argument("--rounds", type=int, default=3, help="so often each, against a commit")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped."))  # and clean up
    for name in asked.names:
        if name not in known:
            parser.error(f"there is no benchmark {name}; there are {', '.join(known)}")
    if asked.rounds < 1:
        parser.error("--rounds is at least 1")
    names, options = asked.names or BENCHMARKS, ["--small"] if asked.small else []
    try:
        if asked.against:
            against(asked.against, names, options, asked.rounds)
            return
        for name in names:
            start = time.monotonic()
            told = run(name, options)
            if not asked.small:
                results.keep(told, time.monotonic() - start)
    except Failed as failed:
        sys.exit(str(failed))


if __name__ == "__main__":
    main()
