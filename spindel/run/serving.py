"""The HTTP server: granian's processes around one of the applications below."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import shutil
import signal
import sys
from collections.abc import Callable
from typing import Any

from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from spindel.kit import environment
from spindel.run.asgi import STOP_IS_NEAR
from spindel.run.process import die_with, writable_home

EVERYTHING = "spindel.run.front:app"
PAGES = "spindel.run.front:pages"
COLLECTOR = "spindel.run.collect_app:app"

# Open pages hold a live stream each, so there are many more connections than requests.
_CONNECTIONS = 1_000
_SECONDS_TO_FINISH = 5


def serve(target: str) -> None:
    """Serve `module:application` on SPINDEL_HOST and SPINDEL_PORT until told to stop.

    A process that dies is replaced.
    """
    _share_metrics()
    _Server(
        target,
        address=environment.value("SPINDEL_HOST"),
        port=environment.number("SPINDEL_PORT"),
        interface=Interfaces.ASGI,
        workers=environment.number("SPINDEL_WEB_WORKERS"),
        loop=Loops.uvloop,
        websockets=False,
        backpressure=_CONNECTIONS,
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


def _share_metrics() -> None:
    """A fresh folder in which the processes keep their figures, so that a scrape sees them all."""
    folder = writable_home() / "run" / f"metrics-{environment.value('SPINDEL_PORT')}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


if __name__ == "__main__":
    die_with(int(sys.argv[1]))
    serve(EVERYTHING)
