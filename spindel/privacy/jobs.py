"""What is done in the background: forgetting, making files, and taking away what is too old.

Each call does a bounded piece in short transactions, so that nothing waits long for it, and it
goes on where it was after a crash.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog
from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone
from psycopg.errors import DeadlockDetected, LockNotAvailable

from spindel.identity import customers, forgetting
from spindel.kit import sql
from spindel.kit.background import Job
from spindel.kit.register import holdings
from spindel.privacy import retention, telling
from spindel.privacy.models import Erasure, Export
from spindel.staff import audit
from spindel.timeline.personal import leave_out

log = structlog.get_logger("spindel.privacy")

EXPORTS_KEPT = timedelta(days=7)
AUDIT_KEPT = 730  # days
_PART = 2_000  # rows a transaction
_EXPORTS = 0x5351  # the first half of the locks of whoever makes an export


def step() -> bool:
    """Do a piece of what waits; whether there may be more."""
    return _forget_some() or _make_an_export()


def work() -> None:
    """Do all that waits."""
    while step():
        pass


def tidy() -> bool:
    """Take away what has been kept for long enough. Once a day is enough; more does no harm."""
    Export.objects.filter(asked_at__lt=timezone.now() - EXPORTS_KEPT).delete()
    audit.drop_older_than(AUDIT_KEPT)
    retention.apply()
    return False


# --- forgetting -----------------------------------------------------------------------------------


def _forget_some() -> bool:
    for state, handle in (
        (Erasure.State.CHECKING, _check_others),
        (Erasure.State.ASKED, _forget),
    ):
        with transaction.atomic():
            waiting = Erasure.objects.filter(state=state).order_by("pk")
            erasure = waiting.select_for_update(skip_locked=True).first()
            if erasure is not None and handle(erasure):
                return True
    return False


def _forget(erasure: Erasure) -> bool:
    """Take away a part of what is hers; once little is left, all of it and herself.

    Whether anything was done: when identity is busy, later is soon enough.
    """
    try:
        who = forgetting.subject(erasure.customer)
    except customers.NotFound:  # forgotten already, by another erasure
        _done(erasure)
        return True
    for one in holdings():
        if one.large:
            count = one.forget(who, _PART)
            _add(erasure, one.tables[0], count)
            if count == _PART:
                erasure.save()
                return True
    try:
        with transaction.atomic():
            _forget_the_rest(erasure)
    except (forgetting.Behind, OperationalError) as error:
        if isinstance(error, OperationalError) and not isinstance(
            error.__cause__, (DeadlockDetected, LockNotAvailable)
        ):
            raise
        log.warning("forgetting_waits", erasure=str(erasure.reference))
        erasure.save()
        return False
    return True


def _forget_the_rest(erasure: Erasure) -> None:
    forgetting.alone()
    forgetting.take_in_the_rest()
    who = forgetting.subject(erasure.customer)
    now = timezone.now()
    forgetting.bury(who, now, erasure.pk, for_good=erasure.for_good)
    gone, near = forgetting.erase(who)
    _add(erasure, "identity_identifier", len(gone))
    for one in holdings():
        _add(erasure, one.tables[0], one.forget(who, None))
    erasure.forgotten_at = now
    erasure.left = {"gone": gone, "near": near}
    erasure.state = Erasure.State.CHECKING
    erasure.save()
    log.info("customer_forgotten", erasure=str(erasure.reference))


def _check_others(erasure: Erasure) -> bool:
    """What other people's messages said of her: they name nobody who could come again."""
    left = erasure.left
    if left["near"]:
        _add(erasure, "timeline_fact", leave_out(left["gone"], left["near"]))
    _done(erasure)
    return True


def _done(erasure: Erasure) -> None:
    erasure.left = {}
    erasure.state = Erasure.State.DONE
    erasure.done_at = timezone.now()
    erasure.save()
    audit.note(
        erasure.asked_by,
        "customer.forgotten",
        [erasure.customer],
        {"erasure": str(erasure.reference)},
    )


def _add(erasure: Erasure, table: str, count: int) -> None:
    if count:
        erasure.counts[table] = erasure.counts.get(table, 0) + count


# --- telling --------------------------------------------------------------------------------------


def _make_an_export() -> bool:
    for export in Export.objects.filter(state=Export.State.ASKED).order_by("pk"):
        with _held(export) as mine:
            if mine:
                _make(export)
                return True
    return False


def _make(export: Export) -> None:
    """Make the files, over as many short transactions as there are pieces: followers wait for the
    oldest that is open, and this may take a minute.
    """
    try:
        telling.write(export)
    except (customers.NotFound, IntegrityError):  # forgotten meanwhile, and the export with her
        Export.objects.filter(pk=export.pk).delete()


@contextmanager
def _held(export: Export) -> Iterator[bool]:
    """Whether it is ours to make. The lock is the connection's, so it goes if we die."""
    key = [_EXPORTS, export.pk % 2**31]
    row = sql.row("SELECT pg_try_advisory_lock(%s, %s)", key)
    mine = bool(row and row[0])
    try:
        yield mine
    finally:
        if mine:
            sql.rows("SELECT pg_advisory_unlock(%s, %s)", key)


JOBS = (
    Job(name="privacy.forgetting", step=_forget_some),
    Job(name="privacy.telling", step=_make_an_export),
    Job(name="privacy.retention", step=tidy, every=timedelta(minutes=5)),
)
