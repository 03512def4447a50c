"""The background: followers take in facts as they come, and old rows are put away on the clock."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable

import django
import psycopg
import structlog

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "spindel.kit.settings")
django.setup()

from django.db import OperationalError, connection

from spindel.collect.followers import FOLLOWER as RECORDED
from spindel.collect.jobs import housekeeping
from spindel.commerce import jobs as commerce
from spindel.commerce.payments import jobs as payments
from spindel.commerce.payments.keeping import NOTIFY_PAYMENTS
from spindel.identity import jobs as identity
from spindel.identity.followers import FOLLOWER as IDENTITY
from spindel.kit import database
from spindel.messages import jobs as messages
from spindel.messages.actions import NOTIFY_MAIL
from spindel.privacy import jobs as privacy
from spindel.privacy.actions import NOTIFY_JOBS
from spindel.run.process import die_with
from spindel.staff.jobs import forget_ended
from spindel.timeline.append import NOTIFY_FACTS
from spindel.timeline.following import Follower, enrol, step

log = structlog.get_logger("spindel.work")

FOLLOWERS: tuple[Follower, ...] = (IDENTITY, RECORDED)

# After the last fact seen: an older transaction that is still open may hold some back, and nobody
# tells when it ends. Seconds.
_LOOK_AGAIN = (0.02, 0.05, 0.2, 1.0, 2.0)
_POLL = 5.0
_GATHER = 0.05  # between steps: a step costs much the same for ten facts as for a thousand
_LONGEST_BACKOFF = 30.0
_FIRST_HOUSEKEEPING = 20.0
_HOUSEKEEPING = 300.0


class _Loop(ABC):
    """Does what there is to do whenever it hears of it, until it is told to stop."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._stopping = False
        self._ear: psycopg.Connection | None = None
        self._backoff = 0.0

    def stop(self) -> None:
        """Have `run` return soon."""
        self._stopping = True

    def run(self) -> None:
        """Go on, whatever happens: an error is logged and tried again, never passed over."""
        looks = 0
        while not self._stopping:
            if not self._attempt(self._listen):
                continue
            looks = 0 if self._attempt(self._work) else looks + 1
            patience = _LOOK_AGAIN[looks] if looks < len(_LOOK_AGAIN) else _POLL
            if self._hear(patience):
                looks = -1
        if self._ear is not None:
            self._ear.close()
        connection.close()

    @abstractmethod
    def _begin(self) -> None:
        """Prepare, whenever the database has come back."""

    @abstractmethod
    def _work(self) -> bool:
        """Do all there is; whether there was any."""

    def _attempt(self, what: Callable[[], bool]) -> bool:
        """Do it. Errors: wait, longer each time; False."""
        try:
            done = what()
        except Exception as error:
            away = isinstance(error, OperationalError | psycopg.OperationalError)
            self._backoff = min(max(0.25, self._backoff * 2), 1.0 if away else _LONGEST_BACKOFF)
            # The text of an error could hold personal data; its type and place can't.
            log.error(
                "database_away" if away else "step_failed",
                doing=f"{type(self).__name__}.{what.__name__}".replace("_", ""),
                error=type(error).__name__,
                at=None if away else _place(error),
                again_in=self._backoff,
            )
            connection.close()
            connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's has one
            self._wait(self._backoff)
            return False
        return done

    def _listen(self) -> bool:
        if self._ear is None or self._ear.closed:
            self._ear = psycopg.connect(
                database.url(),
                autocommit=True,
                connect_timeout=3,
                application_name="spindel-work",
                keepalives_idle=5,
            )
            self._ear.execute(f"LISTEN {self._channel}")
            self._begin()
        return True

    def _hear(self, seconds: float) -> bool:
        """Wait for a notification; whether one came."""
        deadline = time.monotonic() + seconds
        while not self._stopping and self._ear is not None and not self._ear.closed:
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            try:
                # In short waits: a signal does not end one.
                for _ in self._ear.notifies(timeout=min(left, 0.25), stop_after=1):
                    return True
            except psycopg.Error:
                self._ear.close()
        return False

    def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self._stopping and time.monotonic() < deadline:
            time.sleep(min(0.05, seconds))


class _Followers(_Loop):
    """Facts, as they come."""

    def __init__(self) -> None:
        super().__init__(NOTIFY_FACTS)

    def _begin(self) -> None:
        for follower in FOLLOWERS:
            enrol(follower)
        log.info("worker_ready")

    def _work(self) -> bool:
        any_ = False
        more = True
        while more and not self._stopping:
            more = False
            for follower in FOLLOWERS:
                if step(follower):
                    any_ = more = True
            if more:
                self._wait(_GATHER)
        self._backoff = 0.0
        return any_


class _Jobs(_Loop):
    """What people have asked for, and what is done on the clock. Some of it takes minutes, so it
    runs beside the followers.
    """

    def __init__(self) -> None:
        super().__init__(NOTIFY_JOBS)
        self._tidy_at = time.monotonic() + _FIRST_HOUSEKEEPING

    def _begin(self) -> None:
        log.info("jobs_ready")

    def _work(self) -> bool:
        any_ = False
        while not self._stopping and privacy.step():
            any_ = True
        while not self._stopping and commerce.step():
            any_ = True
        if not self._stopping and identity.step():  # it may take long: a piece at a time
            any_ = True
        if time.monotonic() >= self._tidy_at:
            self._tidy_at = time.monotonic() + _HOUSEKEEPING
            housekeeping()
            forget_ended()
            privacy.tidy()
            commerce.tidy()
            commerce.prove()
            messages.tidy()
        self._backoff = 0.0
        return any_


class _Mails(_Loop):
    """Mails that go out. A mail server may take its time, so nothing else waits for it."""

    def __init__(self) -> None:
        super().__init__(NOTIFY_MAIL)

    def _begin(self) -> None:
        log.info("mails_ready")

    def _work(self) -> bool:
        any_ = False
        while not self._stopping and messages.step():
            any_ = True
        self._backoff = 0.0
        return any_


class _Payments(_Loop):
    """What is asked of payment providers. They may take their time, too."""

    def __init__(self) -> None:
        super().__init__(NOTIFY_PAYMENTS)

    def _begin(self) -> None:
        log.info("payments_ready")

    def _work(self) -> bool:
        any_ = False
        while not self._stopping and payments.step():
            any_ = True
        self._backoff = 0.0
        return any_


class Worker:
    """All of them, each in a thread, until it is told to stop; then they finish the step they are
    at.
    """

    def __init__(self) -> None:
        self._followers = _Followers()
        self._beside = (_Jobs(), _Mails(), _Payments())

    def stop(self, *_: object) -> None:
        """Have `run` return soon."""
        for loop in (self._followers, *self._beside):
            loop.stop()

    def run(self) -> None:
        """Work until told to stop."""
        threads = [threading.Thread(target=loop.run) for loop in self._beside]
        for thread in threads:
            thread.start()
        self._followers.run()
        for thread in threads:
            thread.join()


def _place(error: BaseException) -> str:
    """The file and line where the error was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"


def main() -> None:
    """Work until told to stop."""
    worker = Worker()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, worker.stop)
    worker.run()


if __name__ == "__main__":
    die_with(int(sys.argv[1]))
    main()
