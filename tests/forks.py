"""Processes of their own that need not import Django first: forked from one that has.

That one has no connection and no thread, so what comes from it is as good as started anew.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from multiprocessing import forkserver
from multiprocessing.connection import Connection

_BEFORE = dict(os.environ)  # whatever a test sets in it later is not for all processes to come
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["pytest", "tests.prepared"])


def fork(what: Callable[..., None], *given: object) -> multiprocessing.process.BaseProcess:
    """Start a process that calls it, in the environment of the moment."""
    environment = dict(os.environ)
    os.environ.clear()
    os.environ.update(_BEFORE | {"SPINDEL_DATABASE_URL": environment["SPINDEL_DATABASE_URL"]})
    try:
        forkserver.ensure_running()
    finally:
        os.environ.clear()
        os.environ.update(environment)
    process = _FORKS.Process(target=_begin, args=(environment, what, given))
    process.start()
    return process


def _begin(
    environment: dict[str, str], what: Callable[..., None], given: tuple[object, ...]
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    what(*given)


class Told:
    """`python -m <module> <argument>` as a fork, with pipes to what it reads and prints."""

    def __init__(self, module: str, argument: str) -> None:
        ours, its = multiprocessing.Pipe()
        self._process = fork(_run, module, argument, its)
        its.close()
        self.stdin = os.fdopen(os.dup(ours.fileno()), "w")
        self.stdout = os.fdopen(os.dup(ours.fileno()))
        ours.close()

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status, once it has ended."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        self.stdin.close()
        return self._process.exitcode

    def communicate(self, timeout: float) -> str:
        """What it still prints until it has ended."""
        self.wait(timeout)
        with self.stdout:
            return self.stdout.read()

    def kill(self) -> None:
        self._process.kill()


def _run(module: str, argument: str, pipe: Connection) -> None:
    for number in (0, 1):
        os.dup2(pipe.fileno(), number)
    pipe.close()
    sys.stdin, sys.stdout = os.fdopen(0, closefd=False), os.fdopen(1, "w", closefd=False)
    sys.argv = [module, argument]
    importlib.import_module(module).main()
