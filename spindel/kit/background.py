"""What is done in the background: jobs that domains declare, none of which stops another.

A domain has a `jobs.py` with `JOBS`. The worker gives each its turn, a bounded piece at a time. One
that raises waits, longer each time, and says so (`Failure`); so does a row that a job is at, while
the job goes on with the others.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.utils import timezone

from spindel.kit import declared, sql
from spindel.kit.models import Failure

log = structlog.get_logger("spindel.work")

# Told when there is something to do.
NOTIFY_JOBS = "spindel_jobs"

PART = 200  # rows that `each` is at in a turn
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 60.0  # seconds, of a job
_ROW_WAITS = timedelta(minutes=1)  # twice as long each time
_ROW_WAITS_AT_MOST = timedelta(hours=1)
_AFTER_START = timedelta(seconds=20)  # what is done on the clock lets a start be quick

Step = Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Something to do in the background.

    `step` does a bounded piece in short transactions, and answers whether there may be more. It is
    tried when `hears` is told of, every few seconds besides, or `every` so often. Jobs of a `lane`
    wait for each other: what waits for somebody else's server has one of its own. `tells`: it keeps
    itself what went wrong.
    """

    name: str
    step: Step
    every: timedelta = timedelta(0)
    hears: str = NOTIFY_JOBS
    lane: str = "jobs"
    tells: bool = False


def jobs() -> list[Job]:
    """What all domains do in the background, the lowest domain first."""
    return list(declared.each("jobs", "JOBS"))


class Turns:
    """A job's turns in this process: when it has the next, and what becomes of errors."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._next = time.monotonic() + (_AFTER_START if job.every else job.every).total_seconds()
        self._pause = 0.0
        self._failing = True  # as it may have been in a process before

    def take(self) -> bool:
        """Do a piece, if it is time; whether there may be more.

        An error is kept and logged. Raises what is due to the database being away: it is about no
        job.
        """
        if time.monotonic() < self._next:
            return False
        try:
            more = self.job.step()
        except Exception as error:
            if is_away(error):
                raise
            self._pause = min(max(_FIRST_PAUSE, self._pause * 2), _LONGEST_PAUSE)
            self._next = time.monotonic() + self._pause
            self._failing = True
            connection.close()  # whatever state it was left in
            if self.job.tells:
                log.error(
                    "step_failed", doing=self.job.name, error=type(error).__name__, at=place(error)
                )
            else:
                keep(self.job.name, error, timedelta(seconds=self._pause))
            return False
        if self._failing:
            self._pause, self._failing = 0.0, False
            mended(self.job.name)
        if not more:
            self._next = time.monotonic() + self.job.every.total_seconds()
        return more


Find = Callable[[int, Sequence[int]], Sequence[int]]


def each(job: str, find: Find, do: Callable[[int], object]) -> bool:
    """Do something with each row that a job finds to do; whether there may be more.

    `find(most, without)` answers keys of rows. One that fails is put off, longer each time, and
    not found `without` that time; it holds up none of the others.
    """
    failing = dict(Failure.objects.filter(job=job, row__gt=0).values_list("row", "due"))
    now = timezone.now()
    aside = [row for row, due in failing.items() if due > now]
    rows = find(PART, aside)
    if over := failing.keys() - {*aside, *rows} if len(rows) < PART else ():
        Failure.objects.filter(job=job, row__in=over).delete()  # there is nothing to do for them
    for row in rows:
        try:
            do(row)
        except Exception as error:
            if is_away(error):
                raise
            keep(job, error, row=row)
        else:
            if row in failing:
                mended(job, row)
    return bool(rows)


def is_away(error: BaseException) -> bool:
    """Whether the database was lost, or could not be reached."""
    raw = connection.connection
    return isinstance(error, OperationalError) and (raw is None or raw.closed)


# A row waits twice as long after each attempt; a job's own pause is said by whoever keeps it.
_KEEP = """
INSERT INTO kit_failure (job, row, error, place, due)
VALUES (%(job)s, %(row)s, %(error)s, %(place)s, now() + %(pause)s)
ON CONFLICT (job, row) DO UPDATE SET
    error = excluded.error, place = excluded.place, attempts = kit_failure.attempts + 1,
    due = CASE WHEN excluded.row = 0 THEN excluded.due
          ELSE now() + least(%(longest)s, %(pause)s * 2 ^ least(kit_failure.attempts, 12)) END
"""


def keep(job: str, error: Exception, pause: timedelta = _ROW_WAITS, row: int = 0) -> None:
    """Put on record that a job failed, or a row that it is at, and for how long it waits."""
    kind, at = type(error).__name__[:80], place(error)
    log.error("step_failed", doing=job, row=row, error=kind, at=at)
    words = {"job": job, "row": row, "error": kind, "place": at[-200:], "pause": pause}
    sql.run(_KEEP, words | {"longest": _ROW_WAITS_AT_MOST})


def mended(job: str, row: int = 0) -> None:
    """It has succeeded."""
    Failure.objects.filter(job=job, row=row).delete()


def place(error: BaseException) -> str:
    """The file and line of ours, or of a library, where the error was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"


def failing() -> QuerySet[Failure]:
    """What fails just now."""
    return Failure.objects.all()
