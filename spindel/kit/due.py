"""Rows that are due: the row that asks for something to be done elsewhere is its own queue.

A row is claimed in a transaction of its own before it is seen to, by putting its next attempt off
beyond the longest that this can take. So no two workers are at the same one; and when one dies with
it, another tries again later. What can't be done now is put off, longer each time; what can't be
done at all is given up, and a person looks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Self, TypeVar

import structlog
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from spindel.kit import background

log = structlog.get_logger("spindel.due")


class DueQuerySet(models.QuerySet["Row"]):
    """The states that such rows are in."""

    def waiting(self) -> Self:
        """Those that are neither done nor given up."""
        return self.filter(done_at=None, failed_at=None)

    def given_up(self, since: datetime) -> Self:
        """Those that were given up since then, and nobody has seen to."""
        return self.filter(failed_at__gte=since, settled_at=None)


class Due(models.Model):
    """A row that asks for something to be done. Whoever is at it is named by `due`: until then it
    is theirs. `error` is a type or a code, and never what somebody else's server said.
    """

    made_at = models.DateTimeField(db_default=Now())
    due = models.DateTimeField(db_default=Now(), help_text="When it is tried next.")
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    done_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True, help_text="When it was given up.")
    settled_at = models.DateTimeField(null=True, help_text="Somebody here has seen to it.")
    error = models.CharField(max_length=120, blank=True, help_text="Of the last attempt.")

    class Meta:
        abstract = True


Row = TypeVar("Row", bound=Due)


class Later(Exception):
    """It can't be done now. The text is a code; `longest`: it is tried again no later than that."""

    def __init__(self, why: str, longest: timedelta = timedelta.max) -> None:
        super().__init__(why)
        self.longest = longest


class Never(Exception):
    """It can't be done, now or later. The text is a code."""


# Those that were tried least come first, so that none that fails holds up others. What is put off
# for longer than anything is, was so before the clock was put back.
_CLAIM = """
UPDATE {table} SET attempts = attempts + 1, due = now() + %(lease)s
WHERE id = (
    SELECT q.id FROM {table} q
    WHERE q.done_at IS NULL AND q.failed_at IS NULL
      AND (q.due <= now() OR q.due > now() + %(longest)s) AND {ready}
    ORDER BY q.attempts, q.due LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING *
"""


@dataclass(frozen=True, slots=True)
class Queue(Generic[Row]):
    """How the rows of a table are seen to.

    `name` is the job's. `lease` is far longer than an attempt can take. After the n-th attempt the
    row waits for the n-th of `pauses`. It is tried until `ends`, then given up: `give_up` puts that
    on record. `ready` is SQL of a row `q` that says whether it may be tried.
    """

    name: str
    model: type[Row]
    lease: timedelta
    pauses: tuple[timedelta, ...]
    ends: Callable[[Row], datetime]
    give_up: Callable[[Row, str], None]
    ready: str = "true"

    def take(self, do: Callable[[Row], None]) -> Row | None:
        """Claim the next row that is due and do it; the row, or None where there is none.

        `do` puts on record that it is done. It raises Later or Never; any other error is a fault
        of ours that may be mended tomorrow, so the row is put off, and stops none of the others.
        """
        row = self._claim()
        if row is None:
            return None
        try:
            do(row)
        except Later as later:
            self._put_off(row, str(later), later.longest)
        except Never as never:
            self._given_up(row, str(never))
        except Exception as error:
            if background.is_away(error):
                raise
            background.keep(self.name, error, row=row.pk)
            self._put_off(row, type(error).__name__, timedelta.max)
        else:
            if row.attempts > 1:
                background.mended(self.name, row.pk)
        return row

    def _claim(self) -> Row | None:
        longest = max(self.lease, *self.pauses)
        statement = _CLAIM.format(table=self.model._meta.db_table, ready=self.ready)
        words = {"lease": self.lease, "longest": longest}
        return next(iter(self.model._default_manager.raw(statement, words)), None)

    def _put_off(self, row: Row, why: str, longest: timedelta) -> None:
        pause = min(self.pauses[min(row.attempts, len(self.pauses)) - 1], longest)
        if timezone.now() + pause >= self.ends(row):
            self._given_up(row, why)
            return
        # Unless it was somebody else's by then.
        found = self.model._default_manager.filter(
            pk=row.pk, attempts=row.attempts, done_at=None, failed_at=None
        )
        found.update(due=Now() + pause, error=why[:120])
        log.warning("put_off", doing=self.name, row=row.pk, error=why, attempts=row.attempts)

    def _given_up(self, row: Row, why: str) -> None:
        self.give_up(row, why[:120])
        log.error("given_up", doing=self.name, row=row.pk, error=why, attempts=row.attempts)
