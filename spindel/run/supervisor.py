"""`spindel serve`: the database, the front and the worker as one, on one machine.

Whatever dies is started again. Told to stop, it stops them in order: first nobody may come in,
then the work that is begun is finished, then the database goes.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import structlog

from spindel.kit import embedded, environment, smtp
from spindel.run.preparing import prepare
from spindel.run.process import (
    Problem,
    adopt_orphans,
    locked,
    reap,
    reserved_port,
    writable_home,
)

log = structlog.get_logger("spindel.run")

_TICK = 0.1  # seconds
_LONGEST_DELAY = 10.0
_PATIENCE = {"traffic": 2.0, "front": 8.0, "worker": 30.0}  # seconds to stop before it is killed


class Child:
    """A process of ours that runs for as long as we do.

    In a session of its own, so that Ctrl-C reaches us alone and we stop everything in order.
    """

    def __init__(self, name: str, module: str) -> None:
        self.name = name
        self._command = [sys.executable, "-P", "-m", module, str(os.getpid())]
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._due = 0.0
        self._delay = 0.0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def tend(self) -> None:
        """Start it, unless it runs; when it keeps dying, less and less often."""
        now = time.monotonic()
        if self._process is not None and self._process.poll() is not None:
            log.error("process_died", process=self.name, status=self._process.returncode)
            self._process = None
            lived = now - self._started_at
            self._delay = 0.0 if lived > 10 else min(max(0.25, self._delay * 2), _LONGEST_DELAY)
            self._due = now + self._delay
        if self._process is None and now >= self._due:
            self._started_at = now
            self._process = subprocess.Popen(self._command, start_new_session=True)  # noqa: S603  # ours

    def stop(self, hurry: Callable[[], bool]) -> None:
        """Ask it to stop, and kill it and its own when it takes too long or we are in a hurry."""
        if self._process is None:
            return
        self._process.terminate()
        deadline = time.monotonic() + _PATIENCE[self.name]
        while self._process.poll() is None and time.monotonic() < deadline and not hurry():
            time.sleep(0.02)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


class Supervisor:
    """Everything on one machine. `run` returns when it was told to stop."""

    def __init__(self, then: Callable[[str], None], afterwards: Child | None = None) -> None:
        self._then = then
        self._afterwards = afterwards
        self._children = [
            Child("front", "spindel.run.serving"),
            Child("worker", "spindel.run.worker"),
        ]
        self._home: Path
        self._embedded = not os.environ.get("SPINDEL_DATABASE_URL")
        self._told = 0
        self._problem: Exception | None = None

    def run(self) -> None:
        """Start everything, call `then` with the address once it answers, and tend it, with what
        is to run `afterwards`.

        Raises Problem when it can't start, or when `then` does; SystemExit for a bad setting.
        """
        self._home = writable_home()
        host, port = environment.value("SPINDEL_HOST"), environment.number("SPINDEL_PORT")
        smtp.server()  # else every child would end over it, again and again
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._hear)
        with locked(self._home), reserved_port(host, port):
            adopt_orphans()  # the embedded server is one, and has to be buried when it is killed
            try:
                self._start_database()
                if not self._told:
                    prepare(os.environ["SPINDEL_DATABASE_URL"])
                    self._tend()
            finally:
                self._stop()
        if self._problem is not None:
            raise self._problem

    def _hear(self, number: int, frame: object) -> None:
        self._told += 1

    def _start_database(self) -> None:
        if self._embedded:
            try:
                os.environ["SPINDEL_DATABASE_URL"] = embedded.start(self._home)
            except (RuntimeError, subprocess.SubprocessError, OSError):
                if self._told:
                    return
                raise Problem(
                    f"The embedded PostgreSQL does not start: see {self._home}/postgres/log."
                ) from None

    def _tend(self) -> None:
        threading.Thread(target=self._go_on, daemon=True).start()
        while not self._told and self._problem is None:
            for child in self._children:
                child.tend()
            reap({child.pid for child in self._children if child.pid})
            if self._embedded and not embedded.is_running(self._home):
                self._revive_database()
            time.sleep(_TICK)

    def _revive_database(self) -> None:
        log.error("database_died")
        try:
            embedded.start(self._home)
        except Exception as error:  # processes of the old one may still be on their way out
            log.warning("database_waits", error=type(error).__name__)

    def _go_on(self) -> None:
        """What is done once the front answers, beside the tending."""
        url = address()
        try:
            while not answers(url):
                time.sleep(_TICK)
            self._then(url)
            if self._afterwards is not None:
                self._children = [self._afterwards, *self._children]  # the first to stop
        except Exception as error:
            if not self._told:
                self._problem = error

    def _stop(self) -> None:
        for child in self._children:
            child.stop(lambda: self._told > 1)
        if self._embedded:
            embedded.stop(self._home)
        reap(set())


def address() -> str:
    """Where a browser on this machine finds us."""
    host = environment.value("SPINDEL_HOST")
    if host in ("0.0.0.0", "::"):  # noqa: S104  # it is compared, not listened on
        host = "127.0.0.1"
    return f"http://{f'[{host}]' if ':' in host else host}:{environment.number('SPINDEL_PORT')}"


def answers(url: str) -> bool:
    """Whether all is well there."""
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:  # noqa: S310  # ours
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False
