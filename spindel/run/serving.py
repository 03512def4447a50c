"""The HTTP server: granian's processes around one of the applications below."""

from __future__ import annotations

import errno
import importlib
import multiprocessing
import os
import resource
import signal
import sys
from collections.abc import Callable
from typing import Any

import structlog
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from spindel.kit import environment, runtime
from spindel.run.asgi import STOP_IS_NEAR
from spindel.run.process import die_with

log = structlog.get_logger("spindel.run")

EVERYTHING = "spindel.run.front:app"
PAGES = "spindel.run.front:pages"
COLLECTOR = "spindel.run.collect_app:app"

# Open pages hold a live stream each, so there are many more connections than requests. Streams of
# colleagues and of shops' pages (`MOST_STREAMS` in `console`) leave some hundreds for requests.
CONNECTIONS = 2_000
FILES = CONNECTIONS + 500  # that a process may have open, connections among them
_SECONDS_TO_FINISH = 5


def serve(target: str) -> None:
    """Serve `module:application` on SPINDEL_HOST and SPINDEL_PORT until told to stop.

    A process that dies is replaced.
    """
    _allow_files()
    try:
        runtime.make()
    except OSError as error:  # a process answers its shoppers, even if it can't know of the others
        log.warning("processes_apart", error=errno.errorcode.get(error.errno or 0))
    _Server(
        target,
        address=environment.value("SPINDEL_HOST"),
        port=environment.number("SPINDEL_PORT"),
        interface=Interfaces.ASGI,
        workers=environment.number("SPINDEL_WEB_WORKERS"),
        loop=Loops.uvloop,
        websockets=False,
        backpressure=CONNECTIONS,
        # Where the version is left open, a connection that says nothing is held for ever.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=10_000),
        log_level=LogLevels.error,
        log_dictconfig=_LOGGING,
        respawn_failed_workers=True,
        respawn_interval=0,
        workers_kill_timeout=_SECONDS_TO_FINISH,
    ).serve(target_loader=_load)


class _Server(MPServer):
    """Announces a stop: a server waits for its connections to end, and live streams never do."""

    def _stop_workers(self) -> None:
        for worker in self.wrks:
            process = worker.inner
            if process.is_alive():
                os.kill(process.pid, STOP_IS_NEAR)
        super()._stop_workers()  # type: ignore[no-untyped-call]  # granian leaves it untyped


# Whoever runs it logs to standard error, one JSON object a line, as everything else does.
_LOGGING = {
    "formatters": {
        "generic": {
            "format": '{"level": "%(levelname)s", "logger": "granian", "event": "%(message)s"}'
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "generic"}},
    "loggers": {"_granian": {"handlers": ["console"], "propagate": False}},
}


def _load(target: str) -> Callable[..., Any]:  # Any: ASGI's own shape
    """Called in each process that serves."""
    signal.signal(STOP_IS_NEAR, signal.SIG_IGN)  # until somebody cares
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        die_with(parent.pid)
    module, _, name = target.partition(":")
    application: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return application


def _allow_files() -> None:
    """Have as many files open as connections may come, where many systems begin with 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


if __name__ == "__main__":
    die_with(int(sys.argv[1]))
    serve(EVERYTHING)
