"""Running Spindel beside the load, and waiting for it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from socket import socket

import psutil

_PATIENCE = 300  # seconds


@contextmanager
def running(command: str, workers: int = 1) -> Iterator[tuple[psutil.Process, int]]:
    """`spindel <command>` for the while, with so many processes to serve; and its port."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    settings = {**os.environ, "SPINDEL_PORT": str(port), "SPINDEL_WEB_WORKERS": str(workers)}
    process = subprocess.Popen(
        [sys.executable, "-m", "spindel.run", command], env=settings, stdout=sys.stderr
    )
    try:
        yield psutil.Process(process.pid), port
        if process.poll() is not None:
            sys.exit(f"spindel {command} has ended by itself.")
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def is_well(port: int) -> bool:
    """Whether what listens there says that it is."""
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
        return bool(answer.status == 200)
    return False


def wait_for(what: Callable[[], bool]) -> None:
    """Return when it is so; end the benchmark when it takes too long."""
    deadline = time.monotonic() + _PATIENCE
    while not what():
        if time.monotonic() > deadline:
            sys.exit(f"Waited for {_PATIENCE} s in vain.")
        time.sleep(0.05)
