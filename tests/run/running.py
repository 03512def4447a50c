"""Spindel as its users have it: a process with a home and a port of its own."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from tests.database import prepare

LONGEST = 60.0  # seconds; a busy machine may be slow, and waiting ends as soon as it can


def wait_until(what: Callable[[], bool], seconds: float = LONGEST) -> None:
    """Wait for the condition. Raises AssertionError when it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)


def free_port() -> int:
    """A port that nobody listened on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def new_home() -> Path:
    """An empty home; its path is short enough for a Unix socket in it."""
    home = Path(tempfile.mkdtemp(prefix="spindel-run-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    return home


def prepared_home() -> Path:
    """A home whose database has its tables."""
    home = new_home()
    prepare(home)
    return home


def spindel(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "spindel.run", *arguments],
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=LONGEST,
        stdin=subprocess.DEVNULL,
    )


def environment(**settings: str) -> dict[str, str]:
    """The environment without the settings of the test run."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SPINDEL_")}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    return {**kept, **settings}


class Running:
    """`spindel <command>` in the background."""

    def __init__(self, *command: str, home: Path | None = None, **settings: str) -> None:
        self.home = home or new_home()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = (self.home.with_name(self.home.name + ".log")).open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "spindel.run", *command],
            env=environment(SPINDEL_HOME=str(self.home), SPINDEL_PORT=str(self.port), **settings),
            stdout=self._log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def output(self) -> str:
        return Path(self._log.name).read_text()

    def says(self, text: str) -> bool:
        assert self.process.poll() is None, self.output()
        return text in self.output()

    def status(self) -> int:
        """What /healthz answers; 0 when nobody does."""
        try:
            return httpx.get(f"{self.url}/healthz", timeout=5).status_code
        except httpx.HTTPError:
            return 0

    def wait_until_well(self) -> None:
        def well() -> bool:
            assert self.process.poll() is None, self.output()
            return self.status() == 200

        wait_until(well)

    def children(self, module: str) -> list[int]:
        """The processes below it that run the module."""
        below = psutil.Process(self.process.pid).children(recursive=True)
        return [child.pid for child in below if module in " ".join(_command(child))]

    def postmaster(self) -> int:
        return int((self.home / "postgres" / "postmaster.pid").read_text().split()[0])

    def leftovers(self) -> list[str]:
        """Command lines of processes that have to do with this home."""
        found = []
        for process in psutil.process_iter():
            try:
                about = [*_command(process), process.environ().get("SPINDEL_HOME", "")]
            except psutil.Error:
                about = _command(process)
            if any(str(self.home) in part for part in about):
                found.append(" ".join(_command(process)))
        return found

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Tell it to stop, and wait; its exit status."""
        self.process.send_signal(number)
        return self.process.wait(LONGEST)

    def clean_up(self) -> None:
        if self.process.poll() is None:
            self.stop()
        from spindel.kit import embedded

        embedded.stop(self.home)
        self._log.close()
        Path(self._log.name).unlink(missing_ok=True)
        shutil.rmtree(self.home, ignore_errors=True)

    def demo(self) -> dict[str, object]:
        said: dict[str, object] = json.loads((self.home / "demo.json").read_text())
        return said


@pytest.fixture
def served() -> Iterator[Running]:
    """All of Spindel, on a database that has its tables."""
    with serving() as running:
        yield running


@contextmanager
def serving() -> Iterator[Running]:
    """See `served`."""
    running = Running("serve", home=prepared_home())
    try:
        running.wait_until_well()
        yield running
    finally:
        running.clean_up()


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
