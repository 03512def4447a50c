"""Figures for Prometheus: how long requests take, and how busy the database connections are.

With several processes each keeps its own in PROMETHEUS_MULTIPROC_DIR, and `exposition` adds them.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil
from django.db import connection
from django.http import HttpRequest, HttpResponse
from prometheus_client import REGISTRY, CollectorRegistry, Gauge, Histogram, generate_latest
from prometheus_client.core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

_REQUESTS = Histogram(
    "spindel_request_seconds",
    "How long pages and API calls took.",
    ("method", "route", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_CONNECTIONS = Gauge(
    "spindel_pool_connections",
    "Database connections of the processes that answer pages: all there are, and those in use.",
    ("state",),
    multiprocess_mode="livesum",
)
_WAITING = Gauge(
    "spindel_pool_waiting",
    "Requests that waited for a database connection when one was last answered.",
    multiprocess_mode="livesum",
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
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if folder:
        _forget_the_dead(Path(folder))
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # it has no types
    else:
        registry.register(REGISTRY)
    registry.register(_Given(further))
    return generate_latest(registry)


class _Given:
    """Metrics that were gathered already, as a collector."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = list(metrics)

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def _forget_the_dead(folder: Path) -> None:
    """Gauges of processes that were killed would be summed for ever."""
    for path in folder.glob("gauge_live*_*.db"):
        found = re.search(r"_(\d+)\.db$", path.name)
        if found and not psutil.pid_exists(int(found[1])):
            with contextlib.suppress(OSError):
                mark_process_dead(int(found[1]), str(folder))  # type: ignore[no-untyped-call]  # untyped there
