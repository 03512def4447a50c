"""The figures of all processes are added up, whatever becomes of one of them meanwhile."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from spindel.kit import observe, runtime

FIGURES = b"""# TYPE spindel_pool_waiting gauge
spindel_pool_waiting 41.0
"""


@pytest.fixture
def others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where other processes tell their figures."""
    monkeypatch.setenv("SPINDEL_HOME", str(tmp_path))
    runtime.make()
    folder = runtime.folder()
    assert folder
    return folder


@pytest.fixture
def bound(others: Path) -> Iterator[socket.socket]:
    """The socket of a process that is there, before it listens."""
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(others / f"{os.getppid()}.figures"))
        yield made


def waiting() -> float:
    (line,) = (
        line
        for line in observe.exposition(()).decode().splitlines()
        if line.startswith("spindel_pool_waiting ")
    )
    return float(line.partition(" ")[2])


def told(bound: socket.socket, answer: bytes) -> float:
    """How many wait, where another process answers that."""
    bound.listen()

    def tell() -> None:
        with bound.accept()[0] as asked:
            asked.sendall(answer)

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        return waiting()
    finally:
        teller.join(1)


def test_what_another_process_tells_is_added(bound: socket.socket) -> None:
    alone = waiting()
    assert told(bound, FIGURES + b"# EOF\n") == alone + 41


@pytest.mark.parametrize("length", [*range(40, len(FIGURES) + 1, 3), len(FIGURES)])
def test_one_that_is_killed_as_it_tells_is_left_out(bound: socket.socket, length: int) -> None:
    alone = waiting()
    assert told(bound, FIGURES[:length]) == alone


def test_one_that_does_not_listen_yet_is_asked_the_next_time(bound: socket.socket) -> None:
    alone = waiting()
    assert told(bound, FIGURES + b"# EOF\n") == alone + 41


def test_what_a_killed_process_leaves_is_put_away(others: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait(60)
    left = others / f"{process.pid}.figures"
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(left))
    waiting()
    assert not left.exists()
