"""Connections to the database are a few for each process, however many requests there are."""

from __future__ import annotations

import ast

from tests.house.tree import ROOT

# Where connections are opened, and why their number does not grow with what is asked.
_KEPT = {
    "kit/shared_connection.py": "the one that all requests of an event loop share",
    "kit/side_connection.py": "a pool of two",
    "kit/health.py": "one at a time; whether one can be opened is what is asked",
    "console/live.py": "the one that listens",
    "collect/writer.py": "one for each lane",
    "run/worker.py": "one for each loop that listens",
    "run/preparing.py": "a command's, at its start",
}


def test_nobody_opens_a_connection_for_a_request() -> None:
    package = ROOT / "spindel"
    opens = {
        str(path.relative_to(package)) for path in package.rglob("*.py") if _opens(path.read_text())
    }
    assert opens == _KEPT.keys()


def _opens(text: str) -> bool:
    """Whether it calls psycopg's `connect`, or makes a pool."""
    return any(
        ast.unparse(node.func)
        in ("psycopg.connect", "Connection.connect", "AsyncConnection.connect", "ConnectionPool")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
    )
