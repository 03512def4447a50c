"""For those who watch over it: /healthz and /metrics."""

from __future__ import annotations

import time
from collections.abc import Iterator

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from spindel.collect import figures
from spindel.commerce.payments import commands
from spindel.commerce.stock.reading import levels
from spindel.kit import background, database, health
from spindel.kit.observe import exposition
from spindel.messages.models import Mail
from spindel.staff.permissions import may
from spindel.timeline import following

_OUTCOMES = """
SELECT coalesce(s.slug, ''), t.outcome, sum(t.count)
FROM collect_tally t LEFT JOIN timeline_source s ON s.id = t.source_id
GROUP BY 1, 2 ORDER BY 1, 2
"""
_LOCAL = frozenset(("127.0.0.1", "::1"))
_SECONDS_GOOD = 1.0


def healthz(request: HttpRequest) -> HttpResponse:
    """Database and migrations. The front answers this itself, and knows its collector, too."""
    status, said = health.verdict(health.check(database.url()))
    return JsonResponse(said, status=status)


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format. For administrators, and for this machine without a login."""
    if not (_is_local(request) or may(request.user, "metrics.read")):
        return HttpResponse(
            "Ask from this machine, or log in as an administrator.\n",
            status=403,
            content_type="text/plain; charset=utf-8",
        )
    return HttpResponse(exposition(_figures()), content_type=CONTENT_TYPE_LATEST)


def _is_local(request: HttpRequest) -> bool:
    """Whether a program on this machine asks, not a proxy here on somebody's behalf."""
    forwarded = {"HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA"}
    return request.META.get("REMOTE_ADDR") in _LOCAL and not forwarded & request.META.keys()


_kept: tuple[float, list[Metric]] = (-_SECONDS_GOOD, [])


def _figures() -> list[Metric]:
    """The figures that the database knows, for all processes together; at most a second old."""
    global _kept
    if time.monotonic() - _kept[0] > _SECONDS_GOOD:
        _kept = (time.monotonic(), list(_read_figures()))
    return _kept[1]


def _read_figures() -> Iterator[Metric]:
    messages = CounterMetricFamily(
        "spindel_messages", "What became of messages.", labels=("source", "outcome")
    )
    with connection.cursor() as cursor:
        cursor.execute(_OUTCOMES)
        for source, outcome, count in cursor.fetchall():
            messages.add_metric((source, outcome), float(count))
    yield messages
    silent = GaugeMetricFamily(
        "spindel_source_silent",
        "1 while a source sends nothing though it usually does at this time.",
        labels=("source",),
    )
    for intake in figures.intakes(figures.living()):
        silent.add_metric((intake.source.slug,), float(intake.silence is not None))
    yield silent
    facts = GaugeMetricFamily(
        "spindel_follower_lag_facts",
        "Facts that a follower has yet to take in.",
        labels=("follower",),
    )
    seconds = GaugeMetricFamily(
        "spindel_follower_lag_seconds", "How long its next fact has waited.", labels=("follower",)
    )
    failing = GaugeMetricFamily(
        "spindel_follower_failing", "1 while its last try failed.", labels=("follower",)
    )
    for lag in following.lags():
        facts.add_metric((lag.follower,), lag.facts)
        seconds.add_metric((lag.follower,), lag.seconds)
        failing.add_metric((lag.follower,), float(bool(lag.error)))
    yield from (facts, seconds, failing)
    jobs = GaugeMetricFamily(
        "spindel_job_failing", "1 while a job's last try failed, or a row's.", labels=("job",)
    )
    for job in background.failing().values_list("job", flat=True).distinct():
        jobs.add_metric((job,), 1.0)
    yield jobs
    waiting, oldest, failed = Mail.objects.figures()
    yield GaugeMetricFamily(
        "spindel_mails_waiting", "Mails that are neither sent nor given up.", value=waiting
    )
    yield GaugeMetricFamily(
        "spindel_mails_waiting_seconds", "How long the oldest of them has waited.", value=oldest
    )
    yield GaugeMetricFamily(
        "spindel_mails_failed", "Mails that were given up within a day.", value=failed
    )
    asked, refused = commands.figures()
    yield GaugeMetricFamily(
        "spindel_payment_commands_waiting",
        "What is still to be asked of payment providers.",
        value=asked,
    )
    yield GaugeMetricFamily(
        "spindel_payment_commands_failed",
        "What payment providers would not do, within a week. A person has to look.",
        value=refused,
    )
    if check := levels.last_check():
        yield GaugeMetricFamily(
            "spindel_stock_wrong_levels",
            "Levels of stock that their movements did not prove when they were last checked.",
            value=check.wrong,
        )
