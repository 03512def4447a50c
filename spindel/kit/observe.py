"""Figures for Prometheus: how long requests take, and how busy the database connections are.

Each process has its own in memory, and tells them on a socket; whichever is asked adds them up. The
library's way for several processes maps files into memory: where the disk is full, whoever writes
to one is killed.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import structlog
from django.db import connection
from django.http import HttpRequest, HttpResponse
from prometheus_client import (
    CollectorRegistry,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

from spindel.kit import runtime

log = structlog.get_logger("spindel.kit")

disable_created_metrics()  # type: ignore[no-untyped-call]  # untyped there
_OURS = CollectorRegistry()  # without what the library tells of a process: sums of it mean nothing
_REQUESTS = Histogram(
    "spindel_request_seconds",
    "How long pages and API calls took.",
    ("method", "route", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=_OURS,
)
_CONNECTIONS = Gauge(
    "spindel_pool_connections",
    "Database connections of the processes that answer pages: all there are, and those in use.",
    ("state",),
    registry=_OURS,
)
_WAITING = Gauge(
    "spindel_pool_waiting",
    "Requests that waited for a database connection when one was last answered.",
    registry=_OURS,
)
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


def measure_requests(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Django middleware: time every request, by the pattern of its route and never by its path."""

    def measure(request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = get_response(request)
        match = request.resolver_match
        _REQUESTS.labels(
            request.method if request.method in _METHODS else "other",
            f"/{match.route}" if match else "none",
            str(response.status_code),
        ).observe(time.perf_counter() - began)
        _observe_pool()
        return response

    return measure


_POOL_EVERY = 1.0  # seconds; whoever scrapes looks more seldom
_looked_at = 0.0


def _observe_pool() -> None:
    global _looked_at
    now = time.monotonic()
    pool = getattr(connection, "pool", None)
    if pool is None or now - _looked_at < _POOL_EVERY:
        return
    _looked_at = now
    stats = pool.get_stats()
    size, idle = stats.get("pool_size", 0), stats.get("pool_available", 0)
    _CONNECTIONS.labels("open").set(size)
    _CONNECTIONS.labels("in use").set(max(0, size - idle))
    _WAITING.set(stats.get("requests_waiting", 0))


def exposition(further: Iterable[Metric]) -> bytes:
    """All figures in Prometheus' text format, and the further ones of the caller."""
    registry = CollectorRegistry()
    registry.register(_Given(_summed([generate_latest(_OURS), *_of_others()])))
    registry.register(_Given(further))
    return generate_latest(registry)


class _Given:
    """Metrics that were gathered already, as a collector."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = list(metrics)

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def _summed(told: Iterable[bytes]) -> Iterator[Metric]:
    """The metrics of several processes as those of one."""
    families: dict[str, Metric] = {}
    sums: dict[str, dict[tuple[str, tuple[tuple[str, str], ...]], float]]
    sums = defaultdict(lambda: defaultdict(float))
    for text in told:
        for family in text_string_to_metric_families(text.decode()):
            families.setdefault(family.name, family)
            for sample in family.samples:
                sums[family.name][sample.name, tuple(sample.labels.items())] += sample.value
    for name, family in families.items():
        family.samples = []
        for (sample_name, labels), value in sums[name].items():
            family.add_sample(sample_name, dict(labels), value)
        yield family


# --- between processes ----------------------------------------------------------------------------

_SUFFIX = ".figures"
_PATIENCE = 1.0  # seconds; one that hangs is left out
_END = b"# EOF\n"  # as OpenMetrics has it; without it, who told was killed in the middle


async def tell_others() -> asyncio.Server | None:
    """Tell this process's figures to whichever other of the port's asks, until it is closed."""

    async def tell(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(generate_latest(_OURS) + _END)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    folder = runtime.folder()
    if folder is None:
        return None
    try:
        return await asyncio.start_unix_server(tell, folder / f"{os.getpid()}{_SUFFIX}")
    except OSError as error:  # a path too long for a socket, or no room for its name
        log.warning("figures_not_shared", error=error.errno)
        return None


def _of_others() -> Iterator[bytes]:
    folder = runtime.folder()
    for path in sorted(folder.glob(f"*{_SUFFIX}")) if folder else ():
        if path.stem != str(os.getpid()):
            try:
                yield _ask(path)
            except ConnectionRefusedError:
                if _is_gone(int(path.stem)):  # and not between `bind` and `listen`
                    path.unlink(missing_ok=True)
            except (OSError, EOFError):
                continue


def _is_gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # somebody else's
        return False
    return False


def _ask(path: Path) -> bytes:
    """What a process tells. Raises OSError, and EOFError where it does not tell all."""
    with socket.socket(socket.AF_UNIX) as asked:
        asked.settimeout(_PATIENCE)
        asked.connect(str(path))
        with asked.makefile("rb") as answer:
            told = answer.read()
    if not told.endswith(_END):
        raise EOFError
    return told
